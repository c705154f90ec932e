"""What paper says of a technician's day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import FETCH_RAISE, QuerySet
from django.utils import timezone

from booking.domain.states import BookingStatus, VisitStatus
from booking.models import Booking, Visit


@dataclass(frozen=True)
class Stop:
    """One visit of the day, its bookings in the order of their times, and its free times."""

    visit: Visit
    bookings: Sequence[Booking]
    free: int


@dataclass(frozen=True)
class Day:
    """What a technician does on the local day of a visit, in the order of the times."""

    visit: Visit
    stops: Sequence[Stop]


def day_of(visit: Visit, seen: QuerySet[Visit] | None = None) -> Day:
    """Return the day of a visit: all the visits of its technician, or those that may be seen."""
    start = _midnight(visit.starts_at)
    visits = Visit.objects.all() if seen is None else seen
    held = visits.exclude(status=VisitStatus.CANCELLED).filter(
        technician=visit.technician_id,
        starts_at__gte=start,
        starts_at__lt=start + timedelta(days=1),
    )
    units = held.select_related("unit").order_by("starts_at", "pk")
    return Day(visit, [_stop(each) for each in units])


def _midnight(at: datetime) -> datetime:
    local = timezone.localtime(at)
    return datetime.combine(local.date(), time.min, tzinfo=local.tzinfo)


def _stop(visit: Visit) -> Stop:
    bookings = list(
        Booking.objects.filter(visit=visit)
        .exclude(status=BookingStatus.CANCELLED)
        .select_related("slot", "need__staff")
        .order_by("slot__starts_at", "slot__station")
        .fetch_mode(FETCH_RAISE)
    )
    return Stop(visit, bookings, visit.slots.count() - len(bookings))
