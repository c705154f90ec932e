"""Findings in words: what was measured, against what, and what to do about it."""

from dataclasses import dataclass

from photos import advice
from photos.domain.findings import SEVERITY, Answer, Tier
from photos.models import Capture, Finding
from photos.queries.drawing import Drawing, drawing, needs_drawing
from photos.queries.gauges import Gauge, gauge
from photos.queries.review import is_acceptable

# Units that are said after the number; ratios stand alone.
UNITS = {"px": " px", "°": "°", "bit": " bit", "kB": " kB"}
SHARE = "share of "


@dataclass(frozen=True)
class Reading:
    """One finding as it is read: in words, with value and limit in the same unit."""

    component: str
    name: str
    answer: str
    value: str
    limit: str
    source: str
    advice: str
    decided: bool
    gauge: Gauge | None


@dataclass(frozen=True)
class Judgement:
    """What came of a capture.

    `noted` is what asks for something, what decided and what is gravest first; `hints` are for
    people to look at, they never weigh; `rest` are the other findings. `advices` are at most two.
    """

    capture: Capture
    noted: list[Reading]
    hints: list[Reading]
    rest: list[Reading]
    advices: list[str]
    drawing: Drawing | None
    drawn: bool

    @property
    def acceptable(self) -> bool:
        """Whether the technician may accept the picture."""
        return is_acceptable(self.capture)


def judgement(capture: Capture) -> Judgement:
    """Return the capture's findings as they are read."""
    findings = sorted(capture.findings.all(), key=lambda finding: _order(finding, capture))
    noted = [finding for finding in findings if finding.answer in {Answer.FAIL, Answer.WARN}]
    weighing = [finding for finding in noted if finding.tier != Tier.C]
    hints = [finding for finding in noted if finding.tier == Tier.C]
    return Judgement(
        capture=capture,
        noted=[reading(finding, capture) for finding in weighing],
        hints=[reading(finding, capture) for finding in hints],
        rest=[reading(finding, capture) for finding in findings if finding not in noted],
        advices=_advices(capture),
        drawing=drawing(capture),
        drawn=needs_drawing(capture),
    )


def reading(finding: Finding, capture: Capture) -> Reading:
    """Return one finding of the capture as it is read."""
    code = finding.advice_code
    return Reading(
        component=finding.component,
        name=advice.component_name(finding.component),
        answer=finding.answer,
        value="" if finding.value is None else _measure(finding.value, finding.unit),
        limit=_limit(finding),
        source=finding.source,
        advice=advice.sentence(code, finding.advice_params) if code else "",
        decided=finding.component == capture.decided_by,
        gauge=gauge(finding),
    )


def _advices(capture: Capture) -> list[str]:
    if capture.refusal:
        return [advice.sentence(capture.refusal["code"], capture.refusal["params"])]
    return [advice.sentence(each["code"], each["params"]) for each in capture.advice]


def _order(finding: Finding, capture: Capture) -> tuple[bool, int, int]:
    decided = finding.component == capture.decided_by
    return not decided, -SEVERITY.index(Answer(finding.answer)), finding.position


def _limit(finding: Finding) -> str:
    """Return the interval that passes, in the unit of the value."""
    low, high = (*finding.bounds, None, None)[:2]
    if low is None and high is None:
        return _comma(finding.limit)
    if low is None:
        return f"≤ {_measure(high, finding.unit)}"
    if high is None:
        return f"≥ {_measure(low, finding.unit)}"
    if low == -high:
        return f"±{_measure(high, finding.unit)}"
    return f"{_figures(low, finding.unit)} – {_measure(high, finding.unit)}"


def _measure(value: float, unit: str) -> str:
    """Return the value with its unit; a share as percent."""
    said = " %" if unit.startswith(SHARE) else UNITS.get(unit, "")
    return f"{_figures(value, unit)}{said}"


def _figures(value: float, unit: str) -> str:
    """Return the figures that matter, as they are written in Swedish."""
    shown = value * 100 if unit.startswith(SHARE) else value
    decimals = 0 if abs(shown) >= 100 else 1 if abs(shown) >= 10 else 2 if abs(shown) >= 1 else 3
    coarse = unit == "°" or unit.startswith(SHARE)
    return _comma(f"{round(shown, min(decimals, 1) if coarse else decimals) + 0:g}")


def _comma(number: str) -> str:
    return number.replace(".", ",").replace("-", "−")
