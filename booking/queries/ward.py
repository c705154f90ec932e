"""Reads for staffing: what a ward asks for, who is at work, who wants which time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from booking import queries
from booking.domain.slots import SlotError, SlotTime, cut
from booking.domain.staffing import Minimum, Person, Problem, Span, Ward, open_slots
from booking.domain.states import LIVE, BookingStatus, VisitStatus
from booking.models import Booking, Slot, StruckSlot, Visit, WardMinimum, WardRule
from enrolment.people import rules
from enrolment.people.models import CardNeed, CareUnit, Shift, Staff

# As far as a visit could be made longer: what the answer "so many slots more" looks at.
FURTHER = timedelta(hours=2)


@dataclass(frozen=True)
class WardRules:
    """What applies at a unit on a day; not `own`: most_away and walking are the federation's."""

    most_away: int
    walking_minutes: int
    own: bool
    minimums: list[WardMinimum]


def ward_rules(unit: CareUnit, on: date) -> WardRules:
    """Return the unit's own rule, or the federation's where the unit has none."""
    own = WardRule.objects.filter(unit=unit).first()
    most, walking = (own.most_away, own.walking_minutes) if own else usual_away(unit, on)
    return WardRules(most, walking, own is not None, minimums_of(unit))


def usual_away(unit: CareUnit, on: date) -> tuple[int, int]:
    """Return how many may be away, and the minutes to walk, where the unit has no own rule."""
    return rules.number("most_away", unit, on), rules.number("walking_minutes", unit, on)


def away_rules(units: Iterable[CareUnit], on: date) -> dict[UUID, tuple[int, int]]:
    """Return the most away and the minutes to walk by unit; one query and two a municipality."""
    units = list(units)
    places = {unit.municipality_id: unit for unit in units}
    usual = {pk: usual_away(unit, on) for pk, unit in places.items()}
    rows = WardRule.objects.filter(unit__in=units)
    own = {row.unit_id: (row.most_away, row.walking_minutes) for row in rows}
    return {unit.pk: own.get(unit.pk, usual[unit.municipality_id]) for unit in units}


def minimums_of(unit: CareUnit) -> list[WardMinimum]:
    """Return the minimums of the unit, of all before those of a title."""
    return list(unit.ward_minimums.order_by("title", "starts", "pk"))


def titles_at(unit: CareUnit) -> list[str]:
    """Return the titles of those who work at the unit, most usual first."""
    titles = unit.staff.filter(left_on=None).exclude(title="").values_list("title", flat=True)
    count: dict[str, int] = defaultdict(int)
    for title in titles:
        count[title] += 1
    return sorted(count, key=lambda title: (-count[title], title))


def staffing_problem(
    visit: Visit, now: datetime, joining: Sequence[CardNeed] = (), *, moving: bool = False
) -> Problem:
    """Return the question of who in the visit goes when, as the rows stand.

    `joining` are needs without a time that want one. With `moving` those booked want one too and
    may be moved, unless their time is locked or has begun; else they keep what they have. A
    person's key is the id of the member of staff.
    """
    rows = _Rows(visit, now, moving)
    wanting = [need.staff_id for need in joining] + [b.need.staff_id for b in rows.movable]
    people = sorted(rows.staff, key=lambda p: (_place(wanting, p.pk), str(p.pk)))
    held = [SlotTime(b.slot.starts_at, b.slot.ends_at, b.slot.station) for b in rows.movable]
    free = [_time(slot) for slot in queries.free_slots(visit, now)]
    return Problem(
        wards=tuple(_ward(unit, rows) for unit in rows.units),
        people=tuple(_person(rows, one, wants=one.pk in wanting) for one in people),
        slots=tuple(sorted([*free, *held])),
        further=_further(visit),
    )


def movable_bookings(visit: Visit, now: datetime) -> list[Booking]:
    """Return the bookings that may get another time, with person and slot, by time.

    A protected person is told by a handler alone, so the house moves none.
    """
    booked = queries.live_bookings(visit).filter(status=BookingStatus.BOOKED, locked=False)
    return list(booked.filter(slot__starts_at__gt=now, need__staff__protected=False))


def fitting_slots(visit: Visit, need: CardNeed, now: datetime) -> list[Slot]:
    """Return the free slots of the visit that the person can go to from a staffed ward, by time.

    One kept for the person is among them; the slot held and struck out times are not.
    """
    problem = staffing_problem(visit, now)
    person = next((p for p in problem.people if p.key == str(need.staff_id)), None)
    if person is None:
        return []
    held = visit.bookings.filter(need=need, status__in=LIVE).select_related("slot").first()
    own = Span(held.slot.starts_at, held.slot.ends_at) if held else None
    asking = replace(
        person,
        wants=True,
        kept=tuple(span for span in person.kept if span != own),
        struck=frozenset(struck_times([held])[held.pk]) if held else frozenset(),
    )
    free = list(queries.free_slots(visit, now, need))
    people = tuple(asking if p is person else p for p in problem.people)
    asked = replace(problem, people=people, slots=tuple(_time(slot) for slot in free))
    times = set(open_slots(asked))
    return [slot for slot in free if _time(slot) in times]


def visits_to_share(now: datetime) -> list[Visit]:
    """Return the open visits whose times have not been shared out since the cut-off."""
    before = Q(assigned_at=None) | Q(assigned_at__lt=F("strike_until"))
    past = Visit.objects.filter(before, strike_until__lte=now, starts_at__gt=now)
    return list(past.filter(status=VisitStatus.OPEN).order_by("starts_at"))


def struck_times(bookings: Iterable[Booking]) -> dict[UUID, list[datetime]]:
    """Return which starts each booked person has struck out, by booking."""
    struck: dict[UUID, list[datetime]] = defaultdict(list)
    rows = StruckSlot.objects.filter(booking__in=[booking.pk for booking in bookings])
    for booking_id, start in rows.values_list("booking", "slot__starts_at").order_by("slot"):
        if start not in struck[booking_id]:
            struck[booking_id].append(start)
    return struck


class _Rows:
    """The rows that a visit's question is made of; queries are constant in people."""

    def __init__(self, visit: Visit, now: datetime, moving: bool) -> None:
        self.visit = visit
        self.day = timezone.localdate(visit.starts_at)
        self.units = [visit.unit, *visit.guest_units.select_related("municipality").order_by("pk")]
        self.movable = movable_bookings(visit, now) if moving else []
        self.window = Span(_midnight(self.day), _midnight(self.day + timedelta(days=1)))
        here = Staff.objects.filter(unit__in=self.units, left_on=None)
        self.staff = list(here.only("pk", "unit_id", "title"))
        self.shifts, self.busy, self.rostered = self._shifts()
        self.kept = self._kept()
        self.now = {b.need.staff_id: _time(b.slot) for b in self.movable}
        struck = struck_times(self.movable)
        self.struck = {b.need.staff_id: frozenset(struck[b.pk]) for b in self.movable}

    def _shifts(
        self,
    ) -> tuple[Mapping[UUID, list[Span]], Mapping[UUID, list[Span]], Collection[UUID]]:
        """Return the shifts and busy times that touch the day, and the units with a roster."""
        shifts: dict[UUID, list[Span]] = defaultdict(list)
        busy: dict[UUID, list[Span]] = defaultdict(list)
        rostered = set()
        touching = Shift.objects.filter(
            staff__unit__in=self.units,
            starts_at__lt=self.window.ends_at,
            ends_at__gt=self.window.starts_at,
        )
        columns = ("staff", "staff__unit", "kind", "starts_at", "ends_at")
        for staff_id, unit_id, kind, first, last in touching.values_list(*columns).order_by("pk"):
            (busy if kind == Shift.Kind.BUSY else shifts)[staff_id].append(Span(first, last))
            if kind == Shift.Kind.WORK and first >= self.window.starts_at:
                rostered.add(unit_id)
        return shifts, busy, rostered

    def _kept(self) -> Mapping[UUID, list[Span]]:
        """Return the slots that stay, of this visit and of others on the day."""
        kept = defaultdict(list)
        movable = {booking.pk for booking in self.movable}
        held = Booking.objects.exclude(status=BookingStatus.CANCELLED).filter(
            need__staff__unit__in=self.units,
            slot__starts_at__gte=self.window.starts_at,
            slot__starts_at__lt=self.window.ends_at,
        )
        columns = ("pk", "need__staff", "slot__starts_at", "slot__ends_at")
        for pk, staff_id, first, last in held.values_list(*columns).order_by("slot", "pk"):
            if pk not in movable:
                kept[staff_id].append(Span(first, last))
        return kept


def _ward(unit: CareUnit, rows: _Rows) -> Ward:
    told = ward_rules(unit, rows.day)
    return Ward(
        key=str(unit.pk),
        rostered=unit.pk in rows.rostered,
        walking=timedelta(minutes=told.walking_minutes),
        most_away=told.most_away,
        minimums=tuple(
            Minimum(m.title, m.least, Span(_at(rows.day, m.starts), _at(rows.day, m.ends)))
            for m in told.minimums
        ),
    )


def _person(rows: _Rows, staff: Staff, *, wants: bool) -> Person:
    return Person(
        key=str(staff.pk),
        ward=str(staff.unit_id),
        title=staff.title,
        shifts=tuple(rows.shifts.get(staff.pk, ())),
        busy=tuple(rows.busy.get(staff.pk, ())),
        kept=tuple(rows.kept.get(staff.pk, ())),
        wants=wants,
        now=rows.now.get(staff.pk),
        struck=rows.struck.get(staff.pk, frozenset()),
    )


def _further(visit: Visit) -> tuple[SlotTime, ...]:
    """Return the slots that a longer visit would have, nearest first; none past midnight."""
    try:
        times = cut(visit.starts_at, visit.ends_at + FURTHER, visit.slot_minutes, visit.stations)
    except SlotError:
        return ()
    return tuple(time for time in times if time.ends_at > visit.ends_at)


def _time(slot: Slot) -> SlotTime:
    return SlotTime(slot.starts_at, slot.ends_at, slot.station)


def _place(order: Sequence[UUID], key: UUID) -> int:
    return order.index(key) if key in order else len(order)


def _midnight(day: date) -> datetime:
    return _at(day, time.min)


def _at(day: date, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
