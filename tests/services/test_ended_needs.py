"""A need that has ended, such as when the person has left, stands in nobody's way."""

import pytest

from booking import tasks
from booking.models import Booking
from booking.services.bookings import book_people, book_slot, cancel_booking
from booking.services.checkin import check_in, record_no_show
from booking.services.refusals import NeedNotBookable
from booking.services.visits import cancel_visit
from enrolment.messages.models import Message
from enrolment.people.domain.stages import Stage
from enrolment.people.services.needs import lapse_needs_of
from tests import builders

pytestmark = pytest.mark.django_db


def booked() -> Booking:
    visit = builders.visit()
    need = builders.need(builders.staff(visit.unit))
    [booking] = book_people(actor=builders.user(), visit=visit, needs=[need])
    return booking


def left() -> Booking:
    """Return a booking whose person has left."""
    booking = booked()
    staff = booking.need.staff
    lapse_needs_of(actor=builders.user(), federation=staff.federation, staff=[staff], why="left")
    return Booking.objects.select_related("need", "visit").get(pk=booking.pk)


def test_the_slot_of_somebody_who_has_left_is_given_back_and_the_calendar_told():
    stays, leaves = booked(), left()
    tasks.release_slots()
    stays.refresh_from_db()
    leaves.refresh_from_db()
    assert (stays.status, leaves.status) == ("booked", "cancelled")
    assert leaves.changes.get(status="cancelled").actor == "system:booking-sweeper"
    assert Message.objects.filter(calendar_method="CANCEL").count() == 1
    other = builders.need(builders.staff(leaves.visit.unit))
    assert book_slot(actor=builders.user(), slot=leaves.slot, need=other).slot == leaves.slot


def test_giving_slots_back_again_changes_nothing():
    booking = left()
    tasks.release_slots()
    tasks.release_slots()
    assert booking.changes.filter(status="cancelled").count() == 1


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_such_a_booking_can_be_ended_by_hand_and_the_need_stays_lapsed(status):
    booking = left()
    verb = cancel_booking if status == "cancelled" else record_no_show
    assert verb(actor=builders.user(), booking=booking).status == status
    booking.need.refresh_from_db()
    assert (booking.need.stage, booking.need.open) == (Stage.LAPSED, False)


def test_a_visit_can_be_called_off_although_somebody_has_left():
    booking = left()
    assert cancel_visit(actor=builders.user(), visit=booking.visit).status == "cancelled"
    booking.refresh_from_db()
    assert booking.status == "cancelled"


def test_somebody_who_has_left_is_not_checked_in():
    booking = left()
    with pytest.raises(NeedNotBookable):
        check_in(actor=builders.user(), booking=booking, document="passport")
    booking.refresh_from_db()
    assert booking.status == "booked"
    assert check_in(actor=builders.user(), booking=booked(), document="passport").document
