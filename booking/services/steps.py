"""Write a status and its change row together, once the domain allows the step."""

from booking.domain import states
from booking.domain.states import BookingStatus, VisitKind, VisitStatus
from booking.models import Booking, BookingChange, Visit, VisitChange
from enrolment.audit.services import Actor
from enrolment.people.domain.stages import Stage
from enrolment.people.services.needs import advance_need


def step_visit(*, actor: Actor, visit: Visit, status: VisitStatus, why: str = "") -> None:
    """Move a locked visit on. Raises StepNotAllowed."""
    states.check_visit_step(VisitStatus(visit.status), status)
    visit.status = status.value
    visit.save(update_fields=["status"])
    VisitChange.objects.create(visit=visit, status=status, actor=actor.audit_name, why=why)


def step_booking(*, actor: Actor, booking: Booking, status: BookingStatus, why: str = "") -> None:
    """Move a booking of a locked visit on. Raises StepNotAllowed."""
    states.check_booking_step(BookingStatus(booking.status), status)
    booking.status = status.value
    booking.save(update_fields=["status", "sequence"])
    BookingChange.objects.create(booking=booking, status=status, actor=actor.audit_name, why=why)


def step_need(*, actor: Actor, booking: Booking, stage: Stage, why: str = "") -> None:
    """Move the need along; only a photo visit does so, and a need that has ended stays ended.

    Raises StepNotAllowed.
    """
    if booking.kind == VisitKind.PHOTO and booking.need.open:
        advance_need(actor=actor, need=booking.need, stage=stage, why=why)
