"""Find new places for visits that can't stay, with the least change for everybody.

A visit keeps its clock time with somebody else if it can; else its day; else it goes to the nearest
day that has room, and there where it costs the least driving. All other visits stay where they are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from booking.domain.rounds import (
    Instance,
    Job,
    Plan,
    Window,
    cheapest_insertion,
    insert,
    insertions,
    without,
)


@dataclass(frozen=True)
class Stood:
    """Where a visit stood: its day, and the clock time it started, in seconds."""

    day: date
    starts: int


def least_change(instance: Instance, stood: Mapping[str, Stood]) -> tuple[Instance, Plan]:
    """Return a plan with a place for each job that is a key of `stood`, placed in that order.

    The instance returned has the windows that the places were found in: the times hold in it. Jobs
    without a place are left out of the rounds, each with its reason.
    """
    jobs = {job.key: job for job in instance.jobs}
    order = [jobs[key] for key in stood]
    whole = replace(instance, jobs=tuple(job for job in instance.jobs if job.key not in stood))
    plan = cheapest_insertion(whole)
    for job in order:
        whole, plan = _placed(whole, plan, job, stood[job.key])
    return whole, plan


def hit_by(instance: Instance) -> list[str]:
    """Return the keys of the locked visits that their technicians can't reach in time.

    Of two that clash the later one is hit.
    """
    by_vehicle: dict[str, list[Job]] = defaultdict(list)
    for job in instance.jobs:
        if job.locked:
            by_vehicle[job.locked.vehicle].append(job)
    return [key for jobs in by_vehicle.values() for key in _unreachable(instance, jobs)]


def _unreachable(instance: Instance, jobs: list[Job]) -> Iterator[str]:
    kept: list[Job] = []
    for job in sorted(jobs, key=lambda job: job.locked.starts if job.locked else 0):
        if cheapest_insertion(replace(instance, jobs=(*kept, job))).unplaced:
            yield job.key
        else:
            kept.append(job)


def _placed(instance: Instance, plan: Plan, job: Job, stood: Stood) -> tuple[Instance, Plan]:
    """Return instance and plan with one job more, in a round or left out."""
    for windows in _nearer_first(job, stood):
        tried = replace(job, windows=windows)
        wider = replace(instance, jobs=(*instance.jobs, tried))
        if found := insertions(wider, plan, tried.key):
            return wider, insert(wider, plan, tried.key, found[0])
    wider = replace(instance, jobs=(*instance.jobs, job))
    return wider, without(wider, plan, job.key)


def _nearer_first(job: Job, stood: Stood) -> Iterator[tuple[Window, ...]]:
    """Yield the windows to try: the same clock time, the same day, then day by day the nearest."""
    days = {window.day for window in job.windows}
    if stood.day in days:
        yield (Window(stood.day, stood.starts, stood.starts + job.service),)
    for day in sorted(days, key=lambda day: (abs(day - stood.day), day)):
        yield tuple(window for window in job.windows if window.day == day)
