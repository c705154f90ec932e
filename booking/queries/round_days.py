"""Rounds as a person reads them: days, stops with their units, and the map of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from uuid import UUID, uuid5

from django.db.models import FETCH_RAISE

from booking import faults
from booking.domain.rounds import (
    Instance,
    Job,
    Locked,
    Plan,
    Round,
    Stop,
    Unplaced,
    Vehicle,
    read_plan,
)
from booking.domain.route_map import Drawing, Spot, draw
from booking.domain.states import VisitStatus
from booking.domain.travel import UNIT
from booking.domain.workdays import instant
from booking.models import RoundPlan, Technician, Visit
from booking.queries.round_plans import question_of
from booking.queries.rounds import (
    VISIT,
    all_technicians,
    is_new,
    technician_and_day,
)
from booking.queries.visit_minutes import Minutes, minutes_table
from enrolment.people.models import CareUnit

# So many technicians have lines of their own on a map; then the styles begin anew.
STYLES = 4


@dataclass(frozen=True)
class StopRow:
    """A stop of a round: instants in UTC, minutes of driving to it, and its visit if there is one.

    From `starts` to `ends` the technician is there, from `begins` to `finishes` people come.
    `people` are those it is for, protected persons not counted; `lunch` says that the lunch comes
    just before it.
    """

    number: int
    key: str
    unit: CareUnit
    kind: str
    people: int
    arrives: datetime
    starts: datetime
    ends: datetime
    begins: datetime
    finishes: datetime
    slot_minutes: int
    driving: int
    deadline: date | None
    visit: Visit | None
    lunch: bool = False

    @property
    def standing(self) -> bool:
        """Whether it stood before the plan was made, so that the plan left it alone."""
        return not is_new(self.key)

    @property
    def movable(self) -> bool:
        """Whether the plan may still place it elsewhere."""
        return self.visit is None


@dataclass(frozen=True)
class DayRow:
    """What a technician does on a day: instants in UTC, `driving` in minutes."""

    key: str
    technician: Technician
    day: date
    leaves: datetime
    returns: datetime
    driving: int
    km: float | None
    stops: list[StopRow]
    lunch: tuple[datetime, datetime] | None = None

    @property
    def lunch_last(self) -> bool:
        """Whether the lunch comes after the last stop."""
        return self.lunch is not None and not any(stop.lunch for stop in self.stops)

    @property
    def road(self) -> tuple[int, int]:
        """Hours and minutes of driving."""
        return hours_minutes(self.driving)

    @property
    def open_stops(self) -> list[StopRow]:
        """Return the stops that are no visits yet."""
        return [stop for stop in self.stops if stop.movable]

    @cached_property
    def drawing(self) -> Drawing:
        """The map of the day: its stops by number, and the base."""
        base = _base_spot(self.technician)
        numbered: dict[str, list[str]] = {}
        for stop in self.stops:
            numbered.setdefault(stop.unit.hsa_id, []).append(str(stop.number))
        spots = [_unit_spot(stop.unit, "·".join(numbered[stop.unit.hsa_id])) for stop in self.stops]
        return draw([base, *spots], [(_route(base, self.stops), 0)])


@dataclass(frozen=True)
class LeftRow:
    """A visit that no round holds, and why: a code and what it says."""

    key: str
    unit: CareUnit
    kind: str
    people: int
    deadline: date | None
    reason: str
    params: Mapping[str, str | int]
    visit: Visit | None

    @property
    def why(self) -> str:
        """The reason as a sentence."""
        return faults.unplaced(self.reason, **self.params)


class PlanRead:
    """A plan with everything its page shows; the number of queries is constant."""

    def __init__(self, row: RoundPlan) -> None:
        self.row = row
        self.instance = question_of(row)
        self.plan = read_plan(row.answer) if row.answer else Plan(())

    @cached_property
    def jobs(self) -> dict[str, Job]:
        """The jobs by key."""
        return {job.key: job for job in self.instance.jobs}

    @cached_property
    def vehicles(self) -> dict[str, Vehicle]:
        """The working days by key."""
        return {vehicle.key: vehicle for vehicle in self.instance.vehicles}

    @cached_property
    def technicians(self) -> dict[int, Technician]:
        """The technicians by id."""
        found = all_technicians(self.row.federation).fetch_mode(FETCH_RAISE)
        return {each.pk: each for each in found}

    @cached_property
    def units(self) -> dict[str, CareUnit]:
        """The units by place."""
        ids = [key.removeprefix(UNIT) for key in self.instance.places if key.startswith(UNIT)]
        found = CareUnit.objects.filter(hsa_id__in=ids)
        related = found.select_related("municipality__federation").fetch_mode(FETCH_RAISE)
        return {f"{UNIT}{unit.hsa_id}": unit for unit in related}

    @cached_property
    def minutes(self) -> dict[tuple[UUID, str], Minutes]:
        """What a visit costs, by municipality and kind."""
        return minutes_table(self.units.values(), self.row.first_day)

    @cached_property
    def visits(self) -> dict[str, Visit]:
        """The visits that jobs stand for: standing ones, and those made of this plan."""
        keys = {stop_key(self.row.pk, key): key for key in self.jobs}
        standing = {UUID(key.removeprefix(VISIT)): key for key in keys.values() if VISIT in key}
        made = Visit.objects.filter(form_key__in=keys).exclude(status=VisitStatus.CANCELLED)
        found = {keys[visit.form_key]: visit for visit in made.select_related("technician__user")}
        stood = Visit.objects.filter(pk__in=standing).select_related("technician__user")
        return found | {standing[visit.pk]: visit for visit in stood}

    @cached_property
    def days(self) -> list[DayRow]:
        """The rounds, by day and technician."""
        rows = [self._day(round_) for round_ in self.plan.rounds]
        return sorted(rows, key=lambda row: (row.day, row.technician.user.name, row.key))

    @cached_property
    def left(self) -> list[LeftRow]:
        """What could not be placed."""
        return [self._left(each) for each in self.plan.unplaced]

    @cached_property
    def open_stops(self) -> list[StopRow]:
        """The stops that are no visits yet."""
        return [stop for day in self.days for stop in day.open_stops]

    @property
    def road(self) -> tuple[int, int]:
        """Hours and minutes of driving in all."""
        return hours_minutes(round(self.plan.driving / 60))

    @cached_property
    def new(self) -> list[StopRow]:
        """The stops that the plan brings."""
        return [stop for day in self.days for stop in day.stops if not stop.standing]

    @property
    def new_people(self) -> int:
        """How many people the new stops are for."""
        return sum(stop.people for stop in self.new)

    @cached_property
    def drawing(self) -> Drawing:
        """The map of all rounds."""
        return map_of(self.days)

    def unit_of(self, key: str) -> CareUnit:
        """Return the unit of a job."""
        return self.units[self.instance.places[self.jobs[key].place]]

    def settled(self) -> Instance:
        """Return the instance with every stop that has become a visit locked where it is."""
        placed = {
            stop.job: Locked(round_.vehicle, stop.starts)
            for round_ in self.plan.rounds
            for stop in round_.stops
        }
        jobs = tuple(
            replace(job, locked=placed[job.key])
            if job.key in self.visits and job.key in placed
            else job
            for job in self.instance.jobs
        )
        return replace(self.instance, jobs=jobs)

    def _day(self, round_: Round) -> DayRow:
        technician_id, day = technician_and_day(round_.vehicle)
        vehicle = self.vehicles[round_.vehicle]
        lunch = None
        if round_.lunch is not None and vehicle.lunch and round_.lunch < round_.returns:
            ends = round_.lunch + vehicle.lunch.length
            lunch = (moment(day, round_.lunch), moment(day, ends))
        return DayRow(
            key=round_.vehicle,
            technician=self.technicians[technician_id],
            day=day,
            leaves=moment(day, round_.leaves),
            returns=moment(day, round_.returns),
            driving=round(round_.driving / 60),
            km=round_.km,
            stops=self._stops(round_, vehicle, day),
            lunch=lunch,
        )

    def _stops(self, round_: Round, vehicle: Vehicle, day: date) -> list[StopRow]:
        places = [self.jobs[stop.job].place for stop in round_.stops]
        legs = [self.instance.seconds[a][b] for a, b in pairwise([vehicle.start_place, *places])]
        before = _lunch_before(round_)
        return [
            self._stop(stop, number, legs[number - 1], day, lunch=number == before)
            for number, stop in enumerate(round_.stops, start=1)
        ]

    def _stop(self, stop: Stop, number: int, leg: int, day: date, *, lunch: bool) -> StopRow:
        job, unit = self.jobs[stop.job], self.unit_of(stop.job)
        minutes = self.minutes[unit.municipality_id, job.kind]
        starts, ends = moment(day, stop.starts), moment(day, stop.ends)
        begins, finishes = _hours(job, minutes, starts, ends)
        return StopRow(
            number=number,
            key=job.key,
            unit=unit,
            kind=job.kind,
            people=job.load,
            arrives=moment(day, stop.arrives),
            starts=starts,
            ends=ends,
            begins=begins,
            finishes=finishes,
            slot_minutes=minutes.slot,
            driving=round(leg / 60),
            deadline=job.deadline,
            visit=self.visits.get(job.key),
            lunch=lunch,
        )

    def _left(self, each: Unplaced) -> LeftRow:
        job = self.jobs[each.job]
        return LeftRow(
            job.key,
            self.unit_of(job.key),
            job.kind,
            job.load,
            job.deadline,
            each.reason,
            each.params,
            self.visits.get(job.key),
        )


def stop_key(plan_id: UUID, job: str) -> UUID:
    """Return the one-time key under which a stop of a plan becomes a visit, once."""
    return uuid5(plan_id, job)


def moment(day: date, clock: int) -> datetime:
    """Return the instant of a clock time, in seconds of the day, by the Swedish clock."""
    minutes, seconds = divmod(clock, 60)
    return instant(day, time(minutes // 60, minutes % 60, seconds))


def map_of(days: Sequence[DayRow]) -> Drawing:
    """Return one map of several days' rounds: a dot for each unit, named with when it is visited.

    A line for each round, in the style of its technician.
    """
    drivers = sorted({day.technician.pk for day in days})
    when: dict[str, list[str]] = defaultdict(list)
    for day in days:
        for stop in day.stops:
            when[stop.unit.hsa_id].append(f"{day.day.day}/{day.day.month}")
    bases = [_base_spot(day.technician) for day in days]
    units = {stop.unit.hsa_id: stop.unit for day in days for stop in day.stops}
    spots = [_unit_spot(unit, when=", ".join(when[key][:2])) for key, unit in units.items()]
    routes = [
        (_route(base, day.stops), drivers.index(day.technician.pk) % STYLES)
        for base, day in zip(bases, days, strict=True)
    ]
    return draw([*bases, *spots], routes)


def hours_minutes(minutes: int) -> tuple[int, int]:
    """Return whole hours and the minutes left."""
    return divmod(minutes, 60)


def _route(base: Spot, stops: Sequence[StopRow]) -> list[str]:
    return [base.key, *(stop.unit.hsa_id for stop in stops), base.key]


def _hours(
    job: Job, minutes: Minutes, starts: datetime, ends: datetime
) -> tuple[datetime, datetime]:
    """Return when people come: a standing visit keeps its hours, a new one gets even ones."""
    if job.locked:
        setup, packing = timedelta(minutes=minutes.setup), timedelta(minutes=minutes.packing)
        return starts + setup, ends - packing
    return minutes.hours(starts, ends)


def _lunch_before(round_: Round) -> int:
    """Return the number of the stop just before which the lunch is; 0 for none."""
    if round_.lunch is None:
        return 0
    later = (
        number for number, stop in enumerate(round_.stops, 1) if stop.starts >= (round_.lunch or 0)
    )
    return next(later, 0)


def _base_spot(technician: Technician) -> Spot:
    key = f"{technician.latitude:.4f},{technician.longitude:.4f}"
    return Spot(key, technician.latitude, technician.longitude, technician.base, base=True)


def _unit_spot(unit: CareUnit, number: str = "", when: str = "") -> Spot:
    name = f"{unit.name} {when}" if when else unit.name
    return Spot(unit.hsa_id, unit.latitude, unit.longitude, name, number)
