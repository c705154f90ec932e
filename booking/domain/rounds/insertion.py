"""Put visits in where they cost least: the simplest plan, and what one change to a plan costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from booking.domain.rounds.model import Instance, Plan, penalty
from booking.domain.rounds.route import Problem, Route, kit_free
from booking.domain.rounds.schedule import plan_of, routes_of, timed


class DoesNotFit(ValueError):
    """The visit can't be there with the shift, the windows, the lunch and the kits kept."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A place for a visit: in which round and before which stop, from when, for how much.

    `starts` is the clock time the visit would begin. `cost_seconds` is the driving it adds, and
    the cost of a technician-day if nobody drives that day yet.
    """

    vehicle: str
    position: int
    starts: int
    cost_seconds: int


def insertions(instance: Instance, plan: Plan, job: str) -> list[Insertion]:
    """Return every place for a visit that the plan does not hold, cheapest first, then earliest."""
    problem = Problem(instance)
    routes, number = routes_of(problem, plan), problem.job_number[job]
    found = [
        (added, instance.vehicles[route.vehicle].day, position, route)
        for route in routes
        for added, position in route.places(number)
        if kit_free(problem, routes, route.vehicle, number)
    ]
    found.sort(key=lambda each: (each[0], each[1], each[3].vehicle, each[2]))
    return [
        Insertion(
            instance.vehicles[route.vehicle].key,
            position,
            timed(route.put(number, position)).stops[position].starts,
            added,
        )
        for added, _, position, route in found
    ]


def insert(instance: Instance, plan: Plan, job: str, insertion: Insertion) -> Plan:
    """Return the plan with a visit put in, its round timed anew; raise DoesNotFit if it can't."""
    problem = Problem(instance)
    routes, number = routes_of(problem, plan), problem.job_number[job]
    vehicle = problem.vehicle_number[insertion.vehicle]
    changed = routes[vehicle].put(number, insertion.position)
    if not changed.feasible or not kit_free(problem, routes, vehicle, number):
        raise DoesNotFit(job)
    routes[vehicle] = changed
    return plan_of(problem, routes)


def without(instance: Instance, plan: Plan, job: str) -> Plan:
    """Return the plan with a visit taken out, its round timed anew."""
    problem = Problem(instance)
    number = problem.job_number[job]
    return plan_of(problem, [route.less({number}) for route in routes_of(problem, plan)])


def cheapest_insertion(instance: Instance) -> Plan:
    """Return a plan made in one go: by deadline, each visit where it adds least."""
    problem = Problem(instance)
    return plan_of(problem, filled(problem, confirmed(problem), by_deadline(problem)))


def by_deadline(problem: Problem) -> list[int]:
    """Return the jobs that are free to place, earliest deadline first, then the longest."""
    jobs = problem.instance.jobs
    free = [number for number, job in enumerate(jobs) if job.locked is None]
    return sorted(free, key=lambda n: (jobs[n].deadline or date.max, -jobs[n].service, n))


def left_out(problem: Problem, routes: Iterable[Route]) -> list[int]:
    """Return the jobs that are free to place and in none of the routes, earliest deadline first."""
    placed = {job for route in routes for job in route.jobs}
    return [job for job in by_deadline(problem) if job not in placed]


def weight(problem: Problem, routes: Sequence[Route]) -> int:
    """Return what routes cost, and what the visits weigh that are in none of them."""
    jobs = problem.instance.jobs
    out = sum(penalty(jobs[job]) for job in left_out(problem, routes))
    return sum(route.cost for route in routes) + out


def confirmed(problem: Problem) -> list[Route]:
    """Return a route for each vehicle with the visits that are locked to it alone."""
    return [problem.route(vehicle, jobs) for vehicle, jobs in enumerate(problem.locked)]


def filled(problem: Problem, routes: Sequence[Route], order: Sequence[int]) -> list[Route]:
    """Return the routes with each job of `order` in turn put in where it adds least, if it fits."""
    filled = list(routes)
    for job in order:
        places = [
            (*place, route.vehicle)
            for route in filled
            if (place := route[job]) is not None and kit_free(problem, filled, route.vehicle, job)
        ]
        if places:
            _, position, vehicle = min(places)
            filled[vehicle] = filled[vehicle].put(job, position)
    return filled
