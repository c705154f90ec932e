"""Which visits to take out of their rounds, so that they can be put back better.

Taking strings of neighbours out of several rounds at once follows J. Christiaens and
G. Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing Problems",
Transportation Science 54(2), 2020. Emptying a day is what makes a technician-day fall away.
"""

from collections.abc import Sequence
from random import Random

from booking.domain.rounds.route import Problem, Route

TAKEN = 15  # visits taken out at a time, on average
LONGEST = 10  # the longest string taken out of one round
SPLIT = 0.5  # how often a string keeps some visits in its middle, and how many more of them
NEAR = 12  # the neighbours of an emptied day's visit that may go with it
WITH_NEIGHBOURS, EACH = 0.7, 0.3
LEFT_OUT = 0.5  # how often to begin around a visit that is in no round


class Ruin:
    """Chooses visits to take out, by dice; confirmed ones stay."""

    def __init__(self, problem: Problem, dice: Random) -> None:
        travel, place = problem.travel, problem.place
        self._dice = dice
        self._locked = {job for jobs in problem.locked for job in jobs}
        self.near = [
            sorted(
                range(len(place)),
                key=lambda other: travel[at][place[other]] + travel[place[other]][at],
            )
            for at in place
        ]

    def strings(
        self, routes: Sequence[Route], where: Sequence[int], absent: Sequence[int]
    ) -> dict[int, set[int]]:
        """Return strings of visits near one another, by vehicle: one from each of some rounds."""
        dice = self._dice
        used = sum(1 for route in routes if route.jobs) or 1
        longest = min(LONGEST, len(where) / used)
        count = int(dice.uniform(1, 4 * TAKEN / (1 + longest)))
        around = (
            dice.choice(absent)
            if absent and dice.random() < LEFT_OUT
            else dice.randrange(len(where))
        )
        taken: dict[int, set[int]] = {}
        for job in self.near[around]:
            vehicle = where[job]
            if vehicle >= 0 and vehicle not in taken:
                taken[vehicle] = self._string(routes[vehicle].jobs, job, longest)
                if len(taken) >= count:
                    break
        return taken

    def day(self, routes: Sequence[Route], where: Sequence[int]) -> dict[int, set[int]]:
        """Return all visits of one round, and sometimes a few of their neighbours in others."""
        dice = self._dice
        route = dice.choice([route for route in routes if route.jobs])
        taken = {route.vehicle: set(route.jobs) - self._locked}
        if dice.random() < WITH_NEIGHBOURS:
            for job in self.near[dice.choice(route.jobs)][1:NEAR]:
                if where[job] >= 0 and where[job] not in taken and dice.random() < EACH:
                    taken[where[job]] = {job} - self._locked
        return taken

    def _string(self, jobs: tuple[int, ...], job: int, longest: float) -> set[int]:
        """Return some visits on end about one of them, at times with a gap of those that stay."""
        dice = self._dice
        length = int(dice.uniform(1, min(len(jobs), longest) + 1))
        kept = 0
        if 1 < length < len(jobs) and dice.random() < SPLIT:
            kept = 1
            while length + kept < len(jobs) and dice.random() < SPLIT:
                kept += 1
        whole, at = length + kept, jobs.index(job)
        first = dice.randint(max(0, at - whole + 1), min(at, len(jobs) - whole))
        gap = first + dice.randint(0, length)
        taken = (*jobs[first:gap], *jobs[gap + kept : first + whole])
        return set(taken) - self._locked
