"""Give the slots out: everybody if it can be, else as many as can be, and what is in the way."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from booking.domain.slots import SlotTime
from booking.domain.staffing.check import Fault, check_assignment
from booking.domain.staffing.presence import hindrances, rooms, times_of
from booking.domain.staffing.solver import Clock, Group, Programme
from booking.domain.staffing.values import (
    Assignment,
    Binding,
    Bound,
    LeftOut,
    Person,
    Problem,
    Span,
    Ward,
    Why,
    same_title,
)

# A house choice: many times what forty people take, and short enough to wait for.
SECONDS = 10.0


class AssignmentBroken(Exception):
    """The solver's answer breaks a rule: nobody may be booked by it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} rules broken, first {faults[0]}")
        self.faults = tuple(faults)


def assign(problem: Problem, seconds: float = SECONDS) -> Assignment:
    """Share the slots out, exactly; the same question has the same answer.

    Most people placed goes first; then the earlier in the order are placed before the later; then
    fewest lose the time they hold; then the times are as early as they can be, and so close
    together. What can't be: a time outside a person's own shifts, while busy or struck out, counted
    from leaving the ward until back; more people away than a ward allows; fewer left than a minimum
    (where the roster or the slots that stay go below it already: one more away). With `proved` the
    answer is the best there is; without, solving took more than `seconds`. Raises AssignmentBroken
    where `check_assignment`, which shares no code with the solver, finds a fault.
    """
    answer = _assigned(problem, seconds)
    if faults := check_assignment(problem, answer.slots):
        raise AssignmentBroken(faults)
    return answer


def _assigned(problem: Problem, seconds: float) -> Assignment:
    clock = Clock(seconds)
    programme = _programme(problem, clock)
    everybody = [len(group.members) for group in programme.groups]
    given = programme.best(everybody) if sum(everybody) == len(problem.wanting) else None
    if given is not None:
        return Assignment(_dealt(problem, programme, given), proved=not clock.cut)
    placed = programme.most_placed()
    placed = programme.in_order(sum(placed))
    slots = _dealt(problem, programme, programme.best(placed) or {})
    return _explained(problem, programme, slots)


def _programme(problem: Problem, clock: Clock) -> Programme:
    times = times_of(problem)
    spans = [Span(slot.starts_at, slot.ends_at) for slot in problem.slots]
    capacity = [spans.count(time) for time in times]
    return Programme(_groups(problem, times), rooms(problem), capacity, clock)


def _groups(problem: Problem, times: Sequence[Span]) -> list[Group]:
    """Return the people who want a slot and could take one, those alike together."""
    alike: dict[tuple[str, str, frozenset[int], int | None], list[int]] = defaultdict(list)
    for index, person in enumerate(problem.wanting):
        ward = problem.ward_of(person)
        reasons = hindrances(ward, person, times)
        can = frozenset(index for index, why in enumerate(reasons) if why is None)
        if can:
            now = person.now and Span(person.now.starts_at, person.now.ends_at)
            held = times.index(now) if now in times else None
            key = (ward.key, _role(ward, person), can, held if held in can else None)
            alike[key].append(index)
    return [Group(*key, tuple(members)) for key, members in alike.items()]


def _role(ward: Ward, person: Person) -> str:
    """Return the person's title as the ward's minimums know it; none where they don't."""
    titles = [minimum.title for minimum in ward.minimums if minimum.title]
    return next((title for title in titles if same_title(title, person.title)), "")


def _dealt(
    problem: Problem, programme: Programme, given: Mapping[tuple[int, int], int]
) -> dict[str, SlotTime]:
    """Return the slot of each person: alike people keep their order, and who can stays put."""
    times, people = times_of(problem), problem.wanting
    at: dict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(programme.groups):
        waiting = list(group.members)
        of_group = sorted(time for (of, time) in given if of == number)
        for time in sorted(of_group, key=lambda time: (time != group.now, time)):
            count = given[number, time]
            at[time] += waiting[:count]
            del waiting[:count]
    return {
        people[index].key: slot
        for time, members in sorted(at.items())
        for index, slot in _side_by_side(problem, times[time], sorted(members)).items()
    }


def _side_by_side(problem: Problem, time: Span, members: list[int]) -> dict[int, SlotTime]:
    """Return which station each gets at the time: the one held, else the first that is free."""
    people = problem.wanting
    slots = [s for s in problem.slots if (s.starts_at, s.ends_at) == (time.starts_at, time.ends_at)]
    stays = {index: now for index in members if (now := people[index].now) in slots and now}
    free = sorted(slot for slot in slots if slot not in stays.values())
    newcomers = [index for index in members if index not in stays]
    return stays | dict(zip(newcomers, free, strict=False))


def _explained(problem: Problem, programme: Programme, slots: Mapping[str, SlotTime]) -> Assignment:
    """Return the answer with who is left, why, and what would help."""
    proved, clock = not programme.clock.cut, programme.clock
    left = tuple(
        LeftOut(person.key, _why(problem, person))
        for person in problem.wanting
        if person.key not in slots
    )
    more_slots, more_placed = _more_slots(problem, len(slots), clock)
    bindings = tuple(_bindings(problem, programme, len(slots)))
    return Assignment(slots, left, bindings, more_slots, more_placed, proved)


def _why(problem: Problem, person: Person) -> Why:
    """Return the nearest reason: somebody at work with no time struck out met no room."""
    ward = problem.ward_of(person)
    reasons = hindrances(ward, person, times_of(problem))
    if None in reasons or not reasons:
        return Why.NO_ROOM
    return next(why for why in (Why.STRUCK, Why.BUSY, Why.NOT_AT_WORK) if why in reasons)


def _more_slots(problem: Problem, placed: int, clock: Clock) -> tuple[int | None, int]:
    """Return how many of the further slots place the most people more, and how many people."""
    if not problem.further:
        return None, 0
    longest = replace(problem, slots=(*problem.slots, *problem.further))
    programme, times = _programme(longest, clock), times_of(longest)

    def count(number: int) -> int:
        slots = [Span(s.starts_at, s.ends_at) for s in longest.slots[: len(problem.slots) + number]]
        capacity = [slots.count(time) for time in times]
        return sum(replace(programme, capacity=capacity).most_placed())

    most = count(len(problem.further))
    if most <= placed:
        return None, 0
    low, high = 1, len(problem.further)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if count(middle) >= most else (middle + 1, high)
    return low, most - placed


def _bindings(problem: Problem, programme: Programme, placed: int) -> list[Binding]:
    """Return each rule that alone is in the way; else, where they are, a ward's rules together."""

    def more(changed: Ward) -> int:
        without = replace(programme, rooms=rooms(_with_ward(problem, changed)))
        return sum(without.most_placed()) - placed

    alone = [
        replace(binding, more=gained)
        for ward in problem.wards
        for binding, without in _relaxations(problem, ward)
        if (gained := more(without)) > 0
    ]
    if alone:
        return alone
    return [
        Binding(Bound.TOGETHER, ward.key, gained)
        for ward in problem.wards
        if (gained := more(replace(ward, most_away=len(problem.people), minimums=()))) > 0
    ]


def _relaxations(problem: Problem, ward: Ward) -> list[tuple[Binding, Ward]]:
    """Return each rule of the ward that could bind, beside the ward without it."""
    during = _during(problem, ward)
    found = [
        (
            Binding(Bound.MOST_AWAY, ward.key, 0, least=ward.most_away),
            replace(ward, most_away=len(problem.people)),
        )
    ]
    for minimum in ward.minimums:
        if during and minimum.span.overlaps(during):
            others = tuple(other for other in ward.minimums if other is not minimum)
            span = Span(
                max(minimum.span.starts_at, during.starts_at),
                min(minimum.span.ends_at, during.ends_at),
            )
            binding = Binding(Bound.MINIMUM, ward.key, 0, minimum.least, minimum.title, span)
            found.append((binding, replace(ward, minimums=others)))
    return found


def _during(problem: Problem, ward: Ward) -> Span | None:
    """Return from when until when somebody can be away."""
    times = times_of(problem)
    if not times:
        return None
    last = max(time.ends_at for time in times)
    return Span(ward.away(times[0]).starts_at, last + ward.walking)


def _with_ward(problem: Problem, changed: Ward) -> Problem:
    wards = tuple(changed if ward.key == changed.key else ward for ward in problem.wards)
    return replace(problem, wards=wards)
