"""Which days are worked in Sweden, and how the Swedish clock lies in time.

Holidays come from the library `holidays`: the public ones, Sundays not among them, and the de facto
ones (Midsommarafton, Julafton, Nyårsafton), when nobody expects a visit.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from holidays import DE_FACTO, PUBLIC, country_holidays

from booking.domain.slots import SWEDEN

SATURDAY = 5


def holiday_name(day: date) -> str | None:
    """Return the Swedish name of the holiday, or None for a day that is none."""
    return _holidays(day.year).get(day)


def week_number(day: date) -> int:
    """Return the week's number by ISO 8601, as Swedish calendars have it."""
    return day.isocalendar().week


def is_weekend(day: date) -> bool:
    """Say whether the day is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY


def days(first: date, last: date) -> Iterator[date]:
    """Yield each day from the first to the last one, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def holidays_between(first: date, last: date) -> list[tuple[date, str]]:
    """Return the holidays from the first to the last day, by day, with their Swedish names."""
    return [(day, name) for day in days(first, last) if (name := holiday_name(day))]


def instant(day: date, clock: time) -> datetime:
    """Return in UTC the instant when the Swedish clock shows `clock` on the day.

    Of the hour that comes twice in autumn the first is meant; a time in the hour that spring leaves
    out is taken as the same time an hour later.
    """
    return datetime.combine(day, clock, SWEDEN).astimezone(UTC)


@cache
def _holidays(year: int) -> dict[date, str]:
    found = country_holidays("SE", years=year, categories=(PUBLIC, DE_FACTO), language="sv")
    return dict(found.items())
