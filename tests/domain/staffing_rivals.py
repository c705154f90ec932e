"""Others' answers to who goes when: brute force, and a second programme that counts by minutes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, permutations

import highspy

from booking.domain.slots import SlotTime
from booking.domain.staffing import Problem, check_assignment

MINUTE = timedelta(minutes=1)


def worth(problem: Problem, slots: Mapping[str, SlotTime]) -> tuple[int, ...]:
    """Return how bad an answer is, gravest first: left, who is left, moved, how late."""
    people = problem.wanting
    left = [number for number, one in enumerate(people) if one.key not in slots]
    starts = sorted({slot.starts_at for slot in problem.slots})
    moved = sum(
        _can_stay(problem, one.key) and slots[one.key].starts_at != one.now.starts_at
        for one in people
        if one.now and one.key in slots
    )
    late = sum(starts.index(slot.starts_at) for slot in slots.values())
    return len(left), sum(len(people) - number for number in left), moved, late


def brute_force(problem: Problem) -> tuple[int, ...]:
    """Return the worth of the best answer, having tried every one."""
    people = [one.key for one in problem.wanting]
    for placed in range(len(people), -1, -1):
        worths = [
            worth(problem, slots)
            for chosen in combinations(people, placed)
            for given in permutations(problem.slots, placed)
            if not check_assignment(problem, slots := dict(zip(chosen, given, strict=True)))
        ]
        if worths:
            return min(worths)
    raise AssertionError("nobody placed is always an answer")


def by_the_minute(problem: Problem) -> int:
    """Return how many can be placed: a yes or no for each person and slot, a row for each minute.

    Who may have which slot alone is asked of the checker, with the ward's numbers left out.
    """
    solver = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(name, value)
    pairs = {
        (one.key, slot): solver.addBinary()
        for one in problem.wanting
        for slot in problem.slots
        if not check_assignment(_alone(problem, one.key), {one.key: slot})
    }
    for one in problem.wanting:
        _at_most(solver, [v for (key, _), v in pairs.items() if key == one.key], 1)
    for slot in problem.slots:
        _at_most(solver, [v for (_, at), v in pairs.items() if at == slot], 1)
    for row, most in _minutes(problem):
        _at_most(solver, [pairs[pair] for pair in row if pair in pairs], most)
    if not pairs:
        return 0
    solver.maximize(sum(pairs.values()))
    return round(solver.getObjectiveValue())


def _at_most(solver, variables, most: int) -> None:
    if len(variables) > most:
        solver.addConstr(sum(variables) <= most)


def _minutes(problem: Problem):
    """Give for each minute and rule who would be away with which slot, and how many may be."""
    (ward,) = problem.wards
    first = min(slot.starts_at for slot in problem.slots) - ward.walking
    last = max(slot.ends_at for slot in problem.slots) + ward.walking
    for number in range((last - first) // MINUTE):
        minute = first + number * MINUTE
        away = [slot for slot in problem.slots if _is_in(ward.away(slot), minute)]
        stuck = {p.key for p in problem.people if any(_is_in(ward.away(k), minute) for k in p.kept)}
        everybody = [(one.key, slot) for one in problem.wanting for slot in away]
        yield everybody, max(0, ward.most_away - len(stuck))
        for minimum in ward.minimums:
            if _is_in(minimum.span, minute):
                meant = [p for p in problem.people if minimum.title in ("", p.title)]
                there = sum(_is_there(ward, p, minute) and p.key not in stuck for p in meant)
                keys = {p.key for p in meant}
                row = [(key, slot) for key, slot in everybody if key in keys]
                yield row, max(0, there - minimum.least)


def _is_there(ward, person, minute) -> bool:
    at_work = not ward.rostered or any(_is_in(shift, minute) for shift in person.shifts)
    return at_work and not any(_is_in(busy, minute) for busy in person.busy)


def _is_in(span, minute) -> bool:
    return span.starts_at <= minute < span.ends_at


def _alone(problem: Problem, key: str) -> Problem:
    """Return the problem as if nobody else were there and the ward had no numbers to keep to."""
    (ward,) = problem.wards
    (one,) = [person for person in problem.people if person.key == key]
    return replace(problem, people=(one,), wards=(replace(ward, most_away=9, minimums=()),))


def _can_stay(problem: Problem, key: str) -> bool:
    """Say whether the person's own slot suits, others and the ward left out."""
    alone = _alone(problem, key)
    return not check_assignment(alone, {key: alone.people[0].now})
