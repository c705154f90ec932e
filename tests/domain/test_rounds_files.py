"""Instances and plans as files: read back as written, refused with the place of the fault."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.rounds import (
    InstanceError,
    InstanceFault,
    Reason,
    cheapest_insertion,
    check,
    instance_json,
    plan_json,
    read_instance,
    read_plan,
)
from booking.domain.rounds.solomon import is_solomon, read_solomon
from tests.domain.test_rounds_check import instances
from tests.rounds_builders import SOLOMON, federation


@settings(max_examples=25, deadline=None)
@given(instances())
def test_what_is_written_is_read_back(question):
    assert read_instance(json.dumps(instance_json(question))) == question
    plan = cheapest_insertion(question)
    assert read_plan(json.loads(json.dumps(plan_json(question, plan)))) == plan


def test_what_is_not_said_is_the_usual():
    data = instance_json(federation(units=2, days=2))
    for name in ("km", "kits", "day_cost"):
        del data[name]
    for name in ("end_place", "kinds", "capacity"):
        del data["vehicles"][0][name]
    for name in ("load", "locked", "kind", "priority", "deadline"):
        del data["jobs"][0][name]
    question = read_instance(data)
    first, visit = question.vehicles[0], question.jobs[0]
    assert (question.km, question.kits, question.day_cost) == (None, {}, 3600)
    assert (first.end_place, first.kinds, first.capacity) == (0, {""}, None)
    assert (visit.load, visit.locked, visit.kind, visit.priority) == (0, None, "", 0)


def test_the_totals_stand_beside_the_rounds():
    question = federation(units=12, days=3)
    plan = cheapest_insertion(question)
    told = plan_json(question, plan)
    assert told["driving"] == plan.driving
    assert told["cost"] == plan.driving + 3600 * len(plan.rounds)
    assert told["technician_days"] == len(plan.rounds)


def changed(path: str, value: object) -> str:
    """Return a right file with one value changed, or taken away when it is None."""
    data = copy.deepcopy(instance_json(federation(units=3, days=2)))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    node = data
    for step in way:
        node = node[step]
    node[last] = value
    return json.dumps(data)


F = InstanceFault


@pytest.mark.parametrize(
    ("path", "value", "code", "at"),
    [
        ("format", "something/9", F.UNKNOWN_FORMAT, "format"),
        ("places", None, F.MISSING, "places"),
        ("places", "base", F.NOT_A_LIST, "places"),
        ("places.1", 7, F.NOT_TEXT, "places[1]"),
        ("places.1", "base", F.TWICE, "places"),
        ("vehicles", [], F.NONE_GIVEN, "vehicles"),
        ("jobs", [], F.NONE_GIVEN, "jobs"),
        ("jobs", [{}] * 2001, F.TOO_MANY, "jobs"),
        ("jobs.1", "unit", F.NOT_AN_OBJECT, "jobs[1]"),
        ("seconds.2", [0, 1, 2], F.NOT_SQUARE, "seconds[2]"),
        ("seconds", [[0]], F.NOT_SQUARE, "seconds[0]"),
        ("seconds.2.1", None, F.NOT_WHOLE, "seconds[2][1]"),
        ("seconds.2.1", -1, F.OUT_OF_RANGE, "seconds[2][1]"),
        ("seconds.2.1", 1.5, F.NOT_WHOLE, "seconds[2][1]"),
        ("seconds.2.1", float("nan"), F.NOT_WHOLE, "seconds[2][1]"),
        ("seconds.2.1", True, F.NOT_WHOLE, "seconds[2][1]"),
        ("km.2.1", float("inf"), F.NOT_A_LENGTH, "km[2][1]"),
        ("km.2.1", "far", F.NOT_A_LENGTH, "km[2][1]"),
        ("km.2.1", -0.5, F.NOT_A_LENGTH, "km[2][1]"),
        ("jobs.0.place", "moon", F.UNKNOWN_PLACE, "jobs[0].place"),
        ("jobs.0.key", "unit 2", F.TWICE, "jobs"),
        ("jobs.0.key", "half \ud83d", F.NOT_TEXT, "jobs[0].key"),
        ("places.1", "half \ud83d", F.NOT_TEXT, "places[1]"),
        ("jobs.0.windows.0.opens", 70000, F.BACKWARDS, "jobs[0].windows[0].closes"),
        ("jobs.0.windows.0.closes", 90000, F.OUT_OF_RANGE, "jobs[0].windows[0].closes"),
        ("jobs.0.windows.0.day", "monday", F.NOT_A_DAY, "jobs[0].windows[0].day"),
        ("jobs.0.priority", 101, F.OUT_OF_RANGE, "jobs[0].priority"),
        ("vehicles.0.lunch.latest", 0, F.BACKWARDS, "vehicles[0].lunch.latest"),
        ("vehicles.0.ends", 40000, F.LUNCH_OUTSIDE_SHIFT, "vehicles[0].lunch"),
        ("vehicles.0.start_place", None, F.MISSING, "vehicles[0].start_place"),
        ("jobs.0.key", None, F.MISSING, "jobs[0].key"),
        ("jobs.0.kind", 3, F.NOT_TEXT, "jobs[0].kind"),
        ("seconds", 3, F.NOT_A_LIST, "seconds"),
        ("vehicles.0.kinds.0", 3, F.NOT_TEXT, "vehicles[0].kinds[0]"),
        ("kits", {"photo": -1}, F.OUT_OF_RANGE, "kits.photo"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_of_the_fault(path, value, code, at):
    with pytest.raises(InstanceError) as refused:
        read_instance(changed(path, value))
    assert (refused.value.code, refused.value.params["at"]) == (code, at)


@pytest.mark.parametrize("text", ["", "hello", "[" * 100_000, "[1]", "7", '{"format": "'])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(InstanceError):
        read_instance(text)


@pytest.mark.parametrize("data", [None, [], {"rounds": 1}, {"rounds": [{}]}, {"rounds": [7]}])
def test_what_is_no_plan_is_refused(data):
    with pytest.raises(InstanceError):
        read_plan(data)


def test_the_params_of_a_reason_are_texts_and_numbers():
    left = {"job": "a", "reason": "days_full", "params": {"days": [1]}}
    with pytest.raises(InstanceError):
        read_plan({"rounds": [], "unplaced": [left]})


def test_a_solomon_file_is_read_in_its_own_units():
    assert is_solomon(SOLOMON)
    question = read_solomon(SOLOMON)
    assert (len(question.vehicles), len(question.jobs), question.day_cost) == (3, 6, 0)
    assert question.vehicles[0].capacity == 50
    assert question.vehicles[0].ends == 23000  # 230 units, in hundredths
    first = question.jobs[0]
    assert (first.service, first.windows[0].opens, first.windows[0].closes) == (1000, 1000, 9000)
    assert question.km[1][2] == pytest.approx(200**0.5)
    assert question.seconds[1][2] == 1415  # 14.142 in hundredths, rounded up
    plan = cheapest_insertion(question)
    assert check(question, plan) == []
    assert not plan.unplaced
    assert plan.km <= plan.driving / 100


def test_a_long_solomon_horizon_is_kept_within_a_day():
    question = read_solomon(SOLOMON.replace(" 230 ", " 3390 "))
    assert question.vehicles[0].ends == 33900


def test_a_solomon_file_without_customers_is_refused():
    with pytest.raises(InstanceError) as refused:
        read_solomon(SOLOMON[: SOLOMON.index("  1      45")])
    assert refused.value.params["at"] == "9"


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("NUMBER     CAPACITY", "HOW MANY", "1"),
        ("  6      40       60", "  6      40", "16"),
        ("  6      40       60", "  6      40       x", "16"),
        ("  6      40       60", "  6      40       nan", "16"),
        ("  3         50", "  0         50", "5"),
    ],
)
def test_a_wrong_solomon_file_is_refused_with_its_line(old, new, at):
    assert old in SOLOMON
    with pytest.raises(InstanceError) as refused:
        read_solomon(SOLOMON.replace(old, new))
    assert (refused.value.code, refused.value.params["at"]) == (F.SOLOMON_FORM, at)


def test_a_solomon_horizon_longer_than_a_day_of_seconds_is_refused():
    with pytest.raises(InstanceError) as refused:
        read_solomon(SOLOMON.replace(" 230 ", " 90000 "))
    assert refused.value.code == F.SOLOMON_TOO_LONG


def test_json_is_no_solomon_file():
    assert not is_solomon(changed("day_cost", 1))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    for read in (read_instance, read_solomon):
        with pytest.raises(InstanceError):
            read(text)


REFERENCE = Path(__file__).resolve().parents[2] / "docs/reference/rounds-instance.md"


def test_the_example_of_the_reference_is_planned():
    example = REFERENCE.read_text().split("```json\n")[1].split("```")[0]
    question = read_instance(example)
    plan = cheapest_insertion(question)
    assert check(question, plan) == []
    assert [stop.job for stop in plan.rounds[0].stops] == ["a"]


def test_the_reference_names_every_reason_and_every_field():
    text = REFERENCE.read_text()
    told = instance_json(federation(units=2, days=2))
    names = {*Reason, *told, *told["vehicles"][0], *told["jobs"][0]}
    assert {name for name in names if f"`{name}`" not in text} == set()
