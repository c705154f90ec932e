"""What a check is tried on: photos it ought to let pass, and photos it ought not to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from photos.domain.findings import SEVERITY, Answer
from photos.evaluation.annotations import Half, Sample
from photos.evaluation.examine import Examined, Reading
from photos.evaluation.faults import FAULTS
from photos.evaluation.metrics import Separation, badness, best_split, separation, value_at

ALONE = ("single", "crop150")


@dataclass(frozen=True)
class Question:
    """A check, or several of which the worst counts, and which samples are good and bad for it."""

    components: tuple[str, ...]
    fault: str
    good: Callable[[Sample], bool]
    bad: Callable[[Sample], bool]


QUESTIONS = (
    Question(
        ("single face present",),
        "several people",
        lambda sample: sample.kind in ALONE,
        lambda sample: sample.kind == "group",
    ),
    Question(
        ("head pose yaw",),
        "not frontal",
        lambda sample: sample.frontal == "yes",
        lambda sample: sample.frontal == "no",
    ),
    Question(
        ("head pose yaw", "head pose pitch"),
        "not frontal",
        lambda sample: sample.frontal == "yes",
        lambda sample: sample.frontal == "no",
    ),
    Question(
        ("eyes open",),
        "closed or winking",
        lambda sample: sample.eyes == "open",
        lambda sample: sample.eyes in ("closed", "wink"),
    ),
    Question(
        ("mouth closed",),
        "open, or smiling with teeth",
        lambda sample: sample.mouth == "C",
        lambda sample: sample.mouth in ("O", "S"),
    ),
    Question(
        ("expression neutrality",),
        "smiling with teeth",
        lambda sample: sample.mouth == "C",
        lambda sample: sample.mouth == "S",
    ),
    Question(
        ("glasses",),
        "with glasses",
        lambda sample: sample.glasses == "False",
        lambda sample: sample.glasses == "True",
    ),
    Question(
        ("background uniformity",),
        "cluttered background",
        lambda sample: sample.background == "plain",
        lambda sample: sample.background == "cluttered",
    ),
)


@dataclass(frozen=True)
class Case:
    """One photo in a trial; `badness` is None where the check could measure nothing."""

    file: str
    made: str
    half: Half
    value: float | None
    badness: float | None
    answer: Answer


@dataclass(frozen=True)
class Trial:
    """A check against a fault; `annotated` if people saw it, otherwise it was made."""

    component: str
    fault: str
    annotated: bool
    tier: str
    limit: str
    passes: tuple[float | None, float | None]
    good: tuple[Case, ...]
    bad: tuple[Case, ...]

    def separation(self, half: Half | None = None) -> Separation | None:
        """Return how well the value tells bad from good, on a half of the samples or on all."""
        return separation(_badnesses(self.good, half), _badnesses(self.bad, half))

    def best_limit(self) -> float | None:
        """Return the limit that would separate best on the half that limits are chosen on."""
        sides = (_badnesses(side, Half.CHOOSE) for side in (self.good, self.bad))
        best = best_split(*sides)
        return None if best is None else value_at(best, self.passes)

    def answers(self, expected: str, half: Half | None = None) -> dict[Answer, int]:
        """Return how many of the "good" or the "bad" got each answer."""
        cases = self.good if expected == "good" else self.bad
        told = [case.answer for case in cases if half in (None, case.half)]
        return {answer: told.count(answer) for answer in Answer}


def trials(examined: Iterable[Examined]) -> list[Trial]:
    """Return every trial that the samples are good for: questions asked of people, made faults."""
    every = list(examined)
    asked = [_asked(question, every) for question in QUESTIONS]
    made = [
        _made(component, fault.name, fault.base, every)
        for fault in FAULTS
        for component in fault.components
    ]
    return [trial for trial in (*asked, *made) if trial is not None]


def wrong(trial: Trial) -> list[Case]:
    """Return the good that fail and the bad that pass, the worst first."""
    rejected = [case for case in trial.good if case.answer == Answer.FAIL]
    accepted = [case for case in trial.bad if case.answer == Answer.PASS]
    worst = sorted(rejected, key=lambda case: (-(case.badness or 0), case.file))
    return worst + sorted(accepted, key=lambda case: (case.badness or 0, case.file))


def _asked(question: Question, examined: Sequence[Examined]) -> Trial | None:
    sides: tuple[list[Case], list[Case]] = ([], [])
    limit = None
    for one in examined:
        if one.original is None:
            continue
        case = _case(one.sample, one.original, question.components)
        limit = limit or one.original.finding(question.components[0])
        if question.good(one.sample):
            sides[0].append(case)
        elif question.bad(one.sample):
            sides[1].append(case)
    if limit is None or not any(sides):
        return None
    several = len(question.components) > 1
    return Trial(
        component=" or ".join(question.components),
        fault=question.fault,
        annotated=True,
        tier=limit.tier,
        limit="each its own" if several else limit.limit,
        passes=(None, 1.0) if several else limit.bounds[:2],
        good=tuple(sides[0]),
        bad=tuple(sides[1]),
    )


def _made(component: str, fault: str, base: str, examined: Sequence[Examined]) -> Trial | None:
    sides: dict[str, list[Case]] = {base: [], fault: []}
    limit = None
    for one in examined:
        for reading in one.made:
            if reading.made in sides:
                sides[reading.made].append(_case(one.sample, reading, (component,)))
                limit = limit or reading.finding(component)
    if limit is None:
        return None
    return Trial(
        component=component,
        fault=fault,
        annotated=False,
        tier=limit.tier,
        limit=limit.limit,
        passes=limit.bounds[:2],
        good=tuple(sides[base]),
        bad=tuple(sides[fault]),
    )


def _case(sample: Sample, reading: Reading, components: tuple[str, ...]) -> Case:
    """Return how a photo fared; of several checks how the worst did, in half widths of limits."""
    findings = [reading.finding(component) for component in components]
    bads = [
        None if finding.value is None else badness(finding.value, finding.bounds[:2])
        for finding in findings
    ]
    bad = None if None in bads else max(value for value in bads if value is not None)
    return Case(
        file=sample.file,
        made=reading.made,
        half=sample.half,
        value=findings[0].value if len(findings) == 1 else bad,
        badness=bad,
        answer=max((finding.answer for finding in findings), key=SEVERITY.index),
    )


def _badnesses(cases: Iterable[Case], half: Half | None) -> list[float]:
    return [
        case.badness for case in cases if case.badness is not None and half in (None, case.half)
    ]
