"""Light and colour in the face.

`luminance` is linear (IEC 61966-2-1), 0 to 1, `luma` as stored, 0 to 255, `inside` the pixels that
are measured: all of shape (height, width).
"""

from collections.abc import Callable

import numpy as np

from photos.domain.checks.check import Check, Measure
from photos.domain.subject import Mask, Plane

NEARLY_WHITE = 247 / 255  # ISO/IEC 29794-5, over-exposure prevention, as in OFIQ's measure


def highlight(luminance: Plane, inside: Mask) -> float:
    """Return the luminance that only a hundredth of the face exceeds.

    The sheen on skin and the whites of the eyes tell how much light there was. The mean tells how
    dark the skin is just as much, and would call a well-lit dark face under-exposed.
    """
    return float(np.percentile(luminance[inside], 99))


def burnt_out(luminance: Plane, inside: Mask) -> float:
    """Return the share of the face as bright as can be stored, or nearly (Y ≥ 247/255)."""
    return float(np.mean(luminance[inside] >= NEARLY_WHITE))


def entropy(luma: Plane, inside: Mask) -> float:
    """Return the entropy of the brightness histogram in bits, at most 8."""
    counts = np.bincount(luma[inside].astype(np.uint8), minlength=256)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _light(measure: Callable[[Plane, Mask], float]) -> Measure:
    return lambda subject: measure(subject.luminance, subject.inside)


LIGHT = (
    Check(
        "over-exposure prevention",
        "over_exposure",
        "share of the face",
        _light(burnt_out),
        high="less_light",
    ),
    Check(
        "under-exposure prevention",
        "under_exposure",
        "luminance",
        _light(highlight),
        low="more_light",
    ),
    Check(
        "dynamic range",
        "dynamic_range",
        "bit",
        lambda subject: entropy(np.asarray(subject.luma, np.float32), subject.inside),
        low="flat_light",
    ),
)
