"""Open a visit with its slots, fill it, call it off, close it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.utils import timezone

from booking import queries
from booking.domain.slots import SlotError, SlotTime, cut
from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Kit, Slot, Technician, Visit, VisitChange
from booking.queries import planning
from booking.services.assign import assign_people
from booking.services.bookings import release
from booking.services.locks import lock_kits, lock_needs, lock_technician, lock_visit
from booking.services.refusals import (
    FormKeyTaken,
    KitBusy,
    NoRoomForSlots,
    PeopleLeft,
    TechnicianBusy,
    TechnicianElsewhere,
    TechnicianUnable,
    VisitInThePast,
    VisitUnderWay,
)
from booking.services.steps import step_visit
from booking.services.visit_letters import send_visit_booked, send_visit_cancelled
from enrolment.audit.services import Actor, record
from enrolment.people import rules
from enrolment.people.models import CardNeed, CareUnit, User


@dataclass(frozen=True)
class VisitPlan:
    """A visit as wished for: `kind` is a VisitKind, instants have a time zone."""

    unit: CareUnit
    technician: Technician
    kind: str
    starts_at: datetime
    ends_at: datetime
    slot_minutes: int
    stations: int


@dataclass(frozen=True)
class Filled:
    """A visit as wished for, and the people to give times in it."""

    plan: VisitPlan
    needs: list[CardNeed] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """Who would get which time in a visit, by time, and how many times would be left."""

    times: list[tuple[CardNeed, Slot]]
    spare: int


def check_plan(plan: VisitPlan, beside: Visit | None = None) -> list[SlotTime]:
    """Return the slots the visit would have; `beside` is the standing visit that it replaces.

    Raises VisitInThePast, NoRoomForSlots, TechnicianElsewhere, TechnicianUnable, TechnicianBusy,
    KitBusy.
    """
    if plan.starts_at <= timezone.now():
        raise VisitInThePast
    if plan.technician.federation_id != plan.unit.municipality.federation_id:
        raise TechnicianElsewhere
    if plan.kind not in plan.technician.kinds:
        raise TechnicianUnable
    overlapping = queries.overlapping_visits(plan.starts_at, plan.ends_at)
    if beside:
        overlapping = overlapping.exclude(pk=beside.pk)
    if overlapping.filter(technician=plan.technician).exists():
        raise TechnicianBusy
    kit_for(plan, beside)
    return _cut(plan)


def kit_for(plan: VisitPlan, beside: Visit | None = None) -> Kit | None:
    """Return the kit to bring; None where the federation keeps no list of kits. Raises KitBusy.

    The kit of the visit that is replaced is kept where it can be; otherwise one with time left
    around the visit for the road to it goes before one without.
    """
    federation = plan.unit.municipality.federation
    if beside and beside.kit and not _kit_taken(beside.kit, plan, beside):
        return beside.kit
    around = queries.around(plan.unit, timezone.localdate(plan.starts_at))
    for air in (sum(around, timedelta()), timedelta()):
        window = plan.starts_at - air, plan.ends_at + air
        if kit := planning.free_kit(federation, plan.kind, *window):
            return kit
    if queries.keeps_kits(federation):
        raise KitBusy
    return None


@transaction.atomic
def open_visit(
    *,
    actor: User,
    unit: CareUnit,
    technician: Technician,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    slot_minutes: int,
    stations: int,
    form_key: UUID,
    guests: Sequence[CareUnit] = (),
) -> Visit:
    """Make a visit and its slots; the same form key from the same user gives the visit made.

    `guests` are units in the same house whose staff may be booked too. A kit is set where the
    federation keeps a list of them. Raises what check_plan raises, and FormKeyTaken for somebody
    else's key.
    """
    lock_technician(technician.pk)
    lock_kits(technician.federation_id)
    if made := Visit.objects.filter(form_key=form_key).first():
        return _own(made, actor)
    plan = VisitPlan(unit, technician, kind, starts_at, ends_at, slot_minutes, stations)
    times = check_plan(plan)
    visit = Visit.objects.create(
        **vars(plan),
        booked_by=actor,
        form_key=form_key,
        kit=kit_for(plan),
        strike_until=strike_until(plan),
    )
    visit.guest_units.set(guests)
    VisitChange.objects.create(visit=visit, status=visit.status, actor=actor.audit_name)
    Slot.objects.bulk_create(
        Slot(visit=visit, starts_at=time.starts_at, ends_at=time.ends_at, station=time.station)
        for time in times
    )
    _record(actor, "booking.open_visit", visit, kind=kind, slots=len(times))
    return visit


@transaction.atomic
def book_visit(*, actor: User, plan: VisitPlan, needs: Sequence[CardNeed], form_key: UUID) -> Visit:
    """Make a visit and give the people their slots: both or neither; twice is once.

    Raises what open_visit and assign_people raise.
    """
    return book_visits(actor=actor, visits=[Filled(plan, list(needs))], form_key=form_key)[0]


@transaction.atomic
def book_visits(
    *,
    actor: User,
    visits: Sequence[Filled],
    form_key: UUID,
    guests: Sequence[CareUnit] = (),
) -> list[Visit]:
    """Make one visit or several and give the people their slots: all or nothing; twice is once.

    Raises what open_visit and assign_people raise.
    """
    for technician_id in sorted({each.plan.technician.pk for each in visits}):
        lock_technician(technician_id)
    made = [
        open_visit(
            actor=actor,
            **vars(each.plan),
            form_key=uuid5(form_key, str(number)) if number else form_key,
            guests=guests,
        )
        for number, each in enumerate(visits)
    ]
    lock_needs(need.pk for each in visits for need in each.needs)
    for visit, each in zip(made, visits, strict=True):
        if each.needs:
            assign_people(actor=actor, visit=visit, needs=each.needs)
        send_visit_booked(actor=actor, visit=visit)
    return made


@transaction.atomic
def preview_visits(
    *, actor: User, visits: Sequence[Filled], guests: Sequence[CareUnit] = ()
) -> list[Preview]:
    """Return who would get which time, as book_visits would give them, and leave nothing behind.

    Raises what book_visits raises.
    """
    made = book_visits(actor=actor, visits=visits, form_key=uuid4(), guests=guests)
    previews = [_preview(visit) for visit in made]
    transaction.set_rollback(True)
    return previews


@transaction.atomic
def cancel_visit(*, actor: Actor, visit: Visit, why: str = "") -> Visit:
    """Call a visit off and tell everybody in it; twice is once. Raises VisitUnderWay."""
    current = lock_visit(visit.pk)
    if current.status == VisitStatus.CANCELLED:
        return current
    if current.bookings.filter(status__in=[BookingStatus.CHECKED_IN, BookingStatus.DONE]).exists():
        raise VisitUnderWay
    bookings = list(queries.live_bookings(current))
    needs = lock_needs(booking.need_id for booking in bookings)
    for booking in bookings:
        booking.visit, booking.need = current, needs[booking.need_id]
        release(actor=actor, booking=booking, why=why)
    step_visit(actor=actor, visit=current, status=VisitStatus.CANCELLED, why=why)
    _record(actor, "booking.cancel_visit", current, cancelled=len(bookings))
    send_visit_cancelled(actor=actor, visit=current)
    return current


@transaction.atomic
def close_visit(*, actor: Actor, visit: Visit) -> Visit:
    """End a visit once everybody in it is done or noted; twice is once.

    Raises PeopleLeft, and StepNotAllowed for a cancelled visit.
    """
    current = lock_visit(visit.pk)
    if current.status == VisitStatus.CLOSED:
        return current
    if left := queries.live_bookings(current).count():
        raise PeopleLeft(left)
    step_visit(actor=actor, visit=current, status=VisitStatus.CLOSED)
    _record(actor, "booking.close_visit", current)
    return current


def _preview(visit: Visit) -> Preview:
    bookings = list(queries.live_bookings(visit))
    times = [(booking.need, booking.slot) for booking in bookings]
    return Preview(times, visit.slots.count() - len(times))


def strike_until(plan: VisitPlan) -> datetime | None:
    """Return until when people may strike out times; None where that has passed."""
    hours = rules.number("strike_hours", plan.unit, timezone.localdate(plan.starts_at))
    until = plan.starts_at - timedelta(hours=hours)
    return until if until > timezone.now() else None


def _kit_taken(kit: Kit, plan: VisitPlan, beside: Visit) -> bool:
    overlapping = queries.overlapping_visits(plan.starts_at, plan.ends_at)
    return not kit.in_use or overlapping.filter(kit=kit).exclude(pk=beside.pk).exists()


def _own(visit: Visit, actor: User) -> Visit:
    if visit.booked_by_id != actor.pk:
        raise FormKeyTaken
    return visit


def _cut(plan: VisitPlan) -> list[SlotTime]:
    try:
        times = cut(plan.starts_at, plan.ends_at, plan.slot_minutes, plan.stations)
    except SlotError as error:
        raise NoRoomForSlots from error
    if not times:
        raise NoRoomForSlots
    return times


def _record(actor: Actor, action: str, visit: Visit, **details: str | int) -> None:
    federation_id = visit.unit.municipality.federation_id
    record(actor=actor, action=action, subject=visit, federation_id=federation_id, **details)
