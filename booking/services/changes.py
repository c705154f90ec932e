"""Change a standing visit: another day, clock, technician, end or number of stations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from booking import queries
from booking.domain.resharing import reshare
from booking.domain.slots import SlotTime
from booking.domain.states import BookingStatus, VisitStatus, WaitStatus
from booking.models import Booking, Slot, Technician, Visit, Waiting
from booking.services.bookings import release
from booking.services.letters import send_request
from booking.services.locks import lock_kits, lock_needs, lock_technician, lock_visit
from booking.services.own_links import end_of_day
from booking.services.refusals import VisitNotOpen, VisitUnderWay
from booking.services.visit_letters import send_visit_changed
from booking.services.visits import VisitPlan, check_plan, kit_for, strike_until
from booking.services.waitlist import offer_free_slots, step_waiting
from enrolment.audit.services import Actor, record

# More than there are stations.
ASIDE = 1_000
UNDER_WAY = (BookingStatus.CHECKED_IN, BookingStatus.DONE, BookingStatus.NO_SHOW)


@dataclass(frozen=True)
class Change:
    """What a visit becomes; instants have a time zone."""

    technician: Technician
    starts_at: datetime
    ends_at: datetime
    stations: int


@dataclass(frozen=True)
class Moved:
    """What becomes of one person's time: `after` is None for whoever loses it."""

    booking: Booking
    before: SlotTime
    after: SlotTime | None

    @property
    def stays(self) -> bool:
        """Whether the person keeps the clock time."""
        return self.after is not None and self.after.starts_at == self.before.starts_at


def preview_change(*, visit: Visit, change: Change) -> list[Moved]:
    """Return what the change does to each booked person, by time. Writes nothing.

    Raises VisitNotOpen, VisitUnderWay, and what check_plan raises.
    """
    _check_changeable(visit)
    return _moves(visit, check_plan(_plan(visit, change), visit))


@transaction.atomic
def change_visit(*, actor: Actor, visit: Visit, change: Change) -> Visit:
    """Give the visit its new hours, and everybody in it a time of the new ones.

    The bookings stay the same, each with the next sequence where its time changed, and one letter.
    For whom there is no room loses the time and needs a card as before. What people had struck out
    is void, and a time that has moved is locked no more. Own links follow the visit. Raises what
    preview_change raises, and then nothing is changed.
    """
    for technician_id in sorted({visit.technician_id, change.technician.pk}):
        lock_technician(technician_id)
    lock_kits(change.technician.federation_id)
    current = lock_visit(visit.pk)
    _check_changeable(current)
    plan = _plan(current, change)
    times = check_plan(plan, current)
    moves = _moves(current, times)
    needs = lock_needs(moved.booking.need_id for moved in moves)
    for moved in moves:
        moved.booking.visit, moved.booking.need = current, needs[moved.booking.need_id]
    _write(current, change, plan)
    _recut(actor, current, times, moves)
    _tell(actor, moves)
    send_visit_changed(actor=actor, visit=current)
    offer_free_slots(actor=actor, visit=current)
    _record(actor, current, moves)
    return current


def _plan(visit: Visit, change: Change) -> VisitPlan:
    return VisitPlan(
        unit=visit.unit, kind=visit.kind, slot_minutes=visit.slot_minutes, **vars(change)
    )


def _check_changeable(visit: Visit) -> None:
    if visit.status != VisitStatus.OPEN:
        raise VisitNotOpen
    if visit.bookings.filter(status__in=UNDER_WAY).exists():
        raise VisitUnderWay


def _moves(visit: Visit, times: Sequence[SlotTime]) -> list[Moved]:
    bookings = list(queries.live_bookings(visit))
    held = [_time(booking.slot) for booking in bookings]
    old = [_time(slot) for slot in visit.slots.order_by("starts_at", "station")]
    found = zip(bookings, held, reshare(held, old, times), strict=True)
    return [Moved(*each) for each in found]


def _time(slot: Slot) -> SlotTime:
    return SlotTime(slot.starts_at, slot.ends_at, slot.station)


def _write(visit: Visit, change: Change, plan: VisitPlan) -> None:
    visit.kit = kit_for(plan, visit)
    visit.strike_until = strike_until(plan)
    for name, value in vars(change).items():
        setattr(visit, name, value)
    visit.save(update_fields=["kit", "strike_until", *vars(change)])
    visit.own_links.update(expires_at=end_of_day(visit.ends_at))


def _recut(actor: Actor, visit: Visit, times: Sequence[SlotTime], moves: Sequence[Moved]) -> None:
    """Make the new slots, move everybody, and drop the old ones.

    The new ones stand aside until the old ones are gone: nobody moves onto a slot still held. A
    booking that was cancelled before has no time any more: it follows to the first slot.
    """
    old = {_time(slot): slot for slot in visit.slots.all()}
    stays = min(old).starts_at == times[0].starts_at
    slots = {time: old[time] for time in times if stays and time in old}
    fresh = [_aside(visit, time) for time in times if time not in slots]
    slots |= {_in_place(slot): slot for slot in Slot.objects.bulk_create(fresh)}
    gone = {slot.pk for slot in old.values()} - {slot.pk for slot in slots.values()}
    _free_offers(actor, gone)
    for moved in moves:
        _move(actor, moved, slots)
    visit.bookings.filter(slot__in=gone).update(slot=slots[times[0]])
    Slot.objects.filter(pk__in=gone).delete()
    visit.slots.filter(station__gt=ASIDE).update(station=F("station") - ASIDE)


def _aside(visit: Visit, time: SlotTime) -> Slot:
    return Slot(
        visit=visit,
        starts_at=time.starts_at,
        ends_at=time.ends_at,
        station=time.station + ASIDE,
    )


def _in_place(slot: Slot) -> SlotTime:
    return SlotTime(slot.starts_at, slot.ends_at, slot.station - ASIDE)


def _move(actor: Actor, moved: Moved, slots: Mapping[SlotTime, Slot]) -> None:
    booking = moved.booking
    if moved.after is None:
        release(actor=actor, booking=booking, why="")
        return
    booking.slot = slots[moved.after]
    booking.sequence += not moved.stays
    booking.locked = booking.locked and moved.stays
    booking.save(update_fields=["slot", "sequence", "locked"])


def _free_offers(actor: Actor, gone: Collection[int]) -> None:
    """Whoever was offered a time that is no more waits on."""
    offers = Waiting.objects.filter(slot__in=gone)
    for waiting in offers.filter(status=WaitStatus.OFFERED):
        waiting.slot = waiting.answer_by = None
        step_waiting(actor=actor, waiting=waiting, status=WaitStatus.WAITING)
    offers.update(slot=None)


def _tell(actor: Actor, moves: Sequence[Moved]) -> None:
    for moved in moves:
        if moved.after and not moved.stays:
            send_request(actor=actor, booking=moved.booking)


def _record(actor: Actor, visit: Visit, moves: Sequence[Moved]) -> None:
    record(
        actor=actor,
        action="booking.change_visit",
        subject=visit,
        federation_id=visit.unit.municipality.federation_id,
        moved=sum(moved.after is not None and not moved.stays for moved in moves),
        lost=sum(moved.after is None for moved in moves),
    )
