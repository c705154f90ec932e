"""A value against its limit as a picture: a scale with what passes, what warns, and a needle.

All coordinates are text in units of the scale, WIDTH long.
"""

from dataclasses import dataclass
from itertools import pairwise

from photos.domain.findings import Answer, Bounds, Tier
from photos.models import Finding

WIDTH = 160
# What is shown beyond the outermost bounds, as a share of what lies between them, or of half the
# bound where there is but one.
BEYOND = 0.6


@dataclass(frozen=True)
class Zone:
    """A stretch of the scale and what a value there would be answered."""

    answer: str
    x: str
    width: str


@dataclass(frozen=True)
class Gauge:
    """The zones from left to right, and where the needle stands; at an end if beyond the scale."""

    zones: list[Zone]
    needle: str


def gauge(finding: Finding) -> Gauge | None:
    """Return the gauge of a finding; None without a value or the limit's numbers."""
    if finding.value is None or not any(bound is not None for bound in finding.bounds):
        return None
    pass_min, pass_max, warn_min, warn_max = finding.bounds
    bounds = (pass_min, pass_max, warn_min, warn_max)
    start, end = _scale(bounds, finding.value)
    worst = _worst(finding, bounds)
    cuts = sorted({start, end, *(b for b in bounds if b is not None and start < b < end)})
    zones = [
        _zone(cut, (start, end), _answer(sum(cut) / 2, bounds, worst)) for cut in pairwise(cuts)
    ]
    needle = min(max(finding.value, start), end)
    return Gauge(zones, _at(needle, (start, end)))


def _zone(cut: tuple[float, float], scale: tuple[float, float], answer: str) -> Zone:
    low, high = cut
    return Zone(answer, _at(low, scale), f"{WIDTH * (high - low) / (scale[1] - scale[0]):.1f}")


def _scale(bounds: Bounds, value: float) -> tuple[float, float]:
    """Return where the scale begins and ends; never below 0 for what can't be negative."""
    known = [bound for bound in bounds if bound is not None]
    low, high = min(known), max(known)
    one_sided = bounds[0] is None or bounds[1] is None
    least = max(abs(low), abs(high)) / 2 if one_sided else 0.0
    room = BEYOND * (max(high - low, least) or abs(value) or 1.0)
    start = low - room
    return (max(start, 0.0) if low > 0 and value >= 0 else start), high + room


def _answer(value: float, bounds: Bounds, worst: Answer) -> str:
    pass_min, pass_max, warn_min, warn_max = bounds
    if _inside(value, pass_min, pass_max):
        return Answer.PASS
    low = pass_min if warn_min is None else warn_min
    high = pass_max if warn_max is None else warn_max
    return Answer.WARN if _inside(value, low, high) else worst


def _worst(finding: Finding, bounds: Bounds) -> Answer:
    """Return what a value outside everything is answered: hints and mild limits only warn."""
    outside = _answer(finding.value or 0.0, bounds, Answer.FAIL) == Answer.FAIL
    mild = outside and finding.answer != Answer.FAIL
    return Answer.WARN if mild or finding.tier == Tier.C else Answer.FAIL


def _inside(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _at(value: float, scale: tuple[float, float]) -> str:
    start, end = scale
    return f"{WIDTH * (value - start) / (end - start):.1f}"
