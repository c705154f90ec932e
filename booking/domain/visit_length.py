"""How long a visit must be for so many people, when only so many may be away from the ward."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from booking.domain.slots import cut, visit_end

# A visit begins and ends at whole five minutes.
EVEN = timedelta(minutes=5)

# Any day will do: slots are counted from its first minute to shortly before its last.
_START = datetime(2027, 1, 4, tzinfo=UTC)
_DAY = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Pace:
    """Minutes of a slot, how many may be away from the ward at once, minutes to walk there."""

    minutes: int
    most_away: int
    walking_minutes: int


def length_for(people: int, pace: Pace, stations: int) -> timedelta:
    """Return the time from the first slot to the end of the last that is needed, in whole EVEN.

    Everybody is away for the slot and the walk to and from it. Taking the earliest slot that
    leaves few enough away is the shortest way, since all are away equally long. A ward that lets
    nobody go, or a day too short for them all, gives the length of one slot after the other. What
    is left of the last EVEN may hold a slot to spare.
    Raises SlotError for numbers that make no slot.
    """
    shortest = visit_end(_START, people, pace.minutes, stations) - _START
    away = timedelta(minutes=pace.minutes + 2 * pace.walking_minutes)
    taken: list[datetime] = []
    for slot in cut(_START, _START + _DAY, pace.minutes, stations, zone=UTC):
        if sum(begins + away > slot.starts_at for begins in taken) < pace.most_away:
            taken.append(slot.starts_at)
        if len(taken) == people:
            return _even(slot.ends_at - _START)
    return _even(shortest)


def _even(length: timedelta) -> timedelta:
    return -(-length // EVEN) * EVEN
