"""What is to be planned: which visits units need, who drives, what stands."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.models import DaysOff, Kit, Technician, WardRule, WorkHours
from booking.queries.rounds import LATE_DAYS, VISIT, build_instance
from booking.services.visits import cancel_visit
from enrolment.people.models import Rule
from enrolment.people.services.needs import advance_need
from tests import builders, planner_builders

pytestmark = pytest.mark.django_db
MINUTE = 60


@pytest.fixture
def federation():
    return planner_builders.federation()


def instance(federation):
    return build_instance(federation, *planner_builders.weekdays())


def load_of(federation):
    return {job.key: job.load for job in instance(federation).jobs}


def test_a_unit_is_one_visit_for_all_who_need_a_time(federation):
    unit = planner_builders.unit(federation, people=3, due_in=60)
    [job] = instance(federation).jobs
    assert (job.load, job.kind, job.locked) == (3, "photo", None)
    assert job.deadline == timezone.localdate() + timedelta(days=60 - 21)
    assert instance(federation).places[job.place] == f"unit:{unit.hsa_id}"
    # Set up 20, three people of 4 to whole five minutes, pack 10, and 5 to begin at such.
    assert job.service == (20 + 15 + 10 + 5) * MINUTE
    assert 0 < job.priority < 100


def test_a_visit_is_long_enough_for_a_ward_that_lets_few_go_at_once(federation):
    unit = planner_builders.unit(federation, people=3)
    planner_builders.unit(federation, "Vara", people=3)
    WardRule.objects.create(unit=unit, most_away=1, walking_minutes=4)
    around = 20 + 10 + 5
    service = {job.place: job.service for job in instance(federation).jobs}
    places = instance(federation).places
    slow = places.index(f"unit:{unit.hsa_id}")
    # One at a time, away 4 + 4 + 4 minutes: in the slots at 0, 12 and 24 minutes; 28 makes 30.
    assert service.pop(slow) == (around + 30) * MINUTE
    assert list(service.values()) == [(around + 15) * MINUTE]


def test_it_may_be_made_when_the_unit_is_open_and_before_the_last_day(federation):
    monday, _friday = planner_builders.weekdays()
    due_in = (monday - timezone.localdate()).days + 21 + 1
    planner_builders.unit(federation, due_in=due_in)
    [job] = instance(federation).jobs
    hours = [(window.day, window.opens // 3600, window.closes // 3600) for window in job.windows]
    assert hours == [(monday, 8, 16), (monday + timedelta(days=1), 8, 16)]


def test_whose_last_day_has_passed_gets_a_visit_within_two_weeks(federation):
    planner_builders.unit(federation, due_in=-5)
    [job] = instance(federation).jobs
    assert job.deadline == planner_builders.weekdays()[0] + timedelta(days=LATE_DAYS)
    assert len(job.windows) == 5


def test_protected_persons_are_not_counted_and_make_no_visit(federation):
    unit = planner_builders.unit(federation, people=2)
    builders.need(builders.staff(unit, protected=True))
    hidden = planner_builders.unit(federation, "Vara", people=0)
    builders.need(builders.staff(hidden, protected=True))
    assert list(load_of(federation).values()) == [2]


def test_a_large_unit_is_split_into_even_visits(federation):
    planner_builders.unit(federation, people=7)
    municipality = federation.municipalities.first()
    since = timezone.localdate()
    Rule.objects.create(
        federation=federation,
        municipality=municipality,
        key="people_at_most",
        value=3,
        valid_from=since,
    )
    assert sorted(load_of(federation).values()) == [2, 2, 3]


def test_free_times_of_a_coming_visit_count(federation):
    unit = planner_builders.unit(federation, people=14)
    technician = planner_builders.technician(federation)
    visit = builders.visit(unit, technician, hours=1)
    # One hour has room for 13 of them.
    assert list(load_of(federation).values()) == [14 - visit.slots.count()]
    cancel_visit(actor=visit.booked_by, visit=visit)
    assert list(load_of(federation).values()) == [14]


def test_a_card_that_has_come_needs_a_visit_to_activate_it(federation):
    unit = planner_builders.unit(federation, people=1)
    need = unit.staff.get().needs.get()
    for stage in ("booked", "checked_in", "photographed", "approved", "delivered"):
        advance_need(actor=builders.user(), need=need, stage=stage)
    [job] = instance(federation).jobs
    assert (job.kind, job.load, job.deadline) == ("activation", 1, need.due_on)
    assert job.service == (20 + 15 + 10 + 5) * MINUTE


def test_a_standing_visit_stays_where_it_is(federation):
    monday, _friday = planner_builders.weekdays()
    technician = planner_builders.technician(federation)
    visit = builders.visit(
        planner_builders.unit(federation, people=0),
        technician,
        hours=1,
        starts_at=builders.tomorrow().replace(year=monday.year, month=monday.month, day=monday.day),
    )
    [job] = instance(federation).jobs
    assert job.key == f"{VISIT}{visit.pk}"
    assert job.locked.vehicle == f"{technician.pk}:{monday.isoformat()}"
    assert job.locked.starts == (9 * 60 - 20) * MINUTE
    assert job.service == (20 + 60 + 10) * MINUTE


def test_technicians_drive_on_their_own_days_from_their_base(federation):
    monday, friday = planner_builders.weekdays()
    technician = planner_builders.technician(federation)
    WorkHours.objects.create(technician=technician, weekday=0, starts=time(7), ends=time(12))
    WorkHours.objects.create(technician=technician, weekday=4, starts=time(7), ends=time(16))
    DaysOff.objects.create(technician=technician, first_day=friday, last_day=friday)
    [vehicle] = instance(federation).vehicles
    assert (vehicle.day, vehicle.starts, vehicle.ends) == (monday, 7 * 3600, 12 * 3600)
    assert instance(federation).places[vehicle.start_place] == f"base:{technician.pk}"
    assert vehicle.lunch is None


def test_who_no_longer_holds_the_role_does_not_drive(federation):
    Technician.objects.get().user.memberships.all().delete()
    assert instance(federation).vehicles == ()


def test_kits_limit_only_where_there_is_a_list_of_them(federation):
    assert instance(federation).kits == {}
    Kit.objects.create(federation=federation, name="Väska 1", kinds=["photo"])
    assert instance(federation).kits == {"photo": 1, "activation": 0}


def test_another_federations_units_and_technicians_are_not_there(federation):
    other = planner_builders.federation()
    planner_builders.unit(other)
    assert instance(federation).jobs == ()
    assert len(instance(federation).vehicles) == 5


def test_queries_do_not_grow_with_units_and_visits(federation):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            instance(federation)
        return len(found)

    technician = planner_builders.technician(federation)
    builders.visit(planner_builders.unit(federation), technician)
    before = queries()
    for town in ("Vara", "Skara", "Götene"):
        unit = planner_builders.unit(federation, town)
        builders.visit(unit, builders.technician(federation))
    assert queries() == before
