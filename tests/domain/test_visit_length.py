"""A visit is as long as its people need when only so many may leave the ward at once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.slots import cut
from booking.domain.visit_length import Pace, length_for


@pytest.mark.parametrize(
    ("people", "pace", "stations", "minutes"),
    [
        (1, Pace(5, 2, 3), 1, 5),
        (2, Pace(5, 2, 3), 1, 10),
        # The third is away eleven minutes, so must wait until the first is back.
        (3, Pace(5, 2, 3), 1, 20),
        (3, Pace(5, 3, 3), 1, 15),
        (4, Pace(10, 4, 0), 2, 20),
        (4, Pace(10, 1, 0), 2, 40),
        # Five minutes of air come each hour, and the end is even: sixty-one minutes are needed.
        (14, Pace(4, 20, 0), 1, 65),
        (1, Pace(4, 2, 3), 1, 5),
        # Nobody may go: the ward's own rule says that, not the length.
        (3, Pace(5, 0, 3), 1, 15),
    ],
)
def test_the_length_follows_people_stations_and_ward(people, pace, stations, minutes):
    assert length_for(people, pace, stations) == timedelta(minutes=minutes)


def test_more_people_than_a_day_holds_get_the_plain_length():
    assert length_for(200, Pace(15, 1, 10), 1) > timedelta(hours=24)


@given(
    people=st.integers(1, 60),
    pace=st.builds(Pace, st.integers(1, 20), st.integers(1, 9), st.integers(0, 9)),
    stations=st.integers(1, 3),
)
def test_a_visit_that_begins_at_an_even_five_minutes_ends_at_one_and_holds_everybody(
    people, pace, stations
):
    length = length_for(people, pace, stations)
    assert length % timedelta(minutes=5) == timedelta(0)
    begins = datetime(2027, 1, 4, tzinfo=UTC)
    if length < timedelta(days=1):
        assert len(cut(begins, begins + length, pace.minutes, stations, zone=UTC)) >= people
