"""Where a stop of a plan may stand instead, and what each place costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from booking.domain.rounds import Insertion, Instance, Plan, cost, insert, insertions, without
from booking.models import RoundPlan, Technician
from booking.queries.round_days import DayRow, PlanRead, StopRow, moment
from booking.queries.rounds import technician_and_day
from enrolment.people.models import CareUnit


@dataclass(frozen=True)
class PlaceRow:
    """A round that could hold the stop: what it costs against the plan as it is.

    `cost` in seconds is what the planner is shown and says yes to; `driving` in minutes and `days`
    in technician-days are what it is made of, less than 0 for a saving. `later` counts the days
    from where it stands now, None for a stop that no round holds. `plan` is how it would be.
    """

    vehicle: str
    technician: Technician
    day: date
    begins: datetime
    cost: int
    driving: int
    days: int
    later: int | None
    plan: Plan

    @property
    def more(self) -> int:
        """Minutes of driving, without the sign."""
        return abs(self.driving)

    @property
    def earlier(self) -> int:
        """How many days before the day it stands on now."""
        return -(self.later or 0)


@dataclass(frozen=True)
class Places:
    """A stop that may be moved: the rounds that could hold it, cheapest first."""

    key: str
    unit: CareUnit
    people: int
    deadline: date | None
    now: tuple[DayRow, StopRow] | None
    instance: Instance
    places: list[PlaceRow]

    def at(self, vehicle: str) -> PlaceRow | None:
        """Return the place in the round of a vehicle, if there is one."""
        return next((place for place in self.places if place.vehicle == vehicle), None)


def places_for(row: RoundPlan, key: str) -> Places | None:
    """Return where the stop may stand, one place a round; None for what is not to be moved.

    The stop may be one that no round holds. Stops that are visits stay where they are.
    """
    read = PlanRead(row)
    job = read.jobs.get(key)
    if job is None or job.locked or key in read.visits:
        return None
    return Places(
        key=key,
        unit=read.unit_of(key),
        people=job.load,
        deadline=job.deadline,
        now=next(((day, stop) for day in read.days for stop in day.stops if stop.key == key), None),
        instance=read.settled(),
        places=sorted(_places(read, key), key=lambda place: (place.cost, place.begins)),
    )


def _places(read: PlanRead, key: str) -> Iterator[PlaceRow]:
    instance, now = read.settled(), read.plan
    here = _where(now, key)
    rest = without(instance, now, key) if here[0] else now
    seen: set[str] = set()
    for each in insertions(instance, rest, key):
        if each.vehicle not in seen and (each.vehicle, each.position) != here:
            seen.add(each.vehicle)
            after = insert(instance, rest, key, each)
            yield _place(read, key, after, each, here[0])


def _place(read: PlanRead, key: str, after: Plan, found: Insertion, here: str) -> PlaceRow:
    technician_id, day = technician_and_day(found.vehicle)
    now = read.plan
    return PlaceRow(
        vehicle=found.vehicle,
        technician=read.technicians[technician_id],
        day=day,
        begins=_begins(read, key, day, found.starts),
        cost=cost(read.instance, after) - cost(read.instance, now),
        driving=round((after.driving - now.driving) / 60),
        days=after.technician_days - now.technician_days,
        later=(day - technician_and_day(here)[1]).days if here else None,
        plan=after,
    )


def _begins(read: PlanRead, key: str, day: date, starts: int) -> datetime:
    """Return when people would come."""
    job = read.jobs[key]
    minutes = read.minutes[read.unit_of(key).municipality_id, job.kind]
    return minutes.hours(moment(day, starts), moment(day, starts + job.service))[0]


def _where(plan: Plan, key: str) -> tuple[str, int]:
    """Return the vehicle and place of a stop, an empty vehicle for one that no round holds."""
    for round_ in plan.rounds:
        for position, stop in enumerate(round_.stops):
            if stop.job == key:
                return round_.vehicle, position
    return "", -1
