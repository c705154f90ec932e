"""Open a visit with its slots, fill it, call it off, close it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from booking import queries
from booking.domain.slots import SlotError, SlotTime, cut
from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Slot, Technician, Visit, VisitChange
from booking.services.bookings import book_people, release
from booking.services.locks import lock_needs, lock_technician, lock_visit
from booking.services.refusals import (
    FormKeyTaken,
    NoRoomForSlots,
    NotEnoughSlots,
    PeopleLeft,
    TechnicianBusy,
    TechnicianElsewhere,
    VisitInThePast,
    VisitUnderWay,
)
from booking.services.steps import step_visit
from enrolment.audit.services import Actor, record
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


def check_plan(plan: VisitPlan) -> list[SlotTime]:
    """Return the slots the visit would have.

    Raises VisitInThePast, NoRoomForSlots, TechnicianElsewhere, TechnicianBusy.
    """
    if plan.starts_at <= timezone.now():
        raise VisitInThePast
    if plan.technician.federation_id != plan.unit.municipality.federation_id:
        raise TechnicianElsewhere
    overlapping = queries.overlapping_visits(plan.starts_at, plan.ends_at)
    if overlapping.filter(technician=plan.technician).exists():
        raise TechnicianBusy
    return _cut(plan)


def preview_visit(*, plan: VisitPlan, needs: Sequence[CardNeed]) -> list[SlotTime]:
    """Return the slots; the people would get the first ones in their order. Writes nothing.

    Raises what check_plan raises, and NotEnoughSlots.
    """
    times = check_plan(plan)
    if len(times) < len(needs):
        raise NotEnoughSlots(free=len(times), wanted=len(needs))
    return times


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
) -> Visit:
    """Make a visit and its slots; the same form key from the same user gives the visit made.

    Raises what check_plan raises, and FormKeyTaken for somebody else's key.
    """
    lock_technician(technician.pk)
    if made := Visit.objects.filter(form_key=form_key).first():
        return _own(made, actor)
    plan = VisitPlan(unit, technician, kind, starts_at, ends_at, slot_minutes, stations)
    times = check_plan(plan)
    visit = Visit.objects.create(**vars(plan), booked_by=actor, form_key=form_key)
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

    Raises what open_visit and book_people raise.
    """
    visit = open_visit(actor=actor, **vars(plan), form_key=form_key)
    book_people(actor=actor, visit=visit, needs=needs)
    return visit


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
