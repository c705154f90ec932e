"""How many are left on a ward, and how many must be, minute by minute."""

from collections.abc import Mapping
from dataclasses import dataclass

from booking.domain.slots import SlotTime
from booking.domain.staffing.presence import counts, presence
from booking.domain.staffing.values import Minimum, Person, Problem, Span, Ward, same_title


@dataclass(frozen=True, slots=True)
class Step:
    """During the span `here` people of those meant are at work, `left` of them not away.

    `least` must be left.
    """

    span: Span
    here: int
    left: int
    least: int


def ward_steps(
    problem: Problem, ward: Ward, slots: Mapping[str, SlotTime], during: Span, title: str = ""
) -> list[Step]:
    """Return the steps of one ward from start to end, of one title or of all.

    Of all, `least` is also what most_away asks for.
    """
    meant = Minimum(title, 0, during)
    people = [p for p in problem.people if p.ward == ward.key and counts(meant, p)]
    gone = {p.key: _away(ward, p, slots) for p in people}
    moments = _moments(ward, people, gone, during)
    here = {p.key: presence(ward, p, moments) for p in people}
    steps: list[Step] = []
    for number, moment in enumerate(moments):
        at_work = [p for p in people if here[p.key][number]]
        left = sum(not any(span.overlaps(moment) for span in gone[p.key]) for p in at_work)
        least = _least(ward, title, moment)
        if not title:
            least = max(least, len(at_work) - ward.most_away)
        steps.append(Step(moment, len(at_work), left, least))
    return _merged(steps)


def _away(ward: Ward, person: Person, slots: Mapping[str, SlotTime]) -> list[Span]:
    held = [ward.away(slot) for slot in person.kept]
    return [*held, ward.away(slots[person.key])] if person.key in slots else held


def _moments(
    ward: Ward, people: list[Person], gone: Mapping[str, list[Span]], during: Span
) -> list[Span]:
    spans = [minimum.span for minimum in ward.minimums]
    for person in people:
        spans += [*person.shifts, *person.busy, *gone[person.key]]
    edges = {edge for span in spans for edge in (span.starts_at, span.ends_at)}
    inside = sorted(edge for edge in edges if during.starts_at < edge < during.ends_at)
    return [
        Span(start, end)
        for start, end in zip([during.starts_at, *inside], [*inside, during.ends_at], strict=True)
    ]


def _least(ward: Ward, title: str, moment: Span) -> int:
    asked = [
        minimum.least
        for minimum in ward.minimums
        if same_title(minimum.title, title) and minimum.span.overlaps(moment)
    ]
    return max(asked, default=0)


def _merged(steps: list[Step]) -> list[Step]:
    """Return the steps with those that tell the same made one."""
    merged: list[Step] = []
    for step in steps:
        last = merged[-1] if merged else None
        if last and (last.here, last.left, last.least) == (step.here, step.left, step.least):
            merged[-1] = Step(
                Span(last.span.starts_at, step.span.ends_at), step.here, step.left, step.least
            )
        else:
            merged.append(step)
    return merged
