"""When people are at work, who may take which time, and how many may be away when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from booking.domain.staffing.values import Minimum, Person, Problem, Span, Ward, Why, same_title


@dataclass(frozen=True, slots=True)
class Room:
    """At most `most` people of the title may have one of these times; no title: of all."""

    ward: str
    title: str
    times: frozenset[int]
    most: int


def times_of(problem: Problem) -> list[Span]:
    """Return the times that slots are at, in order; slots side by side are one time."""
    return sorted({Span(slot.starts_at, slot.ends_at) for slot in problem.slots})


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans with those that overlap or meet made one."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.starts_at <= whole[-1].ends_at:
            last = whole.pop()
            span = Span(last.starts_at, max(last.ends_at, span.ends_at))
        whole.append(span)
    return whole


def hindrances(ward: Ward, person: Person, times: Iterable[Span]) -> list[Why | None]:
    """Say why the person, for his or her own part, can't take each time; None: it can be taken."""
    shifts = joined(person.shifts)
    kept = [ward.away(slot) for slot in person.kept]
    return [
        _hindrance(ward.away(time), shifts if ward.rostered else None, (*person.busy, *kept))
        or (Why.STRUCK if time.starts_at in person.struck else None)
        for time in times
    ]


def presence(ward: Ward, person: Person, moments: Iterable[Span]) -> list[bool]:
    """Say whether the person is at work on the ward in each moment."""
    shifts = joined(person.shifts)
    return [
        (not ward.rostered or any(shift.covers(moment) for shift in shifts))
        and not any(busy.overlaps(moment) for busy in person.busy)
        for moment in moments
    ]


def moments_of(ward: Ward, people: Iterable[Person], times: Iterable[Span]) -> list[Span]:
    """Return the shortest spans, between two changes of anything, that touch a time; in order."""
    away = [ward.away(time) for time in times]
    spans = [*away, *(minimum.span for minimum in ward.minimums)]
    for person in people:
        spans += [*person.shifts, *person.busy, *map(ward.away, person.kept)]
    edges = {span.starts_at for span in spans} | {span.ends_at for span in spans}
    moments = [Span(*edge) for edge in pairwise(sorted(edges))]
    return [moment for moment in moments if any(span.overlaps(moment) for span in away)]


def rooms(problem: Problem) -> list[Room]:
    """Return what the wards' rules leave room for; what another of them implies is left out."""
    times = times_of(problem)
    tightest: dict[tuple[str, str, frozenset[int]], int] = {}
    for ward in problem.wards:
        people = [person for person in problem.people if person.ward == ward.key]
        wanting = sum(person.wants for person in people)
        for room in _rooms_of(ward, people, times):
            key = (room.ward, room.title, room.times)
            if room.most < min(wanting, tightest.get(key, wanting)):
                tightest[key] = room.most
    found = [Room(*key, most) for key, most in tightest.items()]
    return [room for room in found if not any(_implies(other, room) for other in found)]


def counts(minimum: Minimum, person: Person) -> bool:
    """Say whether the minimum is about people like this one."""
    return not minimum.title or same_title(minimum.title, person.title)


def _implies(one: Room, other: Room) -> bool:
    """Say whether whoever keeps to `one` keeps to the other, a lesser one."""
    same = (one.ward, one.title) == (other.ward, other.title)
    return same and one.times > other.times and one.most <= other.most


def _hindrance(away: Span, shifts: list[Span] | None, taken: Iterable[Span]) -> Why | None:
    if shifts is not None and not any(shift.covers(away) for shift in shifts):
        return Why.NOT_AT_WORK
    return Why.BUSY if any(span.overlaps(away) for span in taken) else None


def _rooms_of(ward: Ward, people: Sequence[Person], times: Sequence[Span]) -> Iterator[Room]:
    away = [ward.away(time) for time in times]
    moments = moments_of(ward, people, times)
    here = {person.key: presence(ward, person, moments) for person in people}
    kept = [(person, ward.away(slot)) for person in people for slot in person.kept]
    for number, moment in enumerate(moments):
        meant = frozenset(index for index, span in enumerate(away) if span.overlaps(moment))
        gone = [person for person, span in kept if span.overlaps(moment)]
        yield Room(ward.key, "", meant, max(0, ward.most_away - len(gone)))
        for minimum in ward.minimums:
            if minimum.span.overlaps(moment):
                left = sum(here[p.key][number] for p in people if counts(minimum, p))
                left -= sum(here[p.key][number] for p in gone if counts(minimum, p))
                yield Room(ward.key, minimum.title, meant, max(0, left - minimum.least))
