"""VROOM's plans and those of the search on top: right, better, and the same for the same seed."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings

from booking.domain.rounds import (
    Locked,
    Reason,
    Window,
    cheapest_insertion,
    check,
    instance_json,
    objective,
)
from booking.domain.rounds.improve import improve
from booking.domain.rounds.vroom_model import first_plan
from tests.domain.test_rounds_check import instances
from tests.rounds_builders import HOUR, MONDAY, federation, instance, job, vehicle


def steps(number: int):
    """Return a clock that says 1 after so many looks."""
    looks = count()
    return lambda: next(looks) / number


def searched(question, *, seed=1, looks=6):
    better = []
    first = first_plan(question)
    plan = improve(question, first, seed=seed, progress=steps(looks), on_better=better.append)
    return first, better, plan


@settings(max_examples=25, deadline=None)
@given(instances())
def test_every_plan_can_be_driven_and_is_no_worse_than_the_one_before(question):
    first, better, plan = searched(question, looks=2)
    plans = [cheapest_insertion(question), first, *better, plan]
    assert [check(question, each) for each in plans] == [[] for _ in plans]
    weights = [objective(question, each) for each in plans]
    assert weights == sorted(weights, reverse=True)


def test_the_search_beats_vroom_alone_which_beats_insertion():
    question = federation(units=40, days=6, seed=3)
    first, better, plan = searched(question, looks=40)
    plain = cheapest_insertion(question)
    assert objective(question, plan) < objective(question, first) < objective(question, plain)
    assert objective(question, better[-1]) == objective(question, plan)
    assert not plan.unplaced


def test_the_same_seed_and_steps_give_the_same_plan_and_another_seed_another():
    question = federation(units=30, days=5)
    plan = searched(question, seed=7)[-1]
    assert searched(question, seed=7)[-1] == plan
    assert searched(question, seed=8)[-1] != plan


def test_confirmed_visits_stay_through_the_search():
    question = federation(units=20, days=4)
    plan = first_plan(question)
    locks = {s.job: Locked(r.vehicle, s.starts) for r in plan.rounds[:2] for s in r.stops}
    jobs = tuple(replace(each, locked=locks.get(each.key)) for each in question.jobs)
    locked = replace(question, jobs=jobs)
    _, _, found = searched(locked, looks=10)
    assert check(locked, found) == []
    stands = {s.job: Locked(r.vehicle, s.starts) for r in found.rounds for s in r.stops}
    assert {key: stands[key] for key in locks} == locks


@pytest.mark.parametrize("kits", [0, 1])
def test_kits_limit_who_is_out(kits):
    question = replace(federation(units=16, days=3), kits={"photo": kits})
    _, _, plan = searched(question)
    assert check(question, plan) == []
    days = [round_.vehicle.rpartition(" ")[2] for round_ in plan.rounds]
    assert all(days.count(day) <= kits for day in days)
    assert bool(plan.rounds) == bool(kits)


def test_the_urgent_go_first_when_not_all_find_room():
    jobs = [job(f"{n}", service=3 * HOUR, priority=10 * n) for n in range(5)]
    _, _, plan = searched(instance(*jobs))
    assert {left.job for left in plan.unplaced} == {"0", "1", "2"}


def test_a_plan_of_vrooms_that_needs_lunch_on_the_road_is_not_taken():
    """VROOM lets a long drive be broken by lunch; we eat at a stop or at the base."""
    far = Window(MONDAY, 14 * HOUR, 15 * HOUR + 1800)
    question = instance(
        job("far", windows=(far,)),
        places=("base", "far"),
        seconds=((0, 4 * HOUR), (4 * HOUR, 0)),
        vehicles=(vehicle("day", starts=10 * HOUR, ends=20 * HOUR),),
    )
    _, _, plan = searched(question)
    assert [left.reason for left in plan.unplaced] == [Reason.TOO_FAR]
    near = job("near", place=2)
    question = replace(
        question,
        places=("base", "far", "near"),
        seconds=((0, 4 * HOUR, 600), (4 * HOUR, 0, 4 * HOUR), (600, 4 * HOUR, 0)),
        jobs=(*question.jobs, near),
        vehicles=(*question.vehicles, vehicle("other", starts=10 * HOUR, ends=20 * HOUR)),
    )
    _, _, plan = searched(question, looks=40)
    assert [(left.job, left.reason) for left in plan.unplaced] == [("far", Reason.TOO_FAR)]
    assert check(question, plan) == []


def test_nothing_to_plan_is_no_rounds():
    question = instance(vehicles=(vehicle("day"),))
    assert instance_json(question)["jobs"] == []
    assert (
        improve(
            question, cheapest_insertion(question), seed=1, progress=steps(1), on_better=print
        ).rounds
        == ()
    )
