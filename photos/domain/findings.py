"""Results of the checks, and the verdict that follows from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Parameter = float | int | str


class Answer(StrEnum):
    """What a check says about a picture."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNMEASURABLE = "unmeasurable"


@dataclass(frozen=True)
class Advice:
    """What to do about a finding: a code that `photos.advice` turns into a sentence."""

    code: str
    params: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What one check found.

    `component` is the quality component's name in ISO/IEC 29794-5 where the standard has one.
    `limit` is the interval that passes, as text in `unit`; `source` says where it comes from.
    `value` is None when there was nothing to measure.
    """

    component: str
    answer: Answer
    value: float | None
    unit: str
    limit: str
    source: str
    advice: Advice | None


SEVERITY = (Answer.PASS, Answer.WARN, Answer.UNMEASURABLE, Answer.FAIL)


def verdict(findings: Iterable[Finding]) -> Answer:
    """Return the gravest answer; without any finding there was nothing to judge."""
    answers = [finding.answer for finding in findings]
    return max(answers, key=SEVERITY.index, default=Answer.UNMEASURABLE)
