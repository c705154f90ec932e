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
from photos.queries.station_records import not_opened, taken_in_with_bytes
from photos.services.assess import FAULTS
from photos.services.refusals import KeyDestroyed
from photos.services.station.keys import unsealed
from photos.services.station.taking import take

logger = logging.getLogger(__name__)

# The request opens its record within seconds; what is older was left behind.
LEFT_BEHIND = timedelta(seconds=30)
State, Conflict = StationRecord.State, StationRecord.Conflict


def open_record(*, actor: Actor, record_id: UUID) -> StationRecord:
    """Open a record and take in what is in it; twice is once.

    What cannot be taken in becomes a conflict for a planner, its sealed bytes kept. Raises one of
    `photos.services.assess.FAULTS` when the house itself is at fault; then the record still waits.
    """
    current = _loaded(record_id)
    if current.state != State.RECEIVED:
        return current
    try:
        header, picture = unsealed(current)
    except (NotARecord, KeyDestroyed):
        return _conclude(actor, current, Conflict.CANNOT_OPEN)
    _note_header(current, header)
    return _conclude(actor, current, take(current, header, picture))


def opened_now(*, actor: Actor, record_id: UUID) -> StationRecord:
    """Open a record while its laptop waits; return it, opened or not.

    A fault here must not undo the receipt: the record is kept, and the sweeper tries again.
    """
    try:
        return open_record(actor=actor, record_id=record_id)
    except FAULTS:
        logger.exception("Record %s is kept but could not be opened.", record_id)
        return _loaded(record_id)


def open_waiting() -> None:
    """Ring for every record that was left unopened, and erase what nobody needs any more."""
    for record_id in not_opened(timezone.now() - LEFT_BEHIND):
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


def _note_header(current: StationRecord, header: Header) -> None:
    """Keep what the laptop said before anything is done about it: others are compared with it."""
    current.kind, current.header = header.kind.value, dict(header.told)
    current.opened_at = timezone.now()
    current.save(update_fields=["kind", "header", "opened_at"])


def _conclude(actor: Actor, opened: StationRecord, conflict: str) -> StationRecord:
    """Write down what became of a record, unless somebody else was quicker."""
    with transaction.atomic():
        current = StationRecord.objects.select_for_update().get(pk=opened.pk)
        if current.state == State.RECEIVED:
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
