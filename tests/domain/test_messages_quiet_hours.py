from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.quiet_hours import after_quiet

STOCKHOLM = ZoneInfo("Europe/Stockholm")
EVENING, MORNING = time(20), time(7)
EARLIEST, LATEST = datetime(2026, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001 -- as drawn


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        (at(12, 12), at(12, 12)),
        (at(12, 19, 59), at(12, 19, 59)),
        (at(12, 20), at(13, 7)),
        (at(12, 23, 59), at(13, 7)),
        (at(13, 0), at(13, 7)),
        (at(13, 6, 59), at(13, 7)),
        (at(13, 7), at(13, 7)),
        (at(31, 22), datetime(2026, 6, 1, 7, tzinfo=STOCKHOLM)),
        (at(24, 22, month=10), at(25, 7, month=10)),  # the clock goes back that night
        (at(28, 22, month=3), at(29, 7, month=3)),  # and forward that one
    ],
)
def test_the_night_is_waited_out(moment, goes):
    assert after_quiet(moment, EVENING, MORNING) == goes


def test_quiet_hours_may_lie_within_the_day_or_not_be():
    assert after_quiet(at(12, 12), time(11), time(13)) == at(12, 13)
    assert after_quiet(at(12, 14), time(11), time(13)) == at(12, 14)
    assert after_quiet(at(12, 3), time(7), time(7)) == at(12, 3)


@given(st.datetimes(EARLIEST, LATEST), st.times(), st.times())
def test_it_is_never_earlier_nor_more_than_a_day_later_and_then_not_quiet(moment, begins, ends):
    begins, ends = begins.replace(fold=0), ends.replace(fold=0)
    moment = moment.replace(tzinfo=STOCKHOLM)
    goes = after_quiet(moment, begins, ends)
    assert moment.replace(tzinfo=None) <= goes.replace(tzinfo=None)
    assert goes.replace(tzinfo=None) <= moment.replace(tzinfo=None) + timedelta(days=1)
    assert after_quiet(goes, begins, ends) == goes
