"""Results of the checks, and the verdict that follows from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Parameter = float | int | str
Bounds = tuple[float | None, float | None, float | None, float | None]


class Answer(StrEnum):
    """What a check says about a picture."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNMEASURABLE = "unmeasurable"


class Tier(StrEnum):
    """How far a measure can be relied on.

    A separates good from bad, B does so with some error, C is a hint for people who look: it never
    weighs in the verdict.
    """

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True)
class Advice:
    """What to do about a finding: a code that `photos.advice` turns into a sentence."""

    code: str
    params: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What one check found.

    `component` is the quality component's name in ISO/IEC 29794-5 where the standard has one.
    `limit` is the interval that passes, as text in `unit`, `bounds` the numbers: what passes from
    and to, and what warns from and to, None for no bound. `source` says where the limit comes from.
    `value` is None when there was nothing to measure.
    """

    component: str
    answer: Answer
    value: float | None
    unit: str
    limit: str
    bounds: Bounds
    source: str
    tier: Tier
    advice: Advice | None


@dataclass(frozen=True)
class Verdict:
    """The gravest answer, the component whose finding decided it, and what to do: at most two."""

    answer: Answer
    decided_by: str | None
    advice: tuple[Advice, ...]


SEVERITY = (Answer.PASS, Answer.UNMEASURABLE, Answer.WARN, Answer.FAIL)

MOST_ADVICE = 2  # more can't be kept in mind before a camera

# Advice, what helps most first: who is in the picture and what hides the face, then where it is,
# then the light, since what is too dark can't be sharp either, then what the person does, then the
# camera.
MOST_USEFUL = (
    "no_face",
    "other_face",
    "show_eyes",
    "uncover_mouth",
    "room_above",
    "room_below",
    "room_left",
    "room_right",
    "head_large",
    "head_small",
    "come_closer",
    "centre_face",
    "more_light",
    "less_light",
    "flat_light",
    "take_off_glasses",
    "natural_colour",
    "face_camera",
    "straighten_head",
    "lower_chin",
    "raise_chin",
    "open_eyes",
    "close_mouth",
    "look_at_camera",
    "relax_face",
    "avoid_glare",
    "no_flash",
    "focus",
    "less_compression",
    "plain_background",
    "light_background",
    "even_light",
    "no_shadow",
    "white_balance",
    "smaller_file",
    "wrong_file",
)

# Missing room at several sides has one cure, told in their place.
STEP_BACK = "step_back"
ROOM = frozenset({"room_above", "room_below", "room_left", "room_right"})


def decide(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict; without any finding there was nothing to judge.

    Tier C does not weigh, and only of tier A does a check that couldn't be measured matter.
    """
    every = list(findings)
    weighing = [finding for finding in every if _weighs(finding)]
    if not weighing:
        return Verdict(Answer.UNMEASURABLE, None, ())
    answer = max((finding.answer for finding in weighing), key=SEVERITY.index)
    gravest = sorted((f for f in weighing if f.answer == answer), key=_usefulness)
    decided_by = None if answer == Answer.PASS else gravest[0].component
    return Verdict(answer, decided_by, _advice(every))


def _weighs(finding: Finding) -> bool:
    measured = finding.answer != Answer.UNMEASURABLE
    return finding.tier == Tier.A or (finding.tier == Tier.B and measured)


def _advice(findings: list[Finding]) -> tuple[Advice, ...]:
    """Return the most useful advice, each once: of what fails before what warns, C at the end."""
    noted = sorted((f for f in findings if f.advice), key=lambda f: (_gravity(f), _usefulness(f)))
    advice = [finding.advice for finding in noted if finding.advice]
    crowded = len(ROOM.intersection(each.code for each in advice)) > 1
    told: dict[str, Advice] = {}
    for each in advice:
        best = Advice(STEP_BACK) if crowded and each.code in ROOM else each
        told.setdefault(best.code, best)
    return tuple(told.values())[:MOST_ADVICE]


def _gravity(finding: Finding) -> tuple[bool, int]:
    return finding.tier == Tier.C, -SEVERITY.index(finding.answer)


def _usefulness(finding: Finding) -> tuple[int, str]:
    code = finding.advice.code if finding.advice else None
    place = MOST_USEFUL.index(code) if code else len(MOST_USEFUL)
    return place, finding.component
