"""How long a person takes at the station, from checked in to accepted: never of one technician."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from booking.models import Visit
from enrolment.people.models import Federation
from photos.models import Photo

# Of fewer people no figures are shown (a house choice): they would tell of single persons.
LEAST = 10
MONTHS = 12
# The goals of the house, in seconds: half of all people within the one, nine of ten in the other.
MEDIAN_GOAL, P90_GOAL = 60, 120
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 360, 190, 40, 20, 24


@dataclass(frozen=True)
class Pace:
    """Seconds per person: how many people, the median, and what nine of ten stay within."""

    n: int
    median: int
    p90: int


@dataclass(frozen=True)
class Month:
    """A month by its first day; no `pace` where fewer than LEAST people were photographed."""

    first: date
    n: int
    pace: Pace | None


@dataclass(frozen=True)
class Column:
    """A month in the chart: from the median up to what nine of ten stay within."""

    label: str
    x: str
    median_y: str
    p90_y: str
    pace: Pace


@dataclass(frozen=True)
class Chart:
    """All coordinates are text in units of a picture WIDTH by HEIGHT; `goals` are lines."""

    columns: list[Column]
    goals: list[tuple[int, str]]
    path: str


def pace_of(seconds: Iterable[int]) -> Pace | None:
    """Return the pace of so many people; None of nobody.

    The 90th percentile is by nearest rank: the least value that nine of ten do not exceed.
    """
    ordered = sorted(seconds)
    if not ordered:
        return None
    rank = math.ceil(0.9 * len(ordered))
    return Pace(len(ordered), round(statistics.median(ordered)), ordered[rank - 1])


def pace_of_visit(visit: Visit) -> Pace | None:
    """Return the pace of a visit's people: for the eyes of the one who took the photos."""
    return pace_of(_timed().filter(capture__booking__visit=visit).values_list(_SECONDS, flat=True))


def by_month(federation: Federation, now: datetime) -> list[Month]:
    """Return the last twelve months in which anybody was timed, the latest first; one query."""
    timed = _timed().filter(
        capture__booking__need__staff__federation=federation,
        capture__taken_at__gte=_first_month(timezone.localdate(now)),
    )
    months: dict[date, list[int]] = defaultdict(list)
    for taken_at, seconds in timed.values_list("capture__taken_at", _SECONDS):
        months[timezone.localdate(taken_at).replace(day=1)].append(seconds)
    return [
        Month(first, len(found), pace_of(found) if len(found) >= LEAST else None)
        for first, found in sorted(months.items(), reverse=True)
    ]


def chart(months: Sequence[Month]) -> Chart | None:
    """Draw the months that have figures, the earliest first; None when none has."""
    shown = [month for month in reversed(months) if month.pace]
    if not shown:
        return None
    most = max(P90_GOAL, *(month.pace.p90 for month in shown if month.pace))
    columns = [
        _column(month, month.pace, place, len(shown), most)
        for place, month in enumerate(shown)
        if month.pace
    ]
    path = "M" + " L".join(f"{column.x} {column.median_y}" for column in columns)
    return Chart(columns, [(goal, _y(goal, most)) for goal in (MEDIAN_GOAL, P90_GOAL)], path)


_SECONDS = "capture__seconds"


def _timed() -> QuerySet[Photo]:
    """Return the accepted photos whose seconds were told; protected persons are in no figures."""
    return Photo.objects.filter(
        capture__seconds__isnull=False, capture__booking__need__staff__protected=False
    )


def _first_month(today: date) -> datetime:
    """Return when the first of the months that are told begins."""
    months = today.year * 12 + today.month - MONTHS
    first = datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001 made aware below
    return timezone.make_aware(first)


def _column(month: Month, pace: Pace, place: int, columns: int, most: int) -> Column:
    x = LEFT + (WIDTH - LEFT) * (place + 0.5) / columns
    return Column(
        date_format(month.first, "M"), f"{x:.1f}", _y(pace.median, most), _y(pace.p90, most), pace
    )


def _y(seconds: int, most: int) -> str:
    span = HEIGHT - TOP - BOTTOM
    return f"{HEIGHT - BOTTOM - span * seconds / most:.1f}"
