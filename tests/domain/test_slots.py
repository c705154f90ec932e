from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking.domain.slots import (
    SlotError,
    SlotFault,
    SlotTime,
    cut,
    nearest_free,
    visit_end,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
lengths, stations, airs = st.integers(1, 90), st.integers(1, 4), st.integers(0, 70)


def at(hour: int, minute: int = 0, day: int = 12, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=STOCKHOLM)


def starts(slots: list[SlotTime]) -> list[str]:
    return [f"{slot.starts_at.astimezone(STOCKHOLM):%H.%M}" for slot in slots]


def test_a_morning_of_photographs_has_air_after_thirteen():
    slots = cut(at(9), at(11), 4, 1)
    assert starts(slots[:3]) == ["09.00", "09.04", "09.08"]
    assert starts(slots[12:15]) == ["09.48", "09.57", "10.01"]
    assert len(slots) == 27
    assert slots[-1].ends_at <= at(11)


def test_activations_have_air_after_three():
    slots = cut(at(9), at(11), 15, 1)
    assert starts(slots) == ["09.00", "09.15", "09.30", "09.50", "10.05", "10.20", "10.40"]


def test_stations_work_side_by_side():
    slots = cut(at(9), at(9, 8), 4, 2, air_minutes_per_hour=0)
    assert [(slot.starts_at.minute, slot.station) for slot in slots] == [
        (0, 1),
        (0, 2),
        (4, 1),
        (4, 2),
    ]


def test_a_window_shorter_than_a_slot_has_none():
    assert cut(at(9), at(9, 3), 4, 1) == []
    assert len(cut(at(9), at(9, 4), 4, 1)) == 1


@given(lengths, stations, airs, st.integers(1, 700))
def test_slots_fit_the_window_and_never_overlap(length: int, count: int, air: int, window: int):
    begins = at(8)
    ends = begins + timedelta(minutes=window)
    slots = cut(begins, ends, length, count, air)
    assert slots == sorted(slots)
    for slot in slots:
        assert begins <= slot.starts_at < slot.ends_at <= ends
        assert slot.ends_at - slot.starts_at == timedelta(minutes=length)
    for station in range(1, count + 1):
        own = [slot for slot in slots if slot.station == station]
        assert len(own) == len(slots) // count
        assert all(first.ends_at <= second.starts_at for first, second in pairwise(own))


@given(st.integers(1, 55), st.integers(1, 700))
def test_nobody_works_55_minutes_without_five_of_air(length: int, window: int):
    slots = cut(at(8), at(8) + timedelta(minutes=window), length, 1)
    breath = timedelta(minutes=5)
    begun = slots[0].starts_at if slots else None
    for before, after in pairwise(slots):
        assert before.ends_at - begun <= timedelta(minutes=55)
        if after.starts_at - before.ends_at >= breath:
            begun = after.starts_at


@given(st.integers(1, 60), lengths, stations, airs)
def test_a_visit_that_ends_as_reckoned_has_room_for_all_and_a_minute_less_has_not(
    people: int, length: int, count: int, air: int
):
    begins = datetime(2026, 5, 12, tzinfo=UTC)
    ends = visit_end(begins, people, length, count, air)
    assume(ends - begins < timedelta(hours=24))
    assert len(cut(begins, ends, length, count, air, zone=UTC)) >= people
    if ends - begins > timedelta(minutes=1):
        shorter = cut(begins, ends - timedelta(minutes=1), length, count, air, zone=UTC)
        assert len(shorter) < people


@pytest.mark.parametrize(
    ("day", "month", "hours"), [(29, 3, 3), (25, 10, 5)], ids=["spring", "autumn"]
)
def test_the_nights_when_clocks_change_have_as_many_slots_as_hours_that_pass(
    day: int, month: int, hours: int
):
    slots = cut(at(1, day=day, month=month), at(5, day=day, month=month), 15, 1, 0)
    assert len(slots) == hours * 4
    for first, second in pairwise(slots):
        assert second.starts_at - first.starts_at == timedelta(minutes=15)
    assert slots[-1].ends_at == at(5, day=day, month=month)


def test_slots_are_the_same_whatever_zone_the_window_is_told_in():
    assert cut(at(9), at(11), 4, 1) == cut(at(9).astimezone(UTC), at(11).astimezone(UTC), 4, 1)
    assert all(slot.starts_at.tzinfo is UTC for slot in cut(at(9), at(11), 4, 1))


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "fault"),
    [
        (datetime(2026, 5, 12, 9), at(11), SlotFault.NO_TIME_ZONE),  # noqa: DTZ001
        (at(9), datetime(2026, 5, 12, 11), SlotFault.NO_TIME_ZONE),  # noqa: DTZ001
        (at(9), at(9), SlotFault.ENDS_BEFORE_START),
        (at(11), at(9), SlotFault.ENDS_BEFORE_START),
        (at(22), at(1, day=13), SlotFault.OVER_MIDNIGHT),
        (at(22), at(0, day=13), SlotFault.OVER_MIDNIGHT),
        (at(23).astimezone(UTC), at(1, day=13).astimezone(UTC), SlotFault.OVER_MIDNIGHT),
    ],
)
def test_a_window_that_is_none_is_refused(starts_at: datetime, ends_at: datetime, fault: SlotFault):
    with pytest.raises(SlotError) as refusal:
        cut(starts_at, ends_at, 4, 1)
    assert refusal.value.code == fault


def test_a_summer_night_in_sweden_is_one_day_though_utc_has_two():
    early = cut(at(0, 30), at(3), 15, 1)
    assert early[0].starts_at.date() != early[-1].starts_at.date()


@pytest.mark.parametrize(
    ("numbers", "name", "least"),
    [
        ((0, 1, 5), "minutes", 1),
        ((-4, 1, 5), "minutes", 1),
        ((4, 0, 5), "stations", 1),
        ((4, 1, -1), "air_minutes_per_hour", 0),
    ],
)
def test_numbers_that_make_no_slot_are_refused(
    numbers: tuple[int, int, int], name: str, least: int
):
    with pytest.raises(SlotError) as refusal:
        cut(at(9), at(11), *numbers)
    assert refusal.value.code == SlotFault.NUMBER_TOO_SMALL
    assert refusal.value.params == {"name": name, "least": least}


def test_a_visit_for_nobody_has_no_end():
    assert visit_end(at(9), 1, 4, 1) == at(9, 4)
    with pytest.raises(SlotError):
        visit_end(at(9), 0, 4, 1)
    with pytest.raises(SlotError):
        visit_end(datetime(2026, 5, 12, 9), 1, 4, 1)  # noqa: DTZ001


def test_the_three_nearest_free_times_are_three_times():
    slots = cut(at(9), at(10), 4, 2)
    free = [slot for slot in slots if slot.starts_at != at(9, 20)]
    assert starts(nearest_free(free, at(9, 20))) == ["09.16", "09.24", "09.12"]
    assert starts(nearest_free(free, at(8), count=1)) == ["09.00"]
    assert {slot.station for slot in nearest_free(free, at(9, 20))} == {1}


def test_fewer_free_times_than_asked_for_are_all_given():
    assert nearest_free([], at(9)) == []
    assert len(nearest_free(cut(at(9), at(9, 8), 4, 2), at(9))) == 2


@given(st.sets(st.integers(0, 600), max_size=30), st.integers(-60, 700))
def test_no_free_time_is_nearer_than_those_given(minutes: set[int], wish: int):
    free = [
        SlotTime(at(8) + timedelta(minutes=m), at(9) + timedelta(minutes=m), 1) for m in minutes
    ]
    wanted = at(8) + timedelta(minutes=wish)
    found = [abs(slot.starts_at - wanted) for slot in nearest_free(free, wanted)]
    assert found == sorted(abs(slot.starts_at - wanted) for slot in free)[:3]
