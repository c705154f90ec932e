"""Share a visit's slots out so that the ward stays staffed, lock times, share out anew."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from booking import queries
from booking.domain.slots import SlotTime
from booking.domain.staffing import (
    Assignment,
    Binding,
    LeftOut,
    Problem,
    Resharing,
    assign,
    share_again,
)
from booking.domain.states import LIVE, BookingStatus, VisitStatus
from booking.models import Booking, Slot, Visit
from booking.queries.ward import movable_bookings, staffing_problem, visits_to_share
from booking.services.bookings import book_slot
from booking.services.letters import send_request
from booking.services.locks import lock_booking, lock_needs, lock_visit
from booking.services.refusals import (
    AlreadyBooked,
    BookingNotMovable,
    NotEnoughSlots,
    PersonOfAnotherUnit,
    SharingDiffers,
    VisitNotOpen,
    WardTooThin,
)
from booking.services.waitlist import offer_free_slots
from enrolment.audit.services import Actor, System, record
from enrolment.people.models import CardNeed

SHARER = System("ward-sharer")
# Solved with nothing held so often before the visit is held while solving; then so long at most.
TRIES = 3
SECONDS = 10.0
SECONDS_HELD = 2.0


@dataclass(frozen=True)
class Move:
    """A booking that gets another time."""

    booking: Booking
    to: SlotTime


@dataclass(frozen=True)
class Sharing:
    """What sharing out anew does: who moves, who can't although somebody should, and why.

    `fingerprint` tells two of them apart.
    """

    moves: list[Move]
    stuck: tuple[LeftOut, ...]
    bindings: tuple[Binding, ...]
    more_slots: int | None
    proved: bool

    @property
    def fingerprint(self) -> str:
        """Return the same text for the same moves."""
        lines = [f"{m.booking.pk} {m.to.starts_at.isoformat()} {m.to.station}" for m in self.moves]
        return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def assign_people(*, actor: Actor, visit: Visit, needs: Sequence[CardNeed]) -> list[Booking]:
    """Give each need a slot so that the ward stays staffed; all of them or none.

    Nobody who has a time in the visit is moved, and needs booked in it keep theirs, so a second
    call changes nothing. If not all could be placed those first in `needs` would be. Raises
    WardTooThin, NotEnoughSlots, VisitNotOpen, PersonOfAnotherUnit, AlreadyBooked, NeedNotBookable.
    """
    wanted, now = {need.pk: need for need in needs}, timezone.now()

    def ask(current: Visit) -> Problem:
        return staffing_problem(current, now, _without_time(current, list(wanted.values())))

    def write(current: Visit, problem: Problem, answer: Assignment) -> list[Booking]:
        _check_room(problem, answer)
        lock_needs(wanted)
        _book(actor, current, list(wanted.values()), answer.slots)
        held = {booking.need_id: booking for booking in queries.live_bookings(current)}
        if answer.slots:
            _record(actor, "booking.assign_people", current, booked=len(answer.slots))
        return [held[need_id] for need_id in wanted]

    return _settled(visit, ask, assign, write)


def preview_sharing(*, visit: Visit) -> Sharing:
    """Return what share_out would do as the rows stand; writes nothing."""
    now = timezone.now()
    answer = share_again(staffing_problem(visit, now, moving=True))
    return _sharing(movable_bookings(visit, now), answer)


def share_out(*, actor: Actor, visit: Visit, seen: str | None = None) -> Sharing:
    """Share the slots of a visit's booked people out anew: locked ones stay, few others move.

    A person is moved only where own shift, busy time, a wish or the ward asks for it, and gets one
    letter. Nobody loses a slot: who can't be placed stays. `seen` is the fingerprint of a preview
    somebody said yes to. Raises VisitNotOpen, SharingDiffers.
    """
    now = timezone.now()

    def ask(current: Visit) -> Problem:
        return staffing_problem(current, now, moving=True)

    def write(current: Visit, _problem: Problem, answer: Resharing) -> Sharing:
        done = _sharing(movable_bookings(current, now), answer)
        if seen not in (None, done.fingerprint):
            raise SharingDiffers
        _move(actor, current, done.moves)
        offer_free_slots(actor=actor, visit=current)
        Visit.objects.filter(pk=current.pk).update(assigned_at=now)
        counts = {"moved": len(done.moves), "stuck": len(done.stuck)}
        _record(actor, "booking.share_out", current, **counts)
        return done

    return _settled(visit, ask, share_again, write)


def share_out_due() -> None:
    """Share out the visits in which nobody may strike out times any more."""
    for visit in visits_to_share(timezone.now()):
        with suppress(VisitNotOpen):
            share_out(actor=SHARER, visit=visit)


@transaction.atomic
def lock_booking_time(*, actor: Actor, booking: Booking) -> Booking:
    """Let a person keep the time when slots are shared out anew. Raises BookingNotMovable."""
    return _set_locked(actor, booking, locked=True)


@transaction.atomic
def unlock_booking_time(*, actor: Actor, booking: Booking) -> Booking:
    """Let a person be moved again when slots are shared out anew. Raises BookingNotMovable."""
    return _set_locked(actor, booking, locked=False)


def _settled[Answer, Done](
    visit: Visit,
    ask: Callable[[Visit], Problem],
    solve: Callable[[Problem, float], Answer],
    write: Callable[[Visit, Problem, Answer], Done],
) -> Done:
    """Solve with nothing held, then write under the visit's lock if the question is the same.

    Whoever changes the rows so often that it never is, waits: then it is solved under the lock.
    """
    problem = ask(visit)
    for _ in range(TRIES):
        answer = solve(problem, SECONDS)
        with transaction.atomic():
            current = _lock_open(visit)
            asked_again = ask(current)
            if asked_again == problem:
                return write(current, problem, answer)
        problem = asked_again
    with transaction.atomic():
        current = _lock_open(visit)
        problem = ask(current)
        return write(current, problem, solve(problem, SECONDS_HELD))


def _lock_open(visit: Visit) -> Visit:
    current = lock_visit(visit.pk)
    if current.status != VisitStatus.OPEN:
        raise VisitNotOpen
    return current


def _without_time(visit: Visit, needs: Sequence[CardNeed]) -> list[CardNeed]:
    """Return those who have no time in the visit. Raises PersonOfAnotherUnit, AlreadyBooked."""
    live = Booking.objects.filter(need__in=needs, kind=visit.kind, status__in=LIVE)
    held = dict(live.values_list("need", "visit"))
    if any(visit_id != visit.pk for visit_id in held.values()):
        raise AlreadyBooked
    fresh = [need for need in needs if need.pk not in held]
    if not all(queries.works_at(visit, need.staff) for need in fresh):
        raise PersonOfAnotherUnit
    return fresh


def _check_room(problem: Problem, answer: Assignment) -> None:
    if not answer.left:
        return
    wanted = len(problem.wanting)
    if len(problem.slots) < wanted:
        raise NotEnoughSlots(free=len(problem.slots), wanted=wanted)
    raise WardTooThin(
        left=answer.left,
        bindings=answer.bindings,
        more_slots=answer.more_slots,
        more_placed=answer.more_placed,
    )


def _book(
    actor: Actor, visit: Visit, needs: Sequence[CardNeed], slots: Mapping[str, SlotTime]
) -> None:
    rows = _slots_by_time(visit)
    for need in needs:
        if time := slots.get(str(need.staff_id)):
            book_slot(actor=actor, slot=rows[time], need=need)


def _move(actor: Actor, visit: Visit, moves: Sequence[Move]) -> None:
    """Write the moves; two people who change places never hold one slot at once on the way."""
    rows, moving = _slots_by_time(visit), [move.booking.pk for move in moves]
    lock_needs(move.booking.need_id for move in moves)
    Booking.objects.filter(pk__in=moving).update(status=BookingStatus.CANCELLED)
    for move in moves:
        booking = move.booking
        booking.visit, booking.slot = visit, rows[move.to]
        booking.sequence += 1
        booking.save(update_fields=["slot", "sequence", "status"])
        send_request(actor=actor, booking=booking)


def _sharing(bookings: Sequence[Booking], answer: Resharing) -> Sharing:
    moves = [
        Move(booking, answer.slots[key])
        for booking in bookings
        if (key := str(booking.need.staff_id)) in answer.moved
    ]
    return Sharing(moves, answer.stuck, answer.bindings, answer.more_slots, answer.proved)


def _slots_by_time(visit: Visit) -> dict[SlotTime, Slot]:
    return {SlotTime(s.starts_at, s.ends_at, s.station): s for s in visit.slots.all()}


def _set_locked(actor: Actor, booking: Booking, *, locked: bool) -> Booking:
    current = lock_booking(booking)
    if current.status != BookingStatus.BOOKED:
        raise BookingNotMovable
    if current.locked != locked:
        current.locked = locked
        current.save(update_fields=["locked"])
        action = "booking.lock_time" if locked else "booking.unlock_time"
        _record(actor, action, current)
    return current


def _record(actor: Actor, action: str, subject: Visit | Booking, **details: int) -> None:
    visit = subject if isinstance(subject, Visit) else subject.visit
    federation_id = visit.unit.municipality.federation_id
    record(actor=actor, action=action, subject=subject, federation_id=federation_id, **details)
