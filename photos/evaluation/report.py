"""What an evaluation says: the figures of a set of annotated photos, as tables and as data."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from photos.domain.findings import Answer
from photos.domain.profile import Profile
from photos.evaluation.annotations import Half
from photos.evaluation.examine import ORIGINAL, Examined, Reading
from photos.evaluation.figures import (
    Summary,
    crops,
    eye_errors,
    found,
    frontals,
    milliseconds,
    roll_errors,
    summary,
)
from photos.evaluation.metrics import Separation
from photos.evaluation.tables import Row, Table, number, of, plain
from photos.evaluation.trials import Trial, trials

ANSWERS = (Answer.PASS, Answer.WARN, Answer.FAIL, Answer.UNMEASURABLE)
IN_ORDER = "pass / warn / fail / can't be measured"
KINDS = {
    "single": "portraits",
    "crop150": "tight crops",
    "group": "groups",
    "none": "nobody",
    "drawing": "drawings",
}


def report(examined: Sequence[Examined], profile: Profile) -> list[Table]:
    """Return the tables of an evaluation."""
    tried = trials(examined)
    tables = [
        _found(examined),
        _eyes(examined),
        _crops(examined, profile),
        _separation(tried),
        _mistakes(tried),
        _frontal(frontals(examined), profile),
        _verdicts(examined),
        _time(examined),
    ]
    refused = [one for one in examined if one.refused]
    return [*tables, _refused(refused)] if refused else tables


def as_data(examined: Sequence[Examined], profile: Profile) -> dict[str, Any]:
    """Return the same figures, and every reading, as what JSON can hold."""
    tried = trials(examined)
    return {
        "profile": profile.key,
        "found": [dataclasses.asdict(line) for line in found(examined)],
        "eye_error_percent": dataclasses.asdict(summary(eye_errors(examined))),
        "roll_error_degrees": dataclasses.asdict(summary(roll_errors(examined))),
        "crops": dataclasses.asdict(crops(examined, profile)),
        "trials": [_trial_data(trial) for trial in tried],
        "readings": [_reading(one, reading) for one in examined for reading in _readings(one)],
        "refused": {one.sample.file: one.refused for one in examined if one.refused},
        "milliseconds": dataclasses.asdict(summary(milliseconds(examined))),
    }


def _found(examined: Sequence[Examined]) -> Table:
    every, half = found(examined), {line.kind: line for line in found(_reporting(examined))}
    rows = []
    for line in every:
        other = half.get(line.kind)
        rows.append(
            (
                KINDS[line.kind],
                of(line.seen, line.pictures),
                of(other.seen, other.pictures) if other else "–",
                of(line.faces_found, line.faces),
                str(line.beyond),
            )
        )
    refused = sum(one.refused is not None for one in examined)
    return Table(
        "Finding faces",
        ("Pictures", "with a face found", "reporting half", "faces found", "beyond what is there"),
        tuple(rows),
        f"{refused} of {len(examined)} files are refused at intake as they are.",
    )


def _eyes(examined: Sequence[Examined]) -> Table:
    half = _reporting(examined)
    rows = (
        _spread("eye position, % of the distance between the eyes, all", eye_errors(examined)),
        _spread("the same, reporting half", eye_errors(half)),
        _spread("roll in the photo, °, all", roll_errors(examined)),
        _spread("the same, reporting half", roll_errors(half)),
    )
    return Table("Eyes and roll against marked eyes", ("Error", *SPREAD), rows)


SPREAD = ("of", "mean", "95th percentile", "largest")


def _spread(name: str, values: Sequence[float]) -> Row:
    return (name, *_numbers(summary(values)))


def _numbers(values: Summary) -> tuple[str, ...]:
    return str(values.count), number(values.mean), number(values.p95), number(values.largest)


def _crops(examined: Sequence[Examined], profile: Profile) -> Table:
    rows: list[Row] = []
    for name, part in (("all", examined), ("reporting half", _reporting(examined))):
        cut = crops(part, profile)
        head = "–" if cut.head is None else " / ".join(number(share, 1) for share in cut.head)
        within = "–" if cut.head_within is None else f"{100 * cut.head_within:.0f} %"
        rows += [
            (f"tilt left, °, {name}", *_numbers(cut.roll)),
            (f"eye line off its aim, % of the height, {name}", *_numbers(cut.eye_line)),
            (
                f"head height, % (least / middle / largest), {name}",
                str(cut.with_room),
                head,
                f"{within} within",
                "",
            ),
        ]
    room = crops(examined, profile)
    note = (
        f"{of(room.with_room, room.portraits)} portraits marked frontal have room for the card. "
        "Measured anew on the finished card."
    )
    return Table("Crops", ("What", *SPREAD), tuple(rows), note)


def _separation(tried: Iterable[Trial]) -> Table:
    head = (
        *("Check", "Fault", "Seen by", "Tier", "AUC, choosing half", "AUC, reporting half"),
        *("good, bad there", "Passes", "Best limit on the choosing half"),
    )
    note = (
        "AUC: how often the faulty photo has the worse value; with a 95 % interval. Faults were "
        "seen by people or made."
    )
    return Table("How well each check tells a fault", head, tuple(map(_separated, tried)), note)


def _separated(trial: Trial) -> Row:
    choose, told = trial.separation(Half.CHOOSE), trial.separation(Half.REPORT)
    return (
        trial.component,
        trial.fault,
        "people" if trial.annotated else "made",
        trial.tier,
        number(choose.auc, 3) if choose else "–",
        _area(told),
        f"{told.good}, {told.bad}" if told else "–",
        trial.limit,
        plain(trial.best_limit()),
    )


def _area(told: Separation | None) -> str:
    if told is None:
        return "–"
    return f"{told.auc:.3f} ({told.low:.2f} – {told.high:.2f})"


def _mistakes(tried: Iterable[Trial]) -> Table:
    head = ("Check", "Fault", "Seen by", "False rejects", "False accepts")
    note = (
        "On the reporting half; the last two columns on all. False rejects are good photos that "
        f"fail, false accepts bad ones that pass. Good and bad: {IN_ORDER}."
    )
    rows = tuple(_mistaken(trial) for trial in tried)
    return Table("Answers against what was expected", (*head, *SIDES), rows, note)


SIDES = ("Good", "Bad", "Good, all", "Bad, all")


def _mistaken(trial: Trial) -> Row:
    good, bad = (trial.answers(side, Half.REPORT) for side in ("good", "bad"))
    return (
        trial.component,
        trial.fault,
        "people" if trial.annotated else "made",
        of(good[Answer.FAIL], sum(good.values())),
        of(bad[Answer.PASS], sum(bad.values())),
        *(_counts(side) for side in (good, bad, trial.answers("good"), trial.answers("bad"))),
    )


def _counts(answers: dict[Answer, int]) -> str:
    return " / ".join(str(answers[answer]) for answer in ANSWERS)


def _frontal(readings: Sequence[Reading], profile: Profile) -> Table:
    """Every check on the portraits that people call frontal, whatever else is wrong with them."""
    rows = []
    for component in readings[0].findings if readings else ():
        findings = [reading.finding(component) for reading in readings]
        told = [finding.answer for finding in findings]
        values = [finding.value for finding in findings if finding.value is not None]
        counts = {answer: told.count(answer) for answer in Answer}
        rows.append(
            (
                component,
                findings[0].tier,
                _counts(counts),
                plain(min(values, default=None)),
                plain(sorted(values)[len(values) // 2] if values else None),
                plain(max(values, default=None)),
                findings[0].limit,
            )
        )
    head = ("Check", "Tier", "Answers", "least", "middle", "largest", "Passes")
    note = (
        f"{len(readings)} portraits that people call frontal, judged by `{profile.key}`: "
        f"{IN_ORDER}. Small files, tight cuts, open mouths and backgrounds that no card should "
        "have are rightly failed."
    )
    return Table("Frontal portraits, check by check", head, tuple(rows), note)


def _verdicts(examined: Iterable[Examined]) -> Table:
    rows = []
    every = [(one.sample.kind, one.original.judgement) for one in examined if one.original]
    for kind, name in KINDS.items():
        told = [judgement.verdict for found_kind, judgement in every if found_kind == kind]
        if told:
            rows.append((name, *(str(told.count(answer)) for answer in ANSWERS)))
    head = ("Pictures", "pass", "warn", "fail", "can't be measured")
    return Table("Verdicts", head, tuple(rows))


def _time(examined: Iterable[Examined]) -> Table:
    times = summary(milliseconds(examined))
    return Table("Time for each photo", ("Milliseconds", *SPREAD), (("judged", *_numbers(times)),))


def _refused(refused: Iterable[Examined]) -> Table:
    rows = tuple(
        (one.sample.file, one.refused or "", "measured as PNG" if one.original else "left out")
        for one in refused
    )
    note = "Intake refuses these files; what Pillow can read is converted to PNG and counted."
    return Table(
        "Not read as they are", ("File", "Refused as", "Here"), rows, note, names_files=True
    )


def _reporting(examined: Iterable[Examined]) -> list[Examined]:
    return [one for one in examined if one.sample.half == Half.REPORT]


def _readings(one: Examined) -> tuple[Reading, ...]:
    return (one.original, *one.made) if one.original else ()


def _trial_data(trial: Trial) -> dict[str, Any]:
    halves = {"all": None, "choose": Half.CHOOSE, "report": Half.REPORT}
    return {
        **{name: getattr(trial, name) for name in ("component", "fault", "annotated", "tier")},
        "limit": trial.limit,
        "best_limit": trial.best_limit(),
        "auc": {
            name: dataclasses.asdict(told) if (told := trial.separation(half)) else None
            for name, half in halves.items()
        },
        "good": trial.answers("good"),
        "bad": trial.answers("bad"),
    }


def _reading(one: Examined, reading: Reading) -> dict[str, Any]:
    return {
        "file": reading.file,
        "made": reading.made if reading.made != ORIGINAL else None,
        "half": one.sample.half,
        "verdict": reading.judgement.verdict,
        "faces": reading.judgement.faces,
        "values": {name: found.value for name, found in reading.findings.items()},
        "answers": {name: found.answer for name, found in reading.findings.items()},
    }
