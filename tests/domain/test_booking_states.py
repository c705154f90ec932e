from collections.abc import Callable, Mapping
from enum import StrEnum

import pytest

from booking.domain.states import (
    BOOKING_STEPS,
    LIVE,
    PLAN_STEPS,
    VISIT_STEPS,
    WAIT_STEPS,
    BookingStatus,
    IdDocument,
    PlanStatus,
    VisitStatus,
    WaitStatus,
    check_booking_step,
    check_plan_step,
    check_visit_step,
    check_wait_step,
)
from enrolment.people.domain.steps import StepNotAllowed


@pytest.mark.parametrize(
    ("check", "status", "table"),
    [
        (check_visit_step, VisitStatus, VISIT_STEPS),
        (check_booking_step, BookingStatus, BOOKING_STEPS),
        (check_wait_step, WaitStatus, WAIT_STEPS),
        (check_plan_step, PlanStatus, PLAN_STEPS),
    ],
)
def test_every_pair_is_decided_by_the_table(
    check: Callable, status: type[StrEnum], table: Mapping[StrEnum, frozenset[StrEnum]]
):
    assert set(table) == set(status)
    for current in status:
        for following in status:
            if following in table[current]:
                check(current, following)
            else:
                with pytest.raises(StepNotAllowed):
                    check(current, following)


def test_a_booking_goes_from_booked_to_done_by_check_in_alone():
    check_booking_step(BookingStatus.BOOKED, BookingStatus.CHECKED_IN)
    check_booking_step(BookingStatus.CHECKED_IN, BookingStatus.DONE)
    with pytest.raises(StepNotAllowed):
        check_booking_step(BookingStatus.BOOKED, BookingStatus.DONE)


def test_a_cancelled_booking_stays_cancelled_and_so_does_a_visit():
    with pytest.raises(StepNotAllowed):
        check_booking_step(BookingStatus.CANCELLED, BookingStatus.BOOKED)
    with pytest.raises(StepNotAllowed):
        check_visit_step(VisitStatus.CANCELLED, VisitStatus.OPEN)


def test_live_bookings_are_those_that_can_still_be_cancelled():
    assert {s for s in BookingStatus if BookingStatus.CANCELLED in BOOKING_STEPS[s]} == LIVE


def test_five_kinds_of_id_document_are_accepted():
    assert len(IdDocument) == 5


def test_nobody_takes_a_time_that_was_not_offered():
    check_wait_step(WaitStatus.OFFERED, WaitStatus.TAKEN)
    with pytest.raises(StepNotAllowed):
        check_wait_step(WaitStatus.WAITING, WaitStatus.TAKEN)


def test_a_plan_is_decided_once_it_is_ready():
    check_plan_step(PlanStatus.READY, PlanStatus.ACCEPTED)
    with pytest.raises(StepNotAllowed):
        check_plan_step(PlanStatus.RUNNING, PlanStatus.ACCEPTED)
