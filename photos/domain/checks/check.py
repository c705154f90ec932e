"""What a check is, and the finding that comes of one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from photos.domain.findings import Advice, Answer, Finding, Tier
from photos.domain.profile import Limit, Profile
from photos.domain.subject import Subject

Measure = Callable[[Subject], float | None]


class Area(StrEnum):
    """The part of the picture that a finding is about, to be marked when it fails."""

    PICTURE = "picture"
    FACE = "face"
    EYES = "eyes"
    MOUTH = "mouth"
    BACKGROUND = "background"
    LEFT = "left"
    RIGHT = "right"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True)
class Check:
    """One quality component: its limit's key, the unit of its value, how to measure it.

    `low` and `high` are the advice codes for a value below and above what passes. A `second` vote,
    a limit's key and a measure, must agree before the check fails; alone it only warns. `tier` says
    how far the measure can be relied on, see `photos.domain.findings.Tier`.
    """

    component: str
    limit: str
    unit: str
    measure: Measure
    low: str = ""
    high: str = ""
    tier: Tier = Tier.A
    area: Area = Area.FACE
    second: tuple[str, Measure] | None = None

    def of(self, subject: Subject, profile: Profile) -> Finding:
        """Measure the subject and answer by the profile's limit."""
        finding = self.finding(self.measure(subject), profile)
        if self.second is None:
            return finding
        key, measure = self.second
        value = measure(subject)
        doubt = value is not None and profile.limits[key].answer(value) != Answer.PASS
        may_warn = profile.limits[self.limit].gravest != Answer.PASS
        if doubt and may_warn and finding.answer == Answer.PASS:
            return replace(finding, answer=Answer.WARN, advice=Advice(self.low))
        if not doubt and finding.answer == Answer.FAIL:
            return replace(finding, answer=Answer.WARN)
        return finding

    def finding(self, value: float | None, profile: Profile) -> Finding:
        """Return what the profile's limit says of a value; None could not be measured."""
        limit = profile.limits[self.limit]
        answer = Answer.UNMEASURABLE if value is None else limit.answer(value)
        if self.tier == Tier.C and answer == Answer.FAIL:
            answer = Answer.WARN
        return Finding(
            component=self.component,
            answer=answer,
            value=None if value is None else round(value, 4),
            unit=self.unit,
            limit=str(limit),
            bounds=limit.bounds,
            source=limit.source,
            tier=self.tier,
            advice=self._advice(value, limit, answer),
        )

    def _advice(self, value: float | None, limit: Limit, answer: Answer) -> Advice | None:
        if value is None or answer == Answer.PASS:
            return None
        too_low = limit.pass_min is not None and value < limit.pass_min
        code = self.low if too_low else self.high
        return Advice(code) if code else None  # nothing helps against a bound on the other side
