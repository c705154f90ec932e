"""Who says yes to a photo: first the technician, then a second person."""

import hashlib
import io

from django.db import transaction
from PIL import Image

from booking.domain.states import BookingStatus
from booking.services.checkin import finish_booking
from booking.services.locks import lock_booking, lock_needs
from enrolment.audit.services import Actor, record
from enrolment.people.domain.stages import Stage
from enrolment.people.models import User
from enrolment.people.services.needs import advance_need
from photos import storage
from photos.models import Capture, Decision, Photo
from photos.queries.review import is_acceptable
from photos.services.refusals import (
    AlreadyDecided,
    NeedEnded,
    NotAcceptable,
    NotCheckedIn,
    OwnPhoto,
    ReasonMissing,
)

# Where a need stands while the card issuer has its order.
ORDERED = (Stage.DELIVERED, Stage.ACKNOWLEDGED)


@transaction.atomic
def accept_capture(*, actor: User, capture: Capture, anyway: bool = False) -> Photo:
    """Make the capture the person's photo, and let the person go.

    Accepting the same capture again returns the same photo. One that is not good enough is accepted
    with a reason on it, or where somebody decided so (`anyway`); never without a card cut from it.
    Raises NotAcceptable, NotCheckedIn or NeedEnded.
    """
    booking = lock_booking(capture.booking)
    if accepted := Photo.objects.filter(capture=capture).first():
        return accepted
    capture = Capture.objects.select_for_update().get(pk=capture.pk)  # its crop may have moved
    if not (is_acceptable(capture) or (_is_cut(capture) and (anyway or capture.accepted_anyway))):
        raise NotAcceptable
    if not booking.need.open:
        raise NeedEnded
    if booking.status != BookingStatus.CHECKED_IN:
        raise NotCheckedIn
    photo = _make_photo(capture)
    finish_booking(actor=actor, booking=booking)
    advance_need(actor=actor, need=booking.need, stage=Stage.PHOTOGRAPHED)
    _record(actor, "photos.accept_capture", photo)
    return photo


@transaction.atomic
def approve_photo(*, actor: User, photo: Photo) -> Decision:
    """Say yes as the second person. Raises OwnPhoto, AlreadyDecided or NeedEnded."""
    return _decide(actor, photo, Decision(approved=True), Photo.Status.APPROVED, Stage.APPROVED)


@transaction.atomic
def reject_photo(*, actor: User, photo: Photo, reason: str, note: str = "") -> Decision:
    """Say no as the second person: the photo must be taken again.

    Raises OwnPhoto, AlreadyDecided, NeedEnded or ReasonMissing.
    """
    if reason not in Decision.Reason:
        raise ReasonMissing
    decision = Decision(approved=False, reason=reason, note=note)
    return _decide(actor, photo, decision, Photo.Status.REJECTED, Stage.RETAKE)


@transaction.atomic
def refuse_photo(*, actor: Actor, photo: Photo, code: str) -> None:
    """Note that the card issuer refused an approved photo: it is never ordered again.

    The need goes to retake, unless it has ended or moved on meanwhile; twice is once.
    """
    need_id = photo.capture.booking.need_id
    need = lock_needs([need_id])[need_id]
    current = Photo.objects.select_for_update(of=("self",)).get(pk=photo.pk)
    if current.status == Photo.Status.REJECTED:
        return
    current.status = photo.status = Photo.Status.REJECTED
    current.save(update_fields=["status"])
    if need.stage in ORDERED:
        advance_need(actor=actor, need=need, stage=Stage.RETAKE, why=code)
    _record(actor, "photos.refuse_photo", current, reason=code)


def _is_cut(capture: Capture) -> bool:
    return capture.assessed_at is not None and bool(capture.card_stored_as)


def _make_photo(capture: Capture) -> Photo:
    card = storage.read(capture.card_stored_as)
    with Image.open(io.BytesIO(card)) as picture:
        width, height = picture.size
    return Photo.objects.create(
        capture=capture,
        sha256=hashlib.sha256(card).hexdigest(),
        byte_size=len(card),
        width=width,
        height=height,
    )


def _decide(
    actor: User, photo: Photo, decision: Decision, status: Photo.Status, stage: Stage
) -> Decision:
    need_id = photo.capture.booking.need_id
    need = lock_needs([need_id])[need_id]
    rows = Photo.objects.select_for_update(of=("self",)).select_related("capture")
    current = rows.get(pk=photo.pk)
    if current.capture.taken_by_id == actor.pk:
        raise OwnPhoto
    if current.status != Photo.Status.WAITING:
        raise AlreadyDecided
    if not need.open:
        raise NeedEnded
    current.status = photo.status = status
    current.save(update_fields=["status"])
    decision.photo, decision.decided_by = current, actor
    decision.save(force_insert=True)
    advance_need(actor=actor, need=need, stage=stage, why=decision.reason)
    action = "photos.approve_photo" if decision.approved else "photos.reject_photo"
    _record(actor, action, current, reason=decision.reason)
    return decision


def _record(actor: Actor, action: str, photo: Photo, **details: str) -> None:
    federation_id = photo.capture.booking.need.staff.federation_id
    record(actor=actor, action=action, subject=photo, federation_id=federation_id, **details)
