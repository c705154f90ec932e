"""A visit afterwards: who was done, who is missing, what the laptops still hold."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import FETCH_RAISE

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Visit
from enrolment.people.models import Staff
from photos.models import Laptop, StationKey, StationRecord
from photos.queries.seconds import Pace, pace_of_visit
from photos.queries.station_records import laptops_that_owe

State = StationRecord.State


@dataclass(frozen=True)
class Person:
    """Somebody with a time in the visit; `hidden` where the reader may not see who it is."""

    booking: Booking
    hidden: bool
    came_due: bool

    @property
    def absent(self) -> bool:
        """Whether the person should have come and may be noted as a no-show."""
        return self.came_due and self.booking.status == BookingStatus.BOOKED


@dataclass(frozen=True)
class Note:
    """What a technician wrote at the station, and of whom; `name` is empty for somebody unknown.

    A note about somebody whom the reader may not see is not among them.
    """

    name: str
    text: str
    made_at: datetime


@dataclass(frozen=True)
class WrapUp:
    """All that a visit leaves behind.

    `waiting` records have come but are not opened, `conflicts` wait for a planner: `undecided`
    when a sealed one is among them. `silent` when a laptop has not told, since the visit ended,
    that it holds nothing more. `key` is None where no laptop was ever made ready.
    """

    visit: Visit
    done: list[Person]
    missing: list[Person]
    no_shows: list[Person]
    notes: list[Note]
    laptops: list[Laptop]
    waiting: int
    conflicts: int
    undecided: bool
    silent: bool
    key: StationKey | None
    pace: Pace | None

    @property
    def unsent(self) -> int:
        """How many records the laptops that are not cleaned said last that they still hold."""
        return sum(laptop.unsent for laptop in self.laptops if laptop.cleaned_at is None)

    @property
    def key_waits_for(self) -> list[str]:
        """Return why the key is kept still, as codes; empty when it may go, or has gone."""
        if self.key is None or self.key.destroyed_at:
            return []
        reasons = {
            "open": self.visit.status == VisitStatus.OPEN,
            "unsent": bool(self.unsent),
            "silent": self.silent,
            "not_opened": bool(self.waiting),
            "undecided": self.undecided,
        }
        return [reason for reason, holds in reasons.items() if holds]


def wrap_up_of(visit: Visit, handled: Collection[UUID], now: datetime) -> WrapUp:
    """Return what the visit leaves behind; six queries, however many people.

    `handled` are the protected persons this reader may see.
    """
    people = [_person(booking, handled, now) for booking in _bookings(visit)]
    records = list(visit.station_records.order_by("received_at"))
    states = [record.state for record in records]
    return WrapUp(
        visit=visit,
        done=_those(people, BookingStatus.DONE),
        missing=_those(people, BookingStatus.BOOKED, BookingStatus.CHECKED_IN),
        no_shows=_those(people, BookingStatus.NO_SHOW),
        notes=_notes(records, people),
        laptops=list(visit.laptops.select_related("user").order_by("prepared_at")),
        waiting=states.count(State.RECEIVED),
        conflicts=states.count(State.CONFLICT),
        undecided=any(each.stored_as for each in records if each.state == State.CONFLICT),
        silent=visit.status != VisitStatus.OPEN and _has_silent_laptop(visit),
        key=StationKey.objects.filter(visit=visit).first(),
        pace=pace_of_visit(visit),
    )


def people_named(wrap_up: WrapUp) -> list[Staff]:
    """Return the people whom the page names."""
    people = [*wrap_up.done, *wrap_up.missing, *wrap_up.no_shows]
    return [each.booking.need.staff for each in people if not each.hidden]


def _has_silent_laptop(visit: Visit) -> bool:
    return laptops_that_owe(visit).filter(unsent=0).exists()


def _bookings(visit: Visit) -> Iterable[Booking]:
    loaded = visit.bookings.select_related("need__staff", "slot")
    return loaded.order_by("slot__starts_at", "slot__station").fetch_mode(FETCH_RAISE)


def _person(booking: Booking, handled: Collection[UUID], now: datetime) -> Person:
    staff = booking.need.staff
    hidden = staff.protected and staff.pk not in handled
    return Person(booking, hidden, came_due=booking.slot.starts_at <= now)


def _those(people: Iterable[Person], *statuses: BookingStatus) -> list[Person]:
    return [person for person in people if person.booking.status in statuses]


def _notes(records: Iterable[StationRecord], people: Iterable[Person]) -> list[Note]:
    by_booking = {person.booking.pk: person for person in people}
    told = [(by_booking.get(record.subject), record) for record in records]
    return [
        Note(_name(person, record), record.header["note"], record.received_at)
        for person, record in told
        if record.header.get("note") and not (person and person.hidden)
    ]


def _name(person: Person | None, record: StationRecord) -> str:
    """Return the person's name; of somebody who walked in the one that was told."""
    if person:
        return person.booking.need.staff.shown_name
    told = record.header.get("walk_in") or {}
    return f"{told.get('given_name', '')} {told.get('family_name', '')}".strip()
