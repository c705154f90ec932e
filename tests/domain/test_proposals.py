"""Proposed times: the least driving first, and never a time that can't be kept."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.proposals import (
    Day,
    NoTime,
    Question,
    Reason,
    Stop,
    Window,
    Wish,
    at,
    propose,
    propose_parts,
    why_none,
    with_visit,
)
from booking.domain.travel import Matrix

MONDAY = date(2027, 2, 1)
PLACES = ("base:1", "base:2", "unit:here", "unit:near", "unit:far")
SPOTS = {"base:1": 0, "base:2": 40, "unit:here": 30, "unit:near": 35, "unit:far": 90}
LUNCH = timedelta(minutes=30)


def matrix() -> Matrix:
    """All places lie along one road: a minute to a kilometre."""
    rows = [[abs(SPOTS[one] - SPOTS[other]) for other in PLACES] for one in PLACES]
    return Matrix(
        PLACES,
        tuple(tuple(60 * km for km in row) for row in rows),
        tuple(tuple(float(km) for km in row) for row in rows),
        (),
    )


def clock(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def after(days: int) -> date:
    return MONDAY + timedelta(days=days)


def stop(place: str, hour: int, minutes: int = 60, day: date = MONDAY, **more) -> Stop:
    begins = clock(hour, day=day)
    names = {"name": "Granliden", "town": "Vara", "house": "granvägen 2 vara"} | more
    return Stop(place, starts_at=begins, ends_at=begins + timedelta(minutes=minutes), **names)


def work_day(day: date = MONDAY, *stops: Stop, technician: int = 1, hours=(7, 16)) -> Day:
    return Day(
        technician=technician,
        base=f"base:{technician}",
        day=day,
        starts_at=clock(hours[0], day=day),
        ends_at=clock(hours[1], day=day),
        lunch_from=clock(11, day=day),
        lunch_until=clock(13, 30, day=day),
        stops=stops,
    )


def wish(minutes: int = 90, days: int = 5, last_days: tuple[date, ...] = ()) -> Wish:
    return Wish(
        place="unit:here",
        town="Nossebro",
        house="storgatan 1 nossebro",
        length=timedelta(minutes=minutes),
        windows={
            after(n): Window(clock(8, day=after(n)), clock(15, day=after(n))) for n in range(days)
        },
        not_before=clock(0),
        last_days=last_days,
    )


def question(*days: Day, **more) -> Question:
    return Question(wish=more.pop("wish", None) or wish(), days=days, travel=matrix(), **more)


# --- Which time -------------------------------------------------------------------------------


def test_a_day_when_the_technician_drives_by_costs_less_than_a_day_of_its_own():
    busy = work_day(after(1), stop("unit:near", 9, day=after(1)))
    best, other = propose(question(work_day(), busy))
    assert (best.day, best.extra_minutes, best.saved_minutes) == (after(1), 0, 60)
    assert (other.day, other.extra_minutes, other.saved_minutes) == (MONDAY, 60, 0)


def test_the_first_time_of_an_empty_day_is_after_the_drive_and_the_opening():
    [proposal] = propose(question(work_day()))
    assert proposal.arrives_at == clock(8)
    [late] = propose(
        question(work_day(hours=(7, 16)), wish=replace(wish(), not_before=clock(8, 2)))
    )
    assert late.arrives_at == clock(8, 5)
    [driven] = propose(question(work_day(hours=(8, 16))))
    assert driven.arrives_at == clock(8, 30)


def test_three_times_come_on_different_days_where_there_are_as_many():
    days = [work_day(after(n), technician=technician) for n in range(4) for technician in (1, 2)]
    found = propose(question(*days))
    assert len(found) == 3
    assert len({each.day for each in found}) == 3
    [monday] = {each.day for each in propose(question(*days[:2]))}
    assert monday == MONDAY
    assert len(propose(question(*days[:2]))) == 2


def test_the_nearer_technician_goes_first():
    [best, _other] = propose(question(work_day(), work_day(technician=2)))
    assert best.technician == 2


def test_a_kept_last_day_goes_before_a_short_drive():
    driven_by = work_day(after(3), stop("unit:near", 9, day=after(3)))
    last = (after(1), after(4))
    found = propose(question(work_day(), driven_by, wish=wish(last_days=last)))
    assert [(each.day, each.late) for each in found] == [(MONDAY, 0), (after(3), 1)]


def test_where_somebody_is_always_late_the_soonest_time_is_among_them():
    near = [stop("unit:near", 9, day=after(n)) for n in range(1, 4)]
    days = [work_day(), *(work_day(after(n), near[n - 1]) for n in range(1, 4))]
    gone = wish(last_days=(MONDAY - timedelta(days=1),))
    found = propose(question(*days, wish=gone))
    assert found[-1].day == MONDAY
    assert found[-1].reason == Reason.SOONEST
    assert {each.late for each in found} == {1}


@pytest.mark.parametrize(
    ("stops", "reason", "about"),
    [
        ([], Reason.FREE_DAY, ""),
        ([stop("unit:near", 9)], Reason.NEAR, "Vara"),
        ([stop("unit:near", 9, town="Nossebro")], Reason.SAME_TOWN, "Nossebro"),
        ([stop("unit:near", 9, house="storgatan 1 nossebro")], Reason.SAME_HOUSE, "Granliden"),
        ([stop("unit:here", 9)], Reason.SAME_UNIT, ""),
    ],
)
def test_each_time_says_what_speaks_for_it(stops, reason, about):
    found = propose(question(work_day(MONDAY, *stops)))
    assert (found[0].reason, found[0].about) == (reason, about)


def test_lunch_is_left_in_the_day():
    morning, noon = stop("unit:here", 8, 170), stop("unit:here", 14, 60)
    # Free from 10.50 to 14.00: 90 minutes and the lunch fit; 170 minutes leave no lunch.
    day = work_day(MONDAY, morning, noon)
    assert propose(question(day, wish=wish(90)))
    assert not propose(question(day, wish=wish(170)))
    assert propose(question(day, wish=wish(170), lunch=timedelta()))


def test_half_a_day_has_no_lunch():
    assert propose(question(work_day(hours=(7, 12)), wish=wish(200)))


def test_a_kit_at_another_visit_is_not_brought():
    taken = {7: [(clock(0), clock(23))]}
    assert not propose(question(work_day(), kits=taken))
    assert not propose(question(work_day(), kits={}))
    assert propose(question(work_day(), kits={7: [(clock(8), clock(9))], 8: []}))[
        0
    ].arrives_at == clock(8)
    assert propose(question(work_day(), kits={7: [(clock(8), clock(9))]}))[0].arrives_at == clock(9)


# --- Why there is none --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (question(work_day(), wish=replace(wish(), windows={})), NoTime.CLOSED),
        (question(), NoTime.NOBODY_WORKS),
        (question(work_day(after(5))), NoTime.NOBODY_WORKS),
        (question(work_day(), wish=wish(500)), NoTime.TOO_LONG),
        (question(work_day(), kits={}), NoTime.NO_KIT),
        (question(work_day(MONDAY, stop("unit:far", 7, 540))), NoTime.FULL),
    ],
)
def test_without_a_time_it_is_said_why(asked, why):
    assert propose(asked) == []
    assert why_none(asked) == why


# --- A chosen time, and several visits ----------------------------------------------------------


def test_a_time_is_good_until_somebody_takes_what_it_needs():
    free = question(work_day())
    assert at(free, 1, clock(10)) is not None
    assert at(free, 2, clock(10)) is None
    assert at(free, 1, clock(7, 50)) is None
    assert at(question(work_day(MONDAY, stop("unit:here", 11))), 1, clock(10)) is None
    assert at(question(work_day(MONDAY, stop("unit:near", 12))), 1, clock(10, 25)) is not None
    assert at(question(work_day(MONDAY, stop("unit:near", 12))), 1, clock(10, 30)) is None
    assert at(replace(free, kits={}), 1, clock(10)) is None


def test_people_shared_over_two_visits_get_two_times_that_both_stand():
    ways = propose_parts(question(work_day(), work_day(after(1))), [wish(120), wish(120)])
    for first, second in ways:
        assert (first.technician, first.day, first.arrives_at) != (
            second.technician,
            second.day,
            second.arrives_at,
        )
    assert len(ways) == 2


def test_the_parts_of_a_visit_come_on_different_days_where_nobody_is_later_for_it():
    driven_by = work_day(MONDAY, stop("unit:near", 11), hours=(7, 20))
    free = [work_day(after(days)) for days in (1, 2)]
    for way in propose_parts(question(driven_by, *free), [wish(60), wish(60), wish(60)]):
        assert len({part.day for part in way}) == 3


def test_the_parts_come_on_one_day_where_another_would_be_too_late():
    in_haste = wish(60, last_days=(MONDAY,))
    [way, *_others] = propose_parts(question(work_day(), work_day(after(1))), [in_haste] * 2)
    assert [(part.day, part.late) for part in way] == [(MONDAY, 0)] * 2


def test_the_parts_come_on_one_day_where_there_is_no_other():
    [way] = propose_parts(question(work_day()), [wish(60), wish(60)], 1)
    assert [part.day for part in way] == [MONDAY] * 2


def test_a_part_without_a_time_leaves_the_way_out():
    assert propose_parts(question(work_day()), [wish(240), wish(240)]) == []


def test_a_visit_that_is_booked_takes_its_time_and_its_kit():
    asked = question(work_day(), work_day(technician=2), kits={7: []})
    [first, *_others] = propose(asked)
    later = with_visit(asked, first)
    assert all(
        each.arrives_at >= first.leaves_at or each.leaves_at <= first.arrives_at
        for each in propose(later, 9)
    )


# --- Whatever is asked --------------------------------------------------------------------------


@st.composite
def days(draw) -> Day:
    day = after(draw(st.integers(0, 4)))
    moment = clock(7, day=day)
    stops = []
    for place in draw(st.lists(st.sampled_from(PLACES[2:]), max_size=4)):
        moment += timedelta(minutes=draw(st.integers(0, 120)))
        ends_at = moment + timedelta(minutes=draw(st.integers(10, 120)))
        stops.append(Stop(place, "", "Vara", "", moment, ends_at))
        moment = ends_at
    hours = draw(st.sampled_from([(7, 16), (8, 12), (10, 15)]))
    return work_day(day, *stops, technician=draw(st.sampled_from([1, 2])), hours=hours)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(days(), max_size=6, unique_by=lambda day: (day.technician, day.day)),
    st.integers(30, 300),
    st.one_of(st.none(), st.lists(st.integers(7, 15), max_size=3)),
)
def test_no_time_overlaps_leaves_the_hours_or_breaks_travel_lunch_and_kits(made, minutes, busy):
    kits = None if busy is None else {n: [(clock(h), clock(h + 1))] for n, h in enumerate(busy)}
    asked = question(*made, wish=wish(minutes), kits=kits)
    for found in propose(asked, 9):
        day = next(
            each for each in made if (each.technician, each.day) == (found.technician, found.day)
        )
        window = asked.wish.windows[found.day]
        assert window.opens_at <= found.arrives_at < found.leaves_at <= window.closes_at
        visit = Stop("unit:here", "", "", "", found.arrives_at, found.leaves_at)
        stops = sorted([*day.stops, visit], key=lambda stop: (stop.starts_at, stop.ends_at))
        check_round(day, stops, visit)
        assert kits is None or any(
            all(end <= found.arrives_at or begin >= found.leaves_at for begin, end in spans)
            for spans in kits.values()
        )


def check_round(day: Day, stops: list[Stop], visit: Stop) -> None:
    """Drive the day through: to and from the visit in time, and half an hour to eat."""
    ends = [
        Stop(day.base, "", "", "", day.starts_at, day.starts_at),
        *stops,
        Stop(day.base, "", "", "", day.ends_at, day.ends_at),
    ]
    here = ends.index(visit)
    lunch = day.starts_at > day.lunch_from or day.ends_at < day.lunch_until
    for place, (one, other) in enumerate(itertools.pairwise(ends)):
        drive = timedelta(minutes=abs(SPOTS[one.place] - SPOTS[other.place]))
        spare = other.starts_at - one.ends_at - drive
        if here in (place, place + 1):
            assert spare >= timedelta()
        meal = min(other.starts_at, day.lunch_until) - max(one.ends_at, day.lunch_from)
        lunch = lunch or min(meal, spare) >= LUNCH
    assert lunch


@pytest.mark.parametrize("setup", [0, 12, 20])
def test_the_first_person_comes_at_an_even_five_minutes(setup):
    lead = timedelta(minutes=setup)
    asked = replace(wish(), setup=lead)
    found = propose(question(*(work_day(after(n)) for n in range(3)), wish=asked))
    assert len(found) == 3
    assert {(each.arrives_at + lead).minute % 5 for each in found} == {0}
