"""Cut a visit into slots, and find the free ones nearest a wish.

Slots are instants in UTC, so the two nights when the clocks change need no rule of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from enrolment.people.domain.refusal import Refusal

# A house choice: time to breathe, and for whoever comes late.
AIR_MINUTES_PER_HOUR = 5

SWEDEN = ZoneInfo("Europe/Stockholm")


class SlotFault(StrEnum):
    """Why a visit can't be cut into slots."""

    NO_TIME_ZONE = "no_time_zone"
    ENDS_BEFORE_START = "ends_before_start"
    OVER_MIDNIGHT = "over_midnight"
    NUMBER_TOO_SMALL = "number_too_small"


class SlotError(Refusal):
    """A visit that can't be; `code` is a SlotFault."""


@dataclass(frozen=True, slots=True, order=True)
class SlotTime:
    """One person's time at one station: instants in UTC, stations numbered from 1."""

    starts_at: datetime
    ends_at: datetime
    station: int


def cut(
    starts_at: datetime,
    ends_at: datetime,
    minutes: int,
    stations: int,
    air_minutes_per_hour: int = AIR_MINUTES_PER_HOUR,
    zone: tzinfo = SWEDEN,
) -> list[SlotTime]:
    """Return the slots that fit whole, by time and then station; none if the visit is too short.

    All stations keep the same times. As many slots as fit in an hour without its air come after one
    another, then comes the air. Raises SlotError for a datetime without time zone, an end before
    the start, a visit that is not within one day in `zone`, and numbers that make no slot.
    """
    _check_window(starts_at, ends_at, zone)
    _check_numbers(air_minutes_per_hour, minutes=minutes, stations=stations)
    first, last = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    length = timedelta(minutes=minutes)
    slots: list[SlotTime] = []
    for turn in range((last - first) // length):
        begins = first + _offset(turn, minutes, air_minutes_per_hour)
        if begins + length <= last:
            slots += [SlotTime(begins, begins + length, nr) for nr in range(1, stations + 1)]
    return slots


def visit_end(
    starts_at: datetime,
    people: int,
    minutes: int,
    stations: int,
    air_minutes_per_hour: int = AIR_MINUTES_PER_HOUR,
) -> datetime:
    """Return the instant, in UTC, when the last of `people` is done; `cut` to there holds them all.

    Raises SlotError for a datetime without time zone and for numbers that make no slot.
    """
    _check_zone(starts_at)
    _check_numbers(air_minutes_per_hour, people=people, minutes=minutes, stations=stations)
    last_turn = (people - 1) // stations
    last = _offset(last_turn, minutes, air_minutes_per_hour) + timedelta(minutes=minutes)
    return starts_at.astimezone(UTC) + last


def nearest_free(free: Iterable[SlotTime], wanted: datetime, count: int = 3) -> list[SlotTime]:
    """Return up to `count` free slots nearest in time to `wanted`, one per start, nearest first.

    Of two equally near, the earlier comes first.
    """
    by_start = {slot.starts_at: slot for slot in sorted(free, reverse=True)}
    return sorted(by_start.values(), key=lambda slot: (abs(slot.starts_at - wanted), slot))[:count]


def _offset(turn: int, minutes: int, air_minutes: int) -> timedelta:
    """Return how long after the start a turn begins, turns counted from 0."""
    turns_between_airs = max(1, (60 - air_minutes) // minutes)
    return timedelta(minutes=turn * minutes + turn // turns_between_airs * air_minutes)


def _check_window(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> None:
    _check_zone(starts_at, ends_at)
    if ends_at <= starts_at:
        raise SlotError(SlotFault.ENDS_BEFORE_START)
    if starts_at.astimezone(zone).date() != ends_at.astimezone(zone).date():
        raise SlotError(SlotFault.OVER_MIDNIGHT)


def _check_zone(*moments: datetime) -> None:
    if any(moment.utcoffset() is None for moment in moments):
        raise SlotError(SlotFault.NO_TIME_ZONE)


def _check_numbers(air_minutes: int, **positive: int) -> None:
    if air_minutes < 0:
        raise SlotError(SlotFault.NUMBER_TOO_SMALL, name="air_minutes_per_hour", least=0)
    for name, number in positive.items():
        if number < 1:
            raise SlotError(SlotFault.NUMBER_TOO_SMALL, name=name, least=1)
