"""What a plan of rounds is made of. All times are whole seconds; a clock is seconds of its day.

A vehicle is one technician on one day. A round is what a vehicle drives: from its base to one stop
after another and home the same day. Kinds of visits are what technicians and kits can do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

DAY = 24 * 3600
MINUTE = 60
HIGHEST_PRIORITY = 100
DAY_COST = 60 * MINUTE  # what a used technician-day weighs against driving
# A visit left out weighs more than any driving that could save it: 28 hours, and as many again for
# each step of priority, so that the urgent go first.
LEFT_OUT = 100_000
# The longest a person may work without a rest: the Working Hours Act (1982:673), section 15.
LONGEST_WITHOUT_REST = 5 * 3600


@dataclass(frozen=True, slots=True)
class Window:
    """The clock times of a day between which a visit must begin and end."""

    day: date
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Lunch:
    """A rest of `length` seconds that starts between two clock times."""

    earliest: int = 11 * 3600
    latest: int = 13 * 3600 + 1800
    length: int = 1800


@dataclass(frozen=True, slots=True)
class Locked:
    """Where a confirmed visit stays: the key of its vehicle and the clock time it starts."""

    vehicle: str
    starts: int


@dataclass(frozen=True, slots=True)
class Job:
    """A visit to place: `service` seconds at `place`, an index of the instance's places.

    `windows` hold what opening hours, holidays and the deadline leave. `priority` is 0 to 100, the
    urgent highest. A locked job needs no windows: it stays where it is.
    """

    key: str
    place: int
    service: int
    windows: tuple[Window, ...] = ()
    deadline: date | None = None
    priority: int = 0
    kind: str = ""
    load: int = 0
    locked: Locked | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A technician's working day. Without `capacity` there is no limit to the load."""

    key: str
    technician: str
    day: date
    starts: int
    ends: int
    start_place: int
    end_place: int
    kinds: frozenset[str] = frozenset({""})
    lunch: Lunch | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """What to plan. `seconds[a][b]` is the driving time from place a to place b, `km` its length.

    `kits` limits how many technicians may be out on one day with visits of a kind.
    """

    places: tuple[str, ...]
    seconds: tuple[tuple[int, ...], ...]
    vehicles: tuple[Vehicle, ...]
    jobs: tuple[Job, ...]
    km: tuple[tuple[float, ...], ...] | None = None
    day_cost: int = DAY_COST
    kits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit in a round: when the technician arrives, starts, and is done."""

    job: str
    arrives: int
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Round:
    """What a technician does on a day; `lunch` is when it starts, None without a lunch rule."""

    vehicle: str
    stops: tuple[Stop, ...]
    leaves: int
    returns: int
    lunch: int | None
    driving: int
    km: float | None = None


class Reason(StrEnum):
    """Why a visit is in no round."""

    LOCKED_CLASH = "locked_clash"  # the day's confirmed visits can't all be kept; vehicle
    LOCKED_NO_DAY = "locked_no_day"  # nobody works when it is confirmed; vehicle
    NO_WINDOW = "no_window"  # the unit receives nobody before the deadline; deadline
    LONGER_THAN_WINDOWS = "longer_than_windows"  # minutes, longest
    NOBODY_WORKS = "nobody_works"  # no technician works on any day the unit receives; kind
    NOBODY_CAN = "nobody_can"  # those who work then don't do this kind; kind
    NO_KIT = "no_kit"  # there is no kit at all for this kind; kind
    TOO_MUCH_LOAD = "too_much_load"  # load, capacity
    LONGER_THAN_SHIFTS = "longer_than_shifts"  # opening hours and shifts share too little; minutes
    TOO_FAR = "too_far"  # there, the visit and home again is more than a working day; minutes
    KITS_OUT = "kits_out"  # it fits only when all kits are out with others; kind
    DAYS_FULL = "days_full"  # days: on how many it could be made if they were free
    NOT_PLACED = "not_placed"  # there is room: it has been taken out, or not been put in yet


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A visit that no round holds, and why: a `Reason` and the values that belong to it."""

    job: str
    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Rounds with at least one stop each, by day and technician, and what was left out."""

    rounds: tuple[Round, ...]
    unplaced: tuple[Unplaced, ...] = ()

    @property
    def driving(self) -> int:
        """Seconds on the road."""
        return sum(round_.driving for round_ in self.rounds)

    @property
    def technician_days(self) -> int:
        """How many working days are used."""
        return len(self.rounds)

    @property
    def km(self) -> float | None:
        """Kilometres on the road, None when the instance has none."""
        lengths = [round_.km for round_ in self.rounds if round_.km is not None]
        return sum(lengths) if len(lengths) == len(self.rounds) else None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must not be so in a plan: a `FaultCode`, where, and what it says."""

    code: str
    where: str
    params: Mapping[str, str | int] = field(default_factory=dict)


def lunch_for(starts: int, ends: int, rule: Lunch | None = None) -> Lunch | None:
    """Return the lunch of a working day, None for one short enough to do without."""
    lunch = rule or Lunch()
    fits = max(starts, lunch.earliest) <= min(lunch.latest, ends - lunch.length)
    return lunch if ends - starts > LONGEST_WITHOUT_REST and fits else None


def penalty(job: Job) -> int:
    """Return what leaving a job out weighs, in seconds of driving."""
    return LEFT_OUT * (1 + job.priority)


def cost(instance: Instance, plan: Plan) -> int:
    """Return driving and used technician-days in seconds, whatever was left out."""
    return plan.driving + instance.day_cost * plan.technician_days


def objective(instance: Instance, plan: Plan) -> int:
    """Return what the search makes small, in seconds: cost, and the weight of what is left out."""
    jobs = {job.key: job for job in instance.jobs}
    return cost(instance, plan) + sum(penalty(jobs[left.job]) for left in plan.unplaced)
