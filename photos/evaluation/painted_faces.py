"""Faults painted on faces: what lies before or over eyes and mouth, and colour taken away."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photos.domain.face import PUPIL_LEFT, PUPIL_RIGHT
from photos.evaluation.portrait import Light, Portrait, linear_light, png, stored

Plane = NDArray[np.float64]

# Places in the face mesh (MediaPipe's, Apache-2.0): the lids from the left to the right of the
# picture, the brow above; pupils and iris edges; the outline of what a mask hides.
LIDS = (
    ((33, 161, 160, 159, 158, 157, 133), (33, 163, 144, 145, 153, 154, 133), 105),
    ((362, 384, 385, 386, 387, 388, 263), (362, 381, 380, 374, 373, 390, 263), 334),
)
IRISES = ((PUPIL_LEFT, 469, 471), (PUPIL_RIGHT, 474, 476))
MASK = (*(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379), *(365, 397))
MASK_TOP = (288, 361, 323, 454, 347, 6, 118)

LENS = 0.42  # of the distance between the pupils: a lens's radius
LENS_LIGHT = 0.2  # what a dark lens lets through
SPOT = 0.1  # of the distance between the pupils: a reflection's diameter
FLASHED = (190.0, 40.0, 40.0)
CLOTH = (120.0, 160.0, 200.0)


def lids_shut(portrait: Portrait) -> bytes:
    """Draw the upper lids down: column by column the skin above is stretched over the eye."""
    pixels = portrait.pixels.astype(np.float64)
    places = portrait.face.points[:, :2].clip(0, np.subtract(portrait.image.size, 1))
    for upper, lower, brow in LIDS:
        top = float(places[brow, 1])
        high, low = (places[list(lid)] for lid in (upper, lower))
        for x in range(int(high[0, 0]) + 1, int(high[-1, 0])):
            lid, edge = (float(np.interp(x, lid[:, 0], lid[:, 1])) for lid in (high, low))
            rows = np.arange(int(top), int(edge) + 1)
            sources = np.interp(rows, (top, edge), (top, lid))
            pixels[rows, x] = _between_rows(portrait.pixels[:, x].astype(np.float64), sources)
    return png(Image.fromarray(pixels.astype(np.uint8)))


def dark_lenses(portrait: Portrait) -> bytes:
    """Lay two round dark glasses before the eyes."""
    share = sum(_disc(portrait, eye, LENS * _apart(portrait)) for eye in _eyes(portrait))
    light = linear_light(portrait) * (1 - (1 - LENS_LIGHT) * np.minimum(share, 1)[..., None])
    return png(stored(light))


def glare(portrait: Portrait) -> bytes:
    """Lay a white reflection above each pupil, a tenth of their distance wide."""
    apart = _apart(portrait)
    above = np.array([0, -0.08 * apart])
    spots = sum(_disc(portrait, eye + above, SPOT * apart / 2) for eye in _eyes(portrait))
    return _painted(portrait, np.minimum(spots, 1), (255.0, 255.0, 255.0))


def red_eyes(portrait: Portrait) -> bytes:
    """Colour the pupils as a flash does: discs of six tenths of the irises."""
    share = np.zeros(portrait.person.shape)
    for centre, one, other in IRISES:
        points = portrait.face.points[:, :2]
        radius = 0.6 * float(np.linalg.norm(points[one] - points[other])) / 2
        share += _disc(portrait, points[centre], radius)
    return _painted(portrait, np.minimum(share, 1), FLASHED)


def masked(portrait: Portrait) -> bytes:
    """Cover nose and mouth with blue cloth."""
    outline = [(float(x), float(y)) for x, y in portrait.face.points[[*MASK, *MASK_TOP], :2]]
    return _painted(portrait, portrait.filled(outline).astype(np.float64), CLOTH)


def grey(portrait: Portrait) -> bytes:
    """Take all colour away."""
    return png(portrait.image.convert("L").convert("RGB"))


def _painted(portrait: Portrait, share: Plane, colour: tuple[float, float, float]) -> bytes:
    part = share[..., None]
    pixels = portrait.pixels * (1 - part) + np.array(colour) * part
    return png(Image.fromarray(pixels.astype(np.uint8)))


def _disc(portrait: Portrait, centre: Plane, radius: float) -> Plane:
    """Return how much of each pixel a disc covers, 0 to 1."""
    rows, columns = np.indices(portrait.person.shape)
    away = np.hypot(columns - centre[0], rows - centre[1])
    covered: Plane = (radius + 0.5 - away).clip(0, 1)
    return covered


def _eyes(portrait: Portrait) -> tuple[Plane, Plane]:
    return portrait.face.eye_left, portrait.face.eye_right


def _apart(portrait: Portrait) -> float:
    left, right = _eyes(portrait)
    return float(np.linalg.norm(right - left))


def _between_rows(column: Light, rows: Plane) -> Light:
    above = rows.astype(int)
    share = (rows - above)[:, None]
    below = np.minimum(above + 1, len(column) - 1)
    blended: Light = column[above] * (1 - share) + column[below] * share
    return blended
