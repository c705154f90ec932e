"""Findings in words: what was measured, against what, and what to do about it."""

from dataclasses import dataclass

from photos import advice
from photos.domain.findings import SEVERITY, Answer
from photos.models import Capture, Finding
from photos.queries.review import is_acceptable

# More cannot be kept in mind before a camera.
ADVICES = 2

# Units that are said after the number; shares and ratios stand alone.
UNITS = {"px", "°", "bit", "kB"}


@dataclass(frozen=True)
class Reading:
    """One finding as it is read: in words, with value and limit in the same unit."""

    name: str
    answer: str
    value: str
    limit: str
    source: str
    advice: str


@dataclass(frozen=True)
class Judgement:
    """What came of a capture: what asks for something, gravest first, then the rest."""

    capture: Capture
    noted: list[Reading]
    rest: list[Reading]
    advices: list[str]

    @property
    def acceptable(self) -> bool:
        """Whether the technician may accept the picture."""
        return is_acceptable(self.capture)


def judgement(capture: Capture) -> Judgement:
    """Return the capture's findings as they are read."""
    findings = sorted(capture.findings.all(), key=_gravity)
    readings = [_reading(finding) for finding in findings]
    noted = [reading for reading in readings if reading.answer in {Answer.FAIL, Answer.WARN}]
    told = [reading.advice for reading in noted if reading.advice]
    if capture.refusal:
        told = [advice.sentence(capture.refusal["code"], capture.refusal["params"])]
    rest = [reading for reading in readings if reading not in noted]
    return Judgement(capture, noted, rest, list(dict.fromkeys(told))[:ADVICES])


def _gravity(finding: Finding) -> tuple[int, int]:
    return -SEVERITY.index(Answer(finding.answer)), finding.position


def _reading(finding: Finding) -> Reading:
    unit = f" {finding.unit}" if finding.unit in UNITS else ""
    code = finding.advice_code
    return Reading(
        name=advice.component_name(finding.component),
        answer=finding.answer,
        value="" if finding.value is None else f"{_number(finding.value)}{unit}",
        limit=f"{_comma(finding.limit)}{unit}",
        source=finding.source,
        advice=advice.sentence(code, finding.advice_params) if code else "",
    )


def _number(value: float) -> str:
    """Return the figures that matter, as they are written in Swedish."""
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return _comma(f"{round(value, decimals) + 0:g}")


def _comma(number: str) -> str:
    return number.replace(".", ",").replace("-", "−")
