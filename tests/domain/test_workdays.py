"""Swedish holidays, week numbers and the clock on the days when it changes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.slots import SWEDEN
from booking.domain.workdays import (
    days,
    holiday_name,
    holidays_between,
    instant,
    is_weekend,
    week_number,
)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 6, 25), "Midsommarafton"),
        (date(2026, 12, 24), "Julafton"),
        (date(2026, 12, 31), "Nyårsafton"),
        (date(2027, 1, 6), "Trettondedag jul"),
        (date(2027, 3, 26), "Långfredagen"),
        (date(2027, 5, 6), "Kristi himmelsfärdsdag"),
        (date(2028, 6, 6), "Nationaldagen"),
        (date(2028, 2, 29), None),
        (date(2026, 11, 22), None),
        (date(2027, 5, 7), None),
    ],
)
def test_holidays_have_their_swedish_names(day, name):
    assert holiday_name(day) == name


def test_holidays_of_a_year_come_by_day():
    found = holidays_between(date(2026, 12, 20), date(2027, 1, 7))
    assert [day.isoformat()[5:] for day, _name in found] == [
        "12-24",
        "12-25",
        "12-26",
        "12-31",
        "01-01",
        "01-06",
    ]


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 12, 31), 53),
        (date(2027, 1, 3), 53),
        (date(2027, 1, 4), 1),
        (date(2024, 12, 30), 1),
        (date(2028, 2, 29), 9),
    ],
)
def test_weeks_are_numbered_as_in_swedish_calendars(day, week):
    assert week_number(day) == week


def test_saturday_and_sunday_are_the_weekend():
    week = [date(2026, 11, 23) + timedelta(days=number) for number in range(7)]
    assert [is_weekend(day) for day in week] == [False] * 5 + [True] * 2


def test_days_include_the_last_and_the_leap_day():
    assert list(days(date(2028, 2, 28), date(2028, 3, 1))) == [
        date(2028, 2, 28),
        date(2028, 2, 29),
        date(2028, 3, 1),
    ]
    assert list(days(date(2028, 2, 2), date(2028, 2, 1))) == []


@pytest.mark.parametrize(
    ("day", "in_utc"),
    [
        (date(2027, 3, 27), 8),
        (date(2027, 3, 28), 7),
        (date(2027, 10, 30), 7),
        (date(2027, 10, 31), 8),
    ],
)
def test_nine_is_nine_by_the_swedish_clock_on_the_days_it_changes(day, in_utc):
    assert instant(day, time(9)) == datetime(day.year, day.month, day.day, in_utc, tzinfo=UTC)
    assert instant(day, time(16)) - instant(day, time(9)) == timedelta(hours=7)


def test_the_night_when_the_clock_changes_is_an_hour_shorter_or_longer():
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    lengths = [instant(day, time(4)) - instant(day, time(1)) for day in (spring, autumn)]
    assert lengths == [timedelta(hours=2), timedelta(hours=4)]
    assert instant(spring, time(2, 30)) == instant(spring, time(3, 30))


@given(st.dates(date(2020, 1, 1), date(2099, 12, 31)), st.times())
def test_an_instant_is_on_its_day(day, clock):
    assert instant(day, clock).astimezone(SWEDEN).date() == day
