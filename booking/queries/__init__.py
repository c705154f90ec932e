"""Reads: visits and how full they are, slots and who has them, who can be booked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import FETCH_RAISE, Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from booking.domain.states import LIVE, BookingStatus, VisitKind, VisitStatus, WaitStatus
from booking.models import Booking, BookingChange, Kit, Slot, Technician, Visit, Waiting
from enrolment.people import rules
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, CareUnit, Federation, Staff, User
from enrolment.people.queries.needs import WITHOUT_TIME

PAST_SHOWN = 20
BEFORE_CHECK_IN = frozenset({BookingStatus.BOOKED, BookingStatus.NO_SHOW})

# What the history of a booking says that was made for somebody who came without a time.
WALK_IN = "walk_in"

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
    """A slot and who has it; `hidden` when the person is not for this reader's eyes.

    `offered`: it is kept for somebody on the waiting list.
    """

    slot: Slot
    booking: Booking | None
    hidden: bool
    now: datetime
    offered: bool = False

    @property
    def free(self) -> bool:
        """Whether somebody may still be booked in it."""
        return self.booking is None and not self.offered and self.slot.ends_at > self.now

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


def slot_rows(
    visit: Visit,
    handled: Collection[UUID],
    now: datetime,
    units: Collection[UUID] | None = None,
) -> list[SlotRow]:
    """Return the visit's slots in order, with booking, need and person loaded; two queries.

    `handled` are the protected persons this reader may see, `units` those whose people are named:
    None for all.
    """
    taken = {booking.slot_id: booking for booking in _kept_bookings(visit)}
    slots = visit.slots.annotate(offered=Exists(_offers())).order_by("starts_at", "station")
    rows = ((slot, _slot_row(slot, taken.get(slot.pk), handled, now, units)) for slot in slots)
    return [replace(row, offered=slot.offered) for slot, row in rows]


def slot_row(
    slot: Slot,
    handled: Collection[UUID],
    now: datetime,
    units: Collection[UUID] | None = None,
) -> SlotRow:
    """Return one slot with booking, need and person, as `slot_rows` does."""
    booking = _kept_bookings(slot.visit).filter(slot=slot).first()
    row = _slot_row(slot, booking, handled, now, units)
    return replace(row, offered=slot.offers.filter(status=WaitStatus.OFFERED).exists())


def free_slots(visit: Visit, now: datetime, need: CardNeed | None = None) -> QuerySet[Slot]:
    """Return the slots nobody has and that are not over, earliest first.

    One that is kept for the person of `need` is among them.
    """
    free = untaken_slots(need).filter(visit=visit, ends_at__gt=now)
    return free.order_by("starts_at", "station")


def untaken_slots(need: CardNeed | None = None) -> QuerySet[Slot]:
    """Return the slots nobody has and that are kept for nobody else, of whatever visit."""
    kept = Booking.objects.filter(slot=OuterRef("pk")).exclude(status=BookingStatus.CANCELLED)
    return Slot.objects.filter(~Exists(kept), ~Exists(_offers().exclude(need=need)))


def visits_with_room(
    visits: QuerySet[Visit], unit: CareUnit, kind: str, now: datetime
) -> list[Visit]:
    """Return the standing visits of this kind to the unit that have a time ahead for somebody more.

    Soonest first, each with how many are `free`; one query.
    """
    free = untaken_slots().filter(visit=OuterRef("pk"), starts_at__gt=now)
    here = Q(unit=unit) | Q(pk__in=unit.shared_visits.values("pk"))
    standing = visits.filter(here, kind=kind, status=VisitStatus.OPEN, ends_at__gt=now)
    return list(standing.annotate(free=_count(free)).filter(free__gt=0).order_by("starts_at"))


def is_taken(slot: Slot, need: CardNeed | None = None) -> bool:
    """Say whether somebody has the slot, or it is kept for somebody else than `need`'s person."""
    if slot.bookings.exclude(status=BookingStatus.CANCELLED).exists():
        return True
    return slot.offers.filter(status=WaitStatus.OFFERED).exclude(need=need).exists()


def works_at(visit: Visit, staff: Staff) -> bool:
    """Say whether the person works at the unit of the visit, or at one that shares it."""
    if staff.unit_id == visit.unit_id:
        return True
    return visit.guest_units.filter(pk=staff.unit_id).exists()


def live_booking(need: CardNeed, kind: str) -> Booking | None:
    """Return the one for which the person is booked or checked in, for this kind of visit."""
    return need.bookings.filter(kind=kind, status__in=LIVE).first()


def live_bookings(visit: Visit) -> QuerySet[Booking]:
    """Return the visit's bookings that still hold somebody, with person and slot."""
    live = visit.bookings.filter(status__in=LIVE)
    return live.select_related("need__staff", "slot").order_by("slot__starts_at", "slot__station")


def ended_bookings() -> list[Booking]:
    """Return the live bookings, of every federation, whose need has lapsed: nobody will come."""
    ended = Booking.objects.filter(status__in=LIVE, need__stage=Stage.LAPSED)
    return list(ended.order_by("created_at")[:100])


def open_needs(needs: QuerySet[CardNeed], *units: CareUnit) -> QuerySet[CardNeed]:
    """Narrow `needs` to the open ones of people who work at the units, due first on top."""
    here = needs.filter(open=True, staff__unit__in=units, staff__left_on=None)
    return here.order_by("due_on", "staff__sort_key", "pk")


def units_of(visit: Visit) -> list[CareUnit]:
    """Return the units whose people may be booked in the visit: its own first, then guests."""
    return [visit.unit, *visit.guest_units.order_by("sort_key", "pk")]


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


def kind_to_visit(needs: QuerySet[CardNeed]) -> VisitKind:
    """Return the kind of visit that somebody waits for: photos go before activation."""
    arrived = bookable_needs(needs, VisitKind.ACTIVATION).filter(stage__in=CARD_ARRIVED)
    photos_first = bookable_needs(needs, VisitKind.PHOTO).exists() or not arrived.exists()
    return VisitKind.PHOTO if photos_first else VisitKind.ACTIVATION


def made_with(user: User, form_key: UUID) -> Visit | None:
    """Return the visit that the user has made with this one-time form key."""
    return Visit.objects.filter(form_key=form_key, booked_by=user).first()


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


def around(unit: CareUnit, on: date) -> tuple[timedelta, timedelta]:
    """Return how long the technician sets up before a visit to the unit, and packs after it."""
    setup, packing = (rules.number(key, unit, on) for key in ("setup_minutes", "packing_minutes"))
    return timedelta(minutes=setup), timedelta(minutes=packing)


def keeps_kits(federation: Federation) -> bool:
    """Say whether the federation keeps a list of its kits."""
    return Kit.objects.filter(federation=federation).exists()


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


def _offers() -> QuerySet[Waiting]:
    """Return the open offers of the slot that an outer query is at."""
    return Waiting.objects.filter(slot=OuterRef("pk"), status=WaitStatus.OFFERED)


def _kept_bookings(visit: Visit) -> QuerySet[Booking]:
    """Return who has the visit's slots; `dropped_in` for those who came without a time."""
    kept = visit.bookings.exclude(status=BookingStatus.CANCELLED)
    dropped_in = BookingChange.objects.filter(booking=OuterRef("pk"), why=WALK_IN)
    marked = kept.annotate(dropped_in=Exists(dropped_in))
    return marked.select_related("need__staff").fetch_mode(FETCH_RAISE)


def _slot_row(
    slot: Slot,
    booking: Booking | None,
    handled: Collection[UUID],
    now: datetime,
    units: Collection[UUID] | None,
) -> SlotRow:
    person = booking.need.staff if booking else None
    named = person is None or units is None or person.unit_id in units
    hidden = person is not None and person.protected and person.pk not in handled
    return SlotRow(slot, booking, hidden or not named, now)


def _is_due(need: CardNeed, kind: str, due_until: date) -> bool:
    if need.staff.protected:
        return False
    if kind == VisitKind.PHOTO:
        return need.due_on <= due_until
    return need.stage in CARD_ARRIVED
