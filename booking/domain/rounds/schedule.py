"""From orders of visits to clock times and back: a plan's rounds and the search's routes."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from booking.domain.rounds.model import Plan, Round, Stop
from booking.domain.rounds.reasons import reasons
from booking.domain.rounds.route import Problem, Route, first_start

NOON = 12 * 3600


def routes_of(problem: Problem, plan: Plan) -> list[Route]:
    """Return the route of every vehicle, in the instance's order; empty where nobody drives."""
    jobs: list[tuple[int, ...]] = [() for _ in problem.shifts]
    for round_ in plan.rounds:
        order = tuple(problem.job_number[stop.job] for stop in round_.stops)
        jobs[problem.vehicle_number[round_.vehicle]] = order
    return [problem.route(vehicle, order) for vehicle, order in enumerate(jobs)]


def plan_of(problem: Problem, routes: Sequence[Route]) -> Plan:
    """Return one route per vehicle as a plan with clock times, and why other visits are left out.

    The order of the routes is the instance's order of vehicles.
    """
    driven = [route for route in routes if route.jobs]
    vehicles = problem.instance.vehicles
    driven.sort(key=lambda each: (vehicles[each.vehicle].day, each.vehicle))
    return Plan(tuple(timed(route) for route in driven), tuple(reasons(problem, routes)))


def timed(route: Route) -> Round:
    """Return a feasible route with its clock times: home as early as can be, lunch nearest noon.

    Raises ValueError for a route that can't be driven.
    """
    gaps = range(2 * len(route.jobs) + 2) if route.problem.shifts[route.vehicle].has_lunch else [-1]
    tried = [round_ for gap in gaps if (round_ := _with_lunch(route, gap)) is not None]
    return min(tried, key=lambda each: (each.returns, abs((each.lunch or NOON) - NOON)))


def _with_lunch(route: Route, gap: int) -> Round | None:
    """Return the route with lunch before (even) or after (odd) a leg's drive, if that works."""
    problem, stops = route.problem, []
    shift, allowed = problem.shifts[route.vehicle], problem.slots[route.vehicle]
    clock, lunch = shift.starts, None
    for leg, (origin, target) in enumerate(pairwise(route.stops)):
        if gap == 2 * leg:
            clock = shift.eaten(clock)
            lunch = clock - shift.length
        clock = arrives = clock + problem.travel[origin][target]
        if gap == 2 * leg + 1:
            clock = shift.eaten(clock)
            lunch = clock - shift.length
        if leg < len(route.jobs):
            job = route.jobs[leg]
            starts = first_start(clock, allowed.get(job, ()))
            clock = starts + problem.service[job]
            stops.append(Stop(problem.instance.jobs[job].key, arrives, starts, clock))
    if clock > shift.ends:
        return None
    return _round(route, stops, arrives, lunch, eats_first=gap == 1)


def _round(
    route: Route, stops: list[Stop], returns: int, lunch: int | None, *, eats_first: bool
) -> Round:
    """Return the round; the technician leaves the base no earlier than the first stop asks."""
    problem, first = route.problem, stops[0]
    arrives = lunch if eats_first and lunch is not None else first.starts
    km = problem.instance.km
    return Round(
        vehicle=problem.instance.vehicles[route.vehicle].key,
        stops=(replace(first, arrives=arrives), *stops[1:]),
        leaves=arrives - problem.travel[route.stops[0]][route.stops[1]],
        returns=returns,
        lunch=lunch,
        driving=route.driving,
        km=None if km is None else sum(km[a][b] for a, b in pairwise(route.stops)),
    )
