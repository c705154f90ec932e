"""Time by the Swedish clock: the two nights it changes, midnight, the leap day, weeks, holidays."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.slots import SWEDEN, SlotError, SlotFault, cut, nearest_free, visit_end
from booking.domain.workdays import holiday_name, instant, week_number

SPRING, AUTUMN, LEAP_DAY = date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)


def labels(slots) -> list[str]:
    return [f"{slot.starts_at.astimezone(SWEDEN):%H.%M}" for slot in slots]


def visit(day: date, start: str, end: str, minutes: int = 30) -> list:
    begins, ends = (instant(day, time.fromisoformat(clock)) for clock in (start, end))
    return cut(begins, ends, minutes, 1, air_minutes_per_hour=0)


# --- The nights the clock changes ---------------------------------------------------------------


def test_in_spring_the_hour_that_is_left_out_has_no_slots():
    """From one to four by the clock, two hours pass."""
    slots = visit(SPRING, "01:00", "04:00")
    assert labels(slots) == ["01.00", "01.30", "03.00", "03.30"]
    assert {slot.ends_at - slot.starts_at for slot in slots} == {timedelta(minutes=30)}


def test_in_autumn_the_hour_that_comes_twice_has_slots_twice():
    """From one to four by the clock, four hours pass; the second two o'clock is another instant."""
    slots = visit(AUTUMN, "01:00", "04:00")
    clock = ["01.00", "01.30", "02.00", "02.30", "02.00", "02.30", "03.00", "03.30"]
    assert labels(slots) == clock
    assert len({slot.starts_at for slot in slots}) == len(slots)
    assert [slot.starts_at.astimezone(SWEDEN).fold for slot in slots] == [0, 0, 0, 0, 1, 1, 0, 0]


@pytest.mark.parametrize(
    ("day", "first"), [(SPRING, 7), (AUTUMN, 8), (date(2026, 3, 28), 8), (date(2026, 10, 24), 7)]
)
def test_nine_in_the_morning_is_nine_on_the_day_the_clock_changes(day, first):
    slots = visit(day, "09:00", "10:00")
    assert labels(slots) == ["09.00", "09.30"]
    assert slots[0].starts_at == datetime(day.year, day.month, day.day, first, tzinfo=UTC)


@given(st.sampled_from([SPRING, AUTUMN]), st.integers(0, 22), st.integers(1, 60))
def test_no_two_slots_share_time_in_the_nights_of_change(day, hour, minutes):
    begins, ends = instant(day, time(hour)), instant(day, time(23))
    slots = cut(begins, ends, minutes, 1)
    for one, next_one in pairwise(slots):
        assert one.ends_at <= next_one.starts_at
    assert all(begins <= slot.starts_at and slot.ends_at <= ends for slot in slots)


def test_the_nearest_free_time_is_near_in_time_and_not_on_the_clock():
    """At the first 2.30 in autumn, the second 2.00 is as near as the first; the clock says same."""
    slots = visit(AUTUMN, "02:00", "04:00")
    [first, wanted, second, *_rest] = slots
    free = [slot for slot in slots if slot != wanted]
    assert nearest_free(free, wanted.starts_at, 2) == [first, second]
    assert labels([first, second]) == ["02.00", "02.00"]


@given(st.sampled_from([SPRING, AUTUMN, LEAP_DAY]), st.integers(1, 30), st.integers(1, 15))
def test_a_visit_ends_after_the_time_its_people_take_whatever_the_clock_shows(day, people, minutes):
    begins = instant(day, time(0, 30))
    ends = visit_end(begins, people, minutes, 1, air_minutes_per_hour=0)
    assert ends - begins == timedelta(minutes=people * minutes)


# --- Midnight -----------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [SPRING, AUTUMN, LEAP_DAY, date(2026, 12, 31), date(2026, 7, 1)])
def test_a_visit_over_midnight_is_refused_and_one_up_to_a_minute_before_is_not(day):
    begins, tomorrow = instant(day, time(22)), day + timedelta(days=1)
    for ends in (instant(tomorrow, time(0)), instant(tomorrow, time(1))):
        with pytest.raises(SlotError) as refused:
            cut(begins, ends, 15, 1)
        assert refused.value.code == SlotFault.OVER_MIDNIGHT
    assert len(cut(begins, instant(day, time(23, 59)), 15, 1)) == 7


def test_midnight_is_the_swedish_one():
    """In summer 22 to 23 UTC is past midnight here, and 21.30 to 22.30 goes over it."""
    assert cut(*summer(22, 0), 60, 1, 0)
    with pytest.raises(SlotError):
        cut(*summer(21, 30), 60, 1, 0)


def summer(hour: int, minute: int) -> tuple[datetime, datetime]:
    begins = datetime(2026, 7, 1, hour, minute, tzinfo=UTC)
    return begins, begins + timedelta(hours=1)


# --- Leap day, weeks, holidays ------------------------------------------------------------------


def test_the_leap_day_is_a_day_like_others():
    assert labels(visit(LEAP_DAY, "09:00", "10:00")) == ["09.00", "09.30"]
    assert (week_number(LEAP_DAY), holiday_name(LEAP_DAY)) == (9, None)
    assert instant(LEAP_DAY + timedelta(days=1), time(9)) - instant(LEAP_DAY, time(9)) == (
        timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 12, 28), 53),
        (date(2027, 1, 3), 53),
        (date(2027, 1, 4), 1),
        (date(2024, 12, 30), 1),
    ],
)
def test_a_week_belongs_to_the_year_of_its_thursday(day, week):
    assert week_number(day) == week


@pytest.mark.parametrize(
    "day", [date(2026, 6, 19), date(2026, 12, 24), date(2026, 12, 31), date(2026, 5, 14)]
)
def test_eves_that_nobody_works_are_holidays_too(day):
    assert holiday_name(day)
    assert holiday_name(day - timedelta(days=2)) is None
