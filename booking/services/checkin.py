"""At the visit: check a person in by id document, finish the booking, note a no-show."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from booking.domain.states import VOUCHED, BookingStatus, IdDocument, VisitKind, VisitStatus
from booking.models import Booking, IdentityCheck
from booking.queries import live_booking
from booking.services.later_times import give_back_later_time, hold_visits
from booking.services.locks import lock_booking
from booking.services.refusals import (
    AlreadyBooked,
    NeedNotBookable,
    NobodyVouches,
    UnknownDocument,
    VisitNotOpen,
)
from booking.services.retakes import hold_photo_visits, offer_new_time
from booking.services.steps import step_booking, step_need
from enrolment.audit.services import Actor, record
from enrolment.people.domain.stages import Stage
from enrolment.people.models import User


@transaction.atomic
def check_in(
    *, actor: User, booking: Booking, document: str, vouched_by: str = ""
) -> IdentityCheck:
    """Note which kind of id document was shown, and check the person in; twice is once.

    `document` is an IdDocument, or VOUCHED with the name of whoever vouches in `vouched_by`.

    Somebody who came late, or whose photo must be taken again, is checked in from there; a time in
    a later visit, made because the person did not come, is given back. Raises UnknownDocument,
    NobodyVouches, VisitNotOpen, AlreadyBooked (the person has been booked anew), NeedNotBookable
    (the need has ended), StepNotAllowed.
    """
    _check_document(document, vouched_by)
    came_late = booking.status == BookingStatus.NO_SHOW
    if came_late:
        hold_visits(booking.visit_id, [booking.need])
    current = lock_booking(booking)
    if current.visit.status != VisitStatus.OPEN:
        raise VisitNotOpen
    if current.status == BookingStatus.CHECKED_IN:
        return current.identity_check
    if not current.need.open:
        raise NeedNotBookable
    if came_late:
        _give_back(actor, current)
    if current.status != BookingStatus.BOOKED and live_booking(current.need, current.kind):
        raise AlreadyBooked
    step_booking(actor=actor, booking=current, status=BookingStatus.CHECKED_IN, why=document)
    step_need(actor=actor, booking=current, stage=Stage.CHECKED_IN)
    check = _note_identity(actor, current, document, vouched_by)
    _record(actor, "booking.check_in", current, document=document)
    return check


@transaction.atomic
def finish_booking(*, actor: Actor, booking: Booking) -> Booking:
    """End a checked-in person's booking; the need is moved by whoever knows what was done.

    Raises StepNotAllowed.
    """
    current = lock_booking(booking)
    step_booking(actor=actor, booking=current, status=BookingStatus.DONE)
    _record(actor, "booking.finish_booking", current)
    return current


@transaction.atomic
def record_no_show(*, actor: Actor, booking: Booking) -> Booking:
    """Note that the person did not come; twice is once. Raises StepNotAllowed.

    A free slot in a later photo visit at the unit is the person's at once, and told by letter;
    where there is none the person stands on the manager's overview again.
    """
    hold_photo_visits({booking.need.staff.unit_id}, beside=booking.visit_id)
    current = lock_booking(booking)
    if current.status == BookingStatus.NO_SHOW:
        return current
    step_booking(actor=actor, booking=current, status=BookingStatus.NO_SHOW)
    step_need(actor=actor, booking=current, stage=Stage.NO_SHOW)
    _record(actor, "booking.record_no_show", current)
    if current.kind == VisitKind.PHOTO:
        why = _("You missed your last time, so here is a new one.")
        offer_new_time(actor=actor, need=current.need, why=why, after=current.visit.ends_at)
    return current


def _give_back(actor: User, booking: Booking) -> None:
    """Give back a later time; the person is booked here again, as before the no-show."""
    given = give_back_later_time(
        actor=actor, visit=booking.visit, need=booking.need, why=BookingStatus.CHECKED_IN
    )
    if given:
        step_need(actor=actor, booking=booking, stage=Stage.BOOKED)


def _check_document(document: str, vouched_by: str) -> None:
    if document not in {VOUCHED, *(kind.value for kind in IdDocument)}:
        raise UnknownDocument
    if (document == VOUCHED) != bool(vouched_by):
        raise NobodyVouches


def _note_identity(actor: User, booking: Booking, document: str, vouched_by: str) -> IdentityCheck:
    """Write the check; the latest counts when somebody is checked in again for a new photo."""
    check, _new = IdentityCheck.objects.update_or_create(
        booking=booking,
        defaults={
            "document": document,
            "vouched_by": vouched_by,
            "checked_by": actor,
            "checked_at": timezone.now(),
        },
    )
    return check


def _record(actor: Actor, action: str, booking: Booking, **details: str) -> None:
    federation_id = booking.need.staff.federation_id
    record(actor=actor, action=action, subject=booking, federation_id=federation_id, **details)
