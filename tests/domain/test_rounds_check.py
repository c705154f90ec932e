"""A plan without faults can be driven as it stands; every way to spoil one is named."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.rounds import (
    FaultCode,
    Instance,
    Job,
    Locked,
    Plan,
    Reason,
    Unplaced,
    Window,
    cheapest_insertion,
    check,
)
from tests.rounds_builders import EIGHT, FIVE, HOUR, MONDAY, federation, instance, job, vehicle

DAYS = [MONDAY + timedelta(days=n) for n in range(3)]


@st.composite
def instances(draw) -> Instance:
    """Small questions of every sort: two technicians, three days, kits, locks, capacities."""
    places = draw(st.integers(2, 6))
    seconds = [
        [draw(st.integers(0, 5400)) * (a != b) for b in range(places)] for a in range(places)
    ]
    vehicles = tuple(
        vehicle(
            f"{name} {day}",
            name,
            day,
            starts=draw(st.sampled_from([7 * HOUR, EIGHT])),
            ends=draw(st.sampled_from([15 * HOUR, FIVE])),
            lunch=draw(st.sampled_from([None, vehicle("").lunch])),
            capacity=draw(st.sampled_from([None, 20])),
            kinds=draw(st.sampled_from([{"photo"}, {"photo", "activation"}])),
        )
        for day in DAYS
        for name in ("a", "b")
    )
    jobs = tuple(
        draw(jobs_at(n, places, [v.key for v in vehicles])) for n in range(draw(st.integers(1, 9)))
    )
    kits = draw(st.sampled_from([{}, {"photo": 1}, {"activation": 0}]))
    return Instance(
        tuple(f"place {n}" for n in range(places)),
        tuple(map(tuple, seconds)),
        tuple(replace(v, kinds=frozenset(v.kinds)) for v in vehicles),
        jobs,
        kits=kits,
    )


@st.composite
def jobs_at(draw, number: int, places: int, vehicles: list[str]) -> Job:
    windows = []
    for day in draw(st.lists(st.sampled_from(DAYS), max_size=3)):
        opens = draw(st.integers(6 * HOUR, 15 * HOUR))
        windows.append(Window(day, opens, opens + draw(st.integers(0, 6 * HOUR))))
    lock = None
    if draw(st.integers(0, 5)) == 0:
        lock = Locked(draw(st.sampled_from(vehicles)), draw(st.integers(EIGHT, 16 * HOUR)))
    return Job(
        f"job {number}",
        draw(st.integers(1, places - 1)),
        draw(st.integers(60, 2 * HOUR)),
        tuple(windows),
        draw(st.sampled_from([None, DAYS[1]])),
        draw(st.integers(0, 100)),
        draw(st.sampled_from(["photo", "activation"])),
        draw(st.integers(0, 15)),
        lock,
    )


@settings(max_examples=60, deadline=None)
@given(instances())
def test_what_insertion_plans_has_no_faults(question):
    assert check(question, cheapest_insertion(question)) == []


@pytest.fixture(scope="module")
def question() -> Instance:
    return replace(federation(units=30, days=5), kits={"photo": 2})


@pytest.fixture(scope="module")
def plan(question) -> Plan:
    return cheapest_insertion(question)


def first(plan: Plan, **changes) -> Plan:
    return replace(plan, rounds=(replace(plan.rounds[0], **changes), *plan.rounds[1:]))


def stop(plan: Plan, at: int = 1, **changes) -> Plan:
    stops = list(plan.rounds[0].stops)
    stops[at] = replace(stops[at], **changes)
    return first(plan, stops=tuple(stops))


def second(plan: Plan):
    return plan.rounds[0].stops[1]


SPOILED = {
    FaultCode.UNKNOWN_VEHICLE: lambda plan: first(plan, vehicle="nobody"),
    FaultCode.VEHICLE_TWICE: lambda plan: first(plan, vehicle=plan.rounds[1].vehicle),
    FaultCode.EMPTY_ROUND: lambda plan: first(plan, stops=()),
    FaultCode.UNKNOWN_JOB: lambda plan: stop(plan, job="nowhere"),
    FaultCode.JOB_TWICE: lambda plan: stop(plan, job=plan.rounds[1].stops[0].job),
    FaultCode.JOB_MISSING: lambda plan: first(plan, stops=plan.rounds[0].stops[1:]),
    FaultCode.UNKNOWN_REASON: lambda plan: replace(plan, unplaced=(Unplaced("x", "tired"),)),
    FaultCode.OUTSIDE_SHIFT: lambda plan: first(plan, returns=22 * HOUR),
    FaultCode.OVER_MIDNIGHT: lambda plan: first(plan, returns=25 * HOUR),
    FaultCode.DRIVE_TOO_SHORT: lambda plan: stop(plan, arrives=plan.rounds[0].stops[0].ends),
    FaultCode.STARTS_BEFORE_ARRIVAL: lambda plan: stop(plan, arrives=second(plan).starts + 1),
    FaultCode.SERVICE_CUT: lambda plan: stop(plan, ends=second(plan).ends - 1),
    FaultCode.OUTSIDE_WINDOWS: lambda plan: stop(plan, starts=18 * HOUR, ends=19 * HOUR),
    FaultCode.NO_LUNCH: lambda plan: first(plan, lunch=None),
    FaultCode.LUNCH_OUT_OF_RANGE: lambda plan: first(plan, lunch=11 * HOUR - 1),
    FaultCode.LUNCH_CUT: lambda plan: first(plan, lunch=second(plan).starts),
    FaultCode.WRONG_DRIVING: lambda plan: first(plan, driving=plan.rounds[0].driving - 1),
    FaultCode.WRONG_KM: lambda plan: first(plan, km=plan.rounds[0].km + 1),
}


@pytest.mark.parametrize("code", SPOILED)
def test_a_spoiled_plan_is_found_out(question, plan, code):
    assert check(question, plan) == []
    assert code in {fault.code for fault in check(question, SPOILED[code](plan))}


def test_a_lunch_after_the_working_day_is_found_out():
    question = instance(job("a"), vehicles=(vehicle("day", ends=13 * HOUR + 1800),))
    plan = first(cheapest_insertion(question), lunch=13 * HOUR + 1)
    assert [fault.code for fault in check(question, plan)] == [FaultCode.OUTSIDE_SHIFT]


def changed(question: Instance, key: str, **changes) -> Instance:
    jobs = tuple(replace(j, **changes) if j.key == key else j for j in question.jobs)
    return replace(question, jobs=jobs)


def test_a_rule_that_the_plan_breaks_is_found_out(question, plan):
    key, vehicle_key = second(plan).job, plan.rounds[0].vehicle
    elsewhere = Locked(plan.rounds[1].vehicle, second(plan).starts)
    small = replace(question.vehicles[0], capacity=0)
    rules = {
        FaultCode.AFTER_DEADLINE: changed(question, key, deadline=MONDAY - timedelta(days=1)),
        FaultCode.WRONG_KIND: changed(question, key, kind="concert"),
        FaultCode.LOCKED_MOVED: changed(question, key, locked=elsewhere),
        FaultCode.TOO_MUCH_LOAD: replace(
            changed(question, key, load=1), vehicles=(small, *question.vehicles[1:])
        ),
        FaultCode.TOO_FEW_KITS: replace(question, kits={"photo": 0}),
        FaultCode.LUNCH_NOT_DUE: replace(
            question, vehicles=(replace(small, lunch=None), *question.vehicles[1:])
        ),
    }
    assert vehicle_key == small.key
    for code, other in rules.items():
        assert code in {fault.code for fault in check(other, plan)}


def test_every_fault_has_been_tried():
    tried = {*SPOILED, FaultCode.AFTER_DEADLINE, FaultCode.WRONG_KIND, FaultCode.LOCKED_MOVED}
    tried |= {FaultCode.TOO_MUCH_LOAD, FaultCode.TOO_FEW_KITS, FaultCode.LUNCH_NOT_DUE}
    assert tried == set(FaultCode)


def test_a_locked_visit_may_be_left_out_only_when_it_clashes_and_nobody_drives_then():
    lock = Locked("day", 9 * HOUR)
    question = instance(job("a", locked=lock), job("b", place=4, locked=lock), job("c", place=2))
    plan = cheapest_insertion(question)
    reasons = [left.reason for left in plan.unplaced[:2]]
    assert reasons == [Reason.LOCKED_CLASH, Reason.LOCKED_CLASH]
    assert check(question, plan) == []
    other = tuple(replace(left, reason=Reason.DAYS_FULL) for left in plan.unplaced)
    codes = [fault.code for fault in check(question, replace(plan, unplaced=other))]
    assert codes == [FaultCode.LOCKED_MOVED, FaultCode.LOCKED_MOVED]


def test_a_locked_visit_may_be_left_out_when_nobody_works_then_and_only_then():
    question = instance(job("a", locked=Locked("sunday", 9 * HOUR)), job("b", place=2))
    plan = cheapest_insertion(question)
    assert [(left.job, left.reason) for left in plan.unplaced] == [("a", Reason.LOCKED_NO_DAY)]
    assert check(question, plan) == []
    somebody = changed(question, "a", locked=Locked("day", 9 * HOUR))
    codes = [fault.code for fault in check(somebody, plan)]
    assert codes == [FaultCode.LOCKED_MOVED]


def test_lunch_may_lie_within_a_drive_when_there_is_time_for_both():
    question = instance(job("a", place=4, service=4 * HOUR))
    plan = cheapest_insertion(question)
    round_ = plan.rounds[0]
    later = replace(round_, lunch=round_.stops[-1].ends + 60)
    needed = 40 * 60 + 1800
    home = replace(later, returns=round_.stops[-1].ends + needed)
    assert check(question, replace(plan, rounds=(home,))) == []
    hasty = replace(home, returns=home.returns - 1)
    codes = [fault.code for fault in check(question, replace(plan, rounds=(hasty,)))]
    assert codes == [FaultCode.DRIVE_TOO_SHORT]


@settings(max_examples=25, deadline=None)
@given(instances(), st.data())
def test_a_stop_moved_in_time_without_its_round_is_found_out(question, data):
    plan = cheapest_insertion(question)
    if not plan.rounds:
        return
    seconds = data.draw(st.integers(-3 * HOUR, 3 * HOUR).filter(bool))
    longer = replace(plan.rounds[0].stops[-1], ends=plan.rounds[0].stops[-1].ends + seconds)
    stops = (*plan.rounds[0].stops[:-1], longer)
    assert FaultCode.SERVICE_CUT in {f.code for f in check(question, first(plan, stops=stops))}
