"""A stop is moved once its cost has been seen, and a week is planned anew with least change."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from booking.domain.rounds import check, cost, read_plan
from booking.models import DaysOff, RoundPlan, Technician, Visit
from booking.queries.replans import again, changes
from booking.queries.round_days import PlanRead
from booking.queries.round_moves import places_for
from booking.queries.round_plans import question_of
from booking.services import changes as services_changes
from booking.services import locks, refusals, replans
from booking.services.bookings import book_people
from booking.services.replans import accept_replan, replan
from booking.services.round_acceptance import accept_plan
from booking.services.round_moves import move_stop
from enrolment.messages.models import Message
from enrolment.people.models import Federation
from tests import builders, planner_builders

pytestmark = pytest.mark.django_db


def stand() -> None:
    federation = planner_builders.federation(technicians=2)
    for town in ("Skara", "Vara", "Götene"):
        planner_builders.unit(federation, town)
    planner_builders.ready(federation)


@pytest.fixture
def plan():
    return RoundPlan.objects.get()


@pytest.fixture
def federation():
    return Federation.objects.get()


# --- Move a stop --------------------------------------------------------------------------------


def first_stop(plan) -> str:
    return PlanRead(plan).days[0].stops[0].key


def test_every_place_is_feasible_and_the_cheapest_comes_first(plan):
    places = places_for(plan, first_stop(plan))
    assert len(places.places) > 3
    assert [place.cost for place in places.places] == sorted(p.cost for p in places.places)
    now = cost(places.instance, PlanRead(plan).plan)
    for place in places.places:
        assert check(places.instance, place.plan) == []
        assert cost(places.instance, place.plan) - now == place.cost
        assert place.cost == pytest.approx(60 * place.driving + 3600 * place.days, abs=60)


def test_a_moved_stop_stands_where_it_was_shown_and_the_plan_holds(plan):
    key = first_stop(plan)
    place = places_for(plan, key).places[-1]
    move_stop(actor=builders.user(), plan=plan, job=key, vehicle=place.vehicle, seen=place.cost)
    plan.refresh_from_db()
    assert check(question_of(plan), read_plan(plan.answer)) == []
    [(day, stop)] = [
        (day, stop) for day in PlanRead(plan).days for stop in day.stops if stop.key == key
    ]
    assert (day.key, stop.begins) == (place.vehicle, place.begins)


def test_a_cost_that_was_not_shown_moves_nothing(plan):
    key, before = first_stop(plan), plan.answer
    place = places_for(plan, key).places[0]
    with pytest.raises(refusals.PlanChanged):
        move_stop(
            actor=builders.user(), plan=plan, job=key, vehicle=place.vehicle, seen=place.cost + 1
        )
    plan.refresh_from_db()
    assert plan.answer == before


def test_a_round_that_cannot_hold_it_is_refused(plan):
    with pytest.raises(refusals.StopDoesNotFit):
        move_stop(
            actor=builders.user(),
            plan=plan,
            job=first_stop(plan),
            vehicle="0:2020-01-01",
            seen=0,
        )


def test_what_is_a_visit_is_not_moved_and_stays_when_others_move(plan):
    key = first_stop(plan)
    [visit] = accept_plan(actor=builders.user(), plan=plan, stops={key}).visits
    with pytest.raises(refusals.StopBooked):
        move_stop(actor=builders.user(), plan=plan, job=key, vehicle="", seen=0)
    other = PlanRead(plan).open_stops[0].key
    place = places_for(plan, other).places[0]
    move_stop(actor=builders.user(), plan=plan, job=other, vehicle=place.vehicle, seen=place.cost)
    plan.refresh_from_db()
    [stop] = [stop for day in PlanRead(plan).days for stop in day.stops if stop.key == key]
    assert stop.begins == visit.starts_at


def test_an_unknown_stop_has_no_places(plan):
    assert places_for(plan, "photo:nowhere:1") is None


# --- Plan a week anew ---------------------------------------------------------------------------


@pytest.fixture
def visits(plan):
    """Visits that stand, one with a person booked, all with one technician of the two."""
    made = accept_plan(actor=builders.user(), plan=plan).visits
    person = made[0].unit.staff.first()
    book_people(actor=builders.user(), visit=made[0], needs=[person.needs.get()])
    return made


def asked(federation, **more):
    first_day, last_day = planner_builders.weekdays()
    return replan(
        actor=more.pop("actor", None) or planner_builders.planner(federation),
        federation=federation,
        first_day=more.pop("first_day", first_day),
        last_day=more.pop("last_day", last_day),
        form_key=more.pop("form_key", uuid.uuid4()),
        **more,
    )


def standing() -> dict[uuid.UUID, tuple[int, object]]:
    return {
        visit.pk: (visit.technician_id, visit.starts_at) for visit in Visit.objects.order_by("pk")
    }


def test_a_sick_technicians_visits_go_to_a_colleague_at_the_same_time(federation, visits):
    sick = visits[0].technician
    before = standing()
    made = asked(federation, technician=sick)
    assert standing() == before
    hit = {visit.pk for visit in visits if visit.technician_id == sick.pk}
    rows = changes(made)
    assert {row.visit.pk for row in rows} == hit
    booked = next(row for row in rows if row.visit == visits[0])
    assert (booked.people, booked.starts_at) == (1, visits[0].starts_at)
    assert booked.technician != sick
    moved, left = accept_replan(actor=builders.user(), plan=made)
    assert ({visit.pk for visit in moved}, left) == (hit, [])
    after = standing()
    assert all(after[pk] == before[pk] for pk in before if pk not in hit)
    assert all(after[pk][0] != sick.pk for pk in hit)


def test_the_managers_of_a_moved_visit_are_told(federation, visits):
    manager = builders.user("care_manager", within=visits[0].unit)
    made = asked(federation, technician=visits[0].technician)
    accept_replan(actor=builders.user(), plan=made)
    assert Message.objects.filter(recipient=manager.email).count() == 1


def test_accepting_a_replan_twice_is_once(federation, visits):
    made = asked(federation, technician=visits[0].technician)
    accept_replan(actor=builders.user(), plan=made)
    after = standing()
    assert accept_replan(actor=builders.user(), plan=made) == ([], [])
    assert standing() == after


def test_all_visits_are_held_before_anybodys_need(federation, visits, monkeypatch):
    """Needs come after visits in the order of docs/explanation/locking.md."""
    held: list[object] = []
    real = {name: getattr(locks, name) for name in ("lock_visit", "lock_needs")}

    def lock_visit(visit_id):
        held.append(visit_id)
        return real["lock_visit"](visit_id)

    def lock_needs(need_ids):
        held.append("needs")
        return real["lock_needs"](need_ids)

    for module in (locks, replans, services_changes):
        for spy in (lock_visit, lock_needs):
            if hasattr(module, spy.__name__):
                monkeypatch.setattr(module, spy.__name__, spy)
    made = asked(federation, technician=visits[0].technician)
    moved, _left = accept_replan(actor=builders.user(), plan=made)
    assert len(moved) > 1
    assert {visit.pk for visit in moved} <= set(held[: held.index("needs")])


def test_a_lone_technicians_visits_go_to_the_first_days_back_at_work(federation, visits):
    sick, day = visits[0].technician, timezone.localdate(visits[0].starts_at)
    Technician.objects.exclude(pk=sick.pk).get().user.memberships.all().delete()
    made = asked(federation, technician=sick, first_day=day, last_day=day)
    moved = [row for row in changes(made) if row.moves]
    assert moved
    assert {row.technician for row in moved} == {sick}
    assert all(timezone.localdate(row.starts_at) > day for row in moved)
    assert (made.first_day, made.last_day) == (day, day)


def test_nobody_at_work_until_the_sunday_of_the_week_after_is_said(federation, visits):
    sick, day = visits[0].technician, timezone.localdate(visits[0].starts_at)
    Technician.objects.exclude(pk=sick.pk).get().user.memberships.all().delete()
    _away_until(sick, day + timedelta(days=13))
    with pytest.raises(refusals.NoTechnicians):
        asked(federation, technician=sick, first_day=day, last_day=day)


def _away_until(technician, last_day):
    first_day, _last_day = planner_builders.weekdays()
    DaysOff.objects.create(technician=technician, first_day=first_day, last_day=last_day)


def test_a_day_that_is_full_leaves_a_visit_without_place_and_can_be_asked_again(federation, visits):
    sick = visits[0].technician
    day = PlanRead(asked(federation, technician=sick)).days[0].day
    colleague = Technician.objects.exclude(pk=sick.pk).get()
    colleague.kinds = ["activation"]
    colleague.save()
    _away_until(sick, day + timedelta(days=13))
    made = asked(federation, technician=sick, first_day=day, last_day=day)
    rows = changes(made)
    assert rows
    assert all(row.technician is None for row in rows)
    form = again(made)
    assert (form["event"], form["technician"], form["loosen"]) == ("away", str(sick.pk), "on")
    loosened = asked(federation, technician=sick, first_day=day, last_day=day, loosen=True)
    assert again(loosened) == {}


def test_a_unit_that_cant_be_reached_gets_other_days_and_no_other_visit_moves(federation, visits):
    shut, day = visits[0], timezone.localdate(visits[0].starts_at)
    before = standing()
    made = asked(federation, unit=shut.unit, first_day=day, last_day=day)
    [row] = changes(made)
    assert row.visit == shut
    assert timezone.localdate(row.starts_at) > day
    assert accept_replan(actor=builders.user(), plan=made) == ([shut], [])
    after = standing()
    assert [pk for pk in before if after[pk] != before[pk]] == [shut.pk]


def test_a_closed_road_can_be_asked_for_again_loosened(federation, visits):
    form = again(asked(federation, unit=visits[0].unit))
    assert (form["event"], form["unit"]) == ("closed", str(visits[0].unit_id))


def test_a_closed_road_to_where_nobody_goes_hits_nothing(federation, visits):
    with pytest.raises(refusals.NothingHit):
        asked(federation, unit=planner_builders.unit(federation, "Lidköping"))


def test_slower_roads_hit_only_what_cannot_be_reached(federation):
    monday, _friday = planner_builders.weekdays()
    technician = planner_builders.technician(federation)
    at = planner_builders.at_nine(monday)
    near = builders.visit(
        planner_builders.unit(federation, "Lidköping"), technician, hours=1, starts_at=at
    )
    # Half an hour and more from there to Vara: it leaves ten minutes to spare.
    far = builders.visit(
        planner_builders.unit(federation, "Vara"),
        technician,
        hours=1,
        starts_at=at + timedelta(hours=2, minutes=15),
    )
    with pytest.raises(refusals.NothingHit):
        asked(federation, slower=1)
    rows = changes(asked(federation, slower=100))
    assert [row.visit for row in rows] == [far]
    assert near not in [row.visit for row in rows]
    [row] = rows
    assert (row.technician.pk, row.starts_at) != (far.technician_id, far.starts_at)


def test_nothing_hit_is_told(federation, visits):
    idle = builders.technician(federation)
    with pytest.raises(refusals.NothingHit):
        asked(federation, technician=idle)
