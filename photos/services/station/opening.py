"""Open what laptops sent, at once or later, and note what became of it."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from enrolment import jobs
from enrolment.audit.services import Actor, record
from photos import storage
from photos.domain.sealed import Header, NotARecord
from photos.models import StationRecord
from photos.queries.station_records import (
    not_opened,
    taken_in_with_bytes,
    waits,
)
from photos.services.assess import FAULTS
from photos.services.refusals import AlreadySettled, KeyDestroyed
from photos.services.station.keys import unsealed
from photos.services.station.taking import take

logger = logging.getLogger(__name__)

# The request opens its record within seconds; what is older was left behind.
LEFT_BEHIND = timedelta(seconds=30)
# A fault of the house that has not passed by then is shown to a planner. A house choice.
PASSES_WITHIN = timedelta(hours=1)
State, Conflict = StationRecord.State, StationRecord.Conflict


def open_record(*, actor: Actor, record_id: UUID) -> StationRecord:
    """Open a record and take in what is in it; twice is once.

    One that a planner decides on meanwhile is left as decided. What cannot be taken in becomes a
    conflict for a planner, its sealed bytes kept; also where something went wrong that nobody
    foresaw: that is logged and tried again. Raises one of `photos.services.assess.FAULTS` when the
    house itself is at fault; then the record still waits.
    """
    current = _loaded(record_id)
    if not waits(current):
        return current
    _note_try(current)
    try:
        conflict = _came_to(current)
    except AlreadySettled:
        return _loaded(record_id)
    except Exception as error:
        if isinstance(error, FAULTS) and _may_pass(current):
            raise
        logger.exception("Record %s is kept but could not be taken in.", record_id)
        conflict = Conflict.NOT_TAKEN_IN
    return _conclude(actor, current, conflict)


def opened_now(*, actor: Actor, record_id: UUID) -> StationRecord:
    """Open a record while its laptop waits; return it, opened or not.

    No fault here may undo the receipt: the record is kept, and the sweeper tries again.
    """
    try:
        return open_record(actor=actor, record_id=record_id)
    except Exception:
        logger.exception("Record %s is kept but could not be opened.", record_id)
        return _loaded(record_id)


def open_waiting() -> None:
    """Ring for every record that was left unopened, and erase what nobody needs any more."""
    for record_id in not_opened(LEFT_BEHIND, timezone.now()):
        jobs.ring("photos.tasks.open_record", str(record_id))
    for done in taken_in_with_bytes():
        forget_bytes(done)


def forget_bytes(done: StationRecord) -> None:
    """Erase the sealed bytes of a record whose content has been taken in or settled."""
    if taken_in_with_bytes(done.pk):
        storage.erase(done.stored_as)
        StationRecord.objects.filter(pk=done.pk).update(stored_as="")
        done.stored_as = ""


def _loaded(record_id: UUID) -> StationRecord:
    related = ("visit__unit__municipality", "visit__technician__user")
    return StationRecord.objects.select_related(*related).get(pk=record_id)


def _note_try(current: StationRecord) -> None:
    """Keep when it was tried last: then others come first."""
    current.opened_at = timezone.now()
    current.save(update_fields=["opened_at"])


def _came_to(current: StationRecord) -> str:
    """Open a record and take in what is in it; return the conflict it came to, or nothing."""
    try:
        header, picture = unsealed(current)
    except FileNotFoundError:
        return Conflict.FILE_MISSING
    except (NotARecord, KeyDestroyed):
        return Conflict.CANNOT_OPEN
    _note_header(current, header)
    return take(current, header, picture)


def _note_header(current: StationRecord, header: Header) -> None:
    """Keep what the laptop said before anything is done about it: others are compared with it."""
    current.kind, current.header = header.kind.value, dict(header.told)
    current.save(update_fields=["kind", "header"])


def _may_pass(current: StationRecord) -> bool:
    is_young = timezone.now() - current.received_at < PASSES_WITHIN
    return current.state == State.RECEIVED and is_young


def _conclude(actor: Actor, opened: StationRecord, conflict: str) -> StationRecord:
    """Write down what became of a record, unless somebody else was quicker."""
    with transaction.atomic():
        current = StationRecord.objects.select_for_update().get(pk=opened.pk)
        is_news = current.state == State.RECEIVED or current.conflict != conflict
        if waits(current) and is_news:
            current.state = State.CONFLICT if conflict else State.TAKEN
            current.conflict = conflict
            current.save(update_fields=["state", "conflict"])
            _record(actor, opened, conflict)
    forget_bytes(current)
    return current


def _record(actor: Actor, opened: StationRecord, conflict: str) -> None:
    record(
        actor=actor,
        action="photos.open_record",
        subject=opened,
        federation_id=opened.visit.unit.municipality.federation_id,
        visit=str(opened.visit_id),
        kind=opened.kind,
        conflict=str(conflict),
    )
