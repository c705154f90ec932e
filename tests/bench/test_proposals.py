"""How long it takes to propose three times among many standing visits, and what it asks for."""

import random
import time
from datetime import time as clock
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.domain.workdays import holiday_name, instant, is_weekend
from booking.models import Technician, Visit
from booking.queries.proposals import Wanted, offers
from enrolment.people.models import CardNeed, CareUnit
from tests import builders

pytestmark = pytest.mark.django_db

TECHNICIANS, VISITS, WORKING_DAYS, PEOPLE = 4, 200, 60, 12
MOST_SECONDS = 1.0


def working_days() -> list:
    first = timezone.localdate() + timedelta(days=4)
    days = (first + timedelta(days=number) for number in range(120))
    return [day for day in days if not is_weekend(day) and not holiday_name(day)][:WORKING_DAYS]


def world(visits: int) -> tuple[CareUnit, list[Technician], list[CardNeed]]:
    """Make a federation whose technicians have so many visits to units all over the land."""
    chance = random.Random(5)
    unit = builders.unit()
    federation = unit.municipality.federation
    technicians = [builders.technician(federation) for _ in range(TECHNICIANS)]
    boss = builders.user()
    spots = [
        (each, day, hour) for each in technicians for day in working_days() for hour in (9, 13)
    ]
    chosen = chance.sample(spots, visits)
    for technician, day, hour in chosen:
        at = builders.unit(unit.municipality, f"Enhet {builders.number()}")
        at.latitude, at.longitude = chance.uniform(57.9, 58.7), chance.uniform(12.6, 13.9)
        at.save()
        begins = instant(day, clock(hour))
        Visit.objects.create(
            unit=at,
            technician=technician,
            kind="photo",
            starts_at=begins,
            ends_at=begins + timedelta(minutes=chance.choice([30, 60, 90])),
            slot_minutes=4,
            booked_by=boss,
        )
    due = timezone.localdate() + timedelta(days=60)
    needs = [builders.need(builders.staff(unit), due_on=due) for _ in range(PEOPLE)]
    loaded = CardNeed.objects.filter(pk__in=[need.pk for need in needs])
    return unit, technicians, list(loaded.select_related("staff__unit__municipality__federation"))


def test_three_times_among_two_hundred_visits_come_within_a_second():
    unit, technicians, needs = world(VISITS)
    wanted = Wanted(unit=unit, kind="photo", needs=needs)
    taken = []
    for _ in range(5):
        begins = time.perf_counter()
        with CaptureQueriesContext(connection) as made:
            found = offers(wanted, technicians, timezone.now())
        taken.append(time.perf_counter() - begins)
    assert len(found.offers) == 3
    print(f"\nproposals_ms: {1000 * sorted(taken)[2]:.0f} ({VISITS} visits, {len(made)} queries)")
    assert sorted(taken)[2] < MOST_SECONDS


def test_more_visits_ask_no_more_of_the_database():
    unit, technicians, needs = world(20)
    wanted = Wanted(unit=unit, kind="photo", needs=needs)

    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            offers(wanted, technicians, timezone.now())
        return len(made)

    few = asked()
    for at, technician in enumerate(technicians):
        begins = instant(working_days()[at + 5], clock(16))
        there = builders.unit(unit.municipality)
        builders.visit(there, technician, hours=0.5, starts_at=begins)
    assert asked() == few
