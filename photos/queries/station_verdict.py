"""Where the laptop's own verdict of a picture differs from the server's, check by check."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from photos.domain.findings import Answer
from photos.models import Capture, Finding
from photos.queries.readings import Reading, reading

ANSWERS = tuple(Answer)


@dataclass(frozen=True)
class Difference:
    """One check answered twice; `station` is None where the laptop can't do it."""

    name: str
    station: Reading | None
    server: Reading


def station_differs(capture: Capture) -> bool:
    """Say whether the laptop judged the picture as a whole otherwise than the server."""
    said = capture.station.get("verdict", "")
    return said in ANSWERS and bool(capture.verdict) and said != capture.verdict


def differences(capture: Capture) -> list[Difference]:
    """Return the checks that were answered differently, in the order of the server's findings.

    A check that the laptop can't do is told where the server's answer asks for something.
    """
    told = _by_component(capture.station.get("findings", ()))
    return [
        _difference(finding, told.get(finding.component), capture)
        for finding in capture.findings.all()
        if _differs(finding, told.get(finding.component))
    ]


def _by_component(findings: Iterable[Any]) -> dict[str, Mapping[str, Any]]:
    """Return what can be read of what the laptop found: nobody has checked it before."""
    told = [each for each in findings if isinstance(each, dict)]
    return {str(each.get("component")): each for each in told if each.get("answer") in ANSWERS}


def _differs(finding: Finding, said: Mapping[str, Any] | None) -> bool:
    if said is None:
        return finding.answer in {Answer.FAIL, Answer.WARN}
    return bool(said["answer"] != finding.answer)


def _difference(finding: Finding, said: Mapping[str, Any] | None, capture: Capture) -> Difference:
    server = reading(finding, capture)
    station = _as_said(finding, said, capture) if said else None
    return Difference(server.name, station, server)


def _as_said(finding: Finding, said: Mapping[str, Any], capture: Capture) -> Reading:
    """Return what the laptop found, read with the unit and the limit of the server's finding."""
    other = Finding(
        component=finding.component,
        answer=said["answer"],
        value=_number(said.get("value")),
        unit=finding.unit,
        limit=finding.limit,
        bounds=finding.bounds,
        tier=finding.tier,
    )
    return reading(other, capture)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
