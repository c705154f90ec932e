"""Reads for letters: whom to tell of a visit, whose time comes up, whom a message was about."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from booking.domain.states import LIVE, BookingStatus, VisitStatus
from booking.models import Booking, Visit, Waiting
from booking.queries import bookable_needs
from enrolment.messages.models import Message
from enrolment.messages.queries import undelivered
from enrolment.people.models import CardNeed, CareUnit, Membership, Staff, User


def care_managers(unit: CareUnit) -> list[User]:
    """Return the unit's own care managers; where it has none, those of its municipality."""
    held = Membership.objects.filter(
        role=Membership.Role.CARE_MANAGER, federation=unit.municipality.federation_id
    )
    own, wider = held.filter(unit=unit), held.filter(unit=None, municipality=unit.municipality_id)
    memberships = own if own.exists() else wider
    managers = User.objects.filter(is_active=True, pk__in=memberships.values("user"))
    return list(managers.order_by("name", "email"))


def managers_of(visit: Visit) -> list[User]:
    """Return the care managers of the visit's unit and of its guests, each once."""
    units = [visit.unit, *visit.guest_units.select_related("municipality__federation")]
    return list(dict.fromkeys(manager for unit in units for manager in care_managers(unit)))


def bookings_between(after: datetime, until: datetime) -> QuerySet[Booking]:
    """Return the booked times, of every federation, of people who can be written to.

    They begin after the one instant and at the other at the latest. Nobody protected.
    """
    reachable = ~Q(need__staff__email="") | ~Q(need__staff__phone="")
    bookings = Booking.objects.filter(
        reachable,
        status=BookingStatus.BOOKED,
        visit__status=VisitStatus.OPEN,
        slot__starts_at__gt=after,
        slot__starts_at__lte=until,
        need__staff__protected=False,
    )
    return bookings.order_by("slot__starts_at", "pk")


def told_of(booking_ids: Iterable[UUID]) -> list[Booking]:
    """Return the bookings with all that a letter about them says."""
    bookings = Booking.objects.filter(pk__in=list(booking_ids))
    related = bookings.select_related(
        "slot", "need__staff__federation", "visit__unit__municipality__federation"
    )
    return list(related.order_by("slot__starts_at", "pk"))


def visits_between(after: datetime, until: datetime) -> list[Visit]:
    """Return the open visits, of every federation, that begin within these instants."""
    visits = Visit.objects.filter(
        status=VisitStatus.OPEN, starts_at__gt=after, starts_at__lte=until
    )
    related = visits.select_related("unit__municipality__federation", "technician__user")
    return list(related.order_by("starts_at", "pk"))


def visits_over(now: datetime, *, for_at_most: timedelta, unclosed: timedelta) -> list[Visit]:
    """Return the visits that ended lately: closed, or not closed for a while."""
    over = Visit.objects.filter(ends_at__gt=now - for_at_most)
    closed = Q(status=VisitStatus.CLOSED, starts_at__lte=now)
    left = Q(status=VisitStatus.OPEN, ends_at__lte=now - unclosed)
    related = over.filter(closed | left).select_related("unit__municipality__federation")
    return list(related.order_by("ends_at", "pk"))


def without_time(visit: Visit) -> list[CardNeed]:
    """Return who works at the visit's units, needs such a visit and lacks a time; not protected."""
    needs = CardNeed.objects.filter(
        Q(staff__unit=visit.unit_id) | Q(staff__unit__in=visit.guest_units.all()),
        open=True,
        staff__left_on=None,
        staff__protected=False,
    )
    lacking = bookable_needs(needs, visit.kind).select_related("staff")
    return list(lacking.order_by("due_on", "staff__sort_key", "pk"))


def absent(visit: Visit) -> list[Staff]:
    """Return who had a time in the visit and did not come; not protected."""
    missed = visit.bookings.filter(status=BookingStatus.NO_SHOW, need__staff__protected=False)
    related = missed.select_related("need__staff").order_by("slot__starts_at", "slot__station")
    return [booking.need.staff for booking in related]


def booked_count(visit: Visit) -> int:
    """Return how many people have a time in the visit."""
    return visit.bookings.filter(status__in=LIVE).count()


def done_count(visit: Visit) -> int:
    """Return how many people were done at the visit."""
    return visit.bookings.filter(status=BookingStatus.DONE).count()


def telling_of_protected() -> list[Message]:
    """Return what waits or did not arrive, of every federation, and tells of somebody protected.

    That is what was to be told to the person, and letters to others in which the name stands.
    """
    messages = list(undelivered(prefix="").defer("calendar"))
    people = people_told(messages)
    names = _protected_names({message.federation_id for message in messages})
    return [
        message
        for message in messages
        if (message.pk in people and people[message.pk].protected)
        or any(name.search(message.body) for name in names[message.federation_id])
    ]


def people_told(messages: Iterable[Message]) -> dict[UUID, Staff]:
    """Return the person that each message is about, for those about somebody's time."""
    messages = list(messages)
    by_booking = _people(Booking.objects.all(), _named(messages, ("booking", "reminder")))
    by_wait = _people(Waiting.objects.all(), _named(messages, ("offer",)))
    return by_booking | by_wait


def _protected_names(federation_ids: Collection[UUID]) -> dict[UUID, list[re.Pattern[str]]]:
    """Return what finds each protected person's name in a text, by federation."""
    names = defaultdict(list)
    for staff in Staff.objects.filter(protected=True, federation__in=federation_ids):
        name = re.escape(" ".join(staff.name.split()))
        names[staff.federation_id].append(re.compile(rf"\b{name}\b"))
    return names


def _named(messages: list[Message], kinds: tuple[str, ...]) -> dict[UUID, UUID]:
    """Return the id that stands second in the key of each message of these kinds."""
    keys = {message.pk: message.key.split(":") for message in messages}
    return {pk: UUID(key[1]) for pk, key in keys.items() if key[0] in kinds}


def _people(
    rows: "QuerySet[Booking] | QuerySet[Waiting]", named: dict[UUID, UUID]
) -> dict[UUID, Staff]:
    found = rows.filter(pk__in=set(named.values())).select_related("need__staff")
    people = {row.pk: row.need.staff for row in found}
    return {message: people[row] for message, row in named.items() if row in people}
