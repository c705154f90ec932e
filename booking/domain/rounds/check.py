"""Look through a plan without trusting who made it: shares no reckoning with the search.

Every rule is tried on the plan's own clock times. A plan without faults can be driven as it stands.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import pairwise

from booking.domain.rounds.model import (
    DAY,
    Fault,
    Instance,
    Job,
    Plan,
    Reason,
    Round,
    Stop,
    Vehicle,
)


class FaultCode(StrEnum):
    """What can be wrong with a plan."""

    UNKNOWN_VEHICLE = "unknown_vehicle"
    VEHICLE_TWICE = "vehicle_twice"
    EMPTY_ROUND = "empty_round"
    UNKNOWN_JOB = "unknown_job"
    JOB_TWICE = "job_twice"
    JOB_MISSING = "job_missing"
    UNKNOWN_REASON = "unknown_reason"
    OUTSIDE_SHIFT = "outside_shift"
    OVER_MIDNIGHT = "over_midnight"
    DRIVE_TOO_SHORT = "drive_too_short"
    STARTS_BEFORE_ARRIVAL = "starts_before_arrival"
    SERVICE_CUT = "service_cut"
    OUTSIDE_WINDOWS = "outside_windows"
    AFTER_DEADLINE = "after_deadline"
    WRONG_KIND = "wrong_kind"
    NO_LUNCH = "no_lunch"
    LUNCH_NOT_DUE = "lunch_not_due"
    LUNCH_OUT_OF_RANGE = "lunch_out_of_range"
    LUNCH_CUT = "lunch_cut"
    WRONG_DRIVING = "wrong_driving"
    WRONG_KM = "wrong_km"
    TOO_MUCH_LOAD = "too_much_load"
    LOCKED_MOVED = "locked_moved"
    TOO_FEW_KITS = "too_few_kits"


def check(instance: Instance, plan: Plan) -> list[Fault]:
    """Return everything wrong with a plan: none when it can be driven as it stands."""
    looks = (_members, _reasons, _locked, _rounds, _kits)
    return [fault for look in looks for fault in look(instance, plan)]


def _members(instance: Instance, plan: Plan) -> Iterator[Fault]:
    """Each visit is in one round or left out with a reason, once; each vehicle drives once."""
    known = {job.key for job in instance.jobs}
    times = Counter([s.job for r in plan.rounds for s in r.stops])
    times.update(left.job for left in plan.unplaced)
    for key in times:
        if key not in known:
            yield Fault(FaultCode.UNKNOWN_JOB, key)
        if times[key] > 1:
            yield Fault(FaultCode.JOB_TWICE, key, {"times": times[key]})
    for key in known - times.keys():
        yield Fault(FaultCode.JOB_MISSING, key)
    for key, count in Counter(round_.vehicle for round_ in plan.rounds).items():
        if count > 1:
            yield Fault(FaultCode.VEHICLE_TWICE, key, {"times": count})


def _reasons(instance: Instance, plan: Plan) -> Iterator[Fault]:
    for left in plan.unplaced:
        if left.reason not in set(Reason):
            yield Fault(FaultCode.UNKNOWN_REASON, left.job, {"reason": left.reason})


def _locked(instance: Instance, plan: Plan) -> Iterator[Fault]:
    """A confirmed visit stays, unless it clashes with others: then its day takes nothing else.

    Nor can it stay where nobody works when it is confirmed.
    """
    stands = {(s.job, r.vehicle, s.starts) for r in plan.rounds for s in r.stops}
    said = {left.job: left.reason for left in plan.unplaced}
    known = {vehicle.key for vehicle in instance.vehicles}
    driven = {round_.vehicle for round_ in plan.rounds}
    for job in instance.jobs:
        lock = job.locked
        if lock is None or (job.key, lock.vehicle, lock.starts) in stands:
            continue
        why = Reason.LOCKED_CLASH if lock.vehicle in known else Reason.LOCKED_NO_DAY
        if said.get(job.key) != why or lock.vehicle in driven:
            yield Fault(FaultCode.LOCKED_MOVED, job.key, {"vehicle": lock.vehicle})


def _rounds(instance: Instance, plan: Plan) -> Iterator[Fault]:
    vehicles = {vehicle.key: vehicle for vehicle in instance.vehicles}
    jobs = {job.key: job for job in instance.jobs}
    for round_ in plan.rounds:
        vehicle = vehicles.get(round_.vehicle)
        if vehicle is None:
            yield Fault(FaultCode.UNKNOWN_VEHICLE, round_.vehicle)
        elif not round_.stops:
            yield Fault(FaultCode.EMPTY_ROUND, round_.vehicle)
        elif all(stop.job in jobs for stop in round_.stops):
            yield from _round(instance, vehicle, round_, jobs)


def _round(
    instance: Instance, vehicle: Vehicle, round_: Round, jobs: dict[str, Job]
) -> Iterator[Fault]:
    if not vehicle.starts <= round_.leaves <= round_.returns <= vehicle.ends:
        yield Fault(FaultCode.OUTSIDE_SHIFT, vehicle.key)
    if round_.leaves < 0 or round_.returns > DAY:
        yield Fault(FaultCode.OVER_MIDNIGHT, vehicle.key)
    for stop in round_.stops:
        yield from _stop(vehicle, stop, jobs[stop.job])
    yield from _lunch(vehicle, round_)
    yield from _drives(instance, vehicle, round_, jobs)
    load = sum(jobs[stop.job].load for stop in round_.stops)
    if vehicle.capacity is not None and load > vehicle.capacity:
        yield Fault(FaultCode.TOO_MUCH_LOAD, vehicle.key, {"load": load})


def _stop(vehicle: Vehicle, stop: Stop, job: Job) -> Iterator[Fault]:
    if stop.starts < stop.arrives:
        yield Fault(FaultCode.STARTS_BEFORE_ARRIVAL, job.key)
    if stop.ends - stop.starts != job.service:
        yield Fault(FaultCode.SERVICE_CUT, job.key)
    if job.locked is not None:
        return
    if job.kind not in vehicle.kinds:
        yield Fault(FaultCode.WRONG_KIND, job.key, {"kind": job.kind})
    if job.deadline is not None and vehicle.day > job.deadline:
        yield Fault(FaultCode.AFTER_DEADLINE, job.key)
    open_then = [window for window in job.windows if window.day == vehicle.day]
    if not any(w.opens <= stop.starts and stop.ends <= w.closes for w in open_then):
        yield Fault(FaultCode.OUTSIDE_WINDOWS, job.key)


def _lunch(vehicle: Vehicle, round_: Round) -> Iterator[Fault]:
    """Lunch starts within its range, is whole within the shift, and nothing else happens then."""
    rule, lunch = vehicle.lunch, round_.lunch
    if rule is None or lunch is None:
        if rule is not None or lunch is not None:
            code = FaultCode.NO_LUNCH if rule is not None else FaultCode.LUNCH_NOT_DUE
            yield Fault(code, vehicle.key)
        return
    ends = lunch + rule.length
    if not rule.earliest <= lunch <= rule.latest:
        yield Fault(FaultCode.LUNCH_OUT_OF_RANGE, vehicle.key)
    if lunch < vehicle.starts or ends > vehicle.ends:
        yield Fault(FaultCode.OUTSIDE_SHIFT, vehicle.key)
    busy = [(stop.starts, stop.ends) for stop in round_.stops]
    busy += [(round_.leaves, round_.leaves), (round_.returns, round_.returns)]
    if any(begin < ends and lunch < end for begin, end in busy):
        yield Fault(FaultCode.LUNCH_CUT, vehicle.key)


def _drives(
    instance: Instance, vehicle: Vehicle, round_: Round, jobs: dict[str, Job]
) -> Iterator[Fault]:
    """Between two stops there is time to drive, besides the lunch if that is taken meanwhile."""
    places = [vehicle.start_place, *(jobs[s.job].place for s in round_.stops), vehicle.end_place]
    legs = list(pairwise(places))
    free = [round_.leaves, *(stop.ends for stop in round_.stops)]
    there = [*(stop.arrives for stop in round_.stops), round_.returns]
    for (origin, target), leaves, arrives in zip(legs, free, there, strict=True):
        needed = instance.seconds[origin][target] + _rest(vehicle, round_, leaves, arrives)
        if arrives - leaves < needed:
            params = {"seconds": arrives - leaves, "needed": needed}
            yield Fault(FaultCode.DRIVE_TOO_SHORT, vehicle.key, params)
    if round_.driving != sum(instance.seconds[a][b] for a, b in legs):
        yield Fault(FaultCode.WRONG_DRIVING, vehicle.key)
    yield from _km(instance, round_, legs)


def _rest(vehicle: Vehicle, round_: Round, leaves: int, arrives: int) -> int:
    """Return the seconds of lunch between leaving one place and being at the next."""
    if vehicle.lunch is None or round_.lunch is None:
        return 0
    ends = round_.lunch + vehicle.lunch.length
    return max(0, min(ends, arrives) - max(round_.lunch, leaves))


def _km(instance: Instance, round_: Round, legs: list[tuple[int, int]]) -> Iterator[Fault]:
    if instance.km is None:
        right = round_.km is None
    else:
        length = sum(instance.km[a][b] for a, b in legs)
        right = round_.km is not None and math.isclose(round_.km, length, abs_tol=0.01)
    if not right:
        yield Fault(FaultCode.WRONG_KM, round_.vehicle)


def _kits(instance: Instance, plan: Plan) -> Iterator[Fault]:
    """On no day are more technicians out with visits of a kind than there are kits for it.

    Confirmed visits go before: where they alone take too many, nobody else may join them.
    """
    days = {vehicle.key: vehicle.day for vehicle in instance.vehicles}
    jobs = {job.key: job for job in instance.jobs}
    out: dict[tuple[date, str], dict[str, bool]] = defaultdict(dict)
    for round_ in plan.rounds:
        for job in (jobs[stop.job] for stop in round_.stops if stop.job in jobs):
            if round_.vehicle in days:
                users = out[days[round_.vehicle], job.kind]
                users[round_.vehicle] = users.get(round_.vehicle, False) or job.locked is not None
    for (day, kind), users in out.items():
        most = max(instance.kits.get(kind, len(users)), sum(users.values()))
        if len(users) > most:
            yield Fault(FaultCode.TOO_FEW_KITS, day.isoformat(), {"kind": kind, "out": len(users)})
