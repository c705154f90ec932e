"""Overdue: hours for the technical receipt, working days for the content."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from enrolment.cards.domain.deadlines import content_due, technical_due
from tests.builders import STOCKHOLM


def at(day: int, hour: int = 10) -> datetime:
    """A day of May 2026, which begins on a Friday."""
    return datetime(2026, 5, day, hour, tzinfo=STOCKHOLM)


def at_ten(day: date) -> datetime:
    return datetime.combine(day, time(10), STOCKHOLM)


@pytest.mark.parametrize(
    ("delivered", "days", "due"),
    [
        (at(11), 2, at(13)),  # Monday to Wednesday
        (at(7), 2, at(11)),  # Thursday to Monday
        (at(8), 2, at(12)),  # Friday to Tuesday
        (at(9), 2, at(12)),  # Saturday to Tuesday
        (at(10), 2, at(12)),  # Sunday to Tuesday
        (at(8), 5, at(15)),
        (at(8), 0, at(8)),
    ],
)
def test_weekends_do_not_count(delivered, days, due):
    assert content_due(delivered, days) == due


@given(some.dates(date(2020, 1, 1), date(2040, 1, 1)).map(at_ten), some.integers(1, 60))
def test_as_many_working_days_lie_between(delivered, days):
    due = content_due(delivered, days)
    between = [delivered + timedelta(days=n + 1) for n in range((due - delivered).days)]
    assert len([day for day in between if day.weekday() < 5]) == days
    assert due.weekday() < 5


def test_hours_run_night_and_day():
    assert technical_due(at(8, 22), 4) == at(9, 2)
