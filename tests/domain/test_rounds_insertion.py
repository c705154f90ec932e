"""What one change to a plan costs, and why a visit finds no room."""

from dataclasses import replace
from datetime import timedelta

import pytest

from booking.domain.rounds import (
    DAY_COST,
    DoesNotFit,
    Locked,
    Lunch,
    Reason,
    Window,
    cheapest_insertion,
    check,
    cost,
    insert,
    insertions,
    lunch_for,
    objective,
    without,
)
from tests.rounds_builders import EIGHT, FIVE, HOUR, MONDAY, federation, instance, job, vehicle

TUESDAY = MONDAY + timedelta(days=1)
NOON = 12 * HOUR


def reasons(question):
    return {left.job: left.reason for left in cheapest_insertion(question).unplaced}


def test_a_visit_on_the_way_costs_nothing_and_one_on_an_idle_day_costs_the_day():
    windows = (Window(MONDAY, EIGHT, FIVE), Window(TUESDAY, EIGHT, FIVE))
    question = instance(
        job("far", place=4),
        job("near", place=2, windows=windows),
        vehicles=(vehicle("monday"), vehicle("tuesday", day=TUESDAY)),
    )
    plan = without(question, cheapest_insertion(question), "near")
    assert [left.reason for left in plan.unplaced] == [Reason.NOT_PLACED]
    found = insertions(question, plan, "near")
    assert [(each.vehicle, each.position) for each in found] == [
        ("monday", 0),
        ("monday", 1),
        ("tuesday", 0),
    ]
    assert [each.cost_seconds for each in found] == [0, 0, 2 * 20 * 60 + DAY_COST]
    for place in found:
        changed = insert(question, plan, "near", place)
        assert check(question, changed) == []
        assert cost(question, changed) - cost(question, plan) == place.cost_seconds
        starts = {stop.job: stop.starts for round_ in changed.rounds for stop in round_.stops}
        assert starts["near"] == place.starts


def test_taking_a_visit_out_and_putting_it_where_it_was_cheapest_costs_no_more():
    question = federation(units=25, days=5)
    plan = cheapest_insertion(question)
    for key in ("unit 1", "unit 7", "unit 13"):
        less = without(question, plan, key)
        place = insertions(question, less, key)[0]
        again = insert(question, less, key, place)
        assert check(question, again) == []
        assert objective(question, again) <= objective(question, plan)


def test_a_visit_is_refused_where_it_does_not_fit():
    question = instance(job("a"), job("b", windows=(Window(MONDAY, EIGHT, EIGHT + HOUR),)))
    plan = without(question, cheapest_insertion(question), "a")
    place = insertions(question, plan, "a")[0]
    assert place.position == 1
    with pytest.raises(DoesNotFit):
        insert(question, plan, "a", replace(place, position=0))


def test_nobody_gets_a_visit_that_would_take_one_kit_too_many():
    jobs = [job(str(n), service=5 * HOUR, kind="photo") for n in range(2)]
    question = instance(*jobs, vehicles=(vehicle("a"), vehicle("b")), kits={"photo": 1})
    plan = cheapest_insertion(question)
    assert [left.reason for left in plan.unplaced] == [Reason.KITS_OUT]
    assert insertions(question, plan, plan.unplaced[0].job) == []
    more = replace(question, kits={"photo": 2})
    place = insertions(more, plan, plan.unplaced[0].job)[0]
    with pytest.raises(DoesNotFit):
        insert(question, plan, plan.unplaced[0].job, place)


def test_confirmed_visits_stay_and_others_come_around_them():
    lock = Locked("day", 10 * HOUR + 120)
    question = instance(job("kept", place=3, locked=lock, windows=()), job("a"), job("b", place=4))
    plan = cheapest_insertion(question)
    assert check(question, plan) == []
    starts = {stop.job: stop.starts for stop in plan.rounds[0].stops}
    assert starts["kept"] == lock.starts
    assert starts.keys() == {"kept", "a", "b"}


def test_the_technician_leaves_no_earlier_than_the_first_visit_asks():
    question = instance(job("a", place=3, windows=(Window(MONDAY, 15 * HOUR, FIVE),)))
    round_ = cheapest_insertion(question).rounds[0]
    assert round_.stops[0].arrives == round_.stops[0].starts == 15 * HOUR
    assert round_.leaves == 15 * HOUR - 30 * 60
    assert 11 * HOUR <= round_.lunch <= 13 * HOUR + 1800


WHOLE_DAY = Window(MONDAY, 0, 24 * HOUR)


@pytest.mark.parametrize(
    ("changes", "reason", "params"),
    [
        ({"windows": ()}, Reason.NO_WINDOW, {"deadline": ""}),
        (
            {"deadline": MONDAY - timedelta(days=1)},
            Reason.NO_WINDOW,
            {"deadline": "2026-05-03"},
        ),
        ({"service": 10 * HOUR}, Reason.LONGER_THAN_WINDOWS, {"minutes": 600, "longest": 540}),
        ({"windows": (Window(TUESDAY, EIGHT, FIVE),)}, Reason.NOBODY_WORKS, {"kind": "photo"}),
        ({"kind": "concert"}, Reason.NOBODY_CAN, {"kind": "concert"}),
        ({"kind": "activation"}, Reason.NO_KIT, {"kind": "activation"}),
        ({"load": 11}, Reason.TOO_MUCH_LOAD, {"load": 11, "capacity": 10}),
        (
            {"service": 10 * HOUR, "windows": (WHOLE_DAY,)},
            Reason.LONGER_THAN_SHIFTS,
            {"minutes": 600},
        ),
        ({"place": 4, "service": 8 * HOUR}, Reason.TOO_FAR, {"minutes": 80}),
        ({"locked": Locked("sunday", NOON)}, Reason.LOCKED_NO_DAY, {"vehicle": "sunday"}),
        ({"locked": Locked("day", 0)}, Reason.LOCKED_CLASH, {"vehicle": "day"}),
    ],
)
def test_what_can_never_be_placed_is_said_with_its_reason(changes, reason, params):
    question = instance(
        job("x", **{"kind": "photo"} | changes),
        vehicles=(vehicle("day", capacity=10),),
        kits={"activation": 0},
    )
    left = cheapest_insertion(question).unplaced
    assert [(each.reason, each.params) for each in left] == [(reason, params)]


def test_of_two_visits_for_one_place_the_days_are_full_for_the_later():
    window = (Window(MONDAY, EIGHT, EIGHT + HOUR),)
    question = instance(job("a", windows=window), job("b", windows=window))
    left = cheapest_insertion(question).unplaced
    assert [(each.job, each.reason, each.params) for each in left] == [
        ("b", Reason.DAYS_FULL, {"days": 1})
    ]


def test_without_any_technician_nothing_is_placed():
    question = replace(instance(job("a")), vehicles=())
    assert reasons(question) == {"a": Reason.NOBODY_WORKS}
    assert check(question, cheapest_insertion(question)) == []


def test_a_lunch_is_due_after_five_hours_alone():
    assert lunch_for(EIGHT, 13 * HOUR) is None
    assert lunch_for(EIGHT, FIVE) == Lunch()
    assert lunch_for(13 * HOUR, 19 * HOUR) == Lunch()
    assert lunch_for(14 * HOUR, 20 * HOUR) is None


def test_a_day_that_lunch_makes_too_long_holds_the_visit_without_it():
    long = {"service": 7 * HOUR + 1800, "place": 4}
    assert reasons(instance(job("x", **long))) == {"x": Reason.TOO_FAR}
    assert reasons(instance(job("x", **long), vehicles=(vehicle("v", lunch=None),))) == {}
