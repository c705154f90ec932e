"""Somebody comes to a visit without a time: give one, at once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from booking import queries
from booking.domain.states import LIVE, VisitStatus
from booking.models import Booking, Slot, Visit
from booking.services.bookings import book_slot
from booking.services.later_times import give_back_later_time, hold_visits
from booking.services.locks import lock_needs
from booking.services.refusals import (
    NeedReasonMissing,
    PersonOfAnotherUnit,
    VisitNotOpen,
)
from enrolment.audit.services import record
from enrolment.people import rules
from enrolment.people.domain import stages
from enrolment.people.domain.stages import Reason
from enrolment.people.models import CardNeed, Staff, User
from enrolment.people.services.needs import open_need

# A house choice: whoever drops in waits so long for a free slot, else an extra one is made.
WAITS_AT_MOST = timedelta(minutes=30)


@transaction.atomic
def walk_in(*, actor: User, visit: Visit, staff: Staff, reason: str = "") -> Booking:
    """Give somebody of the visit's units the next free slot, or an extra one now; twice is once.

    A need is opened for `reason` (a Reason) where none is open; a time in a later visit is given
    back. The booking stays marked as a drop-in. Raises VisitNotOpen, PersonOfAnotherUnit,
    NeedReasonMissing, NeedNotBookable (nothing to do at this kind of visit).
    """
    held = list(staff.needs.filter(open=True))
    visit = hold_visits(visit.pk, held)
    if visit.status != VisitStatus.OPEN:
        raise VisitNotOpen
    if not queries.works_at(visit, staff):
        raise PersonOfAnotherUnit
    need = held[0] if held else _open_need(actor, visit, staff, reason)
    need = lock_needs([need.pk])[need.pk]
    if here := visit.bookings.filter(need=need, status__in=LIVE).first():
        return here
    give_back_later_time(actor=actor, visit=visit, need=need, why=queries.WALK_IN)
    booking = book_slot(actor=actor, slot=_slot(visit), need=need, walk_in=True)
    federation_id = staff.federation_id
    record(actor=actor, action="booking.walk_in", subject=booking, federation_id=federation_id)
    return booking


def _open_need(actor: User, visit: Visit, staff: Staff, reason: str) -> CardNeed:
    if not reason:
        raise NeedReasonMissing
    today = timezone.localdate()
    days = rules.number("new_card_days", visit.unit, today)
    due_on = stages.due_date(Reason(reason), staff.card_expires, today, days)
    return open_need(actor=actor, staff=staff, reason=Reason(reason), due_on=due_on)


def _slot(visit: Visit) -> Slot:
    now = timezone.now()
    begin = max(now.replace(second=0, microsecond=0), visit.starts_at)
    free = queries.free_slots(visit, now).filter(starts_at__lte=begin + WAITS_AT_MOST).first()
    if free:
        return free
    last = visit.slots.filter(starts_at=begin).order_by("-station").first()
    ends_at = begin + timedelta(minutes=visit.slot_minutes)
    station = last.station + 1 if last else 1
    return Slot.objects.create(visit=visit, starts_at=begin, ends_at=ends_at, station=station)
