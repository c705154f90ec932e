"""When there is time for lunch between the work of a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def lunch_at(
    busy: Sequence[tuple[datetime, datetime]],
    earliest: datetime,
    latest: datetime,
    length: timedelta,
) -> datetime | None:
    """Return the first moment, `earliest` to `latest`, from which `length` is free; else None.

    `busy` are the stretches of driving and work, in any order.
    """
    moments = sorted([earliest, *(end for _start, end in busy)])
    for moment in moments:
        if earliest <= moment <= latest and _is_free(busy, moment, moment + length):
            return moment
    return None


def _is_free(busy: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> bool:
    return all(busy_end <= start or busy_start >= end for busy_start, busy_end in busy)
