"""Reads for calendar addresses: what each says, and which there are."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Feed, Visit
from enrolment.people.models import CareUnit, Membership, Staff

KEPT_STATUSES = (BookingStatus.BOOKED, BookingStatus.CHECKED_IN, BookingStatus.DONE)


@dataclass(frozen=True)
class CountedVisit:
    """A visit as a calendar tells of it: where, when, and how many are booked."""

    pk: UUID
    kind: str
    unit: CareUnit
    starts_at: datetime
    ends_at: datetime
    taken: int


def readable() -> QuerySet[Feed]:
    """Return the feeds that may be read: not revoked, of people who are still there.

    A technician is there while the role is held. A protected person has none.
    """
    role = Membership.objects.filter(
        user=OuterRef("technician__user"),
        federation=OuterRef("federation"),
        role=Membership.Role.TECHNICIAN,
    )
    technician = Q(Exists(role), technician__user__is_active=True)
    staff = Q(staff__protected=False, staff__left_on=None)
    alive = Feed.objects.filter(technician | Q(unit__isnull=False) | staff, revoked_at=None)
    return alive.select_related("technician__user", "unit", "staff", "federation")


def visits_of(feed: Feed, since: datetime) -> list[CountedVisit]:
    """Return the visits of the feed's technician, or to its unit, not called off; two queries."""
    if feed.technician_id:
        own = Visit.objects.filter(technician=feed.technician_id)
    else:
        guests = Visit.guest_units.through.objects.filter(careunit=feed.unit_id)
        own = Visit.objects.filter(Q(unit=feed.unit_id) | Q(pk__in=guests.values("visit")))
    kept = Count("bookings", filter=Q(bookings__status__in=KEPT_STATUSES))
    visits = own.filter(ends_at__gt=since).exclude(status=VisitStatus.CANCELLED)
    counted = visits.annotate(taken=kept).select_related("unit").order_by("starts_at", "pk")
    return [
        CountedVisit(each.pk, each.kind, each.unit, each.starts_at, each.ends_at, each.taken)
        for each in counted
    ]


def bookings_of(staff: Staff, since: datetime) -> list[Booking]:
    """Return the person's own times that stand, earliest first."""
    own = Booking.objects.filter(
        need__staff=staff, status__in=KEPT_STATUSES, slot__ends_at__gt=since
    )
    return list(own.select_related("slot", "visit__unit").order_by("slot__starts_at", "pk"))
