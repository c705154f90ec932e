"""A time in a later visit is given back where the person comes to this visit after all."""

from collections.abc import Iterable
from uuid import UUID

from booking.domain.states import BookingStatus
from booking.models import Booking, Visit
from booking.services.bookings import release
from booking.services.locks import lock_visit
from booking.services.waitlist import offer_freed_slot
from enrolment.audit.services import Actor
from enrolment.people.models import CardNeed


def hold_visits(visit_id: UUID, needs: Iterable[CardNeed]) -> Visit:
    """Hold the visit and those in which these needs have a time; return the first.

    Visits are locked before needs (docs/explanation/locking.md): call this first.
    """
    booked = Booking.objects.filter(need__in=list(needs), status=BookingStatus.BOOKED)
    others = booked.values_list("visit", flat=True)
    held = [lock_visit(each) for each in sorted({visit_id, *others})]
    return next(visit for visit in held if visit.pk == visit_id)


def give_back_later_time(*, actor: Actor, visit: Visit, need: CardNeed, why: str) -> bool:
    """Give back the time that the person has in another visit of the kind; say whether one was.

    The caller holds the visits (`hold_visits`) and the need.
    """
    elsewhere = need.bookings.filter(kind=visit.kind, status=BookingStatus.BOOKED)
    booking = elsewhere.exclude(visit=visit).select_related("slot").first()
    if booking is None:
        return False
    booking.visit, booking.need = lock_visit(booking.visit_id), need
    release(actor=actor, booking=booking, why=why)
    booking.slot.visit = booking.visit
    offer_freed_slot(actor=actor, slot=booking.slot)
    return True
