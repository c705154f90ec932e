"""Visits are opened once, never over each other, called off with everybody told, and closed."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from booking.models import Booking, Slot, Visit, VisitChange
from booking.services.bookings import book_people
from booking.services.checkin import check_in, finish_booking, record_no_show
from booking.services.refusals import (
    AlreadyBooked,
    FormKeyTaken,
    NoRoomForSlots,
    NotEnoughSlots,
    PeopleLeft,
    TechnicianBusy,
    TechnicianElsewhere,
    TechnicianUnable,
    VisitInThePast,
    VisitUnderWay,
)
from booking.services.visits import VisitPlan, book_visit, cancel_visit, close_visit, open_visit
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.domain.stages import Stage
from enrolment.people.domain.steps import StepNotAllowed
from tests import builders

pytestmark = pytest.mark.django_db


def plan(unit=None, technician=None, starts_at=None, minutes=40, **more) -> VisitPlan:
    unit = unit or builders.unit()
    starts_at = starts_at or builders.tomorrow()
    return VisitPlan(
        unit=unit,
        technician=technician or builders.technician(unit.municipality.federation),
        kind=more.get("kind", "photo"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        slot_minutes=more.get("slot_minutes", 4),
        stations=more.get("stations", 1),
    )


def opened(wish: VisitPlan, actor=None, form_key=None) -> Visit:
    return open_visit(
        actor=actor or builders.user(), form_key=form_key or uuid.uuid4(), **vars(wish)
    )


def needs_at(unit, count: int):
    return [builders.need(builders.staff(unit)) for _ in range(count)]


# --- Open ---------------------------------------------------------------------------------------


def test_a_visit_is_cut_into_slots_at_each_station():
    visit = opened(plan(minutes=40, stations=2))
    slots = list(visit.slots.order_by("starts_at", "station"))
    assert len(slots) == 20
    assert [slot.station for slot in slots[:4]] == [1, 2, 1, 2]
    assert slots[0].starts_at == visit.starts_at
    assert slots[-1].ends_at == visit.ends_at


def test_opening_is_logged_once_and_begins_the_status_history():
    visit = opened(plan())
    assert Entry.objects.filter(action="booking.open_visit").count() == 1
    assert list(VisitChange.objects.values_list("visit", "status")) == [(visit.pk, "open")]


def test_the_same_form_key_gives_the_visit_already_made():
    actor, key, wish = builders.user(), uuid.uuid4(), plan()
    first = opened(wish, actor, key)
    assert opened(wish, actor, key) == first
    assert Visit.objects.count() == 1


def test_the_same_form_key_works_after_the_visit_has_begun():
    actor, key, wish = builders.user(), uuid.uuid4(), plan()
    first = opened(wish, actor, key)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    late = VisitPlan(**{**vars(wish), "starts_at": an_hour_ago})
    assert opened(late, actor, key) == first


def test_somebody_elses_form_key_is_refused():
    key, wish = uuid.uuid4(), plan()
    opened(wish, form_key=key)
    with pytest.raises(FormKeyTaken):
        opened(wish, form_key=key)


def test_a_time_that_has_passed_is_refused():
    with pytest.raises(VisitInThePast):
        opened(plan(starts_at=timezone.now() - timedelta(minutes=1)))
    assert Visit.objects.count() == 0


@pytest.mark.parametrize("minutes", [3, 0, -30])
def test_a_window_without_room_for_a_slot_is_refused(minutes):
    with pytest.raises(NoRoomForSlots):
        opened(plan(minutes=minutes))


def test_a_visit_over_midnight_is_refused():
    with pytest.raises(NoRoomForSlots):
        opened(plan(starts_at=builders.tomorrow(23, 30), minutes=60))


def test_a_technician_of_another_federation_is_refused():
    with pytest.raises(TechnicianElsewhere):
        opened(plan(technician=builders.technician()))


def test_a_technician_who_makes_no_such_visits_is_refused():
    unit = builders.unit()
    able = builders.technician(unit.municipality.federation)
    able.kinds = ["activation"]
    with pytest.raises(TechnicianUnable):
        opened(plan(unit=unit, technician=able))
    assert opened(plan(unit=unit, technician=able, kind="activation")).technician == able


# --- A technician is in one place at a time -----------------------------------------------------


@pytest.mark.parametrize("shift", [-39, 0, 39])
def test_a_busy_technician_is_refused(shift):
    wish = plan()
    opened(wish)
    with pytest.raises(TechnicianBusy):
        opened(plan(wish.unit, wish.technician, wish.starts_at + timedelta(minutes=shift)))


@pytest.mark.parametrize("shift", [-40, 40])
def test_visits_may_follow_each_other_without_a_gap(shift):
    wish = plan()
    opened(wish)
    opened(plan(wish.unit, wish.technician, wish.starts_at + timedelta(minutes=shift)))
    assert Visit.objects.count() == 2


def test_another_technician_may_come_at_the_same_time():
    wish = plan()
    opened(wish)
    opened(plan(wish.unit))
    assert Visit.objects.count() == 2


def test_a_cancelled_visit_frees_the_technician():
    wish = plan()
    cancel_visit(actor=builders.user(), visit=opened(wish))
    assert opened(wish).status == "open"


def raw_visit(wish: VisitPlan, **more) -> Visit:
    return Visit.objects.create(**vars(wish), booked_by=builders.user(), **more)


def test_the_database_refuses_an_overlap_that_goes_past_the_services():
    wish = plan()
    raw_visit(wish)
    with pytest.raises(IntegrityError, match="visit_technician_overlap"), transaction.atomic():
        raw_visit(plan(wish.unit, wish.technician, wish.starts_at + timedelta(minutes=39)))


def test_the_database_refuses_a_move_onto_another_visit():
    wish = plan()
    raw_visit(wish)
    later = raw_visit(plan(wish.unit, wish.technician, wish.ends_at))
    with pytest.raises(IntegrityError, match="visit_technician_overlap"), transaction.atomic():
        Visit.objects.filter(pk=later.pk).update(starts_at=wish.starts_at)


def test_the_database_refuses_to_revive_a_cancelled_visit_onto_another():
    wish = plan()
    raw_visit(wish)
    cancelled = raw_visit(wish, status="cancelled")
    with pytest.raises(IntegrityError, match="visit_technician_overlap"), transaction.atomic():
        Visit.objects.filter(pk=cancelled.pk).update(status="open")


def test_the_database_lets_neighbours_cancelled_visits_and_the_same_row_be():
    wish = plan()
    first = raw_visit(wish)
    raw_visit(plan(wish.unit, wish.technician, wish.ends_at))
    raw_visit(wish, status="cancelled")
    Visit.objects.filter(pk=first.pk).update(starts_at=wish.starts_at + timedelta(minutes=1))
    assert Visit.objects.count() == 3


# --- Book a visit in one go ---------------------------------------------------------------------


def test_a_visit_with_people_is_made_in_one_go():
    wish = plan()
    needs = needs_at(wish.unit, 3)
    visit = book_visit(actor=builders.user(), plan=wish, needs=needs, form_key=uuid.uuid4())
    assert [booking.need for booking in visit.bookings.order_by("slot__starts_at")] == needs


def test_a_double_click_makes_one_visit_with_one_booking_each():
    wish, actor, key = plan(), builders.user(), uuid.uuid4()
    needs = needs_at(wish.unit, 3)
    visits = {book_visit(actor=actor, plan=wish, needs=needs, form_key=key) for _ in range(2)}
    assert len(visits) == 1
    assert Booking.objects.count() == 3
    assert Message.objects.count() == 3


def test_no_visit_is_left_behind_when_its_people_do_not_fit():
    wish = plan(minutes=8)
    with pytest.raises(NotEnoughSlots):
        book_visit(
            actor=builders.user(), plan=wish, needs=needs_at(wish.unit, 3), form_key=uuid.uuid4()
        )
    assert (Visit.objects.count(), Slot.objects.count()) == (0, 0)


def test_no_visit_is_left_behind_when_somebody_has_a_time_elsewhere():
    wish = plan()
    needs = needs_at(wish.unit, 2)
    book_people(actor=builders.user(), visit=builders.visit(wish.unit), needs=needs[:1])
    with pytest.raises(AlreadyBooked):
        book_visit(actor=builders.user(), plan=wish, needs=needs, form_key=uuid.uuid4())
    assert Visit.objects.count() == 1


# --- Call off and close -------------------------------------------------------------------------


def visit_with(count: int):
    visit = builders.visit()
    return visit, book_people(actor=builders.user(), visit=visit, needs=needs_at(visit.unit, count))


def test_calling_off_a_visit_frees_everybody_and_tells_them():
    visit, bookings = visit_with(2)
    cancelled = cancel_visit(actor=builders.user(), visit=visit)
    assert cancelled.status == "cancelled"
    for booking in bookings:
        booking.refresh_from_db()
        assert (booking.status, booking.sequence) == ("cancelled", 1)
        assert booking.need.stage == Stage.NEEDS_CARD
    assert Message.objects.filter(calendar_method="CANCEL").count() == 2


def test_calling_off_twice_is_once():
    visit, _bookings = visit_with(1)
    for _ in range(2):
        cancel_visit(actor=builders.user(), visit=visit)
    assert visit.changes.filter(status="cancelled").count() == 1
    assert Message.objects.filter(calendar_method="CANCEL").count() == 1


def test_a_visit_where_somebody_was_checked_in_is_not_called_off():
    visit, bookings = visit_with(2)
    check_in(actor=builders.user(), booking=bookings[0], document="passport")
    with pytest.raises(VisitUnderWay):
        cancel_visit(actor=builders.user(), visit=visit)
    finish_booking(actor=builders.user(), booking=bookings[0])
    with pytest.raises(VisitUnderWay):
        cancel_visit(actor=builders.user(), visit=visit)
    assert Message.objects.filter(calendar_method="CANCEL").count() == 0


def test_a_visit_is_closed_when_everybody_is_noted():
    visit, bookings = visit_with(2)
    check_in(actor=builders.user(), booking=bookings[0], document="passport")
    with pytest.raises(PeopleLeft) as refusal:
        close_visit(actor=builders.user(), visit=visit)
    assert refusal.value.people == 2
    finish_booking(actor=builders.user(), booking=bookings[0])
    record_no_show(actor=builders.user(), booking=bookings[1])
    assert close_visit(actor=builders.user(), visit=visit).status == "closed"
    assert close_visit(actor=builders.user(), visit=visit).status == "closed"
    assert visit.changes.filter(status="closed").count() == 1


def test_a_cancelled_visit_is_not_closed():
    visit = cancel_visit(actor=builders.user(), visit=builders.visit())
    with pytest.raises(StepNotAllowed):
        close_visit(actor=builders.user(), visit=visit)
