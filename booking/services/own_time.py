"""What people do with their own time: strike out times, swap, give up, answer an offer."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from booking import queries
from booking.domain.own_time import DeclineReason
from booking.domain.states import LIVE, BookingStatus, VisitStatus, WaitStatus
from booking.models import Booking, OwnLink, Slot, StruckSlot, Visit, Waiting
from booking.queries.own_time import striking
from booking.queries.ward import fitting_slots
from booking.services.bookings import book_slot, cancel_booking, move_booking
from booking.services.locks import lock_booking, lock_needs, lock_visit
from booking.services.own_links import OwnHand
from booking.services.refusals import (
    BookingNotMovable,
    NoTimeLeft,
    NotYetMovable,
    OfferGone,
    StrikingOver,
    TimeFixed,
    VisitNotOpen,
    WardNeedsYou,
)
from enrolment.audit.services import Actor, record
from enrolment.people.models import CardNeed


@transaction.atomic
def strike_times(*, link: OwnLink, times: Collection[datetime]) -> int:
    """Note which of the visit's times do not suit the person, in place of what was said before.

    Return how many times. Raises VisitNotOpen, BookingNotMovable (no booking to share out),
    StrikingOver, TimeFixed, NoTimeLeft.
    """
    booking = lock_booking(_own_booking(link))
    if booking.visit.status != VisitStatus.OPEN:
        raise VisitNotOpen
    if booking.status != BookingStatus.BOOKED:
        raise BookingNotMovable
    if not striking(booking.visit, timezone.now()):
        raise StrikingOver
    if booking.locked:
        raise TimeFixed
    slots = list(booking.visit.slots.all())
    struck = [slot for slot in slots if slot.starts_at in times]
    if len(struck) == len(slots):
        raise NoTimeLeft
    booking.struck.all().delete()
    StruckSlot.objects.bulk_create(StruckSlot(booking=booking, slot=slot) for slot in struck)
    told = len({slot.starts_at for slot in struck})
    _record(OwnHand(link.pk), "booking.strike_times", booking, struck=told)
    return told


@transaction.atomic
def take_slot(*, link: OwnLink, slot: Slot) -> Booking:
    """Swap the person's time for a free slot of the visit; whoever gave a time up books anew.

    A time that somebody chose stays where the times are shared out anew. Raises NotYetMovable
    while times are struck out, WardNeedsYou, and what move_booking or book_slot raise.
    """
    hand = OwnHand(link.pk)
    visit = lock_visit(link.visit_id)
    if striking(visit, timezone.now()):
        raise NotYetMovable
    return _take(hand, visit, link.need, slot)


@transaction.atomic
def give_up(*, link: OwnLink, reason: DeclineReason) -> Booking:
    """Give the person's time back with a reason; twice is once.

    Raises BookingNotMovable for whoever is checked in, photographed, or did not come.
    """
    booking = lock_booking(_own_booking(link))
    if booking.status not in (BookingStatus.BOOKED, BookingStatus.CANCELLED):
        raise BookingNotMovable
    return cancel_booking(actor=OwnHand(link.pk), booking=booking, why=reason.value)


@transaction.atomic
def accept_offer(*, actor: Actor, waiting: Waiting) -> Booking:
    """Give the person the slot that is kept: the booking moves there, or is made. Twice is once.

    Raises OfferGone, WardNeedsYou (others have got times since), and what move_booking and
    book_slot raise.
    """
    visit = lock_visit(waiting.visit_id)
    need = lock_needs([waiting.need_id])[waiting.need_id]
    current = Waiting.objects.select_related("slot__visit").get(pk=waiting.pk)
    if current.status == WaitStatus.TAKEN:
        for taken in _live(visit, need).filter(slot=current.slot):
            return taken
    slot, answer_by = current.slot, current.answer_by
    if current.status != WaitStatus.OFFERED or slot is None or answer_by is None:
        raise OfferGone
    if answer_by <= timezone.now():
        raise OfferGone
    return _take(actor, visit, need, slot)


def _live(visit: Visit, need: CardNeed) -> QuerySet[Booking]:
    return need.bookings.filter(visit=visit, status__in=LIVE)


def _take(actor: Actor, visit: Visit, need: CardNeed, slot: Slot) -> Booking:
    """Move the booking to the slot, or make one there, where the ward stays staffed.

    It is marked as a time that the person chose, so that nobody is moved from it unasked.
    """
    booking = _live(visit, need).first()
    if booking is None or booking.slot_id != slot.pk:
        _check_staffed(visit, need, slot)
    if booking:
        taken = move_booking(actor=actor, booking=booking, slot=slot)
    else:
        taken = book_slot(actor=actor, slot=slot, need=need)
    taken.locked = True
    taken.save(update_fields=["locked"])
    return taken


def _own_booking(link: OwnLink) -> Booking:
    """Return the person's latest booking in the visit. Raises BookingNotMovable without one."""
    booking = link.need.bookings.filter(visit=link.visit_id).order_by("-created_at").first()
    if booking is None:
        raise BookingNotMovable
    return booking


def _check_staffed(visit: Visit, need: CardNeed, slot: Slot) -> None:
    """Raise WardNeedsYou for a free slot during which too few would be left on the ward."""
    now = timezone.now()
    free = slot in queries.free_slots(visit, now, need)
    if free and slot not in fitting_slots(visit, need, now):
        raise WardNeedsYou


def _record(actor: Actor, action: str, booking: Booking, **details: int) -> None:
    federation_id = booking.need.staff.federation_id
    record(actor=actor, action=action, subject=booking, federation_id=federation_id, **details)
