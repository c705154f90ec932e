"""Travel times: take a matrix file, ask the routing engine, note drives, use what they teach."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from booking import routing
from booking.domain.matrix_file import MatrixFault, Way, read_matrix_file, write_matrix_file
from booking.domain.travel import PARKING_MINUTES, Place, Source
from booking.models import Drive, TravelTime, Visit
from booking.queries import travel as queries
from booking.routing import Answer, Engine, RoutingFault
from booking.services.refusals import NotDriven
from enrolment.audit.services import Actor, System, record
from enrolment.people.models import Federation, Rule
from enrolment.people.services.rules import set_rule

LEARNED = "learned_travel"
ASK_AGAIN_AFTER = timedelta(hours=1)
# Within what the queue gives a task; the next run goes on.
RUN_SECONDS = 60.0


class MatrixRefused(Exception):
    """Rows of the file are wrong, so nothing of it was taken; `faults` says which."""

    def __init__(self, faults: Sequence[MatrixFault]) -> None:
        super().__init__(len(faults))
        self.faults = list(faults)


@dataclass(frozen=True)
class MatrixReport:
    """What a matrix file gave: ways taken, pairs of places it is silent on, what is odd in it."""

    ways: int
    holes: int
    warnings: list[MatrixFault]


@transaction.atomic
def take_matrix(*, actor: Actor, federation: Federation, name: str, content: bytes) -> MatrixReport:
    """Let the file of travel times take the place of the one before.

    Raises MatrixRefused with any wrong row, and StaffFileError for a file that can't be read.
    """
    Federation.objects.select_for_update().get(pk=federation.pk)
    known = queries.named_places(federation)
    file = read_matrix_file(content, name, known)
    if file.faults:
        raise MatrixRefused(file.faults)
    _forget(federation, Source.MATRIX)
    TravelTime.objects.bulk_create(
        (_row(federation, way, Source.MATRIX) for way in file.ways), batch_size=500
    )
    _record(actor, "booking.take_matrix", federation, ways=file.rows)
    holes = len(
        queries.pairs(federation) - {frozenset((w.origin, w.destination)) for w in file.ways}
    )
    return MatrixReport(file.rows, holes, list(file.warnings))


@transaction.atomic
def remove_matrix(*, actor: Actor, federation: Federation) -> None:
    """Forget the uploaded travel times: the next source is used."""
    gone = _forget(federation, Source.MATRIX)
    _record(actor, "booking.remove_matrix", federation, ways=gone)


@transaction.atomic
def fetch_matrix_file(*, actor: Actor, federation: Federation) -> bytes:
    """Return every travel time as the house reckons now, as a file to correct and upload."""
    content = write_matrix_file(queries.named_ways(federation))
    _record(actor, "booking.fetch_matrix_file", federation)
    return content


@transaction.atomic
def use_learned(*, actor: Actor, federation: Federation, on: bool) -> None:
    """Use the learned factors from today on, or no longer."""
    today = timezone.localdate()
    todays = Rule.objects.filter(
        federation=federation, municipality=None, key=LEARNED, valid_from=today
    )
    todays.delete()
    set_rule(
        actor=actor,
        federation=federation,
        key=LEARNED,
        value="on" if on else "off",
        valid_from=today,
    )


@transaction.atomic
def note_drive(*, actor: Actor, visit: Visit, minutes: int) -> Drive:
    """Note how many minutes the technician drove to the visit; again it corrects the note.

    Kept beside what had been reckoned from the visit before that day, or from the base: without
    learned factors and uploaded times, which it is not to teach. Raises NotDriven.
    """
    if not queries.drive_can_be_noted(visit, timezone.localdate()):
        raise NotDriven
    leg = queries.reckoned(visit)
    drive, _new = Drive.objects.update_or_create(
        visit=visit,
        defaults={"km": leg.km, "expected_minutes": leg.minutes, "minutes": minutes},
    )
    record(
        actor=actor,
        action="booking.note_drive",
        subject=visit,
        federation_id=visit.unit.municipality.federation_id,
        minutes=minutes,
    )
    return drive


def fetch_travel_times(*, federation_id: UUID, asked: bool = False) -> int:
    """Ask the routing engine for the ways that are missing; return how many came.

    Nothing is asked without an engine in the settings, nor within an hour of the last try unless
    somebody has `asked` for it. A run ends after a minute and the next goes on. What came before a
    fault is kept; the log tells of both. Runs outside any transaction: the network is waited for.
    """
    engine = routing.engine()
    federation = Federation.objects.get(pk=federation_id)
    if engine is None or not (asked or _is_due(federation)):
        return 0
    ways, fault, stop = 0, "", time.monotonic() + RUN_SECONDS
    try:
        for origins, destinations in _missing_blocks(federation, engine):
            answers = routing.ask(engine, origins, destinations)
            ways += _keep(federation, engine, origins, destinations, answers)
            if time.monotonic() > stop:
                break
    except RoutingFault as error:
        fault = error.code.value
    if ways or fault:
        action = "booking.travel_times_failed" if fault else "booking.fetch_travel_times"
        told = {"source": engine.source.value, "ways": ways, "fault": fault}
        _record(System("travel"), action, federation, **told)
    return ways


def fetch_travel_times_of_all() -> int:
    """Do `fetch_travel_times` for each federation."""
    if routing.engine() is None:
        return 0
    found = Federation.objects.order_by("pk").values_list("pk", flat=True)
    return sum(fetch_travel_times(federation_id=pk) for pk in list(found))


def _is_due(federation: Federation) -> bool:
    last = queries.last_fetch(federation)
    return last is None or last.at < timezone.now() - ASK_AGAIN_AFTER


def _missing_blocks(
    federation: Federation, engine: Engine
) -> Iterator[tuple[list[Place], list[Place]]]:
    """Yield places whose ways are not all known, in blocks that the engine answers."""
    places = queries.routable_places(federation)
    known = queries.told_ways(federation, places, [engine.source]).keys()
    blocks = [places[at : at + routing.BLOCK] for at in range(0, len(places), routing.BLOCK)]
    for origins, destinations in product(blocks, blocks):
        pairs = product(origins, destinations)
        if any(a.key != b.key and (a.key, b.key) not in known for a, b in pairs):
            yield origins, destinations


@transaction.atomic
def _keep(
    federation: Federation,
    engine: Engine,
    origins: Sequence[Place],
    destinations: Sequence[Place],
    answers: Sequence[Sequence[Answer | None]],
) -> int:
    """Write the answers down in place of older ones; a way that there is not is left out."""
    rows = [
        TravelTime(
            federation=federation,
            source=engine.source.value,
            origin=one.key,
            destination=other.key,
            minutes=answer.minutes + PARKING_MINUTES,
            km=answer.km,
            measured_from=one.spot,
            measured_to=other.spot,
        )
        for one, line in zip(origins, answers, strict=True)
        for other, answer in zip(destinations, line, strict=True)
        if answer is not None and one.key != other.key
    ]
    TravelTime.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["federation", "source", "origin", "destination"],
        update_fields=["minutes", "km", "measured_from", "measured_to"],
    )
    return len(rows)


def _row(federation: Federation, way: Way, source: Source) -> TravelTime:
    return TravelTime(
        federation=federation,
        source=source.value,
        origin=way.origin,
        destination=way.destination,
        minutes=way.minutes,
        km=way.km,
    )


def _forget(federation: Federation, source: Source) -> int:
    rows = TravelTime.objects.filter(federation=federation, source=source.value)
    return rows.delete()[0]


def _record(actor: Actor, action: str, federation: Federation, **details: str | int) -> None:
    record(actor=actor, action=action, subject=federation, federation_id=federation.pk, **details)
