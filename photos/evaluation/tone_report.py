"""What the measurement over skin tones says, as tables."""

from collections.abc import Iterable, Sequence

from photos.domain.findings import Answer
from photos.evaluation.examine import Reading
from photos.evaluation.metrics import mean
from photos.evaluation.tables import Row, Table, number, of, plain
from photos.evaluation.tone import BINS, LIGHTS, TONES, Relit, Toned, bin_of
from photos.evaluation.trials import QUESTIONS

GOOD = {
    question.components[0]: question.good for question in QUESTIONS if len(question.components) == 1
}


def tone_report(samples: Sequence[Toned], relit: Sequence[Relit]) -> list[Table]:
    """Return the tables; those over samples only if there are any."""
    tables = [_relit(relit)]
    if samples:
        readings = [one for one in samples if one.toned]
        tables += [_bins(samples), _shifts(readings), _new_fails(readings)]
    return tables


def _bins(samples: Sequence[Toned]) -> Table:
    by_bin: dict[str, list[Toned]] = {name: [] for name, _ in BINS}
    for one in samples:
        by_bin[bin_of(one.ita)].append(one)
    components = samples[0].original.findings
    rows = tuple(
        (component, *(_failed(component, group) for group in by_bin.values()))
        for component in components
    )
    head = ("Check", *(f"{name} ({len(group)})" for name, group in by_bin.items()))
    note = (
        "Single people who face the camera, by the tone of their cheeks as photographed: false "
        "rejects of those without the check's own fault, and the mean of what was measured."
    )
    return Table("Samples by skin tone", head, rows, note)


def _failed(component: str, group: Iterable[Toned]) -> str:
    good = GOOD.get(component)
    fit = [one.original for one in group if good is None or good(one.sample)]
    findings = [reading.finding(component) for reading in fit]
    values = [finding.value for finding in findings if finding.value is not None]
    failed = sum(finding.answer == Answer.FAIL for finding in findings)
    return f"{of(failed, len(findings))}; {plain(mean(values))}" if findings else "–"


def _shifts(samples: Sequence[Toned]) -> Table:
    """What each check measures, on the mean, of the same photos in each tone."""
    rows: list[Row] = []
    for component in samples[0].original.findings if samples else ():
        means = [_mean(component, [one.toned[at] for one in samples]) for at in _columns()]
        known = [value for value in means[1:] if value is not None]
        moved = max(known) - min(known) if known else None
        limit = samples[0].toned[0].finding(component).limit
        rows.append((component, *(plain(value) for value in means), plain(moved), limit))
    head = ("Check", "as it is", *(f"ITA {number(t, 0)}" for t in TONES), "moves", "Passes")
    note = (
        f"{len(samples)} portraits, the skin of the face given each tone under the same light: the "
        "mean of what each check measures, and how far that moves from tone to tone."
    )
    return Table("The same portraits in every tone", head, tuple(rows), note)


def _new_fails(samples: Sequence[Toned]) -> Table:
    """How many portraits a check fails in a tone, but not as they are."""
    rows = []
    for component in samples[0].original.findings if samples else ():
        for grave, name in ((Answer.FAIL, "fail"), (Answer.WARN, "warn")):
            counts = [_turned(component, grave, samples, at) for at in list(_columns())[1:]]
            if any(counts):
                rows.append((component, name, *map(str, counts)))
    head = ("Check", "Answer", *(f"ITA {number(tone, 0)}" for tone in TONES))
    note = (
        f"Of {len(samples)} portraits, how many pass (or only warn) as they are and are failed (or "
        "warned of) in another tone. Checks that are not named say the same in every tone."
    )
    return Table("Answers that a tone changes", head, tuple(rows), note)


def _turned(component: str, answer: Answer, samples: Sequence[Toned], at: int) -> int:
    """Count the portraits that get an answer in a tone, having got a milder one as they are."""
    milder = (Answer.PASS,) if answer == Answer.WARN else (Answer.PASS, Answer.WARN)
    return sum(
        one.toned[at].answer(component) == answer and one.toned[0].answer(component) in milder
        for one in samples
    )


def _relit(relit: Sequence[Relit]) -> Table:
    own = _noted(next(one.reading for one in relit if one.tone is None and one.light == 1))
    rows = []
    for tone in (None, *TONES):
        cells = [
            _difference(own, _noted(one.reading))
            for light in LIGHTS
            for one in relit
            if one.light == light and one.tone == tone
        ]
        rows.append(("its own" if tone is None else number(tone, 0), *cells))
    head = ("ITA", *(f"light × {light}" for light in LIGHTS))
    told = ", ".join(f"{name}: {answer}" for name, answer in own.items()) or "every check passes"
    note = (
        "The public-domain portrait on a plain background. As it is: "
        f"{told}. The cells name what else warns or fails."
    )
    return Table("One portrait in every tone and light", head, tuple(rows), note)


def _noted(reading: Reading) -> dict[str, Answer]:
    """Return the checks that don't pass, with what they say."""
    return {
        name: finding.answer
        for name, finding in reading.findings.items()
        if finding.answer in (Answer.WARN, Answer.FAIL)
    }


def _difference(own: dict[str, Answer], noted: dict[str, Answer]) -> str:
    other = {name: answer for name, answer in noted.items() if own.get(name) != answer}
    return ", ".join(f"{name}: {answer}" for name, answer in other.items()) or "nothing"


def _mean(component: str, readings: Iterable[Reading]) -> float | None:
    values = [reading.finding(component).value for reading in readings]
    return mean([value for value in values if value is not None])


def _columns() -> range:
    """Return the places in `Toned.toned`: as it is, then every tone."""
    return range(len(TONES) + 1)
