"""A visit is moved or cut anew: the same bookings, new times, one letter each, nobody forgotten."""

from datetime import timedelta

import pytest

from booking.models import Booking, Kit, Slot, StruckSlot, Visit
from booking.queries.ward import visits_to_share
from booking.services.assign import lock_booking_time, share_out
from booking.services.bookings import book_people, cancel_booking
from booking.services.changes import Change, change_visit, preview_change
from booking.services.checkin import check_in
from booking.services.own_links import end_of_day
from booking.services.refusals import (
    KitBusy,
    NoRoomForSlots,
    TechnicianBusy,
    VisitInThePast,
    VisitNotOpen,
    VisitUnderWay,
)
from booking.services.visits import cancel_visit
from booking.services.waitlist import join_waitlist
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.domain.stages import Stage
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    return builders.visit(slot_minutes=10, hours=1, starts_at=builders.tomorrow(9))


def booked(visit: Visit, count: int) -> list[Booking]:
    needs = [builders.need(builders.staff(visit.unit)) for _ in range(count)]
    return book_people(actor=visit.booked_by, visit=visit, needs=needs)


def change(visit: Visit, hours: float = 0, minutes: int = 60, **more) -> Change:
    starts_at = visit.starts_at + timedelta(hours=hours)
    return Change(
        technician=more.get("technician", visit.technician),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        stations=more.get("stations", visit.stations),
    )


def changed(visit: Visit, *args, **more) -> Visit:
    return change_visit(actor=visit.booked_by, visit=visit, change=change(visit, *args, **more))


def clocks(visit: Visit) -> list[float]:
    """Return the hours from the visit's start to each booked time."""
    live = visit.bookings.filter(status="booked").order_by("created_at", "slot__starts_at")
    return [(each.slot.starts_at - visit.starts_at).total_seconds() / 60 for each in live]


def letters() -> int:
    return Message.objects.filter(key__startswith="booking:").count()


@pytest.mark.parametrize("hours", [24, 2, 0.5, -0.5])
def test_a_moved_visit_keeps_bookings_order_and_gaps(visit, hours):
    before = booked(visit, 3)
    cancel_booking(actor=visit.booked_by, booking=before[1])
    sent = letters()
    moved = changed(visit, hours)
    assert moved.starts_at == visit.starts_at + timedelta(hours=hours)
    after = {each.pk: each for each in Booking.objects.filter(status="booked")}
    assert set(after) == {before[0].pk, before[2].pk}
    assert sorted(clocks(moved)) == [0, 20]
    assert {each.sequence for each in after.values()} == {1}
    assert letters() == sent + 2
    assert Slot.objects.filter(visit=visit).count() == 5
    assert Entry.objects.filter(action="booking.change_visit").count() == 1


def test_another_technician_alone_writes_to_nobody(visit):
    booked(visit, 2)
    sent = letters()
    other = builders.technician(visit.unit.municipality.federation)
    assert changed(visit, technician=other).technician == other
    assert letters() == sent
    assert set(Booking.objects.values_list("sequence", flat=True)) == {0}


def test_a_shortened_visit_sends_those_without_room_back(visit):
    before = booked(visit, 4)
    previewed = preview_change(visit=visit, change=change(visit, minutes=20))
    assert [moved.after is None for moved in previewed] == [False, False, True, True]
    changed(visit, minutes=20)
    stages = [booking.need.__class__.objects.get(pk=booking.need_id).stage for booking in before]
    assert stages == [Stage.BOOKED, Stage.BOOKED, Stage.NEEDS_CARD, Stage.NEEDS_CARD]
    assert visit.slots.count() == 2


def test_a_second_station_doubles_the_slots_and_moves_nobody(visit):
    booked(visit, 3)
    moved = changed(visit, stations=2)
    assert moved.slots.count() == 10
    assert sorted(clocks(moved)) == [0, 10, 20]
    assert set(Booking.objects.values_list("sequence", flat=True)) == {0}


def test_what_was_struck_out_is_void_and_an_offered_time_is_taken_back(visit):
    [booking, *_others] = booked(visit, 5)
    StruckSlot.objects.create(booking=booking, slot=visit.slots.last())
    waiting = join_waitlist(
        actor=visit.booked_by, visit=visit, need=builders.need(builders.staff(visit.unit))
    )
    cancel_booking(actor=visit.booked_by, booking=_others[0])
    waiting.refresh_from_db()
    assert waiting.status == "offered"
    moved = changed(visit, 24)
    waiting.refresh_from_db()
    assert not StruckSlot.objects.exists()
    assert waiting.status == "offered"
    assert waiting.slot.starts_at >= moved.starts_at


def test_times_shared_out_once_are_shared_out_again_after_the_move(visit):
    booked(visit, 1)
    share_out(actor=visit.booked_by, visit=visit)
    moved = changed(visit, 24 * 10)
    assert [each.pk for each in visits_to_share(moved.strike_until)] == [visit.pk]
    share_out(actor=visit.booked_by, visit=visit)
    Visit.objects.filter(pk=visit.pk).update(assigned_at=moved.strike_until)
    assert visits_to_share(moved.strike_until) == []


def test_a_time_that_was_chosen_is_locked_no_more_once_it_has_moved(visit):
    first, second = booked(visit, 2)
    for booking in (first, second):
        lock_booking_time(actor=visit.booked_by, booking=booking)
    changed(visit, stations=2)
    assert set(Booking.objects.values_list("locked", flat=True)) == {True}
    changed(Visit.objects.get(), 24)
    assert set(Booking.objects.values_list("locked", flat=True)) == {False}


@pytest.mark.parametrize("days", [3, -1])
def test_the_way_on_a_printed_slip_follows_the_visit(days):
    visit = builders.visit(starts_at=builders.tomorrow() + timedelta(days=4))
    need = builders.need(builders.staff(visit.unit, email=""))
    book_people(actor=visit.booked_by, visit=visit, needs=[need])
    moved = changed(visit, 24 * days)
    assert need.own_links.get().expires_at == end_of_day(moved.ends_at)


def test_a_visit_under_way_stays(visit):
    [booking, _other] = booked(visit, 2)
    check_in(actor=visit.technician.user, booking=booking, document="passport")
    with pytest.raises(VisitUnderWay):
        changed(visit, 24)
    assert Visit.objects.get(pk=visit.pk).starts_at == visit.starts_at


def test_a_visit_called_off_stays(visit):
    cancel_visit(actor=visit.booked_by, visit=visit)
    with pytest.raises(VisitNotOpen):
        changed(visit, 24)


@pytest.mark.parametrize(
    ("hours", "minutes", "refusal"),
    [(-48, 60, VisitInThePast), (0, 5, NoRoomForSlots), (14.5, 60, NoRoomForSlots)],
)
def test_hours_that_cannot_be_are_refused(visit, hours, minutes, refusal):
    booked(visit, 2)
    with pytest.raises(refusal):
        changed(visit, hours, minutes)
    assert sorted(clocks(visit)) == [0, 10]


def test_a_technician_with_another_visit_is_refused(visit):
    builders.visit(visit.unit, visit.technician, hours=1, starts_at=builders.tomorrow(13))
    with pytest.raises(TechnicianBusy):
        changed(visit, 4)
    assert changed(visit, 3).starts_at == builders.tomorrow(12)


# --- Kits ---------------------------------------------------------------------------------------


def test_a_visit_brings_a_kit_and_no_kit_goes_twice():
    unit = builders.unit()
    federation = unit.municipality.federation
    kit = Kit.objects.create(federation=federation, name="Väska 1")
    first = builders.visit(unit)
    assert first.kit == kit
    with pytest.raises(KitBusy):
        builders.visit(unit)
    spare = Kit.objects.create(federation=federation, name="Väska 2")
    second = builders.visit(unit)
    assert second.kit == spare
    assert changed(first, 24).kit == kit
    Kit.objects.filter(pk=kit.pk).update(in_use=False)
    back = Visit.objects.get(pk=first.pk)
    with pytest.raises(KitBusy):
        changed(back, -24)


def test_a_federation_without_kits_needs_none():
    assert builders.visit().kit is None


# --- Struck times -------------------------------------------------------------------------------


def test_times_may_be_struck_out_until_some_hours_before_if_that_lies_ahead():
    soon = builders.visit(starts_at=builders.tomorrow(9))
    later = builders.visit(starts_at=builders.tomorrow(9) + timedelta(days=10))
    assert soon.strike_until is None
    assert later.strike_until == later.starts_at - timedelta(hours=72)
