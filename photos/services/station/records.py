"""Receive what a laptop sealed: all of it, once; what is in it is opened afterwards."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from booking.models import Visit
from enrolment import jobs
from enrolment.audit.services import record
from enrolment.people.models import User
from enrolment.vault import VaultError
from photos import storage
from photos.domain.rescue import NotRescued, Rescued, read_rescue
from photos.models import Capture, StationKey, StationRecord
from photos.queries.station_records import TRIED_AGAIN
from photos.services.refusals import (
    HashMismatch,
    KeyDestroyed,
    NotARescueFile,
    PhotoRefused,
    RecordConflict,
    TooLarge,
)

# A picture of the largest size has a header and its seal around it.
SEAL_ROOM = 64 * 1024
State, Way = StationRecord.State, StationRecord.Way


@dataclass(frozen=True)
class RecordReceipt:
    """What the laptop may rely on: these bytes, by their hash, are kept under this id."""

    record_id: UUID
    sha256: str
    new: bool


@dataclass(frozen=True)
class Refusal:
    """A line of a rescue file that was not taken in, and why: a code of `photos.faults`."""

    line: int
    code: str


@dataclass
class RescueSummary:
    """What came of a rescue file."""

    new: int = 0
    same: int = 0
    refused: list[Refusal] = field(default_factory=list)


def largest() -> int:
    """Return how many bytes a sealed record may have."""
    return int(settings.UPLOAD_LIMIT) + SEAL_ROOM


def receive_record(
    *,
    actor: User,
    visit: Visit,
    record_id: UUID,
    subject: UUID,
    device: UUID,
    sha256: str,
    data: bytes,
    way: str = Way.NETWORK,
) -> RecordReceipt:
    """Keep a sealed record under the id the laptop gave it.

    The same id with the same bytes gets the same receipt, however often it is sent, also when the
    visit's key is gone; where the file has been lost since and is still needed, it is kept anew.
    Raises RecordConflict, HashMismatch, TooLarge, KeyDestroyed or DiskFull
    (photos.storage); then nothing was kept.
    """
    if len(data) > largest():
        raise TooLarge
    if hashlib.sha256(data).hexdigest() != sha256:
        raise HashMismatch
    if receipt := _given(visit, record_id, subject, sha256):
        _restore(actor, visit, record_id, data)
        return receipt
    if Capture.objects.filter(pk=record_id).exists():  # taken without the station, of anybody
        raise RecordConflict
    _check_key(StationKey.objects.filter(visit=visit))
    received = StationRecord(
        id=record_id,
        visit=visit,
        subject=subject,
        device=device,
        sha256=sha256,
        byte_size=len(data),
        stored_as=_store(visit, record_id, data),
        way=way,
        sent_by=actor,
    )
    return _keep(received)


def import_rescue(
    *, actor: User, visits: QuerySet[Visit], content: Iterable[bytes]
) -> RescueSummary:
    """Receive each record of a rescue file (its lines) that is of one of these visits.

    What is refused is told by its line, the others are received; they are opened afterwards, by
    the queue. Raises NotARescueFile, and DiskFull: what came before the full disk is received.
    """
    summary = RescueSummary()
    try:
        for rescued in read_rescue(content):
            _import(actor, visits, rescued, summary)
    except NotRescued as error:
        raise NotARescueFile from error
    return summary


def _import(
    actor: User, visits: QuerySet[Visit], rescued: Rescued | NotRescued, summary: RescueSummary
) -> None:
    if isinstance(rescued, NotRescued):
        summary.refused.append(Refusal(rescued.line, "bad_line"))
        return
    visit = visits.filter(pk=rescued.visit).first()
    if visit is None:
        summary.refused.append(Refusal(rescued.line, "unknown_visit"))
        return
    try:
        receipt = _receive_rescued(actor, visit, rescued)
    except PhotoRefused as refusal:
        summary.refused.append(Refusal(rescued.line, refusal.code))
        return
    jobs.ring("photos.tasks.open_record", str(receipt.record_id))
    summary.new += receipt.new
    summary.same += not receipt.new


def _receive_rescued(actor: User, visit: Visit, rescued: Rescued) -> RecordReceipt:
    return receive_record(
        actor=actor,
        visit=visit,
        record_id=rescued.record,
        subject=rescued.subject,
        device=rescued.device,
        sha256=rescued.sha256,
        data=rescued.data,
        way=Way.RESCUE,
    )


def _given(visit: Visit, record_id: UUID, subject: UUID, sha256: str) -> RecordReceipt | None:
    """Return the receipt given before for this id, if any."""
    given = StationRecord.objects.filter(pk=record_id).first()
    if given is None:
        return None
    if (given.visit_id, given.subject, given.sha256) != (visit.pk, subject, sha256):
        raise RecordConflict
    return RecordReceipt(record_id, sha256, new=False)


def _restore(actor: User, visit: Visit, record_id: UUID, data: bytes) -> None:
    """Keep the sealed bytes anew where they are needed and no longer lie there; they are opened
    then as if they came for the first time. Of two at once the one keeps them.

    They are on the disk, under a name of their own, before the row is held."""
    lost = _needed().filter(pk=record_id).first()
    if lost is None or not _is_lost(lost):
        return
    federation_id = visit.unit.municipality.federation_id
    with storage.prepared(uuid4(), federation_id, timezone.now(), data) as ready:
        _keep_anew(actor, lost, ready)


@transaction.atomic
def _keep_anew(actor: User, lost: StationRecord, ready: storage.Prepared) -> None:
    """Let the row name the new file, unless somebody else was quicker."""
    current = _needed().select_for_update(of=("self",)).filter(pk=lost.pk).first()
    if current is None or current.stored_as != lost.stored_as:
        return
    current.stored_as = ready.place()
    if current.conflict in TRIED_AGAIN:
        current.state, current.conflict = State.RECEIVED, ""
    current.save(update_fields=["stored_as", "state", "conflict"])
    _record(actor, current)
    transaction.on_commit(partial(storage.erase, lost.stored_as))


def _needed() -> QuerySet[StationRecord]:
    """Return the records whose sealed bytes may have to be opened still."""
    waiting = StationRecord.objects.filter(state__in=(State.RECEIVED, State.CONFLICT))
    return waiting.exclude(stored_as="").select_related("visit__unit__municipality")


def _is_lost(needed: StationRecord) -> bool:
    """Say whether the sealed bytes of a record that needs them are gone or damaged."""
    try:
        storage.read(needed.stored_as)
    except (FileNotFoundError, VaultError):
        return True
    return False


def _check_key(keys: QuerySet[StationKey]) -> None:
    key = keys.first()
    if key is None or key.destroyed_at is not None:
        raise KeyDestroyed


def _store(visit: Visit, record_id: UUID, data: bytes) -> str:
    """Keep the sealed bytes beside the picture in them, which is kept under the record's own id."""
    federation_id = visit.unit.municipality.federation_id
    try:
        return storage.write(uuid5(record_id, "sealed"), federation_id, timezone.now(), data)
    except storage.NameTaken as error:
        raise RecordConflict from error


def _keep(received: StationRecord) -> RecordReceipt:
    """Write the row; when another request wrote it first, give that one's receipt.

    The key is held meanwhile: it is not destroyed under a record that has just come.
    """
    try:
        with transaction.atomic():
            _check_key(StationKey.objects.select_for_update().filter(visit=received.visit_id))
            received.save(force_insert=True)
            _record(received.sent_by, received)
    except IntegrityError as error:
        given = _given(received.visit, received.pk, received.subject, received.sha256)
        if given is None:  # the id stands in a federation that this request does not reach
            raise RecordConflict from error
        return given
    return RecordReceipt(received.pk, received.sha256, new=True)


def _record(actor: User, received: StationRecord) -> None:
    record(
        actor=actor,
        action="photos.receive_record",
        subject=received,
        federation_id=received.visit.unit.municipality.federation_id,
        visit=str(received.visit_id),
        device=str(received.device),
        sha256=received.sha256,
        way=received.way,
    )
