"""Reads for the pages where the planning is set up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import FETCH_RAISE, QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS

from booking.domain.states import VisitStatus
from booking.domain.workdays import holidays_between
from booking.models import ClosedDay, DaysOff, Kit, OpeningHours, Technician, Visit, WorkHours
from enrolment.people import rules
from enrolment.people.access import Role
from enrolment.people.models import CareUnit, Federation, Membership, User

YEAR = timedelta(days=365)
# Monday to Friday.
WORKDAYS = range(5)

type Clocks = tuple[time, time]


@dataclass(frozen=True)
class Line:
    """Weekdays in a row with the same hours; 0 is Monday."""

    first: int
    last: int
    begins: time
    ends: time

    @property
    def names(self) -> list[str]:
        """Return the first weekday's name, and the last one's where they are several."""
        return [WEEKDAYS[day] for day in sorted({self.first, self.last})]


@dataclass(frozen=True)
class Week:
    """Hours by weekday where somebody has set them, else the usual ones Monday to Friday."""

    hours: Mapping[int, Clocks]
    usual: Clocks

    @property
    def in_force(self) -> Mapping[int, Clocks]:
        """The hours that count, by weekday."""
        return self.hours or dict.fromkeys(WORKDAYS, self.usual)

    def lines(self) -> list[Line]:
        """Return the hours for reading: days in a row with the same hours together."""
        found: list[Line] = []
        for day, (begins, ends) in sorted(self.in_force.items()):
            if found and found[-1] == Line(found[-1].first, day - 1, begins, ends):
                found[-1] = Line(found[-1].first, day, begins, ends)
            else:
                found.append(Line(day, day, begins, ends))
        return found


@dataclass(frozen=True)
class TechnicianRow:
    """A technician with hours, and days off from today on."""

    technician: Technician
    week: Week
    days_off: list[DaysOff]


@dataclass(frozen=True)
class UnitHours:
    """A unit and its opening hours."""

    unit: CareUnit
    week: Week


@dataclass(frozen=True)
class ClosedLine:
    """A day without visits: a holiday (`closed` None), or a closed day somewhere."""

    day: date
    why: str
    closed: ClosedDay | None


@dataclass(frozen=True)
class Stranded:
    """A visit to come that can't be made as it stands: no technician, or its place is closed."""

    visit: Visit
    no_technician: bool


@dataclass(frozen=True)
class Setup:
    """How much of the planning is set up."""

    technicians: int
    without_base: int
    kits: int
    units: int
    units_with_hours: int
    closed_days: int


def setup(federation: Federation, today: date) -> Setup:
    """Count what is set up; six queries."""
    units = CareUnit.objects.filter(municipality__federation=federation)
    return Setup(
        technicians=Technician.objects.filter(federation=federation).count(),
        without_base=users_without_base(federation).count(),
        kits=Kit.objects.filter(federation=federation, in_use=True).count(),
        units=units.count(),
        units_with_hours=units.filter(opening_hours__isnull=False).distinct().count(),
        closed_days=ClosedDay.objects.filter(federation=federation, day__gte=today).count(),
    )


def users_without_base(federation: Federation) -> QuerySet[User]:
    """Return those who hold the technicians' role in the federation and have no base yet."""
    held = Membership.objects.filter(federation=federation, role=Role.TECHNICIAN)
    active = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return active.filter(technician=None).order_by("name", "email")


def technician_rows(federation: Federation, today: date) -> list[TechnicianRow]:
    """Return the federation's technicians by name; five queries."""
    found = Technician.objects.filter(federation=federation).select_related("user")
    technicians = list(found.order_by("user__name", "pk").fetch_mode(FETCH_RAISE))
    return _technician_rows(technicians, federation, today)


def technician_row(technician: Technician, today: date) -> TechnicianRow:
    """Return one technician with hours and days off."""
    return _technician_rows([technician], technician.federation, today)[0]


def kit_list(federation: Federation) -> list[Kit]:
    """Return the federation's kits, those in use first."""
    return list(Kit.objects.filter(federation=federation).order_by("-in_use", "name"))


def unit_hours(units: QuerySet[CareUnit], today: date) -> list[UnitHours]:
    """Return the units with their hours; two queries, and two a municipality."""
    found = list(units.fetch_mode(FETCH_RAISE))
    own: dict[UUID, dict[int, Clocks]] = defaultdict(dict)
    for row in OpeningHours.objects.filter(unit__in=found):
        own[row.unit_id][row.weekday] = (row.opens, row.closes)
    places = {unit.municipality_id: unit.municipality for unit in found}
    usual = {pk: _usual(place, today, "opens", "closes") for pk, place in places.items()}
    return [
        UnitHours(unit, Week(own.get(unit.pk, {}), usual[unit.municipality_id])) for unit in found
    ]


def unit_hours_of(unit: CareUnit, today: date) -> UnitHours:
    """Return one unit with its hours."""
    own = {row.weekday: (row.opens, row.closes) for row in unit.opening_hours.all()}
    return UnitHours(unit, Week(own, _usual(unit, today, "opens", "closes")))


def closed_lines(federation: Federation, today: date) -> list[ClosedLine]:
    """Return the days without visits from today on, holidays for a year, by day; one query."""
    closed = ClosedDay.objects.filter(federation=federation, day__gte=today)
    rows = closed.select_related("municipality", "unit").fetch_mode(FETCH_RAISE)
    lines = [ClosedLine(row.day, row.why, row) for row in rows.order_by("day", "pk")]
    lines += [ClosedLine(day, name, None) for day, name in holidays_between(today, today + YEAR)]
    return sorted(lines, key=lambda line: (line.day, line.closed is not None))


def stranded_visits(federation: Federation, now: datetime) -> list[Stranded]:
    """Return the visits to come whose technician is off, or whose place is closed; three queries.

    By time, with unit, municipality and technician loaded.
    """
    today = timezone.localdate(now)
    away = _days_off(federation, today)
    closed = {
        (row.unit_id or row.municipality_id or row.federation_id, row.day)
        for row in ClosedDay.objects.filter(federation=federation, day__gte=today)
    }
    visits = Visit.objects.filter(unit__municipality__federation=federation, starts_at__gt=now)
    standing = visits.exclude(status=VisitStatus.CANCELLED).order_by("starts_at", "pk")
    related = standing.select_related("unit__municipality", "technician__user")
    found: list[Stranded] = []
    for visit in related.fetch_mode(FETCH_RAISE):
        day = timezone.localdate(visit.starts_at)
        if any(first <= day <= last for first, last in away[visit.technician_id]):
            found.append(Stranded(visit, no_technician=True))
        elif any((place, day) in closed for place in _places(visit.unit)):
            found.append(Stranded(visit, no_technician=False))
    return found


def _places(unit: CareUnit) -> tuple[UUID, UUID, UUID]:
    return unit.pk, unit.municipality_id, unit.municipality.federation_id


def _days_off(federation: Federation, today: date) -> dict[int, list[tuple[date, date]]]:
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for row in DaysOff.objects.filter(technician__federation=federation, last_day__gte=today):
        found[row.technician_id].append((row.first_day, row.last_day))
    return found


def _technician_rows(
    technicians: Iterable[Technician], federation: Federation, today: date
) -> list[TechnicianRow]:
    technicians = list(technicians)
    own: dict[int, dict[int, Clocks]] = defaultdict(dict)
    for hours in WorkHours.objects.filter(technician__in=technicians):
        own[hours.technician_id][hours.weekday] = (hours.starts, hours.ends)
    away: dict[int, list[DaysOff]] = defaultdict(list)
    coming = DaysOff.objects.filter(technician__in=technicians, last_day__gte=today)
    for row in coming.order_by("first_day", "pk"):
        away[row.technician_id].append(row)
    usual = _usual(federation, today, "work_starts", "work_ends")
    return [
        TechnicianRow(each, Week(own.get(each.pk, {}), usual), away[each.pk])
        for each in technicians
    ]


def _usual(place: rules.Place, today: date, begins: str, ends: str) -> Clocks:
    return rules.clock(begins, place, today), rules.clock(ends, place, today)
