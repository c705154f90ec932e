"""What lies before the eyes and in them: glasses, dark lenses, glare, red pupils.

ISO/IEC 29794-5 has the component "eyes visible"; it names none for glasses, glare and red eyes,
which ISO/IEC 39794-5 speaks of. All but the last are measured on the band around the eyes (see
`photos.domain.eye_band`): linear luminance, 0 to 1. What is measured is compared to the cheeks, so
that skin may be dark or light.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from photos.domain.checks.check import Area, Check, Measure
from photos.domain.checks.light import NEARLY_WHITE
from photos.domain.eye_band import EYE_COLUMNS
from photos.domain.face import PUPIL_LEFT, PUPIL_RIGHT, Face
from photos.domain.findings import Tier
from photos.domain.frame import Points
from photos.domain.subject import Plane

# Parts of the band. Rims run below the eyes, the bridge between them; a lens covers the lids too.
BRIDGE = (slice(35, 82), slice(100, 120))
RIMS = tuple((slice(78, 108), slice(x - 18, x + 18)) for x in EYE_COLUMNS)
LENSES = tuple((slice(48, 84), slice(x - 26, x + 26)) for x in EYE_COLUMNS)
CHEEKS = tuple((slice(112, 140), slice(x - 18, x + 18)) for x in EYE_COLUMNS)

STRIP = 4  # columns that are averaged before a line is looked for across them
SHADOW = 0.1  # of the cheeks: what is added to the luminance, or black noise would be lines
BRIGHT = 0.9  # percentile: whites and lids show, whatever the iris and the lashes
DARKEST = 1e-3  # of full luminance: no cheek is taken to be darker

# A pupil that a flash reddens is red and bright; any other is the darkest spot of the face.
PUPIL = 0.45  # of the iris's radius
REDDER = 1.2  # than the skin, in R over the larger of G and B
LEAST_RED = 1.4  # R over the larger of G and B under whatever light
AS_BRIGHT = 0.5  # of the skin's R
LEAST_BRIGHT = 40  # of 255
SKIN = (50, 205, 280, 425)  # landmarks on the cheeks
SPOT = 6  # px around each


def frame_contrast(band: Plane) -> float:
    """Return how much lines across the bridge and below both eyes stand out, as a ratio.

    1 is bare skin; a line is darker or brighter than the skin on both its sides.
    """
    cheeks = max(_middle(band[cheek]) for cheek in CHEEKS)
    light = np.log(band + SHADOW * max(cheeks, DARKEST))
    steps = light[2:] - light[:-2]
    bridge, rim = _line(steps[BRIDGE]), min(_line(steps[below]) for below in RIMS)
    return math.exp(math.sqrt(bridge * rim))


def lens_light(band: Plane) -> float:
    """Return how bright the darker eye's surroundings are, as a ratio to the cheek below it."""
    sides = zip(LENSES, CHEEKS, strict=True)
    return min(_bright(band[lens]) / max(_middle(band[cheek]), DARKEST) for lens, cheek in sides)


def glare(band: Plane) -> float:
    """Return the share of an eye's surroundings that reflects light as white, at the worse eye.

    Y ≥ 247/255, as for over-exposure. The light in every eye takes less than a hundredth.
    """
    return max(float(np.mean(band[lens] >= NEARLY_WHITE)) for lens in LENSES)


def red_pupil(rgb: NDArray[np.uint8], face: Face) -> float:
    """Return the share of the redder pupil that a flash has reddened, 0 to 1.

    `rgb` is of shape (height, width, 3), the face's landmarks lie in it. Skin is brown for the same
    reason as eyes: a pupil counts as red if it is so beyond the skin, and half as bright.
    """
    red, green, blue = _skin(rgb, face)
    ratio = max(REDDER * red / max(green, blue, 1), LEAST_RED)
    least = max(AS_BRIGHT * red, LEAST_BRIGHT)
    pupils = (_pupil(rgb, face, at) for at in (PUPIL_LEFT, PUPIL_RIGHT))
    return max(_share_red(colours, ratio, least) for colours in pupils)


def _line(steps: Plane) -> float:
    """Return how steep a rise and a fall all columns have somewhere, in log luminance."""
    strips = steps[:, : steps.shape[1] // STRIP * STRIP].reshape(len(steps), -1, STRIP).mean(2)
    rise, fall = np.median(strips.max(axis=0)), np.median(-strips.min(axis=0))
    return max(float(min(rise, fall)), 0.0)


def _bright(part: Plane) -> float:
    ordered = np.sort(part, axis=None)
    return float(ordered[int(BRIGHT * ordered.size)])


def _middle(part: Plane) -> float:
    return float(np.median(part))


def _skin(rgb: NDArray[np.uint8], face: Face) -> tuple[float, float, float]:
    spots = [_around(rgb, face.points[at, :2], SPOT).reshape(-1, 3) for at in SKIN]
    red, green, blue = np.median(np.concatenate(spots), axis=0)
    return float(red), float(green), float(blue)


def _pupil(rgb: NDArray[np.uint8], face: Face, at: int) -> NDArray[np.uint8]:
    """Return the pixels of a pupil; the four landmarks after its own are the iris's edge."""
    centre = face.points[at, :2]
    edge = face.points[at + 1 : at + 5, :2] - centre
    radius = PUPIL * float(np.linalg.norm(edge, axis=1).mean())
    side = max(math.ceil(radius), 1)
    box = _around(rgb, centre, side)
    rows, columns = np.ogrid[: box.shape[0], : box.shape[1]]
    pupil: NDArray[np.uint8] = box[np.hypot(columns - side, rows - side) <= max(radius, 1)]
    return pupil


def _around(rgb: NDArray[np.uint8], centre: Points, reach: int) -> NDArray[np.uint8]:
    """Return a square of pixels around a place, moved to where there are any."""
    last = np.array(rgb.shape[1::-1]) - 1 - reach
    column, row = np.rint(centre).astype(int).clip(reach, last)
    return rgb[row - reach : row + reach + 1, column - reach : column + reach + 1]


def _share_red(colours: NDArray[np.uint8], ratio: float, least: float) -> float:
    red, others = colours[:, 0].astype(np.float32), colours[:, 1:].max(axis=1)
    return float(np.mean((red > ratio * others) & (red > least)))


def _on_band(measure: Callable[[Plane], float]) -> Measure:
    return lambda subject: measure(subject.eye_light)


EYEWEAR = (
    Check(
        "eyes visible",
        "dark_lenses",
        "ratio",
        _on_band(lens_light),
        low="show_eyes",
        tier=Tier.B,
        area=Area.EYES,
    ),
    Check(
        "glasses",
        "glasses",
        "ratio",
        _on_band(frame_contrast),
        high="take_off_glasses",
        tier=Tier.B,
        area=Area.EYES,
    ),
    Check(
        "glare prevention",
        "glare",
        "share of the eye area",
        _on_band(glare),
        high="avoid_glare",
        tier=Tier.C,
        area=Area.EYES,
    ),
    Check(
        "red-eye prevention",
        "red_eye",
        "share of the pupil",
        lambda subject: red_pupil(subject.rgb, subject.on_card),
        high="no_flash",
        tier=Tier.B,
        area=Area.EYES,
    ),
)
