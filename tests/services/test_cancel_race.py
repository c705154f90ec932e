"""Two managers call one visit off at the same moment, or one does as somebody is checked in."""

from collections import Counter

from django.db import transaction

from booking.models import Booking, Visit
from booking.services.bookings import book_people
from booking.services.checkin import check_in
from booking.services.refusals import VisitNotOpen, VisitUnderWay
from booking.services.visits import cancel_visit
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.domain.steps import StepNotAllowed
from tests import builders
from tests.services.racing import crew, together

ROUNDS = 8
PEOPLE = 2


# --- What the racers run, each in its own process -------------------------------------------------


@transaction.atomic
def prepare(_meet) -> list[str]:
    """Make visits with people in them; return their ids."""
    return [_booked_visit() for _ in range(ROUNDS)]


def _booked_visit() -> str:
    visit = builders.visit()
    needs = [builders.need(builders.staff(visit.unit)) for _ in range(PEOPLE)]
    book_people(actor=visit.booked_by, visit=visit, needs=needs)
    return str(visit.pk)


def cancel_all(meet, visit_ids: list[str]) -> list[str]:
    outcomes = []
    for visit in (Visit.objects.get(pk=pk) for pk in visit_ids):
        meet.wait(30)
        try:
            cancel_visit(actor=visit.booked_by, visit=visit)
        except VisitUnderWay:
            outcomes.append("under way")
        else:
            outcomes.append("cancelled")
    return outcomes


def check_in_all(meet, visit_ids: list[str]) -> list[str]:
    outcomes = []
    for visit in (Visit.objects.get(pk=pk) for pk in visit_ids):
        booking = Booking.objects.select_related("visit", "need").filter(visit=visit).first()
        meet.wait(30)
        try:
            check_in(actor=visit.booked_by, booking=booking, document="passport")
        except (VisitNotOpen, StepNotAllowed):
            outcomes.append("refused")
        else:
            outcomes.append("checked in")
    return outcomes


def found(_meet) -> dict[str, object]:
    told = Message.objects.filter(key__contains="cancel").values_list("key", "recipient")
    lines = Entry.objects.filter(action="booking.cancel_visit").values_list("subject", flat=True)
    return {
        "visits": Counter(Visit.objects.values_list("status", flat=True)),
        "bookings": Counter(Booking.objects.values_list("status", flat=True)),
        "lines": sorted(Counter(lines).values()),
        "told": sorted(Counter(told).values()),
    }


# --- The races ------------------------------------------------------------------------------------


def mine(function: str) -> str:
    return f"{__name__}.{function}"


def test_a_visit_that_two_call_off_at_once_is_called_off_once_and_nobody_is_told_twice(
    own_database,
):
    with crew(own_database, 2) as racers:
        visits = racers[0].run(mine("prepare"))
        outcomes = together(racers, mine("cancel_all"), [visits] * 2)
        assert outcomes == [["cancelled"] * ROUNDS] * 2
        after = racers[0].run(mine("found"))
        assert after["visits"] == {"cancelled": ROUNDS}
        assert after["bookings"] == {"cancelled": ROUNDS * PEOPLE}
        assert after["lines"] == [1] * ROUNDS
        assert set(after["told"]) == {1}


def test_a_visit_is_called_off_or_somebody_is_checked_in_but_never_both(own_database):
    with crew(own_database, 2) as racers:
        visits = racers[0].run(mine("prepare"))
        racers[0].start(mine("cancel_all"), visits)
        racers[1].start(mine("check_in_all"), visits)
        ended = list(zip(racers[0].result(), racers[1].result(), strict=True))
        assert set(ended) <= {("cancelled", "refused"), ("under way", "checked in")}
        came = ended.count(("under way", "checked in"))
        after = racers[0].run(mine("found"))
        assert after["bookings"].get("checked_in", 0) == came
        assert after["visits"].get("cancelled", 0) == ROUNDS - came
