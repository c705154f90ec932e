"""The question and the answer: wards, people, times; instants carry a time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booking.domain.slots import SlotTime


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From one instant up to another."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two share time."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def covers(self, other: "Span") -> bool:
        """Say whether the other lies within this one."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least `least` people of the title must stay during the span; no title: of all."""

    title: str
    least: int
    span: Span


@dataclass(frozen=True, slots=True)
class Ward:
    """What one unit asks for.

    `rostered` says whether a roster exists for the day: then a person is at work by shift, else
    everybody counts as at work. `walking` is the way to the camera, and as much back.
    """

    key: str
    rostered: bool
    walking: timedelta
    most_away: int
    minimums: tuple[Minimum, ...] = ()

    def away(self, slot: SlotTime | Span) -> Span:
        """Return how long somebody with the slot is away from the ward."""
        return Span(slot.starts_at - self.walking, slot.ends_at + self.walking)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at a ward, whether in the visit or not.

    `wants` a slot: then `now` is the slot held that may be changed, and `struck` are the starts
    that do not suit. `kept` are slots that stay, in this visit or another.
    """

    key: str
    ward: str
    title: str = ""
    shifts: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()
    kept: tuple[Span, ...] = ()
    wants: bool = False
    now: SlotTime | None = None
    struck: frozenset[datetime] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """Who wants a slot, first come first in order; which slots can be given; what the wards ask.

    `further` are slots that do not exist but could, in the order in which they would be added.
    """

    wards: tuple[Ward, ...]
    people: tuple[Person, ...]
    slots: tuple[SlotTime, ...]
    further: tuple[SlotTime, ...] = ()

    @property
    def wanting(self) -> list[Person]:
        """Return those who want a slot, in their order."""
        return [person for person in self.people if person.wants]

    def ward_of(self, person: Person) -> Ward:
        """Return the person's ward."""
        return next(ward for ward in self.wards if ward.key == person.ward)


class Why(StrEnum):
    """Why somebody is left without a slot."""

    NOT_AT_WORK = "not_at_work"
    BUSY = "busy"
    STRUCK = "struck"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody without a slot."""

    person: str
    why: Why


class Bound(StrEnum):
    """What keeps people from being placed."""

    MINIMUM = "minimum"
    MOST_AWAY = "most_away"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Binding:
    """A rule of a ward without which `more` people could be placed.

    A MINIMUM is `least` people of `title` during `span`; MOST_AWAY is `least` people away at once;
    TOGETHER are all rules of the ward, of which none alone is in the way.
    """

    bound: Bound
    ward: str
    more: int
    least: int = 0
    title: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who gets which slot, by person's key.

    `proved` says that no other answer is better; else time ran out on the best one found. Where
    people are left, `bindings` are the rules in the way, and `more_slots` of the further slots
    would place `more_placed` of them (None: no number of them would place one more).
    """

    slots: Mapping[str, SlotTime]
    left: tuple[LeftOut, ...] = ()
    bindings: tuple[Binding, ...] = ()
    more_slots: int | None = None
    more_placed: int = 0
    proved: bool = True


def same_title(one: str, other: str) -> bool:
    """Say whether two titles are the same but for letter case and space around."""
    return one.strip().casefold() == other.strip().casefold()
