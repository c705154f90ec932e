"""Light and colour in the face, so measured that they say nothing about how dark the skin is.

Luminance is linear (IEC 61966-2-1), 0 to 1; pixels are sRGB as stored, of shape (n, 3).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from photos.domain.checks.check import Check
from photos.domain.cielab import lab
from photos.domain.findings import Tier
from photos.domain.silhouette import Plane
from photos.domain.subject import Subject, linear

Pixels = NDArray[np.uint8]

NEARLY_WHITE = 247 / 255  # ISO/IEC 29794-5, over-exposure prevention, as in OFIQ's measure

# Closed outlines in the face mesh (MediaPipe face landmarker, Apache-2.0), left and right.
CHEEKS = ((117, 118, 101, 36, 205, 187, 123), (346, 347, 330, 266, 425, 411, 352))
EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)

# Measured: the highlight on light skin is about twice as bright as the whites of the eyes. They
# count half as much again as they are; as much as twice would let dim light pass for enough.
EYES_COUNT = 1.5

# Below this a camera shows noise; a darker shadow has no more range.
DARKEST = 0.002

BLACK, BURNT_OUT = 8, 254  # skin's green as stored, its middle channel: beyond there is no colour

# a* and b* of skin: 5 to 25 and 5 to 35, as in OFIQ's measure of ISO/IEC 29794-5, natural colour.
SKIN_LEAST, SKIN_MOST = np.array([5, 5]), np.array([25, 35])


def burnt_out(light: Plane) -> float:
    """Return the share of a face's luminances as bright as can be stored, or nearly (247/255)."""
    return float(np.mean(light >= NEARLY_WHITE))


def highlight(light: Plane, eyes: Plane) -> float:
    """Return how brightly lit a face is, from the luminances in it and in the eyes' openings.

    The mean tells how dark the skin is as much as how much light there was. The sheen on the skin,
    which only a hundredth of the face exceeds, and the whites of the eyes are much less unlike.
    """
    sheen = float(np.percentile(light, 99))
    whites = EYES_COUNT * float(np.percentile(eyes, 90)) if eyes.size else 0.0
    return min(max(sheen, whites), 1.0)


def dynamic_range(light: Plane) -> float:
    """Return how many times the luminance doubles from a face's shadows to its highlights.

    From the 1st to the 99th percentile. The entropy of the histogram would call a dark face flat,
    since its shades lie closer together as stored; ratios are the same for all.
    """
    dark, bright = np.maximum(np.percentile(light, (1, 99)), DARKEST)
    return float(np.log2(bright / dark))


def evenness(one: Plane, other: Plane) -> float | None:
    """Return the median luminance of the darker cheek over that of the lighter one."""
    if not (one.size and other.size):
        return None
    darker, lighter = sorted((float(np.median(one)), float(np.median(other))))
    return darker / max(lighter, 1e-6)


def unnatural_colour(skin: Pixels) -> float | None:
    """Return how far, in a* and b*, the median colour is from what any skin has in white light.

    None where most of the skin is burnt out or black and so has no colour left.
    """
    green = skin[:, 1]
    coloured = skin[(green > BLACK) & (green < BURNT_OUT)]
    if 2 * len(coloured) <= len(skin):
        return None
    tint = np.median(lab(coloured)[:, 1:], axis=0)
    beyond = np.maximum(np.maximum(SKIN_LEAST - tint, tint - SKIN_MOST), 0)
    return float(np.linalg.norm(beyond))


def enclosed(subject: Subject, outline: tuple[int, ...]) -> Pixels:
    """Return the card's pixels inside an outline of landmarks."""
    points = subject.on_card.points[list(outline), :2]
    low = np.clip(np.floor(points.min(axis=0)), 0, subject.card.size)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, 0, subject.card.size)
    (left, top), (right, bottom) = low.astype(int), high.astype(int)
    mask = Image.new("1", (max(right - left, 0), max(bottom - top, 0)))
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in points - low], fill=1)
    pixels: Pixels = subject.rgb[top:bottom, left:right][np.asarray(mask, np.bool_)]
    return pixels


def _lightness_of_eyes(subject: Subject) -> Plane:
    return linear(np.concatenate([enclosed(subject, eye) for eye in EYES]))


def _evenness(subject: Subject) -> float | None:
    one, other = (linear(enclosed(subject, cheek)) for cheek in CHEEKS)
    return evenness(one, other)


def _unnatural_colour(subject: Subject) -> float | None:
    return unnatural_colour(np.concatenate([enclosed(subject, cheek) for cheek in CHEEKS]))


LIGHT = (
    Check(
        "over-exposure prevention",
        "over_exposure",
        "share of the face",
        lambda subject: burnt_out(subject.face_light),
        high="less_light",
    ),
    Check(
        "under-exposure prevention",
        "under_exposure",
        "luminance",
        lambda subject: highlight(subject.face_light, _lightness_of_eyes(subject)),
        low="more_light",
    ),
    Check(
        "dynamic range",
        "dynamic_range",
        "stops",
        lambda subject: dynamic_range(subject.face_light),
        low="flat_light",
    ),
    Check(
        "illumination uniformity",
        "illumination_uniformity",
        "ratio",
        _evenness,
        low="even_light",
        tier=Tier.C,
    ),
    Check(
        "natural colour",
        "natural_colour",
        "CIELAB",
        _unnatural_colour,
        high="natural_colour",
        tier=Tier.B,
    ),
)
