"""Where among the standing visits a new one costs the least driving.

A visit is tried in every gap of every technician's day: after the drive from the stop before,
before the drive to the next, within the unit's open hours, with lunch left to eat and a kit to
bring. Instants are in UTC; a place is a key of the roads' matrix.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from booking.domain.travel import Matrix

PROPOSED = 3
# People come from even five minutes on; a later try in the same gap comes a quarter later.
EVEN = timedelta(minutes=5)
STEP = timedelta(minutes=15)


class Reason(StrEnum):
    """Why a time is proposed; the parameters are those of `Proposal.about`."""

    SAME_UNIT = "same_unit"
    SAME_HOUSE = "same_house"
    SAME_TOWN = "same_town"
    NEAR = "near"
    FREE_DAY = "free_day"
    SOONEST = "soonest"


class NoTime(StrEnum):
    """Why there is nothing to propose."""

    CLOSED = "closed"
    NOBODY_WORKS = "nobody_works"
    TOO_LONG = "too_long"
    NO_KIT = "no_kit"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Stop:
    """A standing visit, from arrival to leaving; `house` is equal for units of one house."""

    place: str
    name: str
    town: str
    house: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A technician's working day, from the base and back; lunch is eaten between two instants."""

    technician: int
    base: str
    day: date
    starts_at: datetime
    ends_at: datetime
    lunch_from: datetime
    lunch_until: datetime
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """When the unit takes a visit on one day."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """The visit to place; `length` is from arrival to leaving, `last_days` one per person.

    `setup` is from arrival until the first person comes.
    """

    place: str
    town: str
    house: str
    length: timedelta
    windows: Mapping[date, Window]
    not_before: datetime
    last_days: tuple[date, ...] = ()
    setup: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time for the visit, and what it costs in driving.

    `extra_*` is the driving it adds to the day, `own_*` a trip of its own there and back; `late`
    is how many people's last day lies before it.
    """

    technician: int
    day: date
    arrives_at: datetime
    leaves_at: datetime
    extra_seconds: int
    extra_km: float
    own_seconds: int
    own_km: float
    late: int
    reason: Reason
    about: str = ""

    @property
    def extra_minutes(self) -> int:
        """Return the minutes of driving that the visit adds to the day."""
        return max(0, round(self.extra_seconds / 60))

    @property
    def saved_minutes(self) -> int:
        """Return the driving minutes saved against a trip of its own."""
        return round((self.own_seconds - self.extra_seconds) / 60)


@dataclass(frozen=True)
class Question:
    """A wish among what stands already.

    `kits` holds the busy spans of each kit that serves the visit, or is None where the federation
    keeps no list of kits. `day_cost` is what a day out costs, in seconds of driving.
    """

    wish: Wish
    days: Sequence[Day]
    travel: Matrix
    kits: Mapping[int, Sequence[tuple[datetime, datetime]]] | None = None
    lunch: timedelta = timedelta(minutes=30)
    day_cost: int = 3600

    @cached_property
    def order(self) -> dict[str, int]:
        """Return where each place stands in the matrix."""
        return {key: at for at, key in enumerate(self.travel.keys)}

    def seconds(self, origin: str, destination: str) -> int:
        """Return the driving time between two places."""
        return self.travel.seconds[self.order[origin]][self.order[destination]]

    def drive(self, origin: str, destination: str) -> timedelta:
        """Return the driving time between two places."""
        return timedelta(seconds=self.seconds(origin, destination))

    def km(self, origin: str, destination: str) -> float:
        """Return the road between two places in kilometres."""
        return self.travel.km[self.order[origin]][self.order[destination]]


def propose(question: Question, count: int = PROPOSED) -> list[Proposal]:
    """Return up to `count` times, on different days where possible, the best first.

    Fewest people too late first, then least driving with the cost of a new day out, then soonest.
    Where somebody is too late at every time, the soonest of all is among them.
    """
    found = sorted(_all(question), key=_cost(question))
    if not found:
        return []
    by_day: dict[date, Proposal] = {}
    for one in found:
        by_day.setdefault(one.day, one)
    others = (one for one in found if by_day[one.day] is not one)
    picked = [*by_day.values(), *others][:count]
    soonest = min(found, key=lambda one: (one.arrives_at, one.extra_seconds))
    if picked[0].late and soonest.day not in {one.day for one in picked}:
        picked[-1] = soonest
    return [_soonest(one) if one == soonest and one.late else one for one in picked]


def propose_parts(
    question: Question, parts: Sequence[Wish], count: int = PROPOSED
) -> list[tuple[Proposal, ...]]:
    """Return up to `count` ways to make several visits, the parts in their order of urgency.

    Each way begins with one of the times proposed for the first part; each later part gets its
    best time beside those before it, on a day of its own if that makes nobody later: a ward is
    not asked for twice as many on one day. A way in which a part finds no time is left out.
    """
    ways: list[tuple[Proposal, ...]] = []
    for first in propose(replace(question, wish=parts[0]), count):
        way: tuple[Proposal, ...] = (first,)
        beside = with_visit(replace(question, wish=parts[0]), first)
        for wish in parts[1:]:
            beside = replace(beside, wish=wish)
            best = _beside(beside, way)
            if best is None:
                break
            way, beside = (*way, best), with_visit(beside, best)
        if len(way) == len(parts):
            ways.append(way)
    return ways


def _beside(question: Question, way: Sequence[Proposal]) -> Proposal | None:
    """Return the best time for one more part; None where there is none."""
    found, taken = propose(question, len(way) + 1), {part.day for part in way}
    apart = (one for one in found if one.day not in taken and one.late <= found[0].late)
    return next(apart, found[0] if found else None)


def with_visit(question: Question, proposal: Proposal) -> Question:
    """Return the question as it stands once the proposed visit is booked."""
    wish, span = question.wish, (proposal.arrives_at, proposal.leaves_at)
    stop = Stop(wish.place, "", wish.town, wish.house, *span)
    days = [
        replace(day, stops=tuple(sorted((*day.stops, stop), key=lambda stop: stop.starts_at)))
        if (day.technician, day.day) == (proposal.technician, proposal.day)
        else day
        for day in question.days
    ]
    kits = dict(question.kits) if question.kits is not None else None
    for kit, busy in (kits or {}).items():
        if kits is not None and _apart(busy, *span):
            kits[kit] = [*busy, span]
            break
    return replace(question, days=days, kits=kits)


def at(question: Question, technician: int, arrives_at: datetime) -> Proposal | None:
    """Return the visit at exactly that instant, or None where it can't be."""
    leaves_at = arrives_at + question.wish.length
    for day in (day for day in question.days if day.technician == technician):
        for gap, earliest, latest in _gaps(question, day):
            possible = earliest <= arrives_at <= latest and _stands(question, day, gap, arrives_at)
            if possible and _kit_free(question, arrives_at, leaves_at):
                return _proposal(question, day, gap, arrives_at)
    return None


def why_none(question: Question) -> NoTime:
    """Say why `propose` finds nothing."""
    wish = question.wish
    open_days = [day for day in question.days if day.day in wish.windows]
    if not wish.windows:
        return NoTime.CLOSED
    if not open_days:
        return NoTime.NOBODY_WORKS
    empty = replace(question, days=[replace(day, stops=()) for day in open_days], kits=None)
    if not propose(empty, 1):
        return NoTime.TOO_LONG
    return NoTime.NO_KIT if propose(replace(question, kits=None), 1) else NoTime.FULL


def _all(question: Question) -> Iterator[Proposal]:
    for day in question.days:
        yield from _of_day(question, day)


def _of_day(question: Question, day: Day) -> Iterator[Proposal]:
    """Yield the first possible time of each gap of the day."""
    for gap, earliest, latest in _gaps(question, day):
        for arrives_at in _tries(earliest, latest, question.wish.setup):
            leaves_at = arrives_at + question.wish.length
            if _stands(question, day, gap, arrives_at) and _kit_free(
                question, arrives_at, leaves_at
            ):
                yield _proposal(question, day, gap, arrives_at)
                break


def _gaps(question: Question, day: Day) -> Iterator[tuple[int, datetime, datetime]]:
    """Yield each gap between stops with the earliest and the latest possible arrival."""
    wish = question.wish
    window = wish.windows.get(day.day)
    if window is None:
        return
    for gap in range(len(day.stops) + 1):
        before, since, after, until = _around(day, gap)
        earliest = max(since + question.drive(before, wish.place), window.opens_at, wish.not_before)
        leave = min(until - question.drive(wish.place, after), window.closes_at)
        if earliest <= leave - wish.length:
            yield gap, earliest, leave - wish.length


def _around(day: Day, gap: int) -> tuple[str, datetime, str, datetime]:
    """Return where the technician comes from, free from when, and must be next, by when."""
    before, since, after, until = day.base, day.starts_at, day.base, day.ends_at
    if gap:
        before, since = day.stops[gap - 1].place, day.stops[gap - 1].ends_at
    if gap < len(day.stops):
        after, until = day.stops[gap].place, day.stops[gap].starts_at
    return before, since, after, until


def _tries(earliest: datetime, latest: datetime, setup: timedelta) -> Iterator[datetime]:
    moment = datetime.min.replace(tzinfo=UTC)
    arrives_at = earliest + (moment - earliest - setup) % EVEN
    while arrives_at <= latest:
        yield arrives_at
        arrives_at += STEP


def _stands(question: Question, day: Day, gap: int, arrives_at: datetime) -> bool:
    """Say whether there is a lunch in the day with the visit in it.

    A day that does not span the hours of lunch has none.
    """
    if day.starts_at > day.lunch_from or day.ends_at < day.lunch_until:
        return True
    wish = question.wish
    visit = Stop(wish.place, "", "", "", arrives_at, arrives_at + wish.length)
    full = replace(day, stops=(*day.stops[:gap], visit, *day.stops[gap:]))
    return any(_lunch_in(question, full, at) for at in range(len(full.stops) + 1))


def _lunch_in(question: Question, day: Day, gap: int) -> bool:
    before, since, after, until = _around(day, gap)
    spare = until - since - question.drive(before, after)
    shared = min(until, day.lunch_until) - max(since, day.lunch_from)
    return min(spare, shared) >= question.lunch


def _kit_free(question: Question, arrives_at: datetime, leaves_at: datetime) -> bool:
    if question.kits is None:
        return True
    return any(_apart(busy, arrives_at, leaves_at) for busy in question.kits.values())


def _apart(
    busy: Sequence[tuple[datetime, datetime]], arrives_at: datetime, leaves_at: datetime
) -> bool:
    return all(ends_at <= arrives_at or starts_at >= leaves_at for starts_at, ends_at in busy)


def _proposal(question: Question, day: Day, gap: int, arrives_at: datetime) -> Proposal:
    wish = question.wish
    before, _since, after, _until = _around(day, gap)
    reason, about = _reason(question, day)
    return Proposal(
        technician=day.technician,
        day=day.day,
        arrives_at=arrives_at,
        leaves_at=arrives_at + wish.length,
        extra_seconds=question.seconds(before, wish.place)
        + question.seconds(wish.place, after)
        - question.seconds(before, after),
        extra_km=question.km(before, wish.place)
        + question.km(wish.place, after)
        - question.km(before, after),
        own_seconds=question.seconds(day.base, wish.place) + question.seconds(wish.place, day.base),
        own_km=question.km(day.base, wish.place) + question.km(wish.place, day.base),
        late=sum(last < day.day for last in wish.last_days),
        reason=reason,
        about=about,
    )


def _reason(question: Question, day: Day) -> tuple[Reason, str]:
    """Return what speaks for the day, and the unit or town that it is about."""
    wish, stops = question.wish, day.stops
    if any(stop.place == wish.place for stop in stops):
        return Reason.SAME_UNIT, ""
    for stop in stops:
        if wish.house and stop.house == wish.house:
            return Reason.SAME_HOUSE, stop.name
    if any(stop.town == wish.town for stop in stops):
        return Reason.SAME_TOWN, wish.town
    if stops:
        nearest = min(stops, key=lambda stop: question.seconds(stop.place, wish.place))
        return Reason.NEAR, nearest.town
    return Reason.FREE_DAY, ""


def _soonest(proposal: Proposal) -> Proposal:
    return replace(proposal, reason=Reason.SOONEST, about="")


def _cost(question: Question) -> Callable[[Proposal], tuple[int, int, datetime, int]]:
    """Return what proposals are sorted by."""
    out = {(day.technician, day.day) for day in question.days if day.stops}

    def cost(one: Proposal) -> tuple[int, int, datetime, int]:
        new_day = 0 if (one.technician, one.day) in out else question.day_cost
        return one.late, one.extra_seconds + new_day, one.arrives_at, one.technician

    return cost
