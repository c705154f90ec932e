"""A visit afterwards: who was done, who is missing, what the laptops still hold."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import FETCH_RAISE

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Visit
from enrolment.people.models import Staff
from photos.models import Laptop, StationKey, StationRecord
from photos.queries.seconds import Pace, pace_of_visit
from photos.queries.station_records import bookings_of, is_over, may_go_on, with_silence

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
class Machine:
    """A laptop of the visit; `state` is a status of the group "laptop" of the house's words."""

    laptop: Laptop
    silent: bool

    @property
    def counts(self) -> bool:
        """Say whether the visit waits for it: it was neither left clean nor written off."""
        return self.laptop.cleaned_at is None

    @property
    def state(self) -> str:
        """Return how it stands; one that never told that it was cleaned was written off."""
        told, cleaned = self.laptop.reported_at, self.laptop.cleaned_at
        if cleaned:
            return "clean" if told and told >= cleaned else "written_off"
        if self.laptop.unsent:
            return "unsent"
        return "silent" if self.silent else "ready"

    @property
    def owes(self) -> bool:
        """Say whether it holds something, or may do so as far as anybody knows."""
        return self.state in ("unsent", "silent")


@dataclass(frozen=True)
class WrapUp:
    """All that a visit leaves behind.

    `waiting` records have come but are not opened, `conflicts` wait for a planner: `undecided`
    when a sealed one is among them. `key` is None where no laptop was ever made ready.
    """

    visit: Visit
    now: datetime
    done: list[Person]
    missing: list[Person]
    no_shows: list[Person]
    notes: list[Note]
    laptops: list[Machine]
    waiting: int
    conflicts: int
    undecided: bool
    key: StationKey | None
    pace: Pace | None

    @property
    def unsent(self) -> int:
        """How many records the laptops that are not cleaned said last that they still hold."""
        return sum(each.laptop.unsent for each in self.laptops if each.counts)

    @property
    def is_over(self) -> bool:
        """Say whether nobody is photographed any more: then a laptop may be written off."""
        return is_over(self.visit, self.now)

    @property
    def _may_go_on(self) -> bool:
        settled = any(each.counts and not each.owes for each in self.laptops)
        return settled and may_go_on(self.visit, self.now)

    @property
    def key_waits_for(self) -> list[str]:
        """Return why the key is kept still, as codes; empty when it may go, or has gone."""
        if self.key is None or self.key.destroyed_at:
            return []
        is_open = self.visit.status == VisitStatus.OPEN
        reasons = {
            "open": is_open,
            "unsent": bool(self.unsent),
            "silent": not is_open and any(each.state == "silent" for each in self.laptops),
            "may_go_on": not is_open and self._may_go_on,
            "not_opened": bool(self.waiting),
            "undecided": self.undecided,
        }
        return [reason for reason, holds in reasons.items() if holds]


def wrap_up_of(visit: Visit, handled: Collection[UUID], now: datetime) -> WrapUp:
    """Return what the visit leaves behind; eight queries, however many people.

    `handled` are the protected persons this reader may see.
    """
    people = [_person(booking, handled, now) for booking in _bookings(visit)]
    records = list(visit.station_records.order_by("received_at"))
    states = [record.state for record in records]
    return WrapUp(
        visit=visit,
        now=now,
        done=_those(people, BookingStatus.DONE),
        missing=_those(people, BookingStatus.BOOKED, BookingStatus.CHECKED_IN),
        no_shows=_those(people, BookingStatus.NO_SHOW),
        notes=_notes(records, people),
        laptops=_machines(visit, is_over(visit, now)),
        waiting=states.count(State.RECEIVED),
        conflicts=states.count(State.CONFLICT),
        undecided=any(each.stored_as for each in records if each.state == State.CONFLICT),
        key=StationKey.objects.filter(visit=visit).first(),
        pace=pace_of_visit(visit),
    )


def people_named(wrap_up: WrapUp) -> list[Staff]:
    """Return the people whom the page names."""
    people = [*wrap_up.done, *wrap_up.missing, *wrap_up.no_shows]
    return [each.booking.need.staff for each in people if not each.hidden]


def _machines(visit: Visit, over: bool) -> list[Machine]:
    """Return the laptops of a visit; before it is over none has anything to tell yet."""
    laptops = with_silence(visit.laptops.select_related("user").order_by("prepared_at"))
    return [
        Machine(laptop, silent=over and bool(getattr(laptop, "silent", False)))
        for laptop in laptops
    ]


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
    noted = [record for record in records if record.header.get("note")]
    by_booking = {person.booking.pk: person for person in people}
    bookings = bookings_of(noted)
    told = [(_person_of(record, bookings, by_booking), record) for record in noted]
    return [
        Note(_name(person, record), record.header["note"], record.received_at)
        for person, record in told
        if not (person and person.hidden)
    ]


def _person_of(
    record: StationRecord, bookings: Mapping[UUID, Booking], people: Mapping[UUID, Person]
) -> Person | None:
    booking = bookings.get(record.pk)
    return people.get(booking.pk) if booking else None


def _name(person: Person | None, record: StationRecord) -> str:
    """Return the person's name; of somebody who walked in the one that was told."""
    if person:
        return person.booking.need.staff.shown_name
    told = record.header.get("walk_in") or {}
    return f"{told.get('given_name', '')} {told.get('family_name', '')}".strip()
