"""Who goes when: each rule by hand; the best there is, by brute force and a second solver."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.slots import SlotTime
from booking.domain.staffing import (
    Assignment,
    AssignmentBroken,
    Bound,
    Broken,
    Minimum,
    Person,
    Problem,
    Ward,
    Why,
    assign,
    check_assignment,
    open_slots,
    share_again,
    sharing,
    unfit,
    ward_steps,
)
from tests.domain.staffing_rivals import brute_force, by_the_minute, worth
from tests.staffing_builders import (
    ASSISTANT,
    NURSE,
    at,
    drawn,
    nurse_stays,
    person,
    slots,
    span,
    ward,
)


def problem(*people: Person, times: list[SlotTime], of: Ward | None = None, **more) -> Problem:
    return Problem((of or ward(),), people, tuple(times), **more)


def clocks(answer: Assignment) -> dict[str, str]:
    return {key: f"{slot.starts_at:%H:%M}" for key, slot in sorted(answer.slots.items())}


def why(answer: Assignment) -> dict[str, Why]:
    return {one.person: one.why for one in answer.left}


# --- What each rule means -----------------------------------------------------------------------


def test_everybody_gets_a_time_as_early_as_can_be():
    answer = assign(problem(person("a"), person("b"), times=slots(4)))
    assert clocks(answer) == {"a": "09:00", "b": "09:10"}
    assert answer.proved
    assert answer.left == answer.bindings == ()


def test_a_shift_covers_the_walk_both_ways_or_the_time_is_none():
    walk = ward(walking=5)
    times = slots(3, minutes=10)
    inside = person("a", shift=span(9 + 5 / 60, 9 + 25 / 60))
    assert clocks(assign(problem(inside, times=times, of=walk))) == {"a": "09:10"}
    short = person("a", shift=span(9 + 5 / 60, 9 + 24 / 60))
    assert why(assign(problem(short, times=times, of=walk))) == {"a": Why.NOT_AT_WORK}
    halves = replace(short, shifts=(span(7, 9.25), span(9.25, 12)))
    assert clocks(assign(problem(halves, times=times, of=walk))) == {"a": "09:00"}


def test_busy_times_slots_kept_elsewhere_and_struck_times_are_left_alone():
    times = slots(3, minutes=10)
    busy = replace(person("a"), busy=(span(9, 9 + 1 / 6),))
    assert clocks(assign(problem(busy, times=times))) == {"a": "09:10"}
    kept = replace(person("a"), kept=(span(9 + 1 / 6, 9 + 2 / 6),))
    assert clocks(assign(problem(kept, times=times, of=ward(walking=3)))) == {}
    assert clocks(assign(problem(kept, times=times))) == {"a": "09:00"}
    struck = replace(person("a"), struck=frozenset({at(9), at(9 + 1 / 6)}))
    assert clocks(assign(problem(struck, times=times))) == {"a": "09:20"}
    everything = replace(person("a"), struck=frozenset(slot.starts_at for slot in times))
    assert why(assign(problem(everything, times=times))) == {"a": Why.STRUCK}


def test_at_most_so_many_are_away_the_walk_counted():
    three = [person(name) for name in "abc"]
    side_by_side = slots(3, stations=3)
    one = ward(most_away=1, walking=5)
    answer = assign(problem(*three, times=side_by_side, of=one))
    assert clocks(answer) == {"a": "09:00", "b": "09:20"}
    assert why(answer) == {"c": Why.NO_ROOM}
    two = ward(most_away=2)
    assert clocks(assign(problem(*three, times=side_by_side, of=two))) == {
        "a": "09:00",
        "b": "09:00",
        "c": "09:10",
    }


def test_a_minimum_counts_those_at_work_of_its_title():
    nurses = [person("a", NURSE), person("b", NURSE, span(7, 9 + 1 / 6))]
    times, stays = slots(2), ward(nurse_stays())
    answer = assign(problem(*nurses, times=times, of=stays))
    assert clocks(answer) == {"a": "09:00"} or clocks(answer) == {"b": "09:00"}
    assert [binding.bound for binding in answer.bindings] == [Bound.MINIMUM]
    with_third = [*nurses, replace(person("c", "sjuksköterska"), wants=False)]
    assert assign(problem(*with_third, times=times, of=stays)).left == ()
    in_a_meeting = replace(with_third[2], busy=(span(9, 10),))
    assert assign(problem(*nurses, in_a_meeting, times=times, of=stays)).left
    at_night = ward(nurse_stays(20, 21))
    assert assign(problem(*nurses, times=times, of=at_night)).left == ()


def test_a_roster_below_its_minimum_lets_nobody_go_but_is_no_bar_to_others():
    short = ward(nurse_stays(least=3))
    people = [person("a", NURSE), person("b", ASSISTANT)]
    answer = assign(problem(*people, times=slots(2), of=short))
    assert clocks(answer) == {"b": "09:00"}
    assert check_assignment(problem(*people, times=slots(2), of=short), answer.slots) == []


def test_without_any_roster_heads_are_counted():
    people = [replace(person(name, NURSE), shifts=()) for name in "abc"]
    stays = ward(nurse_stays(least=2), rostered=False)
    answer = assign(problem(*people, times=slots(3, stations=3), of=stays))
    assert clocks(answer) == {"a": "09:00", "b": "09:10", "c": "09:20"}


def test_wards_of_one_visit_mind_their_own_rules():
    wards = (ward(most_away=1), ward(key="v", most_away=1))
    people = (person("a"), person("b", ward="v"), person("c"))
    answer = assign(Problem(wards, people, tuple(slots(2, stations=2))))
    assert clocks(answer) == {"a": "09:00", "b": "09:00", "c": "09:10"}


def test_who_holds_a_time_keeps_it_where_it_can_be_station_and_all():
    times = slots(3, stations=2)
    holder = person("b", now=times[1])
    answer = assign(problem(person("a"), holder, person("c"), times=times))
    assert (answer.slots["a"], answer.slots["b"]) == (times[0], times[1])
    assert answer.slots["c"] == times[2]


def test_the_first_in_the_order_go_before_the_last():
    people = [person(name) for name in "abcd"]
    answer = assign(problem(*people, times=slots(2)))
    assert sorted(answer.slots) == ["a", "b"]
    picky = replace(people[0], struck=frozenset({at(9)}))
    answer = assign(problem(picky, *people[1:], times=slots(1)))
    assert sorted(answer.slots) == ["b"]


# --- What is in the way, and what would help ----------------------------------------------------


def test_the_rule_that_binds_is_named_with_its_time():
    people = [person("a", NURSE), person("b", NURSE)]
    rules = ward(nurse_stays(9, 10, least=2), nurse_stays(12, 13, least=2))
    answer = assign(problem(*people, times=slots(2), of=rules))
    [binding] = answer.bindings
    assert (binding.bound, binding.title, binding.least) == (Bound.MINIMUM, NURSE, 2)
    assert (binding.span, binding.more) == (span(9, 9 + 2 / 6), 2)


def test_rules_that_bind_only_together_are_said_to():
    people = [person("a", NURSE), person("b", NURSE)]
    rules = ward(nurse_stays(least=2), Minimum("", 2, span(7, 16)))
    answer = assign(problem(*people, times=slots(2), of=rules))
    assert [(b.bound, b.more) for b in answer.bindings] == [(Bound.TOGETHER, 2)]


def test_the_fewest_slots_more_that_would_do_are_counted():
    people = [person(name) for name in "abc"]
    narrow = ward(most_away=1, walking=10)
    times = slots(12)
    asked = problem(*people, times=times[:3], of=narrow, further=tuple(times[3:]))
    answer = assign(asked)
    assert (clocks(answer), answer.more_slots, answer.more_placed) == ({"a": "09:00"}, 4, 2)
    assert [b.bound for b in answer.bindings] == [Bound.MOST_AWAY]
    hopeless = ward(Minimum("", 3, span(7, 16)))
    answer = assign(problem(*people, times=times[:3], of=hopeless, further=tuple(times[3:])))
    assert (answer.more_slots, answer.more_placed) == (None, 0)


def test_without_any_slot_everybody_is_left_and_slots_are_what_would_do():
    times = tuple(slots(3))
    rules = ward(nurse_stays(least=0))
    answer = assign(problem(person("a"), person("b"), times=[], of=rules, further=times))
    assert why(answer) == {"a": Why.NO_ROOM, "b": Why.NO_ROOM}
    assert (answer.bindings, answer.more_slots, answer.more_placed) == ((), 2, 2)
    assert assign(problem(person("a"), times=[])).more_slots is None


def test_when_time_runs_out_the_answer_says_that_it_is_not_proved():
    asked = drawn(7, 40)
    answer = assign(asked, seconds=0)
    assert not answer.proved
    assert check_assignment(asked, answer.slots) == []
    assert assign(asked).proved


# --- Again ---------------------------------------------------------------------------------------


def test_sharing_again_moves_only_who_must_and_takes_no_slot_away():
    times = slots(3)
    people = [person(name, now=time) for name, time in zip("abc", times, strict=True)]
    swapped = [replace(people[0], struck=frozenset({at(9)})), *people[1:]]
    answer = share_again(problem(*swapped, times=times))
    assert len(answer.moved) == 2
    assert set(answer.slots.values()) == set(times)
    stuck = [replace(people[0], shifts=(span(12, 13),)), *people[1:]]
    answer = share_again(problem(*stuck, times=times))
    assert (answer.moved, [one.why for one in answer.stuck]) == ((), [Why.NOT_AT_WORK])
    assert answer.slots["a"] == times[0]
    assert unfit(problem(*stuck, times=times)) == {"a": Why.NOT_AT_WORK}


def test_the_slots_open_to_one_are_those_assign_could_give():
    times = slots(4)
    kept = replace(person("b", NURSE, wants=False), kept=(span(9, 9 + 1 / 6),))
    one = replace(person("a", NURSE), struck=frozenset({times[3].starts_at}))
    third = replace(person("c", NURSE), wants=False)
    asked = problem(one, kept, third, times=times, of=ward(nurse_stays(least=2)))
    assert open_slots(asked) == times[1:3]


def test_the_steps_tell_who_is_left_over_time():
    people = [person("a", NURSE), replace(person("b", NURSE), wants=False)]
    asked = problem(*people, times=slots(2), of=ward(nurse_stays(9, 10)))
    steps = ward_steps(asked, asked.wards[0], assign(asked).slots, span(8.5, 9.5), NURSE)
    told = [(f"{step.span.starts_at:%H:%M}", step.here, step.left, step.least) for step in steps]
    assert told == [("08:30", 2, 2, 0), ("09:00", 2, 1, 1), ("09:10", 2, 2, 1)]


# --- Best, by others' reckoning ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(14))
def test_small_wards_are_shared_out_as_brute_force_does(seed):
    asked = drawn(seed, 4 + seed % 2, slots=5)
    answer = assign(asked)
    assert answer.proved
    assert check_assignment(asked, answer.slots) == []
    assert worth(asked, answer.slots) == brute_force(asked)


@pytest.mark.parametrize("seed", range(100, 106))
def test_large_wards_place_as_many_as_a_second_formulation(seed):
    asked = drawn(seed, 10 + (seed % 3) * 15)
    answer = assign(asked)
    assert answer.proved
    assert check_assignment(asked, answer.slots) == []
    assert len(answer.slots) == by_the_minute(asked)


def test_the_same_question_has_the_same_answer():
    asked = drawn(3, 25)
    assert assign(asked) == assign(asked)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), people=st.integers(1, 14))
def test_no_rule_is_ever_broken(seed, people):
    asked = drawn(seed, people)
    answer = assign(asked)
    assert check_assignment(asked, answer.slots) == []
    placed = set(answer.slots) | {one.person for one in answer.left}
    assert placed == {one.key for one in asked.wanting}
    everybody_has_one = replace(
        asked, people=tuple(p for p in asked.people if p.now or not p.wants)
    )
    again = share_again(everybody_has_one)
    assert len(set(again.slots.values())) == len(again.slots)


# --- The checker itself --------------------------------------------------------------------------


BROKEN = {
    Broken.UNKNOWN_SLOT: (person("a"), ward(), slots(1, start=11)[0]),
    Broken.NOT_ASKED_FOR: (person("a", wants=False), ward(), slots(1)[0]),
    Broken.NOT_AT_WORK: (person("a", shift=span(7, 9)), ward(), slots(1)[0]),
    Broken.BUSY: (person("a", busy=(span(9, 10),)), ward(), slots(1)[0]),
    Broken.STRUCK: (person("a", struck=frozenset({at(9)})), ward(), slots(1)[0]),
    Broken.MOST_AWAY: (person("a"), ward(most_away=0), slots(1)[0]),
    Broken.MINIMUM: (person("a"), ward(Minimum("", 1, span(9, 10))), slots(1)[0]),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_the_checker_finds_each_broken_rule(broken):
    one, of, slot = BROKEN[broken]
    asked = problem(one, times=slots(2), of=of)
    assert [fault.broken for fault in check_assignment(asked, {"a": slot})] == [broken]


def test_the_checker_finds_two_people_in_one_slot():
    asked = problem(person("a"), person("b"), times=slots(2))
    given_twice = dict.fromkeys("ab", slots(1)[0])
    assert {f.broken for f in check_assignment(asked, given_twice)} == {Broken.SLOT_TWICE}


def test_the_checker_finds_a_gap_between_shifts():
    gap = replace(person("a"), shifts=(span(8, 9.05), span(9.1, 12)))
    asked = problem(gap, times=slots(1))
    assert [f.broken for f in check_assignment(asked, {"a": slots(1)[0]})] == [Broken.NOT_AT_WORK]


def test_an_answer_that_breaks_a_rule_books_nobody(monkeypatch):
    asked = problem(person("a"), person("b"), times=slots(2))
    monkeypatch.setattr(sharing, "_dealt", lambda *_: dict.fromkeys("ab", slots(1)[0]))
    with pytest.raises(AssignmentBroken) as told:
        assign(asked)
    assert {fault.broken for fault in told.value.faults} == {Broken.SLOT_TWICE}
