"""What the laptops sent that does not fit what stands here: a planner decides on each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum

from booking.models import Booking, Visit
from enrolment.people.models import Staff
from photos.models import Capture, Photo, StationRecord
from photos.queries.station_records import bookings_of, laptops_that_owe
from photos.queries.station_verdict import Difference, differences

Conflict, Kind = StationRecord.Conflict, StationRecord.Kind
# What a laptop holds longer than this after the visit is forgotten rather than late.
LATE = timedelta(hours=24)


@dataclass(frozen=True)
class Case:
    """One record that waits for a planner, and what there is to know about it.

    `booking` is None for somebody who walked in, `capture` where the picture was not taken in.
    `hidden` when the person is not for this reader's eyes: then nothing of it is shown.
    """

    record: StationRecord
    booking: Booking | None
    capture: Capture | None
    hidden: bool

    @property
    def staff(self) -> Staff | None:
        """Return the person, if it is known who it is."""
        return self.booking.need.staff if self.booking else None

    @property
    def name(self) -> str:
        """Return whom it is about; of somebody who walked in the name that was told."""
        if self.booking:
            return self.booking.need.staff.shown_name
        told = self.record.header.get("walk_in") or {}
        return f"{told.get('given_name', '')} {told.get('family_name', '')}".strip()

    @property
    def made_at(self) -> datetime:
        """Return when it was made, by the laptop's clock; unopened, when it came."""
        told = self.record.header.get("made_at")
        return datetime.fromisoformat(told) if told else self.record.received_at

    @property
    def is_open(self) -> bool:
        """Say whether it still waits for a planner."""
        return self.record.state == StationRecord.State.CONFLICT

    @property
    def has_picture(self) -> bool:
        """Say whether there is a picture to look at while it is decided on."""
        if self.capture:
            return self.is_open and not self.capture.refusal
        cannot = (Conflict.CANNOT_OPEN, Conflict.FILE_MISSING)
        opened = self.record.kind == Kind.PHOTO and self.record.conflict not in cannot
        return self.is_open and opened and bool(self.record.stored_as)

    @property
    def asks_who(self) -> bool:
        """Say whether the planner has to tell who the person is before the photo can be used."""
        return self.is_open and self.record.conflict == Conflict.UNKNOWN_WALK_IN

    @property
    def station_verdict(self) -> str:
        """Return what the laptop said of the picture, or nothing."""
        return str(self.record.header.get("verdict") or "")


@dataclass(frozen=True)
class Other:
    """Another photo of the same need; `record_id` where a laptop sent it for the same time."""

    photo: Photo
    record_id: UUID | None


def waiting(records: QuerySet[StationRecord]) -> QuerySet[StationRecord]:
    """Narrow records to those that wait for a planner, the newest first."""
    conflicts = records.filter(state=StationRecord.State.CONFLICT)
    return conflicts.order_by("-received_at", "pk")


def cases(records: Iterable[StationRecord], handled: Collection[UUID]) -> list[Case]:
    """Return what is known about each record; three queries, however many.

    `handled` are the protected persons this reader may see.
    """
    records = list(records)
    bookings = bookings_of(records)
    captures = Capture.objects.in_bulk([record.pk for record in records])
    return [
        _case(record, bookings.get(record.pk), captures.get(record.pk), handled)
        for record in records
    ]


def people_named(cases: Iterable[Case]) -> list[Staff]:
    """Return the people whom a page of these names."""
    return [case.staff for case in cases if case.staff and not case.hidden]


def differing(case: Case) -> list[Difference]:
    """Return the checks that the laptop and the server answered differently."""
    return differences(case.capture) if case.capture else []


def other_photos(case: Case) -> list[Other]:
    """Return the photos of the same need that another picture became, the latest first."""
    if case.booking is None:
        return []
    photos = Photo.objects.filter(capture__booking__need=case.booking.need_id)
    photos = photos.exclude(capture=case.record.pk).select_related("capture__taken_by")
    found = list(photos.order_by("-accepted_at"))
    same = StationRecord.objects.filter(visit=case.record.visit_id, subject=case.record.subject)
    sent = set(same.values_list("pk", flat=True))
    return [Other(photo, photo.capture_id if photo.capture_id in sent else None) for photo in found]


def compared(records: QuerySet[StationRecord]) -> QuerySet[StationRecord]:
    """Narrow records to the pictures that a planner compares: of persons with a conflict."""
    subjects = waiting(records).order_by().values("subject")
    return records.filter(kind=Kind.PHOTO, subject__in=subjects)


def late_visits(visits: QuerySet[Visit], now: datetime) -> list[Visit]:
    """Return the visits whose laptops hold something a day after, or may do, the oldest first.

    Each with `unsent`, how many records they told of, and `heard_at`, when one told last.
    """
    owing = laptops_that_owe().values("visit")
    late = visits.filter(pk__in=owing, ends_at__lt=now - LATE)
    unsent = Sum("laptops__unsent", filter=Q(laptops__cleaned_at=None))
    counted = late.annotate(unsent=unsent, heard_at=Max("laptops__reported_at"))
    return list(counted.order_by("ends_at", "pk"))


def _case(
    record: StationRecord,
    booking: Booking | None,
    capture: Capture | None,
    handled: Collection[UUID],
) -> Case:
    staff = booking.need.staff if booking else None
    hidden = bool(staff and staff.protected and staff.pk not in handled)
    return Case(record, booking, capture, hidden)
