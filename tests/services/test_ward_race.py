"""Processes that book and share out one visit at once keep every rule of the ward.

The control books the same people without minding the ward, and does empty it.
"""

from itertools import chain

from django.db import DatabaseError, transaction
from django.utils import timezone

from booking.domain.staffing import check_assignment
from booking.models import Booking, StruckSlot, Visit, WardRule
from booking.queries.ward import staffing_problem
from booking.services.assign import assign_people, share_out
from booking.services.bookings import book_people
from booking.services.refusals import BookingRefused
from enrolment.people.models import CardNeed
from tests import builders
from tests.services.racing import crew, together

RACERS = 4
NURSE = "Sjuksköterska"


@transaction.atomic
def prepare(_meet) -> tuple[str, list[list[str]]]:
    """Make a visit with a person in it who strikes the time out, and people to book by racer."""
    visit = builders.visit(slot_minutes=10, hours=2, stations=2)
    WardRule.objects.create(unit=visit.unit, most_away=1, walking_minutes=0)
    builders.ward_minimum(visit.unit, NURSE, least=RACERS * 2)
    first = builders.need(builders.staff(visit.unit, title=NURSE))
    groups = [
        [builders.need(builders.staff(visit.unit, title=NURSE)) for _ in range(2)]
        for _ in range(RACERS)
    ]
    (booking,) = assign_people(actor=visit.booked_by, visit=visit, needs=[first])
    StruckSlot.objects.create(booking=booking, slot=booking.slot)
    return str(visit.pk), [[str(need.pk) for need in group] for group in groups]


def book_and_share(meet, visit_id: str, need_ids: list[str]) -> list[str]:
    visit = Visit.objects.get(pk=visit_id)
    needs = list(CardNeed.objects.filter(pk__in=need_ids))
    actor = visit.booked_by
    return [
        attempt(meet, lambda: assign_people(actor=actor, visit=visit, needs=needs)),
        attempt(meet, lambda: share_out(actor=actor, visit=visit)),
        attempt(meet, lambda: share_out(actor=actor, visit=visit)),
    ]


def book_as_before(meet, visit_id: str, need_ids: list[str]) -> list[str]:
    visit = Visit.objects.get(pk=visit_id)
    needs = list(CardNeed.objects.filter(pk__in=need_ids))
    return [attempt(meet, lambda: book_people(actor=visit.booked_by, visit=visit, needs=needs))]


def attempt(meet, act) -> str:
    meet.wait(30)
    try:
        act()
    except BookingRefused as refusal:
        return refusal.code
    except DatabaseError as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def outcome(_meet, visit_id: str) -> tuple[int, int, int]:
    """Return how many are booked, in how many slots, and how many rules they break."""
    visit = Visit.objects.get(pk=visit_id)
    problem = staffing_problem(visit, timezone.now(), moving=True)
    held = {person.key: person.now for person in problem.people if person.now}
    kept = Booking.objects.filter(visit=visit).exclude(status="cancelled")
    slots = set(kept.values_list("slot", flat=True))
    return kept.count(), len(slots), len(check_assignment(problem, held))


def mine(function: str) -> str:
    return f"{__name__}.{function}"


def test_many_who_book_and_share_out_at_once_keep_the_ward_staffed(own_database):
    with crew(own_database, RACERS) as racers:
        visit, groups = racers[0].run(mine("prepare"))
        told = together(racers, mine("book_and_share"), [visit] * RACERS, groups)
        assert set(chain.from_iterable(told)) == {"done"}
        assert racers[0].run(mine("outcome"), visit) == (9, 9, 0)

        control, groups = racers[0].run(mine("prepare"))
        told = together(racers, mine("book_as_before"), [control] * RACERS, groups)
        assert set(chain.from_iterable(told)) == {"done"}
        booked, slots, broken = racers[0].run(mine("outcome"), control)
        assert (booked, slots) == (9, 9)
        assert broken > 0
