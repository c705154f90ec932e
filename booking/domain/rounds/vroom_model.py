"""Rounds by VROOM: the same question in its words, for all vehicles or for some.

One time axis runs through all days; midnight of the first is 0. VROOM's cost is a second of driving
when a vehicle's hour costs 3,600, which is what it takes. It runs on one thread: with two, a call
has been seen to hang for ever. Its binding holds Python's lock meanwhile, so whoever calls should
be a process of its own.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

import numpy as np
import vroom

from booking.domain.rounds.insertion import by_deadline, confirmed, filled, left_out, weight
from booking.domain.rounds.model import DAY, Instance, Plan
from booking.domain.rounds.route import Problem, Route
from booking.domain.rounds.schedule import plan_of

FIRST_LEVEL = 1  # of 0 to 5; the higher take up to twenty times as long and save 0.05 % (measured)
FIRST_SECONDS = 3.0
NO_LIMIT = 2**31 - 1


class Vroom:
    """Puts questions about an instance to VROOM and reads the answers."""

    def __init__(self, problem: Problem) -> None:
        instance = problem.instance
        self._problem = problem
        self._matrix = np.asarray(problem.travel, dtype=np.uint32)
        first = min(vehicle.day for vehicle in instance.vehicles)
        self._midnight = [DAY * (vehicle.day - first).days for vehicle in instance.vehicles]
        kinds = sorted({job.kind for job in instance.jobs})
        self._skill = {kind: number for number, kind in enumerate(kinds)}

    def solve(
        self,
        routes: Sequence[Route],
        vehicles: Sequence[int],
        jobs: Sequence[int],
        *,
        level: int,
        seconds: float | None = None,
    ) -> dict[int, Route] | None:
        """Return a route for each of `vehicles`, holding those of `jobs` that found room.

        `routes` are the present ones of all vehicles: the others keep their kits. `level` is how
        far VROOM looks, 0 to 5; it stops after `seconds`. None for an answer that can't be driven.
        """
        windows = {job: self._windows(job, vehicles) for job in jobs}
        asked = [self._job(job, spans) for job, spans in windows.items() if spans]
        if not asked:  # which VROOM takes for a mistake
            return {vehicle: self._problem.route(vehicle, ()) for vehicle in vehicles}
        question = vroom.Input()
        question.set_durations_matrix("car", self._matrix)
        question.add_job(asked)
        brought = self._brought(routes, vehicles)
        for vehicle in vehicles:
            if self._problem.slots[vehicle]:
                question.add_vehicle(self._vehicle(vehicle, brought[vehicle]))
        limit = None if seconds is None else timedelta(seconds=seconds)
        answer = question.solve(exploration_level=level, nb_threads=1, timeout=limit)
        return self._read(answer, vehicles)

    def _vehicle(self, number: int, kinds: set[str]) -> Any:
        shift, midnight = self._problem.shifts[number], self._midnight[number]
        rest = []
        if shift.has_lunch:
            when = [_span(midnight, shift.earliest, min(shift.latest, shift.ends - shift.length))]
            rest = [vroom.Break(1, when, service=shift.length)]
        return vroom.Vehicle(
            number,
            start=shift.first_place,
            end=shift.last_place,
            capacity=[min(shift.capacity, NO_LIMIT)],
            skills={self._skill[kind] for kind in kinds if kind in self._skill} | self._own(number),
            time_window=_span(midnight, shift.starts, shift.ends),
            breaks=rest,
            costs=vroom.VehicleCosts(fixed=self._problem.day_cost),
        )

    def _job(self, number: int, windows: list[Any]) -> Any:
        job = self._problem.instance.jobs[number]
        if job.locked is None:
            skills = {self._skill[job.kind]}
        else:
            skills = self._own(self._problem.vehicle_number[job.locked.vehicle])
        return vroom.Job(
            number,
            job.place,
            default_service=job.service,
            delivery=[job.load],
            skills=skills,
            priority=100 if job.locked else min(job.priority, 99),
            time_windows=windows,
        )

    def _own(self, vehicle: int) -> set[int]:
        """Return the skill that ties confirmed visits to their vehicle."""
        return {len(self._skill) + vehicle}

    def _windows(self, job: int, vehicles: Sequence[int]) -> list[Any]:
        """Return when the job may start on the vehicles' days, in order and apart."""
        slots, midnight = self._problem.slots, self._midnight
        spans = [
            (midnight[vehicle] + first, midnight[vehicle] + last)
            for vehicle in vehicles
            for first, last in slots[vehicle].get(job, ())
        ]
        return [vroom.TimeWindow(first, last) for first, last in _apart(sorted(spans))]

    def _brought(self, routes: Sequence[Route], vehicles: Sequence[int]) -> dict[int, set[str]]:
        """Return the kinds each vehicle may do, so that no day needs more kits than there are.

        Who has a kit keeps it; the spare ones go to the others in order.
        """
        problem, instance = self._problem, self._problem.instance
        kinds = {vehicle: set(instance.vehicles[vehicle].kinds) for vehicle in vehicles}
        for kind, limit in instance.kits.items():
            taken = {route.vehicle for route in routes if _does(route, kind)}
            for vehicle in vehicles:
                if vehicle in taken or kind not in kinds[vehicle]:
                    continue
                if len(taken.intersection(problem.same_day[vehicle])) < limit:
                    taken.add(vehicle)
                else:
                    kinds[vehicle].discard(kind)
        return kinds

    def _read(self, answer: Any, vehicles: Sequence[int]) -> dict[int, Route] | None:
        steps = [step for step in np.asarray(answer._routes_numpy()) if step["type"] == b"job"]
        orders: dict[int, tuple[int, ...]] = dict.fromkeys(vehicles, ())
        for vehicle, own in groupby(steps, key=lambda step: int(step["vehicle_id"])):
            orders[vehicle] = tuple(int(step["id"]) for step in own)
        found = {vehicle: self._problem.route(vehicle, jobs) for vehicle, jobs in orders.items()}
        return found if all(self._stands(route) for route in found.values()) else None

    def _stands(self, route: Route) -> bool:
        return route.feasible and set(self._problem.locked[route.vehicle]) <= set(route.jobs)


def first_plan(instance: Instance) -> Plan:
    """Return the better of VROOM's plan and of cheapest insertion, after a few seconds."""
    problem = Problem(instance)
    return plan_of(problem, first_routes(problem, Vroom(problem)))


def first_routes(problem: Problem, solver: Vroom) -> list[Route]:
    """Return the routes of `first_plan`, one for each vehicle."""
    alone = confirmed(problem)
    plain = filled(problem, alone, by_deadline(problem))
    vehicles, jobs = range(len(alone)), range(len(problem.place))
    answer = solver.solve(alone, vehicles, jobs, level=FIRST_LEVEL, seconds=FIRST_SECONDS)
    if answer is None:
        return plain
    routes = filled(
        problem, [answer[vehicle] for vehicle in vehicles], left_out(problem, answer.values())
    )
    return min(routes, plain, key=lambda each: weight(problem, each))


def _does(route: Route, kind: str) -> bool:
    return any(route.problem.instance.jobs[job].kind == kind for job in route.jobs)


def _span(midnight: int, first: int, last: int) -> Any:
    return vroom.TimeWindow(midnight + first, midnight + last)


def _apart(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted spans with those that touch made one, as VROOM wants them."""
    apart: list[tuple[int, int]] = []
    for first, last in spans:
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(last, apart[-1][1]))
        else:
            apart.append((first, last))
    return apart
