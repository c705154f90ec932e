"""What is behind the person: evenness, brightness, shadow, colour.

Measured on the cells of `Subject.cells` in CIELAB, and not at all where too few show background.
"""

import numpy as np

from photos.domain.checks.check import Area, Check
from photos.domain.cielab import Colours, lab
from photos.domain.findings import Tier
from photos.domain.subject import Mask, Subject

LEAST_SHARE = 0.03  # of the card: less is slits between hair and edge
LEAST_SIDE = 20  # cells, to tell a side's lightness

# A tint is that of the light only on what is grey itself: not on scenery, not on a painted wall.
PLAIN = 12  # as the profile's limit for the background's evenness
PAINTED = 25  # own choice: more chroma than a cast of light gives a grey wall


def unevenness(colours: Colours) -> float:
    """Return the distance ΔE (CIE 1976) from the median colour that 2 % exceed.

    Of a shape (n, 3). Less than 2 % are a hair's breadth along an outline that isn't exact.
    """
    away = np.linalg.norm(colours - np.median(colours, axis=0), axis=1)
    return float(np.percentile(away, 98))


def one_sided_drop(lightness: Colours, behind: Mask) -> float | None:
    """Return by how much L* one half is darker than the other; both of shape (rows, columns)."""
    half = behind.shape[1] // 2
    left, right = (
        lightness[:, part][behind[:, part]] for part in (slice(half), slice(-half, None))
    )
    if min(left.size, right.size) < LEAST_SIDE:
        return None
    return float(abs(np.median(left) - np.median(right)))


def tint(colours: Colours) -> float | None:
    """Return the chroma C*ab of the median colour, None unless it is a plain grey or white."""
    chroma = float(np.hypot(*np.median(colours[:, 1:], axis=0)))
    return chroma if unevenness(colours) <= PLAIN and chroma <= PAINTED else None


def _seen(subject: Subject) -> Colours | None:
    cells, behind = subject.cells
    return lab(cells[behind]) if behind.mean() >= LEAST_SHARE else None


def _unevenness(subject: Subject) -> float | None:
    colours = _seen(subject)
    return None if colours is None else unevenness(colours)


def _brightness(subject: Subject) -> float | None:
    colours = _seen(subject)
    return None if colours is None else float(np.median(colours[:, 0]))


def _one_sided_drop(subject: Subject) -> float | None:
    cells, behind = subject.cells
    return one_sided_drop(lab(cells)[..., 0], behind)


def _tint(subject: Subject) -> float | None:
    colours = _seen(subject)
    return None if colours is None else tint(colours)


BACKGROUND = (
    Check(
        "background uniformity",
        "background_uniformity",
        "CIELAB",
        _unevenness,
        high="plain_background",
        tier=Tier.B,
        area=Area.BACKGROUND,
    ),
    Check(
        "background brightness",
        "background_brightness",
        "L*",
        _brightness,
        low="light_background",
        tier=Tier.B,
        area=Area.BACKGROUND,
    ),
    Check(
        "background shadow",
        "background_shadow",
        "L*",
        _one_sided_drop,
        high="no_shadow",
        tier=Tier.C,
        area=Area.BACKGROUND,
    ),
    Check(
        "colour balance",
        "colour_balance",
        "CIELAB",
        _tint,
        high="white_balance",
        tier=Tier.B,
        area=Area.BACKGROUND,
    ),
)
