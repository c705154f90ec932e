"""The waiting list: who waits for a slot of a visit, and to whom a freed slot is offered."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from booking import queries
from booking.domain.states import LIVE, BookingStatus, VisitStatus, WaitStatus, check_wait_step
from booking.models import Booking, Slot, StruckSlot, Visit, Waiting, WaitingChange
from booking.queries.own_time import IN_LINE, at_work, visits_to_sweep, waits_to_end
from booking.queries.ward import fitting_slots
from booking.services import letters
from booking.services.locks import lock_needs, lock_visit
from booking.services.refusals import (
    AlreadyBooked,
    NeedNotBookable,
    PersonOfAnotherUnit,
    ProtectedPerson,
    VisitNotOpen,
)
from enrolment.audit.services import Actor, System, record
from enrolment.people import rules
from enrolment.people.models import CardNeed

KEEPER = System("waitlist-keeper")
# House choices: an answer comes at least an hour before the slot, and nobody gets less than half an
# hour to give it; a slot nearer than that is simply free.
BEFORE_SLOT = timedelta(hours=1)
LEAST_TO_ANSWER = timedelta(minutes=30)


@transaction.atomic
def join_waitlist(*, actor: Actor, visit: Visit, need: CardNeed) -> Waiting:
    """Let a person wait for a slot of the visit, whether booked in it or not; twice is once.

    Raises VisitNotOpen, ProtectedPerson, PersonOfAnotherUnit, AlreadyBooked (in another visit),
    NeedNotBookable.
    """
    visit = lock_visit(visit.pk)
    need = lock_needs([need.pk])[need.pk]
    if waiting := _in_line(visit, need):
        return waiting
    _check_may_wait(visit, need)
    waiting = Waiting.objects.create(visit=visit, need=need)
    WaitingChange.objects.create(waiting=waiting, status=waiting.status, actor=actor.audit_name)
    _record(actor, "booking.join_waitlist", waiting)
    return waiting


@transaction.atomic
def leave_waitlist(*, actor: Actor, waiting: Waiting) -> Waiting:
    """Let a person wait no longer; a slot kept for the person goes to the next. Twice is once."""
    visit = lock_visit(waiting.visit_id)
    current = _reread(waiting, visit)
    if current.status in IN_LINE:
        slot = current.slot
        step_waiting(actor=actor, waiting=current, status=WaitStatus.ENDED)
        _record(actor, "booking.leave_waitlist", current)
        _pass_on(actor, visit, slot)
    return current


@transaction.atomic
def decline_offer(*, actor: Actor, waiting: Waiting) -> Waiting:
    """Turn an offered slot down; it is offered to the next. Twice is once."""
    visit = lock_visit(waiting.visit_id)
    current = _reread(waiting, visit)
    if current.status == WaitStatus.OFFERED:
        step_waiting(actor=actor, waiting=current, status=WaitStatus.DECLINED)
        _record(actor, "booking.decline_offer", current)
        _pass_on(actor, visit, current.slot)
    return current


def offer_freed_slot(
    *, actor: Actor, slot: Slot, left_by: CardNeed | None = None
) -> Waiting | None:
    """Keep a free slot for the next who waits and whom it fits, and tell that person.

    Whoever has just given it up is not asked to take it back. None where it fits nobody, is too
    near, or somebody has it. The caller holds the visit.
    """
    now = timezone.now()
    visit = slot.visit
    answer_by = _answer_by(slot, now)
    if answer_by is None or visit.status != VisitStatus.OPEN or queries.is_taken(slot):
        return None
    line = _line(visit, slot).exclude(need=left_by)
    waiting = next((each for each in line if _fits(each, slot, answer_by)), None)
    if waiting is None:
        return None
    waiting.slot, waiting.answer_by = slot, answer_by
    step_waiting(actor=actor, waiting=waiting, status=WaitStatus.OFFERED)
    _record(actor, "booking.offer_slot", waiting)
    letters.send_offer(actor=actor, waiting=waiting)
    return waiting


def offer_free_slots(*, actor: Actor, visit: Visit) -> None:
    """Offer all free slots of a visit whose times have changed. The caller holds the visit."""
    if visit.waiting.filter(status=WaitStatus.WAITING).exists():
        for slot in queries.free_slots(visit, timezone.now()):
            _pass_on(actor, visit, slot)


def settle_wait(*, actor: Actor, booking: Booking) -> None:
    """End the wait of a person who has just got a slot; one kept for the person goes to the next.

    The caller holds the visit, and has written the booking.
    """
    waiting = _in_line(booking.visit, booking.need)
    if waiting is None:
        return
    kept = waiting.slot if waiting.status == WaitStatus.OFFERED else None
    took = kept is not None and kept.pk == booking.slot_id
    status = WaitStatus.TAKEN if took else WaitStatus.ENDED
    step_waiting(actor=actor, waiting=waiting, status=status)
    if not took:
        _pass_on(actor, booking.visit, kept)


def expire_offers(*, now: datetime) -> int:
    """Take back what nobody answered in time, and end the waits that nothing can come of.

    Return how many waits were ended.
    """
    return sum(_sweep(visit_id, now) for visit_id in visits_to_sweep(now))


def step_waiting(*, actor: Actor, waiting: Waiting, status: WaitStatus, why: str = "") -> None:
    """Write the status of a wait, whose visit is held, and its change. Raises StepNotAllowed.

    A letter of an earlier offer that still waits to be sent is withdrawn.
    """
    check_wait_step(WaitStatus(waiting.status), status)
    letters.withdraw_offer(waiting=waiting)
    waiting.status = status.value
    waiting.save(update_fields=["status", "slot", "answer_by"])
    WaitingChange.objects.create(waiting=waiting, status=status, actor=actor.audit_name, why=why)


@transaction.atomic
def _sweep(visit_id: UUID, now: datetime) -> int:
    visit = lock_visit(visit_id)
    ended = list(waits_to_end(visit, now).select_related("slot"))
    for waiting in ended:
        late = waiting.answer_by is not None and waiting.answer_by <= now
        status = WaitStatus.EXPIRED if late else WaitStatus.ENDED
        step_waiting(actor=KEEPER, waiting=waiting, status=status)
        _record(KEEPER, "booking.end_wait", waiting)
    for waiting in ended:
        _pass_on(KEEPER, visit, waiting.slot)
    return len(ended)


def _in_line(visit: Visit, need: CardNeed) -> Waiting | None:
    return visit.waiting.select_related("slot").filter(need=need, status__in=IN_LINE).first()


def _reread(waiting: Waiting, visit: Visit) -> Waiting:
    current = Waiting.objects.select_related("slot", "need__staff").get(pk=waiting.pk)
    current.visit = visit
    return current


def _check_may_wait(visit: Visit, need: CardNeed) -> None:
    if visit.status != VisitStatus.OPEN or visit.ends_at <= timezone.now():
        raise VisitNotOpen
    if need.staff.protected:
        raise ProtectedPerson
    if not queries.works_at(visit, need.staff):
        raise PersonOfAnotherUnit
    booking = _live(visit, need)
    if booking and (booking.visit_id != visit.pk or booking.status != BookingStatus.BOOKED):
        raise AlreadyBooked
    if booking is None and not queries.takes(visit.kind, need):
        raise NeedNotBookable


def _live(visit: Visit, need: CardNeed) -> Booking | None:
    live = need.bookings.filter(kind=visit.kind, status__in=LIVE)
    return live.select_related("slot").first()


def _line(visit: Visit, slot: Slot) -> QuerySet[Waiting]:
    """Return those who wait and have neither struck out the slot's time nor been offered it."""
    struck = StruckSlot.objects.filter(
        booking__need=OuterRef("need"), booking__status__in=LIVE, slot__starts_at=slot.starts_at
    )
    asked = Waiting.objects.filter(need=OuterRef("need"), slot=slot)
    waiting = visit.waiting.filter(
        ~Exists(struck.filter(slot__visit=visit)),
        ~Exists(asked),
        status=WaitStatus.WAITING,
        need__open=True,
        need__staff__protected=False,
        need__staff__left_on=None,
    )
    related = waiting.select_related("need__staff__unit__municipality__federation", "visit")
    return related.order_by("need__due_on", "created_at", "pk")


def _fits(waiting: Waiting, slot: Slot, answer_by: datetime) -> bool:
    booking = _live(waiting.visit, waiting.need)
    if booking:
        here = booking.visit_id == slot.visit_id and booking.status == BookingStatus.BOOKED
        if not here or booking.slot.starts_at == slot.starts_at:
            return False
    staff = waiting.need.staff
    if not letters.hears_before(staff, answer_by - LEAST_TO_ANSWER) or not at_work(staff, slot):
        return False
    return slot in fitting_slots(waiting.visit, waiting.need, timezone.now())


def _answer_by(slot: Slot, now: datetime) -> datetime | None:
    """Return until when an offer made now is kept; None when the slot is too near for one."""
    hours = rules.number("answer_hours", slot.visit.unit, timezone.localdate(now))
    latest = min(now + timedelta(hours=hours), slot.starts_at - BEFORE_SLOT)
    return latest if latest >= now + LEAST_TO_ANSWER else None


def _pass_on(actor: Actor, visit: Visit, slot: Slot | None) -> None:
    """Offer a slot that is kept for nobody any more to the next."""
    if slot is not None:
        slot.visit = visit
        offer_freed_slot(actor=actor, slot=slot)


def _record(actor: Actor, action: str, waiting: Waiting) -> None:
    federation_id = waiting.need.staff.federation_id
    record(actor=actor, action=action, subject=waiting, federation_id=federation_id)
