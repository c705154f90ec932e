"""Reads for the page of a visit's times and staffing: rows, picture, what is too thin."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from booking import queries
from booking.domain.slots import SlotTime
from booking.domain.staffing import (
    LeftOut,
    Person,
    Problem,
    Span,
    Step,
    Ward,
    Why,
    unfit,
    ward_steps,
)
from booking.domain.staffing.chart import Bar, Chart, chart
from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Slot, Visit
from booking.queries.ward import staffing_problem, struck_times

AIR = timedelta(minutes=5)


@dataclass(frozen=True)
class TimeRow:
    """A booked time; `hidden` when the person is not for this reader's eyes.

    `changeable` says that it can be moved or locked by hand, `why` what is wrong with it.
    """

    booking: Booking
    hidden: bool
    changeable: bool
    struck: list[datetime]
    why: Why | None


@dataclass(frozen=True)
class Curve:
    """How many are left, of a title or of all, at one unit."""

    unit: str
    title: str
    steps: list[Step]

    @property
    def short(self) -> list[Step]:
        """Return when fewer are left than must be."""
        return [step for step in self.steps if step.left < step.least]


@dataclass(frozen=True)
class StaffingPage:
    """Everything the page shows."""

    rows: list[TimeRow]
    free: list[Slot]
    curves: list[Curve]
    chart: Chart | None
    rostered: bool

    @property
    def drawn(self) -> list[tuple[Bar, TimeRow]]:
        """Return each slot of the picture with its row."""
        return list(zip(self.chart.bars, self.rows, strict=True)) if self.chart else []

    @property
    def struck(self) -> bool:
        """Whether anybody whom the reader may see has struck out times."""
        return any(row.struck for row in self.rows if not row.hidden)

    @property
    def is_short(self) -> bool:
        """Whether somewhere fewer are left than must be."""
        return any(curve.short for curve in self.curves)


def staffing_page(visit: Visit, handled: Collection[UUID], now: datetime) -> StaffingPage:
    """Return the page's rows, curves and picture; queries are constant in people.

    `handled` are the protected persons this reader may see.
    """
    asked = staffing_problem(visit, now, moving=True)
    kept = visit.bookings.exclude(status=BookingStatus.CANCELLED)
    in_order = kept.select_related("need__staff", "slot").order_by(
        "slot__starts_at", "slot__station"
    )
    bookings = list(in_order)
    rows = _rows(visit, bookings, handled, now, asked)
    standing = _standing(asked)
    curves = [curve for unit in _units(visit) for curve in _curves(visit, standing, *unit)]
    return StaffingPage(
        rows=rows,
        free=list(queries.free_slots(visit, now)),
        curves=curves,
        chart=_chart(visit, standing, bookings, curves) if rows else None,
        rostered=any(ward.rostered for ward in asked.wards),
    )


def _rows(
    visit: Visit,
    bookings: list[Booking],
    handled: Collection[UUID],
    now: datetime,
    asked: Problem,
) -> list[TimeRow]:
    struck, wrong = struck_times(bookings), unfit(asked)
    rows = []
    for booking in bookings:
        person = booking.need.staff
        hidden = person.protected and person.pk not in handled
        still = visit.status == VisitStatus.OPEN and booking.slot.starts_at > now
        changeable = still and not hidden and booking.status == BookingStatus.BOOKED
        why = None if hidden else wrong.get(str(person.pk))
        rows.append(TimeRow(booking, hidden, changeable, struck[booking.pk], why))
    return rows


def _standing(asked: Problem) -> Problem:
    """Return the question with everybody keeping the slot held."""
    return replace(asked, people=tuple(_keeping(person) for person in asked.people))


def _keeping(person: Person) -> Person:
    if person.now is None:
        return person
    held = Span(person.now.starts_at, person.now.ends_at)
    return replace(person, wants=False, now=None, kept=(*person.kept, held))


def _units(visit: Visit) -> Iterator[tuple[str, str]]:
    for unit in (visit.unit, *visit.guest_units.order_by("pk")):
        yield str(unit.pk), unit.name


def _during(visit: Visit, wards: Collection[Ward]) -> Span:
    walking = max(ward.walking for ward in wards) + AIR
    return Span(visit.starts_at - walking, visit.ends_at + walking)


def _curves(visit: Visit, standing: Problem, key: str, unit: str) -> Iterator[Curve]:
    """Give the curve of all at the unit, and one for each title with a minimum."""
    ward = next(ward for ward in standing.wards if ward.key == key)
    during = _during(visit, standing.wards)
    titles = dict.fromkeys(["", *(minimum.title for minimum in ward.minimums)])
    for title in titles:
        yield Curve(unit, title, ward_steps(standing, ward, {}, during, title))


def _chart(visit: Visit, standing: Problem, bookings: list[Booking], curves: list[Curve]) -> Chart:
    wards = {ward.key: ward for ward in standing.wards}
    own = wards[str(visit.unit_id)]
    slots = [
        (str(booking.pk), time, wards.get(str(booking.need.staff.unit_id), own).away(time))
        for booking in bookings
        for time in [Span(booking.slot.starts_at, booking.slot.ends_at)]
    ]
    lines = [(curve.unit, curve.title, curve.steps) for curve in curves]
    return chart(_during(visit, standing.wards), slots, lines)


def moves_of(
    page: StaffingPage, moves: Iterable[tuple[UUID, SlotTime]]
) -> list[tuple[TimeRow, SlotTime]]:
    """Return each move as the row it concerns and the time it leads to."""
    rows = {row.booking.pk: row for row in page.rows}
    return [(rows[pk], to) for pk, to in moves if pk in rows]


def stuck_of(page: StaffingPage, left: Iterable[LeftOut]) -> list[tuple[TimeRow, Why]]:
    """Return each person who can't be placed well as the row, with why."""
    rows = {str(row.booking.need.staff_id): row for row in page.rows}
    return [(rows[one.person], one.why) for one in left if one.person in rows]
