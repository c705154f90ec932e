"""Why a visit is in no round: found by trying what could stop it, the plainest first."""

from collections.abc import Iterator, Mapping, Sequence

from booking.domain.rounds.model import MINUTE, Job, Reason, Unplaced, Window
from booking.domain.rounds.route import Problem, Route, kit_free

type Answer = tuple[Reason, Mapping[str, str | int]]


def reasons(problem: Problem, routes: Sequence[Route]) -> Iterator[Unplaced]:
    """Return each visit that no route holds, with what is true of it; one route per vehicle."""
    placed = {job for route in routes for job in route.jobs}
    for number, job in enumerate(problem.instance.jobs):
        if number not in placed:
            reason, params = _reason(problem, routes, number)
            yield Unplaced(job.key, reason, params)


def _reason(problem: Problem, routes: Sequence[Route], number: int) -> Answer:
    job = problem.instance.jobs[number]
    if job.locked is not None:
        known = job.locked.vehicle in problem.vehicle_number
        code = Reason.LOCKED_CLASH if known else Reason.LOCKED_NO_DAY
        return code, {"vehicle": job.locked.vehicle}
    windows = [w for w in job.windows if job.deadline is None or w.day <= job.deadline]
    return (
        _of_windows(job, windows)
        or _of_technicians(problem, job, windows)
        or _of_shifts(problem, number, job)
        or _of_room(problem, routes, number)
    )


def _of_windows(job: Job, windows: Sequence[Window]) -> Answer | None:
    if not windows:
        return Reason.NO_WINDOW, {"deadline": job.deadline.isoformat() if job.deadline else ""}
    longest = max(window.closes - window.opens for window in windows)
    if longest < job.service:
        minutes = {"minutes": _minutes(job.service), "longest": longest // MINUTE}
        return Reason.LONGER_THAN_WINDOWS, minutes
    return None


def _of_technicians(problem: Problem, job: Job, windows: Sequence[Window]) -> Answer | None:
    days = {window.day for window in windows}
    working = [vehicle for vehicle in problem.instance.vehicles if vehicle.day in days]
    able = [vehicle for vehicle in working if job.kind in vehicle.kinds]
    if not able:
        return (Reason.NOBODY_CAN if working else Reason.NOBODY_WORKS), {"kind": job.kind}
    if problem.instance.kits.get(job.kind) == 0:
        return Reason.NO_KIT, {"kind": job.kind}
    largest = max((v.capacity for v in able if v.capacity is not None), default=0)
    if job.load > largest and all(vehicle.capacity is not None for vehicle in able):
        return Reason.TOO_MUCH_LOAD, {"load": job.load, "capacity": largest}
    return None


def _of_shifts(problem: Problem, number: int, job: Job) -> Answer | None:
    """Return why the visit could not even be alone on any day, None if it could."""
    able = [vehicle for vehicle, slots in enumerate(problem.slots) if number in slots]
    if not able:
        return Reason.LONGER_THAN_SHIFTS, {"minutes": _minutes(job.service)}
    if all(problem.route(vehicle, ())[number] is None for vehicle in able):
        nearest = min(problem.route(vehicle, (number,)).driving for vehicle in able)
        return Reason.TOO_FAR, {"minutes": _minutes(nearest)}
    return None


def _of_room(problem: Problem, routes: Sequence[Route], number: int) -> Answer:
    takers = [route.vehicle for route in routes if any(route.places(number))]
    if any(kit_free(problem, routes, vehicle, number) for vehicle in takers):
        return Reason.NOT_PLACED, {}
    if takers:
        return Reason.KITS_OUT, {"kind": problem.instance.jobs[number].kind}
    vehicles = [v for v in range(len(routes)) if problem.route(v, ())[number] is not None]
    days = {problem.instance.vehicles[vehicle].day for vehicle in vehicles}
    return Reason.DAYS_FULL, {"days": len(days)}


def _minutes(seconds: int) -> int:
    return -(-seconds // MINUTE)
