"""What laptops sent and told: what waits to be opened, and whether a visit's key is needed."""

from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Visit
from enrolment.people.models import User
from photos.models import Capture, Laptop, StationKey, StationRecord

# How many of the oldest are looked at in one go.
AT_ONCE = 100
State, Kind = StationRecord.State, StationRecord.Kind


def not_opened(before: datetime) -> list[UUID]:
    """Return the ids of the records received before then that nobody has opened, oldest first."""
    waiting = StationRecord.objects.filter(state=State.RECEIVED, received_at__lt=before)
    return list(waiting.order_by("received_at").values_list("pk", flat=True)[:AT_ONCE])


def taken_in_with_bytes(record_id: UUID | None = None) -> list[StationRecord]:
    """Return the records, or the one, whose sealed bytes nobody needs but that still are there."""
    kept = Q(state__in=(State.TAKEN, State.SETTLED)) | Q(state=State.CONFLICT, is_captured=True)
    records = StationRecord.objects.annotate(
        is_captured=Exists(Capture.objects.filter(pk=OuterRef("pk")))
    )
    if record_id:
        records = records.filter(pk=record_id)
    return list(records.filter(kept).exclude(stored_as="").order_by("received_at")[:AT_ONCE])


def keys_of_ended_visits() -> QuerySet[StationKey]:
    """Return the keys that may be due to be destroyed."""
    ended = StationKey.objects.filter(destroyed_at=None).exclude(visit__status=VisitStatus.OPEN)
    return ended.select_related("visit__unit__municipality").order_by("made_at")


def is_key_needed(visit: Visit) -> bool:
    """Say whether something sealed for the visit may still have to be opened."""
    if visit.status == VisitStatus.OPEN:
        return True
    waiting = Q(state=State.RECEIVED) | ~Q(stored_as="")
    return visit.station_records.filter(waiting).exists() or laptops_that_owe(visit).exists()


def laptops_that_owe(visit: Visit) -> QuerySet[Laptop]:
    """Return the laptops that hold something, or have not told since the visit ended."""
    ended = visit.changes.exclude(status=VisitStatus.OPEN).order_by("pk").first()
    silent = Q(reported_at=None)
    if ended is not None:
        silent |= Q(reported_at__lt=ended.at)
    return visit.laptops.filter(cleaned_at=None).filter(silent | ~Q(unsent=0))


def booking_of(of: StationRecord) -> Booking | None:
    """Return the booking that a record is about, as it is now; None for somebody unknown.

    Of somebody who walked in it is known once a planner has said who that is.
    """
    bookings = Booking.objects.select_related(
        "slot", "need__staff", "visit__unit__municipality__federation", "visit__technician__user"
    )
    same = StationRecord.objects.filter(visit=of.visit_id, subject=of.subject).values("pk")
    named = bookings.filter(captures__in=same).order_by("-captures__received_at").first()
    return named or bookings.filter(pk=of.subject, visit=of.visit_id).first()


def technician_of(of: StationRecord, user_id: str) -> User:
    """Return who made the record: whoever had made that laptop ready, else the visit's own."""
    laptops = Laptop.objects.filter(visit=of.visit_id, device=of.device).select_related("user")
    for laptop in laptops:
        if str(laptop.user_id) == user_id:
            return laptop.user
    return of.visit.technician.user


def is_same_laptop(of: StationRecord, other_id: UUID) -> bool:
    """Say whether another record came from the same laptop."""
    return StationRecord.objects.filter(pk=other_id, device=of.device).exists()


def came_after_no_show(of: StationRecord, booking: Booking) -> bool:
    """Say whether the person was checked in after a no-show that this laptop knew nothing of."""
    steps = list(booking.changes.order_by("pk").values_list("status", flat=True))
    before = [step for step, after in pairwise(steps) if after == BookingStatus.CHECKED_IN]
    if before[-1:] != [BookingStatus.NO_SHOW]:
        return False
    noted = StationRecord.objects.filter(visit=of.visit_id, subject=of.subject)
    devices = set(noted.filter(kind=Kind.NO_SHOW).values_list("device", flat=True))
    return devices != {of.device}
