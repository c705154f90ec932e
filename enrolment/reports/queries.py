"""What paper says of a visit and of a technician's day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise

from django.db.models import FETCH_RAISE, QuerySet
from django.utils import timezone

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Technician, Visit
from booking.queries import around
from booking.queries.travel import matrix, place_of_base, place_of_unit
from enrolment.people import rules
from enrolment.reports.domain.lunch import lunch_at


@dataclass(frozen=True)
class Stop:
    """One visit of the day, its bookings in the order of their times, and its free times.

    `set_up_at` is when the technician must be there, `packed_at` when all is packed, `leave_at`
    when the one before must be left; None where the way there is not told.
    """

    visit: Visit
    bookings: Sequence[Booking]
    free: int
    set_up_at: datetime
    packed_at: datetime
    leave_at: datetime | None = None


@dataclass(frozen=True)
class Way:
    """A drive, with the names of its ends, in whole minutes and kilometres."""

    origin: str
    destination: str
    minutes: int
    km: int


@dataclass(frozen=True)
class Day:
    """What a technician does on the local day of a visit, in the order of the times.

    `ways` lead from the base to each stop in turn and home again; none where some visit of the day
    may not be seen. `lunch_at` is the first time for lunch, if there is any.
    """

    visit: Visit
    stops: Sequence[Stop]
    ways: Sequence[Way] = ()
    lunch_at: datetime | None = None


def day_of(visit: Visit, seen: QuerySet[Visit] | None = None) -> Day:
    """Return the day of a visit: all the visits of its technician, or those that may be seen."""
    start = _at(visit, time.min)
    held = Visit.objects.exclude(status=VisitStatus.CANCELLED).filter(
        technician=visit.technician_id,
        starts_at__gte=start,
        starts_at__lt=start + timedelta(days=1),
    )
    shown = held if seen is None else seen.filter(pk__in=held)
    related = shown.select_related("unit__municipality__federation", "kit")
    stops = [stop_of(each) for each in related.order_by("starts_at", "pk")]
    if not stops or len(stops) < held.count():
        return Day(visit, stops)
    return _driven(visit, stops)


def stop_of(visit: Visit) -> Stop:
    """Return a visit with who comes when."""
    bookings = list(
        Booking.objects.filter(visit=visit)
        .exclude(status=BookingStatus.CANCELLED)
        .select_related("slot", "need__staff__unit")
        .order_by("slot__starts_at", "slot__station")
        .fetch_mode(FETCH_RAISE)
    )
    setup, packing = around(visit.unit, timezone.localdate(visit.starts_at))
    return Stop(
        visit=visit,
        bookings=bookings,
        free=visit.slots.count() - len(bookings),
        set_up_at=visit.starts_at - setup,
        packed_at=visit.ends_at + packing,
    )


def _driven(visit: Visit, stops: list[Stop]) -> Day:
    """Return the day with its roads and its lunch."""
    ways = _ways(visit.technician, [stop.visit for stop in stops])
    leaving = [
        replace(stop, leave_at=stop.set_up_at - timedelta(minutes=way.minutes))
        for stop, way in zip(stops, ways, strict=False)
    ]
    busy = [(stop.leave_at or stop.set_up_at, stop.packed_at) for stop in leaving]
    place, on = visit.unit, timezone.localdate(visit.starts_at)
    lunch = lunch_at(
        busy,
        _at(visit, rules.clock("lunch_from", place, on)),
        _at(visit, rules.clock("lunch_until", place, on)),
        timedelta(minutes=rules.number("lunch_minutes", place, on)),
    )
    return Day(visit, leaving, ways, lunch)


def _ways(technician: Technician, visits: list[Visit]) -> list[Way]:
    """Return the drives from the base to each visit in turn and back."""
    base, units = place_of_base(technician), [place_of_unit(visit.unit) for visit in visits]
    roads = matrix(visits[0].unit.municipality.federation, list({base, *units}))
    row = {key: number for number, key in enumerate(roads.keys)}
    names = [technician.base, *(visit.unit.name for visit in visits), technician.base]
    rows = [row[place.key] for place in (base, *units, base)]
    return [
        Way(*ends, round(roads.seconds[here][there] / 60), round(roads.km[here][there]))
        for ends, (here, there) in zip(pairwise(names), pairwise(rows), strict=True)
    ]


def _at(visit: Visit, clock: time) -> datetime:
    """Return the moment of the clock on the local day of the visit."""
    local = timezone.localtime(visit.starts_at)
    return datetime.combine(local.date(), clock, tzinfo=local.tzinfo)
