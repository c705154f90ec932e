"""Rounds as the search sees them: numbers for names, and what each order of visits costs and takes.

A route is judged by labels, each a pair: with lunch still to come, and with lunch behind. Forward:
the earliest time one can leave each stop. Backward: the latest time one may arrive there with the
rest still kept. To be early never hurts, since one can wait, so a visit fits between two stops
exactly when what is earliest after it is not later than what is latest. That takes a handful of
comparisons; and as a route is never changed, only replaced, each visit's best place in it is found
once. Lunch is taken at a stop, before or after its service, or at the base.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from booking.domain.rounds.model import DAY, Instance, Job, Vehicle

NEVER = 1 << 40
KEPT = 20_000  # routes remembered, some 100 MB
Slots = tuple[tuple[int, int], ...]  # the first and the last second at which a service may start
Label = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """The clock and the bag of a vehicle. Without a lunch rule `earliest` never comes."""

    starts: int
    ends: int
    has_lunch: bool
    earliest: int
    latest: int
    length: int
    first_place: int
    last_place: int
    capacity: int

    def begin(self) -> Label:
        """Return when one can leave the base, with lunch to come and with lunch behind."""
        if not self.has_lunch:
            return NEVER, self.starts
        return self.starts, self.eaten(self.starts)

    def eaten(self, at: int) -> int:
        """Return when a lunch ends that is taken as soon as it may be from a time on."""
        return max(at, self.earliest) + self.length if at <= self.latest else NEVER

    def before(self, end: int) -> int:
        """Return the latest time from which a lunch can be over by `end`, -1 if there is none."""
        if self.earliest + self.length > end:
            return -1
        return min(self.latest, end - self.length)


class Problem:
    """An instance by numbers: jobs and vehicles are counted from 0 in the instance's order."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.travel = instance.seconds
        self.back = tuple(zip(*instance.seconds, strict=True))  # to a place, from each other
        self.place = [job.place for job in instance.jobs]
        self.service = [job.service for job in instance.jobs]
        self.load = [job.load for job in instance.jobs]
        self.day_cost = instance.day_cost
        self.shifts = [_shift(vehicle) for vehicle in instance.vehicles]
        self.slots = [_slots_of(vehicle, instance.jobs) for vehicle in instance.vehicles]
        self.job_number = {job.key: number for number, job in enumerate(instance.jobs)}
        self.vehicle_number = {each.key: number for number, each in enumerate(instance.vehicles)}
        days = [vehicle.day for vehicle in instance.vehicles]
        self.same_day = [[n for n, day in enumerate(days) if day == own] for own in days]
        self._routes: dict[tuple[int, tuple[int, ...]], Route] = {}
        self.locked = [self._locked_to(vehicle) for vehicle in instance.vehicles]

    def route(
        self,
        vehicle: int,
        jobs: tuple[int, ...],
        head: Sequence[Label] = (),
        tail: Sequence[Label] = (),
    ) -> "Route":
        """Return the route of a vehicle with these jobs in this order, feasible or not.

        `head` and `tail` are labels that are known: departures from the base on, arrivals to it.
        """
        found = self._routes.get((vehicle, jobs))
        if found is None:
            if len(self._routes) >= KEPT:
                self._routes.clear()
            found = self._routes[vehicle, jobs] = Route(self, vehicle, jobs, head, tail)
        return found

    def _locked_to(self, vehicle: Vehicle) -> tuple[int, ...]:
        """Return the vehicle's confirmed visits in order; it takes nothing at all if they clash."""
        number, jobs = self.vehicle_number[vehicle.key], self.instance.jobs
        own = [
            (lock.starts, job)
            for job, lock in enumerate(each.locked for each in jobs)
            if lock is not None and lock.vehicle == vehicle.key
        ]
        order = tuple(job for _, job in sorted(own))
        if self.route(number, order).feasible:
            return order
        self._routes.clear()
        self.slots[number] = {}
        return ()


class Route(dict[int, tuple[int, int] | None]):
    """The jobs of one vehicle in order: what they cost, whether they can be, and where more fit.

    `route[job]` is what a job adds to the cost where it adds least, and that position; None where
    it fits nowhere. It is found when first asked for. `room` is what is left of the shift when
    driving, services and lunch follow one another without any wait.
    """

    __slots__ = (
        *("cost", "driving", "feasible", "jobs", "problem", "room", "stops", "vehicle"),
        *("_capacity", "_latest", "_leaving", "_legs"),
    )

    def __init__(
        self,
        problem: Problem,
        vehicle: int,
        jobs: tuple[int, ...],
        head: Sequence[Label] = (),
        tail: Sequence[Label] = (),
    ) -> None:
        super().__init__()
        self.problem, self.vehicle, self.jobs = problem, vehicle, jobs
        shift, travel, place = problem.shifts[vehicle], problem.travel, problem.place
        self.stops = stops = [shift.first_place, *[place[job] for job in jobs], shift.last_place]
        self._legs = [(a, b, travel[a][b]) for a, b in pairwise(stops)] if jobs else []
        self.driving = sum([seconds for _, _, seconds in self._legs])
        self.cost = self.driving + problem.day_cost if jobs else 0
        service = sum([problem.service[job] for job in jobs])
        self.room = shift.ends - shift.starts - shift.length - service - self.driving
        self._capacity = shift.capacity - sum([problem.load[job] for job in jobs])
        self._leaving = self._earliest_departures(head)
        self._latest = self._latest_arrivals(tail)
        home = travel[stops[0]][stops[1]] if jobs else 0
        self.feasible = self._capacity >= 0 and _meets(self._leaving[0], home, self._latest[0])

    def __missing__(self, job: int) -> tuple[int, int] | None:
        # Only where a detour is a short cut could there be room for a visit longer than the room.
        fits = self.problem.service[job] <= self.room
        found = self[job] = next(self.places(job), None) if fits else None
        return found

    def places(self, job: int) -> Iterator[tuple[int, int]]:
        """Yield the positions a job fits in, as added cost and position, cheapest first."""
        problem = self.problem
        slots = problem.slots[self.vehicle].get(job)
        if slots is None or self._capacity < problem.load[job]:
            return
        at, service = problem.place[job], problem.service[job]
        there, back = problem.travel[at], problem.back[at]
        legs = self._legs or [(self.stops[0], self.stops[1], 0)]
        shift, room = problem.shifts[self.vehicle], self.room - service
        for added, position in sorted(
            [
                (more, position)
                for position, (a, b, seconds) in enumerate(legs)
                if (more := back[a] + there[b] - seconds) <= room
            ]
        ):
            a, b, _ = legs[position]
            left = _served(self._leaving[position], back[a], slots, service, shift)
            if _meets(left, there[b], self._latest[position]):
                yield (added if self.jobs else added + problem.day_cost), position

    def put(self, job: int, position: int) -> "Route":
        """Return the route with a job put in before the stop that has this position now."""
        jobs = (*self.jobs[:position], job, *self.jobs[position:])
        head, tail = self._leaving[: position + 1], self._latest[position:]
        return self.problem.route(self.vehicle, jobs, head, tail)

    def less(self, jobs: Container[int]) -> "Route":
        """Return the route without these jobs."""
        left = tuple([job for job in self.jobs if job not in jobs])
        return self.problem.route(self.vehicle, left)

    def _earliest_departures(self, known: Sequence[Label]) -> list[Label]:
        """Return when one can leave the base and each stop."""
        problem, jobs, stops = self.problem, self.jobs, self.stops
        shift, allowed = problem.shifts[self.vehicle], problem.slots[self.vehicle]
        labels = list(known) or [shift.begin()]
        label = labels[-1]
        for position in range(len(labels) - 1, len(jobs)):
            job = jobs[position]
            drive = problem.travel[stops[position]][stops[position + 1]]
            label = _served(label, drive, allowed.get(job, ()), problem.service[job], shift)
            labels.append(label)
        return labels

    def _latest_arrivals(self, known: Sequence[Label]) -> list[Label]:
        """Return when one must be at each stop, and at last at the base."""
        problem, jobs, stops = self.problem, self.jobs, self.stops
        shift, allowed = problem.shifts[self.vehicle], problem.slots[self.vehicle]
        labels = list(known[::-1]) or [(shift.before(shift.ends), shift.ends)]
        label = labels[-1]
        for position in range(len(jobs) - len(labels) + 1, 0, -1):
            job = jobs[position - 1]
            drive = problem.travel[stops[position]][stops[position + 1]]
            label = _needed(label, drive, allowed.get(job, ()), problem.service[job], shift)
            labels.append(label)
        return labels[::-1]


def kit_free(problem: Problem, routes: Sequence[Route], vehicle: int, job: int) -> bool:
    """Tell whether a kit of the job's kind is left for a vehicle on its day; one route for each."""
    jobs, kits = problem.instance.jobs, problem.instance.kits
    kind = jobs[job].kind
    if kind not in kits:
        return True
    others = [routes[other] for other in problem.same_day[vehicle] if other != vehicle]
    return sum(any(jobs[each].kind == kind for each in other.jobs) for other in others) < kits[kind]


def _served(label: Label, drive: int, slots: Slots, service: int, shift: Shift) -> Label:
    """Return the earliest departures from a stop, from those from the stop before."""
    hungry, fed = label[0] + drive, label[1] + drive
    if hungry <= shift.latest:
        fed = min(fed, shift.eaten(hungry))
    hungry, fed = first_start(hungry, slots) + service, first_start(fed, slots) + service
    if hungry <= shift.latest:
        fed = min(fed, shift.eaten(hungry))
    return hungry, fed


def _needed(label: Label, drive: int, slots: Slots, service: int, shift: Shift) -> Label:
    """Return the latest arrivals at a stop, from those at the stop after."""
    hungry, fed = label[0] - drive, label[1] - drive
    late_fed = _last_start(fed - service, slots)
    late_hungry = _last_start(max(hungry, shift.before(fed)) - service, slots)
    return max(late_hungry, shift.before(late_fed)), late_fed


def _meets(leaving: Label, drive: int, latest: Label) -> bool:
    return leaving[0] + drive <= latest[0] or leaving[1] + drive <= latest[1]


def first_start(at: int, slots: Slots) -> int:
    """Return the earliest allowed start that is not before a time, NEVER if there is none."""
    for first, last in slots:
        if at <= last:
            return at if at > first else first
    return NEVER


def _last_start(at: int, slots: Slots) -> int:
    """Return the latest allowed start that is not after a time, -1 if there is none."""
    found = -1
    for first, last in slots:
        if first > at:
            break
        found = min(last, at)
    return found


def _shift(vehicle: Vehicle) -> Shift:
    lunch = vehicle.lunch
    return Shift(
        starts=vehicle.starts,
        ends=vehicle.ends,
        has_lunch=lunch is not None,
        earliest=lunch.earliest if lunch else NEVER,
        latest=lunch.latest if lunch else -1,
        length=lunch.length if lunch else 0,
        first_place=vehicle.start_place,
        last_place=vehicle.end_place,
        capacity=NEVER if vehicle.capacity is None else vehicle.capacity,
    )


def _slots_of(vehicle: Vehicle, jobs: tuple[Job, ...]) -> dict[int, Slots]:
    """Return when each job may start that the vehicle may do."""
    found = {}
    for number, job in enumerate(jobs):
        slots = _slots(job, vehicle)
        if slots:
            found[number] = slots
    return found


def _slots(job: Job, vehicle: Vehicle) -> Slots:
    if job.locked is not None:
        starts = job.locked.starts
        return ((starts, starts),) if job.locked.vehicle == vehicle.key else ()
    if job.kind not in vehicle.kinds or _too_late(job.deadline, vehicle.day):
        return ()
    spans = [
        (max(window.opens, vehicle.starts), min(window.closes, vehicle.ends, DAY) - job.service)
        for window in job.windows
        if window.day == vehicle.day
    ]
    return tuple(sorted((first, last) for first, last in spans if first <= last))


def _too_late(deadline: date | None, day: date) -> bool:
    return deadline is not None and day > deadline
