"""A plan of rounds from the question to the visits: asked for, worked out, decided on."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from booking import faults
from booking.domain.rounds import Reason, check, read_plan
from booking.models import DaysOff, RoundPlan, Technician, Visit, WorkHours
from booking.queries.round_days import PlanRead
from booking.queries.round_plans import question_of, unfinished_plans
from booking.services import refusals
from booking.services.round_acceptance import accept_plan
from booking.services.rounds import (
    ATTEMPTS_AT_MOST,
    GIVEN_UP,
    SECONDS_AT_MOST,
    discard_plan,
    run_plan,
    stop_planning,
)
from booking.services.visits import cancel_visit
from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from tests import builders, planner_builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def federation():
    return planner_builders.federation()


def holds(plan: RoundPlan) -> bool:
    return check(question_of(plan), read_plan(plan.answer)) == []


def placed(plan: RoundPlan) -> list[str]:
    return [stop.job for round_ in read_plan(plan.answer).rounds for stop in round_.stops]


# --- Asked for ----------------------------------------------------------------------------------


def test_a_plan_is_asked_for_and_a_worker_is_rung_for(
    federation, settings, django_capture_on_commit_callbacks
):
    settings.JOBS_INLINE = True
    planner_builders.unit(federation)
    with django_capture_on_commit_callbacks(execute=True):
        plan = planner_builders.asked(federation)
        assert plan.status == "waiting"
    plan.refresh_from_db()
    assert plan.status == "ready"
    assert [change.status for change in plan.changes.order_by("pk")] == [
        "waiting",
        "running",
        "ready",
    ]
    assert {"booking.ask_for_plan", "booking.finish_plan"} <= set(
        Entry.objects.values_list("action", flat=True)
    )


def test_the_same_form_twice_is_one_plan_and_nobody_elses(federation):
    planner_builders.unit(federation)
    planner, key = planner_builders.planner(federation), uuid.uuid4()
    first = planner_builders.asked(federation, planner, form_key=key)
    assert planner_builders.asked(federation, planner, form_key=key) == first
    assert RoundPlan.objects.count() == 1
    with pytest.raises(refusals.FormKeyTaken):
        planner_builders.asked(federation, form_key=key)


def test_the_search_ends_before_the_queue_ends_the_task(federation, settings):
    planner_builders.unit(federation)
    assert planner_builders.asked(federation, seconds=900).seconds == SECONDS_AT_MOST
    assert settings.Q_CLUSTER["timeout"] > SECONDS_AT_MOST


@pytest.mark.parametrize(
    ("days", "refusal"), [(-1, refusals.DaysBackwards), (70, refusals.TooManyDays)]
)
def test_days_that_cannot_be_planned(federation, days, refusal):
    planner_builders.unit(federation)
    first_day, _last_day = planner_builders.weekdays()
    with pytest.raises(refusal):
        planner_builders.asked(federation, last_day=first_day + timedelta(days=days))
    assert not RoundPlan.objects.exists()


def test_ten_weeks_are_not_too_many(federation):
    planner_builders.unit(federation)
    first_day, _last_day = planner_builders.weekdays()
    assert planner_builders.asked(federation, last_day=first_day + timedelta(days=69))


def test_no_technicians_no_plan(federation):
    planner_builders.unit(federation)
    Technician.objects.get().user.memberships.all().delete()
    with pytest.raises(refusals.NoTechnicians):
        planner_builders.asked(federation)


def test_a_technician_without_hours_on_those_days_is_none(federation):
    planner_builders.unit(federation)
    sunday = {"weekday": 6, "starts": "08:00", "ends": "16:00"}
    WorkHours.objects.create(technician=Technician.objects.get(), **sunday)
    with pytest.raises(refusals.NoTechnicians):
        planner_builders.asked(federation)


def test_nobody_to_visit_no_plan(federation):
    planner_builders.unit(federation, people=0)
    with pytest.raises(refusals.NobodyToVisit):
        planner_builders.asked(federation)


# --- Worked out ---------------------------------------------------------------------------------


def test_the_worker_places_every_visit_and_the_plan_holds(federation):
    for town in ("Skara", "Vara", "Götene"):
        planner_builders.unit(federation, town)
    plan = planner_builders.ready(federation)
    assert (plan.status, plan.leased_until, plan.why) == ("ready", None, "")
    assert len(placed(plan)) == 3
    assert holds(plan)
    assert plan.progress
    assert {"seconds", "objective", "placed"} == set(plan.progress[-1])


def test_a_finished_plan_is_not_worked_out_again(federation):
    planner_builders.unit(federation)
    plan = planner_builders.ready(federation)
    assert run_plan(plan_id=plan.pk) is False
    assert plan.changes.count() == 3


def test_an_instance_that_nobody_can_solve_says_why(federation):
    unit = planner_builders.unit(federation)
    unit.latitude, unit.longitude = 67.85, 20.22
    unit.save()
    plan = planner_builders.ready(federation)
    assert plan.status == "ready"
    [left] = PlanRead(plan).left
    assert (left.unit, left.reason) == (unit, "too_far")
    assert left.why == "Resan fram och tillbaka med besöket är längre än en arbetsdag."


def test_one_who_is_asked_to_stop_keeps_the_best(federation):
    planner_builders.unit(federation)
    plan = planner_builders.asked(federation, seconds=60)
    planner = builders.user()
    stop_planning(actor=planner, plan=plan)
    stop_planning(actor=planner, plan=plan)
    began = timezone.now()
    assert run_plan(plan_id=plan.pk)
    assert (timezone.now() - began).total_seconds() < 20
    plan.refresh_from_db()
    assert (plan.status, len(placed(plan))) == ("ready", 1)
    assert Entry.objects.filter(action="booking.stop_planning").count() == 1


def test_a_plan_that_another_worker_holds_is_left_to_it(federation):
    planner_builders.unit(federation)
    plan = planner_builders.asked(federation)
    RoundPlan.objects.filter(pk=plan.pk).update(
        status="running", leased_until=timezone.now() + timedelta(seconds=5)
    )
    assert unfinished_plans(timezone.now()) == []
    assert run_plan(plan_id=plan.pk) is False


def test_what_a_killed_worker_left_is_taken_up_again(federation):
    planner_builders.unit(federation)
    plan = planner_builders.asked(federation)
    RoundPlan.objects.filter(pk=plan.pk).update(
        status="running", attempts=1, leased_until=timezone.now() - timedelta(seconds=1)
    )
    assert unfinished_plans(timezone.now()) == [plan.pk]
    assert run_plan(plan_id=plan.pk)
    plan.refresh_from_db()
    assert (plan.status, plan.attempts) == ("ready", 2)


def test_after_three_tries_it_fails_and_says_so(federation):
    planner_builders.unit(federation)
    plan = planner_builders.asked(federation)
    RoundPlan.objects.filter(pk=plan.pk).update(status="running", attempts=ATTEMPTS_AT_MOST)
    assert run_plan(plan_id=plan.pk)
    plan.refresh_from_db()
    assert (plan.status, plan.why) == ("failed", GIVEN_UP)


# --- Decided on ---------------------------------------------------------------------------------


def test_accepting_makes_the_visits_at_even_times_and_tells_the_managers(federation):
    unit = planner_builders.unit(federation, people=3)
    manager = builders.user("care_manager", within=unit)
    plan = planner_builders.ready(federation)
    planner = builders.user()
    outcome = accept_plan(actor=planner, plan=plan)
    [visit] = outcome.visits
    assert outcome.left == []
    assert (visit.unit, visit.booked_by, visit.slots.count()) == (unit, planner, 3)
    assert visit.starts_at.timestamp() % 300 == 0
    [stop] = read_plan(plan.answer).rounds[0].stops
    local = timezone.localtime(visit.starts_at)
    starts = (local.hour * 60 + local.minute) * 60
    assert stop.starts + 20 * 60 <= starts
    assert starts + 3 * 4 * 60 + 10 * 60 <= stop.ends
    [message] = Message.objects.filter(recipient=manager.email)
    assert "boka in dina medarbetare" in message.subject
    assert f"/besok/{visit.pk}/" in message.body
    plan.refresh_from_db()
    assert plan.status == "accepted"


def test_accepting_twice_is_once(federation):
    builders.user("care_manager", within=planner_builders.unit(federation))
    plan = planner_builders.drafted(federation)
    accept_plan(actor=builders.user(), plan=plan)
    again = accept_plan(actor=builders.user(), plan=plan)
    assert (again.visits, again.left) == ([], [])
    assert (Visit.objects.count(), Message.objects.count()) == (1, 1)


def test_a_stop_whose_visit_was_called_off_is_not_made_unheard(federation):
    planner_builders.unit(federation)
    plan = planner_builders.drafted(federation)
    [visit] = accept_plan(actor=builders.user(), plan=plan).visits
    cancel_visit(actor=builders.user(), visit=visit)
    outcome = accept_plan(actor=visit.booked_by, plan=plan)
    assert outcome.visits == []
    assert [left.refusal.code for left in outcome.left] == ["visit_not_open"]


def test_a_part_is_accepted_and_the_rest_later(federation):
    for town in ("Skara", "Vara"):
        planner_builders.unit(federation, town)
    plan = planner_builders.drafted(federation)
    first, second = placed(plan)
    accept_plan(actor=builders.user(), plan=plan, stops={first})
    assert [stop.key for stop in PlanRead(plan).open_stops] == [second]
    accept_plan(actor=builders.user(), plan=plan, stops={second})
    assert Visit.objects.count() == 2


def test_a_stop_that_clashes_is_told_of_and_the_others_are_done(federation):
    units = [planner_builders.unit(federation, town) for town in ("Skara", "Vara")]
    plan = planner_builders.drafted(federation)
    day = PlanRead(plan).days[0]
    hit = day.stops[0]
    elsewhere = builders.unit(federation.municipalities.first(), "Emellan")
    builders.visit(elsewhere, day.technician, hours=1, starts_at=hit.begins)
    outcome = accept_plan(actor=builders.user(), plan=plan)
    assert [(left.stop.key, left.refusal.code) for left in outcome.left] == [
        (hit.key, "technician_busy")
    ]
    assert [visit.unit for visit in outcome.visits] == [unit for unit in units if unit != hit.unit]


def test_a_visit_that_nobody_needs_any_more_is_not_made(federation):
    unit = planner_builders.unit(federation)
    plan = planner_builders.drafted(federation)
    for person in unit.staff.all():
        person.needs.update(open=False)
    outcome = accept_plan(actor=builders.user(), plan=plan)
    assert [left.refusal.code for left in outcome.left] == ["nobody_left"]
    plan.refresh_from_db()
    assert plan.status == "ready"


def test_a_technician_who_has_gone_on_leave_gets_no_visit(federation):
    planner_builders.unit(federation)
    plan = planner_builders.drafted(federation)
    first_day, last_day = planner_builders.weekdays()
    technician = Technician.objects.get()
    DaysOff.objects.create(technician=technician, first_day=first_day, last_day=last_day)
    outcome = accept_plan(actor=builders.user(), plan=plan)
    assert [left.refusal.code for left in outcome.left] == ["technician_away"]
    assert not Visit.objects.exists()


def test_a_plan_is_thrown_away_once_and_cannot_be_accepted_then(federation):
    planner_builders.unit(federation)
    plan = planner_builders.drafted(federation)
    for _ in range(2):
        discard_plan(actor=builders.user(), plan=plan)
    assert plan.changes.filter(status="discarded").count() == 1
    with pytest.raises(refusals.PlanSettled):
        accept_plan(actor=builders.user(), plan=plan)
    assert not Visit.objects.exists()


def test_an_accepted_plan_is_not_thrown_away(federation):
    planner_builders.unit(federation)
    plan = planner_builders.drafted(federation)
    accept_plan(actor=builders.user(), plan=plan)
    with pytest.raises(refusals.PlanSettled):
        discard_plan(actor=builders.user(), plan=plan)


def test_every_reason_to_leave_a_visit_out_has_a_sentence():
    assert set(faults.UNPLACED) == set(Reason)
