"""Search for better rounds: take visits out and put them back, and let VROOM re-solve regions.

Most steps are small and quick: some fifteen visits out, and back where they add least. A few ask
VROOM to solve a round, its neighbours and some idle days anew. A step that makes the plan worse is
taken on purpose now and then, ever more seldom as time passes (simulated annealing); the best plan
met is what counts.
"""

import math
from collections.abc import Callable, Sequence
from random import Random

from booking.domain.rounds.insertion import left_out, weight
from booking.domain.rounds.model import Instance, Plan, penalty
from booking.domain.rounds.route import Problem, Route, kit_free
from booking.domain.rounds.ruin import Ruin
from booking.domain.rounds.schedule import plan_of, routes_of
from booking.domain.rounds.vroom_model import Vroom

# How often each kind of step is taken; docs/explanation/rounds.md has what they give.
REGION, DAY, MOVE = 0.02, 0.2, 0.3
NEIGHBOURS, IDLE = (2, 5), 6
PASSED_BY = 0.3  # how often a region leaves out a neighbour for one further off
BLINK = 0.01  # how often a place is overlooked, so that the same visits don't always land alike
# How much worse a step may make the plan, as a share of the mean drive between two stops.
HOT, COLD = 0.25, 0.015
LOOKS = 20  # steps between two looks at the clock
TOLD = 0.005  # the share of the time that passes between two plans that are told


def improve(
    instance: Instance,
    plan: Plan,
    *,
    seed: int,
    progress: Callable[[], float],
    on_better: Callable[[Plan], None],
) -> Plan:
    """Return the best plan found before `progress()` reaches 1; it grows from 0 with time or steps.

    `on_better` is given each better plan soon after it is met. The same seed and the same progress
    give the same plan.
    """
    if not instance.jobs or not instance.vehicles:
        return plan
    search = Search(Problem(instance), plan, Random(seed))  # noqa: S311
    told, when = search.lowest, 0.0
    while (share := progress()) < 1:
        search.run(LOOKS, share)
        if search.lowest < told and share >= when:
            told, when = search.lowest, share + TOLD
            on_better(search.best)
    best = search.best
    if search.lowest < told:
        on_better(best)
    return best


class Search:
    """Where the search stands: one route for each vehicle, and the best that has been met."""

    def __init__(self, problem: Problem, plan: Plan, dice: Random) -> None:
        self._problem, self._dice = problem, dice
        self._vroom, self._ruin = Vroom(problem), Ruin(problem, dice)
        self._penalty = [penalty(job) for job in problem.instance.jobs]
        self._routes = self._best = routes_of(problem, plan)
        self._absent = left_out(problem, self._routes)
        self._weight = self.lowest = weight(problem, self._routes)
        self._where = [-1] * len(self._penalty)
        self._note(self._routes)
        legs = sum(len(route.jobs) + 1 for route in self._routes if route.jobs) or 1
        self._drive = sum(route.driving for route in self._routes) / legs or 1.0
        self._heat = 0.0

    @property
    def best(self) -> Plan:
        """The best plan so far."""
        return plan_of(self._problem, self._best)

    def run(self, steps: int, share: float) -> None:
        """Take some steps, when this share of the time has passed."""
        self._heat = self._drive * HOT * (COLD / HOT) ** share
        for _ in range(steps):
            self._step()

    def _step(self) -> None:
        dice = self._dice
        driven = any(route.jobs for route in self._routes)
        if driven and dice.random() < REGION:
            self._accept(*self._region())
            return
        if driven and dice.random() < DAY:
            taken = self._ruin.day(self._routes, self._where)
        else:
            taken = self._ruin.strings(self._routes, self._where, self._absent)
        routes = list(self._routes)
        for vehicle, jobs in taken.items():
            routes[vehicle] = routes[vehicle].less(jobs)
        if dice.random() < MOVE:
            self._move(routes)
        free = self._absent + [job for jobs in taken.values() for job in sorted(jobs)]
        self._accept(routes, self._put_back(routes, free))

    def _region(self) -> tuple[list[Route], list[int]]:
        """Return the routes with those about one visit solved anew, and what is in none of them."""
        dice, routes = self._dice, self._routes
        start = dice.choice([route for route in routes if route.jobs])
        vehicles = [start.vehicle]
        count = 1 + dice.randint(*NEIGHBOURS)
        for job in self._ruin.near[dice.choice(start.jobs)]:
            vehicle = self._where[job]
            if vehicle >= 0 and vehicle not in vehicles and dice.random() > PASSED_BY:
                vehicles.append(vehicle)
                if len(vehicles) == count:
                    break
        idle = [route.vehicle for route in routes if not route.jobs]
        vehicles += dice.sample(idle, min(IDLE, len(idle)))
        jobs = [job for vehicle in vehicles for job in routes[vehicle].jobs] + self._absent
        answer = self._vroom.solve(routes, vehicles, jobs, level=0)
        if answer is None:
            return routes, self._absent
        new = [answer.get(route.vehicle, route) for route in routes]
        placed = {job for route in answer.values() for job in route.jobs}
        return new, [job for job in jobs if job not in placed]

    def _move(self, routes: list[Route]) -> None:
        """Give one day's round to a vehicle that stands idle, if it can drive it as it is."""
        used = [route for route in routes if route.jobs and not self._problem.locked[route.vehicle]]
        idle = [route.vehicle for route in routes if not route.jobs]
        if used and idle:
            route = self._dice.choice(used)
            moved = self._problem.route(self._dice.choice(idle), route.jobs)
            if moved.feasible and self._kits_left(routes, moved):
                routes[moved.vehicle] = moved
                routes[route.vehicle] = self._problem.route(route.vehicle, ())

    def _kits_left(self, routes: Sequence[Route], moved: Route) -> bool:
        if not self._problem.instance.kits:
            return True
        return all(kit_free(self._problem, routes, moved.vehicle, job) for job in moved.jobs)

    def _put_back(self, routes: list[Route], jobs: list[int]) -> list[int]:
        """Put jobs in the routes where each adds least, in an order by dice; return who is left."""
        problem, roll, left = self._problem, self._dice.random, []
        limited = bool(problem.instance.kits)
        self._sort(jobs)
        for job in jobs:
            least, position, taker = self._penalty[job], 0, None
            for route in routes:
                place = route[job]
                if place is not None and place[0] < least and roll() > BLINK:
                    if limited and not kit_free(problem, routes, route.vehicle, job):
                        continue
                    least, position = place
                    taker = route
            if taker is None:
                left.append(job)
            else:
                routes[taker.vehicle] = taker.put(job, position)
        return left

    def _sort(self, jobs: list[int]) -> None:
        """Put jobs in an order: mixed, longest, furthest or nearest first, or with fewest days."""
        problem, dice = self._problem, self._dice
        home = problem.travel[problem.shifts[0].first_place]
        dice.shuffle(jobs)
        how = dice.random()
        if how < 0.2:
            jobs.sort(key=lambda job: -problem.service[job])
        elif how < 0.4:
            jobs.sort(key=lambda job: -home[problem.place[job]])
        elif how < 0.5:
            jobs.sort(key=lambda job: home[problem.place[job]])
        elif how < 0.6:
            jobs.sort(key=lambda job: len(problem.instance.jobs[job].windows))

    def _accept(self, routes: list[Route], absent: list[int]) -> None:
        """Go on from these routes if they are better, or not too much worse."""
        new = sum([route.cost for route in routes]) + sum([self._penalty[job] for job in absent])
        if new >= self._weight - self._heat * math.log(1.0 - self._dice.random()):
            return
        changed = [new for new, old in zip(routes, self._routes, strict=True) if new is not old]
        for job in absent:
            self._where[job] = -1
        self._note(changed)
        self._routes, self._absent, self._weight = routes, absent, new
        if new < self.lowest:
            self._best, self.lowest = routes, new

    def _note(self, routes: Sequence[Route]) -> None:
        for route in routes:
            for job in route.jobs:
                self._where[job] = route.vehicle
