"""Reads for planning: when technicians work, when units take visits, which kits are free."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from django.db.models import FETCH_RAISE, Q
from django.utils import timezone

from booking.domain.states import VisitStatus
from booking.domain.workdays import days, holiday_name, instant, is_weekend
from booking.models import ClosedDay, DaysOff, Kit, OpeningHours, Technician, Visit, WorkHours
from booking.queries import overlapping_visits
from enrolment.people import rules
from enrolment.people.models import CardNeed, CareUnit, Federation, Municipality, Rule

type Clocks = tuple[time, time]
WORKING_DAY = ("work_starts", "work_ends")
OPENING_DAY = ("opens", "closes")


@dataclass(frozen=True, slots=True)
class WorkDay:
    """A day on which a technician works: instants in UTC."""

    technician: Technician
    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """When a unit takes visits on one day: instants in UTC."""

    day: date
    opens_at: datetime
    closes_at: datetime


def work_days(technicians: Iterable[Technician], first: date, last: date) -> list[WorkDay]:
    """Return the days the technicians work, by day; queries are constant in technicians.

    No holidays, no day closed in the whole federation, no days off. A technician without work hours
    of his or her own works Monday to Friday as the federation's rules say.
    """
    technicians = list(technicians)
    free = _days_off(technicians, first, last)
    found: list[WorkDay] = []
    for federation in _federations(technicians):
        colleagues = [each for each in technicians if each.federation_id == federation.pk]
        closed = _closed_days(federation.pk, first, last)[federation.pk]
        usual = _clocks(WORKING_DAY, federation, first, last)
        own = _own_work_hours(colleagues)
        for day in _open_days(first, last, closed):
            for technician in colleagues:
                hours = _hours_on(day, own.get(technician.pk), usual)
                if hours and day not in free[technician.pk]:
                    found.append(WorkDay(technician, day, *_instants(day, hours)))
    return sorted(found, key=lambda each: (each.day, each.technician.pk))


def open_windows(unit: CareUnit, first: date, last: date) -> list[OpenWindow]:
    """Return when the unit takes visits, by day; see `open_windows_of`."""
    return open_windows_of([unit], first, last)[unit.pk]


def open_windows_of(
    units: Iterable[CareUnit], first: date, last: date
) -> dict[UUID, list[OpenWindow]]:
    """Return for each unit's id when it takes visits; queries are constant in units.

    No holidays, no closed days of federation, municipality or unit. A unit without hours of its own
    is open Monday to Friday as the rules of its place say. Units come with municipality and
    federation loaded.
    """
    units = list(units)
    own = _own_opening_hours(units)
    usual = _usual_opening(units, first, last)
    closed = _closed_days_of_units(units, first, last)
    return {
        unit.pk: [
            OpenWindow(day, *_instants(day, hours))
            for day in _open_days(first, last, closed[unit.pk])
            if (hours := _hours_on(day, own.get(unit.pk), usual[unit.municipality_id]))
        ]
        for unit in units
    }


def standing_visits(technicians: Iterable[Technician], first: date, last: date) -> list[Visit]:
    """Return the technicians' visits in those days that are not cancelled, by time; two queries.

    Unit with municipality and federation, technician, kit and guest units are loaded.
    """
    after = instant(first, time.min)
    before = instant(last + timedelta(days=1), time.min)
    visits = Visit.objects.filter(
        technician__in=list(technicians), starts_at__gte=after, starts_at__lt=before
    ).exclude(status=VisitStatus.CANCELLED)
    related = visits.select_related("unit__municipality__federation", "technician__user", "kit")
    loaded = related.prefetch_related("guest_units").fetch_mode(FETCH_RAISE)
    return list(loaded.order_by("starts_at", "pk"))


def kits(federation: Federation, kind: str) -> list[Kit]:
    """Return the kits in use that serve this kind of visit, by name."""
    in_use = Kit.objects.filter(federation=federation, in_use=True).order_by("name")
    return [kit for kit in in_use if kind in kit.kinds]


def free_kit(
    federation: Federation, kind: str, starts_at: datetime, ends_at: datetime
) -> Kit | None:
    """Return a kit that no visit in the window has, or None; two queries.

    None too where the federation has registered no kit: `kits` tells that apart.
    """
    standing = overlapping_visits(starts_at, ends_at)
    taken = set(standing.exclude(kit=None).values_list("kit", flat=True))
    return next((kit for kit in kits(federation, kind) if kit.pk not in taken), None)


def deadline(need: CardNeed) -> date:
    """Return the last day to photograph for the need; see `deadlines`."""
    return deadlines([need])[need.pk]


def deadlines(needs: Iterable[CardNeed]) -> dict[UUID, date]:
    """Return for each need's id its due day less production and post, never before today.

    Needs come with staff, unit, municipality and federation loaded; one query a municipality.
    """
    today = timezone.localdate()
    needs = list(needs)
    places = {need.staff.unit.municipality_id: need.staff.unit for need in needs}
    lengths = {pk: rules.number("production_days", unit, today) for pk, unit in places.items()}
    return {
        need.pk: max(today, need.due_on - timedelta(days=lengths[need.staff.unit.municipality_id]))
        for need in needs
    }


def _federations(technicians: Sequence[Technician]) -> list[Federation]:
    wanted = {technician.federation_id for technician in technicians}
    return list(Federation.objects.filter(pk__in=wanted).order_by("pk"))


def _open_days(first: date, last: date, closed: Collection[date]) -> Iterator[date]:
    return (day for day in days(first, last) if not holiday_name(day) and day not in closed)


def _hours_on(
    day: date, own: Mapping[int, Clocks] | None, usual: Mapping[date, Clocks]
) -> Clocks | None:
    """Return the day's hours: one's own where there are any, else the usual on a weekday."""
    if own is not None:
        return own.get(day.weekday())
    hours = usual[day]
    return None if is_weekend(day) or hours[0] >= hours[1] else hours


def _instants(day: date, hours: Clocks) -> tuple[datetime, datetime]:
    return instant(day, hours[0]), instant(day, hours[1])


def _own_work_hours(technicians: Sequence[Technician]) -> dict[int, dict[int, Clocks]]:
    found: dict[int, dict[int, Clocks]] = defaultdict(dict)
    for row in WorkHours.objects.filter(technician__in=technicians):
        found[row.technician_id][row.weekday] = (row.starts, row.ends)
    return found


def _own_opening_hours(units: Sequence[CareUnit]) -> dict[UUID, dict[int, Clocks]]:
    found: dict[UUID, dict[int, Clocks]] = defaultdict(dict)
    for row in OpeningHours.objects.filter(unit__in=units):
        found[row.unit_id][row.weekday] = (row.opens, row.closes)
    return found


def _days_off(technicians: Sequence[Technician], first: date, last: date) -> dict[int, set[date]]:
    found: dict[int, set[date]] = defaultdict(set)
    rows = DaysOff.objects.filter(
        technician__in=technicians, first_day__lte=last, last_day__gte=first
    )
    for row in rows:
        found[row.technician_id] |= set(days(max(first, row.first_day), min(last, row.last_day)))
    return found


def _closed_days(
    federation_id: UUID, first: date, last: date, scope: Q | None = None
) -> dict[UUID, set[date]]:
    """Return the closed days by the id of the federation, municipality or unit they are for."""
    found: dict[UUID, set[date]] = defaultdict(set)
    whole = Q(municipality=None, unit=None)
    within = whole | scope if scope else whole
    for row in ClosedDay.objects.filter(
        within, federation=federation_id, day__gte=first, day__lte=last
    ):
        found[row.unit_id or row.municipality_id or row.federation_id].add(row.day)
    return found


def _closed_days_of_units(
    units: Sequence[CareUnit], first: date, last: date
) -> dict[UUID, set[date]]:
    scope = Q(unit__in=units) | Q(municipality__in={unit.municipality_id for unit in units})
    closed: dict[UUID, set[date]] = defaultdict(set)
    for federation_id in {unit.municipality.federation_id for unit in units}:
        closed |= _closed_days(federation_id, first, last, scope)
    return {
        unit.pk: closed[unit.pk]
        | closed[unit.municipality_id]
        | closed[unit.municipality.federation_id]
        for unit in units
    }


def _usual_opening(
    units: Sequence[CareUnit], first: date, last: date
) -> dict[UUID, dict[date, Clocks]]:
    places = {unit.municipality_id: unit.municipality for unit in units}
    return {pk: _clocks(OPENING_DAY, place, first, last) for pk, place in places.items()}


def _clocks(
    keys: tuple[str, str], place: Federation | Municipality, first: date, last: date
) -> dict[date, Clocks]:
    """Return two rules that are times of day for each day: asked once where no rule changes."""
    found: dict[date, Clocks] = {}
    for begins, ends in pairwise(_changes(keys, place, first, last)):
        hours = (rules.clock(keys[0], place, begins), rules.clock(keys[1], place, begins))
        found |= dict.fromkeys(days(begins, ends - timedelta(days=1)), hours)
    return found


def _changes(
    keys: tuple[str, str], place: Federation | Municipality, first: date, last: date
) -> list[date]:
    """Return the first day, each day from which other rules may be in force, and the day after."""
    is_federation = isinstance(place, Federation)
    federation_id = place.pk if isinstance(place, Federation) else place.federation_id
    here = Q(municipality=None) if is_federation else Q(municipality=None) | Q(municipality=place)
    rows = Rule.objects.filter(here, key__in=keys, federation=federation_id)
    marks = {first, last + timedelta(days=1)}
    for begins, ends in rows.values_list("valid_from", "valid_until"):
        turns = [begins, *([ends + timedelta(days=1)] if ends else [])]
        marks |= {turn for turn in turns if first < turn <= last}
    return sorted(marks)
