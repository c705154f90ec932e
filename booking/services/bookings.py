"""Give people slots, move them, and give the slots back."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from booking import queries
from booking.domain.slots import SlotTime, nearest_free
from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, BookingChange, Slot, Visit
from booking.services.letters import send_cancellation, send_request
from booking.services.locks import lock_booking, lock_needs, lock_visit
from booking.services.own_links import own_way, revoke_way
from booking.services.refusals import (
    AlreadyBooked,
    BookingNotMovable,
    NeedNotBookable,
    NotEnoughSlots,
    PersonOfAnotherUnit,
    SlotInThePast,
    SlotOfAnotherVisit,
    SlotTaken,
    VisitNotOpen,
)
from booking.services.steps import step_booking, step_need
from booking.services.waitlist import offer_freed_slot, settle_wait
from enrolment.audit.services import Actor, System, record
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed

SWEEPER = System("booking-sweeper")


@transaction.atomic
def book_people(*, actor: Actor, visit: Visit, needs: Sequence[CardNeed]) -> list[Booking]:
    """Give each need, in the order given, the earliest free slot; all of them or none.

    Needs already booked in this visit keep their slot, so a second call changes nothing. Raises
    VisitNotOpen, NotEnoughSlots, PersonOfAnotherUnit, AlreadyBooked, NeedNotBookable.
    """
    visit = _lock_open(visit)
    locked = lock_needs(need.pk for need in needs)
    wanted = [locked[need_id] for need_id in dict.fromkeys(need.pk for need in needs)]
    held = {booking.need_id: booking for booking in queries.live_bookings(visit)}
    fresh = [need for need in wanted if need.pk not in held]
    for need in fresh:
        _check_bookable(visit, need, queries.live_booking(need, visit.kind))
    free = list(queries.free_slots(visit, timezone.now())[: len(fresh)])
    if len(free) < len(fresh):
        raise NotEnoughSlots(free=len(free), wanted=len(fresh))
    for need, slot in zip(fresh, free, strict=True):
        held[need.pk] = _book(actor, visit, slot, need)
        _tell(actor, held[need.pk])
    if fresh:
        _record(actor, "booking.book_people", visit, booked=len(fresh))
    return [held[need.pk] for need in wanted]


@transaction.atomic
def book_slot(
    *, actor: Actor, slot: Slot, need: CardNeed, why: str = "", walk_in: bool = False
) -> Booking:
    """Give one person the chosen slot; who has it already keeps it.

    `why` is a sentence for the person's letter, where the house chose the time. Whoever walks in is
    there already: no letter, and the booking's history says so.
    Raises SlotTaken (with the nearest free slots), SlotInThePast, VisitNotOpen,
    PersonOfAnotherUnit, AlreadyBooked, NeedNotBookable.
    """
    visit = _lock_open(slot.visit)
    current = lock_needs([need.pk])[need.pk]
    held = queries.live_booking(current, visit.kind)
    if held and (held.visit_id, held.slot_id) == (visit.pk, slot.pk):
        return held
    _check_bookable(visit, current, held)
    _check_free(visit, slot, current)
    booking = _book(actor, visit, slot, current, note=queries.WALK_IN if walk_in else "")
    if not walk_in:
        _tell(actor, booking, why)
    _record(actor, "booking.book_slot", booking)
    return booking


@transaction.atomic
def move_booking(*, actor: Actor, booking: Booking, slot: Slot) -> Booking:
    """Move a booked person to another slot of the visit: same booking, same UID, sequence + 1.

    Raises SlotTaken, SlotInThePast, SlotOfAnotherVisit, BookingNotMovable, VisitNotOpen.
    """
    current = lock_booking(booking)
    if current.visit.status != VisitStatus.OPEN:
        raise VisitNotOpen
    if current.status != BookingStatus.BOOKED:
        raise BookingNotMovable
    if slot.visit_id != current.visit_id:
        raise SlotOfAnotherVisit
    if slot.pk == current.slot_id:
        return current
    _check_free(current.visit, slot, current.need)
    left, current.slot = current.slot, slot
    current.sequence += 1
    current.save(update_fields=["slot", "sequence"])
    _record(actor, "booking.move_booking", current)
    send_request(actor=actor, booking=current)
    settle_wait(actor=actor, booking=current)
    _offer(actor, current.visit, left)
    return current


@transaction.atomic
def cancel_booking(*, actor: Actor, booking: Booking, why: str = "") -> Booking:
    """Give the slot back; the person needs a card as before; twice is once.

    Raises StepNotAllowed where the person was photographed or never came.
    """
    current = lock_booking(booking)
    if current.status != BookingStatus.CANCELLED:
        release(actor=actor, booking=current, why=why)
        _record(actor, "booking.cancel_booking", current)
        _offer(actor, current.visit, current.slot, left_by=current.need)
    return current


def release_ended() -> None:
    """Give back the slots of people whose need has lapsed, such as when they have left."""
    for booking in queries.ended_bookings():
        cancel_booking(actor=SWEEPER, booking=booking, why=Stage.LAPSED)
        revoke_way(actor=SWEEPER, booking=booking)


def release(*, actor: Actor, booking: Booking, why: str) -> None:
    """Cancel a booking whose visit and need are locked, and tell the person."""
    # Whoever was checked in and still got no photo gave the time up: the table knows no other way.
    checked_in = booking.status == BookingStatus.CHECKED_IN
    booking.sequence += 1
    step_booking(actor=actor, booking=booking, status=BookingStatus.CANCELLED, why=why)
    stage = Stage.CANCELLED if checked_in else Stage.NEEDS_CARD
    step_need(actor=actor, booking=booking, stage=stage, why=why)
    send_cancellation(actor=actor, booking=booking)


def _lock_open(visit: Visit) -> Visit:
    current = lock_visit(visit.pk)
    if current.status != VisitStatus.OPEN:
        raise VisitNotOpen
    return current


def _check_bookable(visit: Visit, need: CardNeed, held: Booking | None) -> None:
    if not queries.works_at(visit, need.staff):
        raise PersonOfAnotherUnit
    if held:
        raise AlreadyBooked
    if not queries.takes(visit.kind, need):
        raise NeedNotBookable


def _check_free(visit: Visit, slot: Slot, need: CardNeed) -> None:
    now = timezone.now()
    if queries.is_taken(slot, need):
        free = {_slot_time(free): free for free in queries.free_slots(visit, now)}
        raise SlotTaken([free[near] for near in nearest_free(free, slot.starts_at)])
    if slot.ends_at <= now:
        raise SlotInThePast


def _slot_time(slot: Slot) -> SlotTime:
    return SlotTime(slot.starts_at, slot.ends_at, slot.station)


def _book(actor: Actor, visit: Visit, slot: Slot, need: CardNeed, note: str = "") -> Booking:
    booking = Booking.objects.create(visit=visit, slot=slot, need=need, kind=visit.kind)
    BookingChange.objects.create(
        booking=booking, status=booking.status, actor=actor.audit_name, why=note
    )
    step_need(actor=actor, booking=booking, stage=Stage.BOOKED)
    settle_wait(actor=actor, booking=booking)
    return booking


def _tell(actor: Actor, booking: Booking, why: str = "") -> None:
    """Open the person's own way to the time, for the letter or a printed slip, and write it."""
    protected = booking.need.staff.protected
    way = None if protected else own_way(visit=booking.visit, need=booking.need)
    send_request(actor=actor, booking=booking, way=way, why=why)


def _offer(actor: Actor, visit: Visit, slot: Slot, left_by: CardNeed | None = None) -> None:
    """Offer a slot that somebody has left to the next who waits."""
    slot.visit = visit
    offer_freed_slot(actor=actor, slot=slot, left_by=left_by)


def _record(actor: Actor, action: str, subject: Visit | Booking, **details: int) -> None:
    visit = subject if isinstance(subject, Visit) else subject.visit
    federation_id = visit.unit.municipality.federation_id
    record(actor=actor, action=action, subject=subject, federation_id=federation_id, **details)
