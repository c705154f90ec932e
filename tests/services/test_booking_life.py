"""Whatever is done to a visit's bookings in whatever order, these things always hold."""

from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.domain.states import LIVE
from booking.models import Booking, Visit
from booking.services.bookings import book_people, book_slot, cancel_booking, move_booking
from booking.services.checkin import check_in, finish_booking, record_no_show
from booking.services.refusals import BookingRefused
from booking.services.visits import cancel_visit, close_visit
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import CardNeed
from tests import builders

PEOPLE, SLOTS = 4, 5

ACTIONS = (
    "book",
    "book_slot",
    "move",
    "cancel",
    "check_in",
    "finish",
    "no_show",
    "end",
    "call_off",
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.integers(0, PEOPLE - 1),
        st.integers(0, SLOTS - 1),
    ),
    min_size=3,
    max_size=14,
)


def act(visit: Visit, needs: list[CardNeed], action: str, who: int, where: int) -> None:
    actor, need = visit.booked_by, needs[who]
    slot = visit.slots.order_by("starts_at")[where]
    latest = need.bookings.order_by("-created_at").first()
    if action == "book":
        book_people(actor=actor, visit=visit, needs=[need])
    elif action == "book_slot":
        book_slot(actor=actor, slot=slot, need=need)
    elif action == "end":
        close_visit(actor=actor, visit=visit)
    elif action == "call_off":
        cancel_visit(actor=actor, visit=visit)
    elif latest is not None:
        act_on_booking(actor, action, latest, slot)


def act_on_booking(actor, action: str, booking: Booking, slot) -> None:
    if action == "move":
        move_booking(actor=actor, booking=booking, slot=slot)
    elif action == "check_in":
        check_in(actor=actor, booking=booking, document="passport")
    else:
        verbs = {"cancel": cancel_booking, "finish": finish_booking, "no_show": record_no_show}
        verbs[action](actor=actor, booking=booking)


def check_what_always_holds(visit: Visit, needs: list[CardNeed]) -> None:
    bookings = list(Booking.objects.filter(visit=visit).select_related("need"))
    kept = [booking.slot_id for booking in bookings if booking.status != "cancelled"]
    assert len(kept) == len(set(kept)), "two people in a slot"
    live = [booking for booking in bookings if booking.status in LIVE]
    assert len({booking.need_id for booking in live}) == len(live), "a person twice"
    if visit.status != "open":
        assert live == []
    for booking in live:
        assert booking.need.stage == booking.status, "need and booking tell different things"
    for booking in bookings:
        last_change = booking.changes.order_by("pk").last()
        assert last_change.status == booking.status, "the history ends elsewhere"
        has_check = hasattr(booking, "identity_check")
        assert has_check == booking.changes.filter(status="checked_in").exists()
    for need in needs:
        if need.pk not in {booking.need_id for booking in live}:
            assert CardNeed.objects.get(pk=need.pk).stage != "booked"


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_any_order_of_steps_leaves_a_sound_visit(steps):
    with transaction.atomic():
        visit = builders.visit(slot_minutes=20)
        needs = [builders.need(builders.staff(visit.unit)) for _ in range(PEOPLE)]
        for action, who, where in steps:
            with suppress(BookingRefused, StepNotAllowed):
                act(visit, needs, action, who, where)
            visit.refresh_from_db()
            check_what_always_holds(visit, needs)
        transaction.set_rollback(True)
