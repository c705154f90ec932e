"""Look an assignment over from scratch, instant by instant, knowing nothing of how it was made."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from booking.domain.slots import SlotTime
from booking.domain.staffing.values import Person, Problem, Span, Ward, same_title


class Broken(StrEnum):
    """What an assignment must not do."""

    UNKNOWN_SLOT = "unknown_slot"
    SLOT_TWICE = "slot_twice"
    NOT_ASKED_FOR = "not_asked_for"
    NOT_AT_WORK = "not_at_work"
    BUSY = "busy"
    STRUCK = "struck"
    MOST_AWAY = "most_away"
    MINIMUM = "minimum"


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken: for a person, or at an instant for a ward."""

    broken: Broken
    whom: str
    at: datetime | None = None


def check_assignment(problem: Problem, slots: Mapping[str, SlotTime]) -> list[Fault]:
    """Return everything that is wrong; nothing where the wards stay staffed.

    Where a roster, or the slots that stay, go below a rule by themselves, nobody of `slots` whom
    the rule counts may be away at that instant.
    """
    faults = list(_slot_faults(problem, slots))
    for person in problem.people:
        if person.key in slots:
            faults += _own_faults(problem.ward_of(person), person, slots[person.key])
    for ward in problem.wards:
        faults += _ward_faults(problem, ward, slots)
    return faults


def _slot_faults(problem: Problem, slots: Mapping[str, SlotTime]) -> Iterator[Fault]:
    asked = {person.key for person in problem.people if person.wants}
    given = list(slots.values())
    for key, slot in slots.items():
        if key not in asked:
            yield Fault(Broken.NOT_ASKED_FOR, key)
        if slot not in problem.slots:
            yield Fault(Broken.UNKNOWN_SLOT, key)
        if given.count(slot) > 1:
            yield Fault(Broken.SLOT_TWICE, key)


def _own_faults(ward: Ward, person: Person, slot: SlotTime) -> Iterator[Fault]:
    away = _away(ward, slot)
    ends = (shift.ends_at for shift in person.shifts)
    changes = [away.starts_at, *(end for end in ends if _is_in(away, end))]
    if ward.rostered and not all(_is_in_any(person.shifts, instant) for instant in changes):
        yield Fault(Broken.NOT_AT_WORK, person.key, slot.starts_at)
    taken = [*person.busy, *(_away(ward, kept) for kept in person.kept)]
    if any(_is_in(span, away.starts_at) or _is_in(away, span.starts_at) for span in taken):
        yield Fault(Broken.BUSY, person.key, slot.starts_at)
    if slot.starts_at in person.struck:
        yield Fault(Broken.STRUCK, person.key, slot.starts_at)


def _ward_faults(problem: Problem, ward: Ward, slots: Mapping[str, SlotTime]) -> Iterator[Fault]:
    people = [person for person in problem.people if person.ward == ward.key]
    gone = {p.key: _away(ward, slots[p.key]) for p in people if p.key in slots}
    for instant in _instants(ward, people, gone.values()):
        going = {key for key, span in gone.items() if _is_in(span, instant)}
        stuck = {p.key for p in people if _is_in_any((_away(ward, k) for k in p.kept), instant)}
        if going and len(going | stuck) > ward.most_away:
            yield Fault(Broken.MOST_AWAY, ward.key, instant)
        for minimum in ward.minimums:
            like = [p for p in people if not minimum.title or same_title(p.title, minimum.title)]
            here = [p for p in like if _is_at_work(ward, p, instant)]
            left = [p for p in here if p.key not in going | stuck]
            of_those_going = any(p.key in going for p in like)
            if of_those_going and _is_in(minimum.span, instant) and len(left) < minimum.least:
                yield Fault(Broken.MINIMUM, ward.key, instant)


def _instants(ward: Ward, people: Iterable[Person], gone: Iterable[Span]) -> list[datetime]:
    """Return where a number of the ward may change; between two of them none does."""
    spans = [*gone, *(minimum.span for minimum in ward.minimums)]
    for person in people:
        spans += [*person.shifts, *person.busy, *(_away(ward, kept) for kept in person.kept)]
    return sorted({span.starts_at for span in spans} | {span.ends_at for span in spans})


def _is_at_work(ward: Ward, person: Person, instant: datetime) -> bool:
    on_shift = not ward.rostered or _is_in_any(person.shifts, instant)
    return on_shift and not _is_in_any(person.busy, instant)


def _away(ward: Ward, slot: SlotTime | Span) -> Span:
    return Span(slot.starts_at - ward.walking, slot.ends_at + ward.walking)


def _is_in(span: Span, instant: datetime) -> bool:
    return span.starts_at <= instant < span.ends_at


def _is_in_any(spans: Iterable[Span], instant: datetime) -> bool:
    return any(_is_in(span, instant) for span in spans)
