"""Receive a picture from the station: all of it, once."""

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from booking.domain.states import BookingStatus
from booking.models import Booking
from enrolment.audit.services import record
from enrolment.people.models import User
from photos import storage
from photos.domain.intake import check_upload
from photos.models import Capture
from photos.queries.profiles import in_force
from photos.services.refusals import CaptureConflict, HashMismatch, NotCheckedIn


@dataclass(frozen=True)
class Receipt:
    """What the station may rely on: these bytes, by their hash, are kept under this id."""

    capture_id: UUID
    sha256: str
    new: bool


def receive_capture(
    *,
    actor: User,
    booking: Booking,
    capture_id: UUID,
    sha256: str,
    data: bytes,
    taken_at: datetime,
    source: str,
    ready: storage.Prepared | None = None,
) -> Receipt:
    """Keep a picture under the id the station gave it at the shutter.

    The same id with the same bytes gets the same receipt, however often it is sent. Raises
    CaptureConflict, HashMismatch, NotCheckedIn, Refused (photos.domain.intake) for what is no
    picture by its header, or DiskFull (photos.storage); then nothing was kept. `ready` is the
    same picture from `prepare_capture`, for whoever holds rows that others wait for.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise HashMismatch
    if receipt := _given(booking, capture_id, sha256):
        return receipt
    if booking.status != BookingStatus.CHECKED_IN:
        raise NotCheckedIn
    check_upload(data, max_bytes=settings.UPLOAD_LIMIT)
    profile, overrides = in_force(booking.visit.unit, timezone.localdate())
    stored_as = _place(ready) if ready else _store(booking, capture_id, data)
    capture = Capture(
        id=capture_id,
        booking=booking,
        sha256=sha256,
        source=source,
        profile=profile,
        overrides=overrides,
        taken_by=actor,
        taken_at=taken_at,
        stored_as=stored_as,
        byte_size=len(data),
    )
    return _keep(actor, capture)


def _given(booking: Booking, capture_id: UUID, sha256: str) -> Receipt | None:
    """Return the receipt given before for this id, if any."""
    capture = Capture.objects.filter(pk=capture_id).first()
    if capture is None:
        return None
    if (capture.sha256, capture.booking_id) != (sha256, booking.pk):
        raise CaptureConflict
    return Receipt(capture_id, sha256, new=False)


def prepare_capture(
    booking: Booking, capture_id: UUID, data: bytes
) -> AbstractContextManager[storage.Prepared]:
    """Bring the picture to the disk before anything is held; raises as storage.prepared."""
    federation_id = booking.need.staff.federation_id
    return storage.prepared(capture_id, federation_id, timezone.now(), data)


def _store(booking: Booking, capture_id: UUID, data: bytes) -> str:
    federation_id = booking.need.staff.federation_id
    try:
        return storage.write(capture_id, federation_id, timezone.now(), data)
    except storage.NameTaken as error:
        raise CaptureConflict from error


def _place(ready: storage.Prepared) -> str:
    try:
        return ready.place()
    except storage.NameTaken as error:
        raise CaptureConflict from error


def _keep(actor: User, capture: Capture) -> Receipt:
    """Write the row; when another request wrote it first, give that one's receipt."""
    try:
        with transaction.atomic():
            capture.save(force_insert=True)
            _record(actor, capture)
    except IntegrityError:
        if receipt := _given(capture.booking, capture.pk, capture.sha256):
            return receipt
        raise
    return Receipt(capture.pk, capture.sha256, new=True)


def _record(actor: User, capture: Capture) -> None:
    record(
        actor=actor,
        action="photos.receive_capture",
        subject=capture,
        federation_id=capture.booking.need.staff.federation_id,
        booking=str(capture.booking_id),
        sha256=capture.sha256,
        source=capture.source,
    )
