"""Lunch: the first time long enough, within the hours for it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from enrolment.reports.domain.lunch import lunch_at

HALF = timedelta(minutes=30)


def at(minute: int) -> datetime:
    """Return a moment so many minutes after seven."""
    return datetime(2026, 5, 12, 7, tzinfo=UTC) + timedelta(minutes=minute)


def lunch(*busy: tuple[int, int]) -> datetime | None:
    return lunch_at([(at(start), at(end)) for start, end in busy], at(240), at(390), HALF)


def test_a_free_day_has_lunch_as_early_as_may_be():
    assert lunch() == at(240)


def test_lunch_waits_until_the_work_is_done():
    assert lunch((60, 250)) == at(250)
    assert lunch((60, 250), (270, 300)) == at(300)
    assert lunch((60, 250), (280, 300)) == at(250)


def test_a_day_without_a_gap_has_no_lunch():
    assert lunch((60, 391)) is None
    assert lunch((60, 390)) == at(390)


STRETCHES = st.lists(
    st.tuples(st.integers(0, 600), st.integers(1, 200)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=5,
)


@given(STRETCHES)
def test_lunch_is_the_first_minute_that_is_free_for_long_enough(busy):
    free = (
        minute
        for minute in range(240, 391)
        if all(end <= minute or start >= minute + 30 for start, end in busy)
    )
    first = next(free, None)
    assert lunch(*busy) == (None if first is None else at(first))
