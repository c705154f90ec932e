"""Share out anew the slots of people who have one: nobody loses a slot, few are moved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from booking.domain.slots import SlotTime
from booking.domain.staffing.presence import hindrances, rooms, times_of
from booking.domain.staffing.sharing import SECONDS, assign
from booking.domain.staffing.values import (
    Binding,
    LeftOut,
    Person,
    Problem,
    Span,
    Why,
    same_title,
)


@dataclass(frozen=True, slots=True)
class Resharing:
    """The slot of everybody who held one, by person's key, and who had to keep it for want of room.

    `stuck` keep slots that do not suit them or their ward; `bindings` are the rules in the way and
    `more_slots` is how many slots more would help, both as `Assignment` has them.
    """

    slots: Mapping[str, SlotTime]
    moved: tuple[str, ...]
    stuck: tuple[LeftOut, ...] = ()
    bindings: tuple[Binding, ...] = ()
    more_slots: int | None = None
    proved: bool = True


def share_again(problem: Problem, seconds: float = SECONDS) -> Resharing:
    """Move as few as must be moved, of people who all hold a slot (`now`).

    Whoever can't be placed stays where he or she is, and the others are placed around that.
    """
    first = answer = assign(problem, seconds)
    stuck = list(first.left)
    proved = first.proved
    while answer.left:
        problem = _with_kept(problem, {one.person for one in answer.left})
        answer = assign(problem, seconds)
        stuck += answer.left
        proved = proved and answer.proved
    held = {person.key: person.now for person in problem.people if person.now}
    moved = tuple(key for key, slot in answer.slots.items() if held[key] != slot)
    slots = held | dict(answer.slots)
    return Resharing(slots, moved, tuple(stuck), first.bindings, first.more_slots, proved)


def unfit(problem: Problem) -> dict[str, Why]:
    """Return whose slot held does not suit the person, and why."""
    return {
        person.key: why
        for person in problem.people
        if person.now
        for why in hindrances(problem.ward_of(person), person, [_span(person.now)])
        if why
    }


def open_slots(problem: Problem) -> list[SlotTime]:
    """Return the slots that the only one who wants a slot could take."""
    (person,) = problem.wanting
    times = times_of(problem)
    reasons = hindrances(problem.ward_of(person), person, times)
    shut = {time for room in rooms(problem) if _meant(room.title, person) for time in room.times}
    can = {times[i] for i, why in enumerate(reasons) if why is None and i not in shut}
    return [slot for slot in problem.slots if _span(slot) in can]


def _meant(title: str, person: Person) -> bool:
    return not title or same_title(title, person.title)


def _with_kept(problem: Problem, keys: set[str]) -> Problem:
    """Return the problem with these people's slots kept, and given to nobody else."""
    gone = {person.now for person in problem.people if person.key in keys}
    people = tuple(_keeping(p) if p.key in keys else p for p in problem.people)
    slots = tuple(slot for slot in problem.slots if slot not in gone)
    return replace(problem, people=people, slots=slots)


def _keeping(person: Person) -> Person:
    assert person.now is not None  # noqa: S101 everybody holds one
    return replace(person, wants=False, kept=(*person.kept, _span(person.now)))


def _span(slot: SlotTime) -> Span:
    return Span(slot.starts_at, slot.ends_at)
