"""A visit is as long as its people need when only so many may leave the ward at once."""

from datetime import timedelta

import pytest

from booking.domain.visit_length import Pace, length_for


@pytest.mark.parametrize(
    ("people", "pace", "stations", "minutes"),
    [
        (1, Pace(4, 2, 3), 1, 4),
        (2, Pace(4, 2, 3), 1, 8),
        # The third is away ten minutes, so must wait until the first is back.
        (3, Pace(4, 2, 3), 1, 16),
        (3, Pace(4, 3, 3), 1, 12),
        (4, Pace(10, 4, 0), 2, 20),
        (4, Pace(10, 1, 0), 2, 40),
        # Five minutes of air come each hour.
        (14, Pace(4, 20, 0), 1, 61),
        # Nobody may go: the ward's own rule says that, not the length.
        (3, Pace(4, 0, 3), 1, 12),
    ],
)
def test_the_length_follows_people_stations_and_ward(people, pace, stations, minutes):
    assert length_for(people, pace, stations) == timedelta(minutes=minutes)


def test_more_people_than_a_day_holds_get_the_plain_length():
    assert length_for(200, Pace(15, 1, 10), 1) > timedelta(hours=24)
