"""What laptops sent and told: what waits to be opened, and whether a visit's key is needed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, UUIDField

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Visit, VisitChange
from enrolment.people.models import User
from photos.models import Capture, Laptop, StationKey, StationRecord

# How many are looked at in one go.
AT_ONCE = 100
# How long a record that a planner sees already is left alone between two tries. A house choice.
AGAIN_AFTER = timedelta(hours=1)
# A laptop that isn't left clean may photograph on, also when it has told that it holds nothing: so
# long after a visit's end nobody does. A house choice.
GOES_ON = timedelta(days=1)
State, Kind = StationRecord.State, StationRecord.Kind
Conflict = StationRecord.Conflict
# Conflicts that may pass by themselves: the sealed file is not there, or something went wrong that
# nobody foresaw. Such a record is shown to a planner, and tried again all the same.
TRIED_AGAIN = (Conflict.FILE_MISSING, Conflict.NOT_TAKEN_IN)
# A laptop told nothing since it was made ready, or since its visit ended.
SILENT = (
    Q(reported_at=None) | Q(reported_at__lt=F("prepared_at")) | Q(reported_at__lt=F("ended_at"))
)
BESIDE = (
    "slot",
    "need__staff__unit",
    "visit__unit__municipality__federation",
    "visit__technician__user",
)


def waits(of: StationRecord) -> bool:
    """Say whether a record is still to be opened."""
    may_pass = of.state == State.CONFLICT and of.conflict in TRIED_AGAIN
    return of.state == State.RECEIVED or may_pass


def not_opened(left_behind: timedelta, now: datetime) -> list[UUID]:
    """Return the ids of the records that are to be opened: `left_behind` ago received, or shown to
    a planner but tried again; those that were tried last come last, so that none is in the way."""
    received = Q(state=State.RECEIVED, received_at__lt=now - left_behind)
    shown = Q(state=State.CONFLICT, conflict__in=TRIED_AGAIN, opened_at__lt=now - AGAIN_AFTER)
    in_turn = (F("opened_at").asc(nulls_first=True), "received_at")
    waiting = StationRecord.objects.filter(received | shown).order_by(*in_turn)
    return list(waiting.values_list("pk", flat=True)[:AT_ONCE])


def taken_in_with_bytes(record_id: UUID | None = None) -> list[StationRecord]:
    """Return the records, or the one, whose sealed bytes nobody needs but that still are there."""
    decided = Q(state=State.CONFLICT, is_captured=True) & ~Q(conflict__in=TRIED_AGAIN)
    kept = Q(state__in=(State.TAKEN, State.SETTLED)) | decided
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


def is_key_needed(visit: Visit, now: datetime) -> bool:
    """Say whether something sealed for the visit may still have to be opened."""
    if visit.status == VisitStatus.OPEN:
        return True
    waiting = Q(state=State.RECEIVED) | ~Q(stored_as="")
    return (
        visit.station_records.filter(waiting).exists()
        or laptops_that_owe().filter(visit=visit).exists()
        or (may_go_on(visit, now) and visit.laptops.filter(cleaned_at=None).exists())
    )


def may_go_on(visit: Visit, now: datetime) -> bool:
    """Say whether somebody may still photograph on a laptop that was not left clean."""
    return now < visit.ends_at + GOES_ON


def is_over(visit: Visit, now: datetime) -> bool:
    """Say whether nobody is photographed in the visit any more: it has ended, or was closed."""
    return visit.status != VisitStatus.OPEN or visit.ends_at <= now


def with_silence(laptops: QuerySet[Laptop]) -> QuerySet[Laptop]:
    """Annotate `silent`: true of a laptop that has not told since it was made ready last and since
    the visit ended, since then nobody knows what it holds."""
    ended = VisitChange.objects.filter(visit=OuterRef("visit")).exclude(status=VisitStatus.OPEN)
    told = laptops.annotate(ended_at=Subquery(ended.order_by("pk").values("at")[:1]))
    return told.annotate(silent=SILENT)


def laptops_that_owe() -> QuerySet[Laptop]:
    """Return the laptops that hold something, or may do so as far as anybody knows."""
    counted = with_silence(Laptop.objects.filter(cleaned_at=None))
    return counted.filter(Q(silent=True) | ~Q(unsent=0))


def bookings_of(records: Iterable[StationRecord]) -> dict[UUID, Booking]:
    """Return by record the booking it is about, as it is now; two queries, however many.

    A record of somebody unknown has none. Of somebody who walked in it is known once a planner has
    said who that is. A booking of another visit than the record's is never meant.
    """
    records = list(records)
    named = _named({(record.visit_id, record.subject) for record in records})
    ids = {record.subject for record in records} | set(named.values())
    bookings = Booking.objects.select_related(*BESIDE).in_bulk(ids)
    found = {
        record.pk: bookings.get(named.get((record.visit_id, record.subject), record.subject))
        for record in records
    }
    return {
        record.pk: booking
        for record in records
        if (booking := found[record.pk]) and booking.visit_id == record.visit_id
    }


def booking_of(of: StationRecord) -> Booking | None:
    """Return the booking that a record is about, as `bookings_of`."""
    return bookings_of([of]).get(of.pk)


def _named(asked: set[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], UUID]:
    """Return the booking of the latest picture taken in of each subject of a visit."""
    subjects = {subject for _visit, subject in asked}
    taken = Capture.objects.filter(pk=OuterRef("pk"), booking__visit=OuterRef("visit"))
    sent = StationRecord.objects.filter(subject__in=subjects).annotate(
        booking=Subquery(taken.values("booking"), output_field=UUIDField()),
        taken_in_at=Subquery(taken.values("received_at")),
    )
    known = sent.exclude(booking=None).order_by("taken_in_at")
    rows = known.values_list("visit", "subject", "booking")
    return {(visit, subject): booking for visit, subject, booking in rows}


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
