"""Reads: visits and how full they are, slots and who has them, who can be booked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import FETCH_RAISE, Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from booking.domain.states import LIVE, BookingStatus, VisitKind, VisitStatus
from booking.models import Booking, Slot, Technician, Visit
from enrolment.people import rules
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, CareUnit
from enrolment.people.queries.needs import WITHOUT_TIME

PAST_SHOWN = 20
BEFORE_CHECK_IN = frozenset({BookingStatus.BOOKED, BookingStatus.NO_SHOW})

# Where the second visit is next; it may be booked from the photo's booking on.
CARD_ARRIVED = frozenset({Stage.DELIVERED, Stage.ACKNOWLEDGED})


@dataclass(frozen=True)
class VisitLists:
    """Visits of today, later ones (nearest first) and the latest past ones (last first)."""

    today: list[Visit]
    coming: list[Visit]
    past: list[Visit]

    def __bool__(self) -> bool:
        return bool(self.today or self.coming or self.past)


@dataclass(frozen=True)
class SlotRow:
    """A slot and who has it; `hidden` when the person is not for this reader's eyes."""

    slot: Slot
    booking: Booking | None
    hidden: bool
    now: datetime

    @property
    def free(self) -> bool:
        """Whether somebody may still be booked in it."""
        return self.booking is None and self.slot.ends_at > self.now

    @property
    def cancellable(self) -> bool:
        """Whether the person may still give the slot back."""
        return self.booking is not None and self.booking.status in LIVE

    @property
    def checkable(self) -> bool:
        """Whether the person may be checked in, even late."""
        return self.booking is not None and self.booking.status in BEFORE_CHECK_IN

    @property
    def absent(self) -> bool:
        """Whether the person should be here by now and is not checked in."""
        booked = self.booking is not None and self.booking.status == BookingStatus.BOOKED
        return booked and self.slot.starts_at <= self.now


def visit_lists(visits: QuerySet[Visit], now: datetime) -> VisitLists:
    """Sort visits by day, each with its `slot_count` and how many are `taken`; three queries."""
    today = timezone.localdate(now)
    midnight, tomorrow = _midnight(today), _midnight(today + timedelta(days=1))
    counted = _with_counts(visits).fetch_mode(FETCH_RAISE)
    on_or_after = counted.filter(starts_at__gte=midnight).order_by("starts_at")
    return VisitLists(
        today=list(on_or_after.filter(starts_at__lt=tomorrow)),
        coming=list(on_or_after.filter(starts_at__gte=tomorrow)),
        past=list(counted.filter(starts_at__lt=midnight).order_by("-starts_at")[:PAST_SHOWN]),
    )


def slot_rows(visit: Visit, handled: Collection[UUID], now: datetime) -> list[SlotRow]:
    """Return the visit's slots in order, with booking, need and person loaded; two queries.

    `handled` are the protected persons this reader may see.
    """
    taken = {booking.slot_id: booking for booking in _kept_bookings(visit)}
    return [
        _slot_row(slot, taken.get(slot.pk), handled, now)
        for slot in visit.slots.order_by("starts_at", "station")
    ]


def slot_row(slot: Slot, handled: Collection[UUID], now: datetime) -> SlotRow:
    """Return one slot with booking, need and person."""
    booking = _kept_bookings(slot.visit).filter(slot=slot).first()
    return _slot_row(slot, booking, handled, now)


def free_slots(visit: Visit, now: datetime) -> QuerySet[Slot]:
    """Return the slots nobody has and that are not over, earliest first."""
    return untaken_slots().filter(visit=visit, ends_at__gt=now).order_by("starts_at", "station")


def untaken_slots() -> QuerySet[Slot]:
    """Return the slots nobody has, of whatever visit."""
    kept = Booking.objects.filter(slot=OuterRef("pk")).exclude(status=BookingStatus.CANCELLED)
    return Slot.objects.filter(~Exists(kept))


def is_taken(slot: Slot) -> bool:
    """Say whether somebody has the slot."""
    return slot.bookings.exclude(status=BookingStatus.CANCELLED).exists()


def has_live_booking(need: CardNeed, kind: str) -> bool:
    """Say whether the person is booked or checked in for this kind of visit."""
    return need.bookings.filter(kind=kind, status__in=LIVE).exists()


def live_bookings(visit: Visit) -> QuerySet[Booking]:
    """Return the visit's bookings that still hold somebody, with person and slot."""
    live = visit.bookings.filter(status__in=LIVE)
    return live.select_related("need__staff", "slot").order_by("slot__starts_at", "slot__station")


def ended_bookings() -> list[Booking]:
    """Return the live bookings, of every federation, whose need has lapsed: nobody will come."""
    ended = Booking.objects.filter(status__in=LIVE, need__stage=Stage.LAPSED)
    return list(ended.order_by("created_at")[:100])


def open_needs(needs: QuerySet[CardNeed], unit: CareUnit) -> QuerySet[CardNeed]:
    """Narrow `needs` to the open ones of people who work at the unit, due first on top."""
    here = needs.filter(open=True, staff__unit=unit, staff__left_on=None)
    return here.order_by("due_on", "staff__sort_key", "pk")


def bookable_needs(needs: QuerySet[CardNeed], kind: str) -> QuerySet[CardNeed]:
    """Narrow `open_needs` to those a visit of this kind could take."""
    live = Booking.objects.filter(need=OuterRef("pk"), kind=kind, status__in=LIVE)
    before_photo = Q(stage__in=WITHOUT_TIME)
    fitting = before_photo if kind == VisitKind.PHOTO else ~before_photo
    return needs.filter(fitting, ~Exists(live))


def takes(kind: str, need: CardNeed) -> bool:
    """Say whether the need stands where a visit of this kind helps, as `bookable_needs` does."""
    return need.open and (need.stage in WITHOUT_TIME) == (kind == VisitKind.PHOTO)


def unit_to_visit(needs: QuerySet[CardNeed], units: QuerySet[CareUnit]) -> CareUnit | None:
    """Return the unit of the most urgent need without a time, else the first of the units."""
    waiting = needs.filter(open=True, stage__in=WITHOUT_TIME, staff__left_on=None)
    first = waiting.order_by("due_on", "staff__unit__sort_key", "pk").first()
    return first.staff.unit if first else units.first()


def due_needs(needs: Iterable[CardNeed], kind: str, due_until: date) -> list[CardNeed]:
    """Return those that the next visit should take.

    Never a protected person: the handler books by hand.
    """
    return [need for need in needs if _is_due(need, kind, due_until)]


def horizon(unit: CareUnit, today: date) -> date:
    """Return the last due day that the next visit should take care of."""
    return today + timedelta(days=rules.number("renewal_days", unit, today))


def slot_minutes(kind: str, unit: CareUnit, on: date) -> int:
    """Return how long one person takes at the unit on the day."""
    return rules.number(f"{kind}_slot_minutes", unit, on)


def overlapping_visits(starts_at: datetime, ends_at: datetime) -> QuerySet[Visit]:
    """Return the visits, not cancelled, that share time with the window."""
    overlapping = Visit.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    return overlapping.exclude(status=VisitStatus.CANCELLED)


def free_technicians(
    technicians: QuerySet[Technician], starts_at: datetime, ends_at: datetime
) -> QuerySet[Technician]:
    """Narrow `technicians` to those with no visit in the window."""
    busy = overlapping_visits(starts_at, ends_at).filter(technician=OuterRef("pk"))
    return technicians.filter(~Exists(busy))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _with_counts(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    slots = Slot.objects.filter(visit=OuterRef("pk"))
    kept = Booking.objects.filter(visit=OuterRef("pk")).exclude(status=BookingStatus.CANCELLED)
    return visits.annotate(slot_count=_count(slots), taken=_count(kept))


def _count(rows: QuerySet[Slot] | QuerySet[Booking]) -> Coalesce:
    per_visit = rows.order_by().values("visit").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(per_visit), 0)


def _kept_bookings(visit: Visit) -> QuerySet[Booking]:
    kept = visit.bookings.exclude(status=BookingStatus.CANCELLED)
    return kept.select_related("need__staff").fetch_mode(FETCH_RAISE)


def _slot_row(
    slot: Slot, booking: Booking | None, handled: Collection[UUID], now: datetime
) -> SlotRow:
    person = booking.need.staff if booking else None
    hidden = person is not None and person.protected and person.pk not in handled
    return SlotRow(slot, booking, hidden, now)


def _is_due(need: CardNeed, kind: str, due_until: date) -> bool:
    if need.staff.protected:
        return False
    if kind == VisitKind.PHOTO:
        return need.due_on <= due_until
    return need.stage in CARD_ARRIVED
