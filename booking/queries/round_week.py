"""The standing visits of a week as rounds: when each technician leaves, stops and is back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby, pairwise
from uuid import UUID

from django.utils import timezone

from booking.domain.route_map import Drawing
from booking.domain.travel import Matrix
from booking.models import Technician, Visit
from booking.queries import planning, travel
from booking.queries.round_days import DayRow, StopRow, hours_minutes, map_of
from booking.queries.rounds import (
    VISIT,
    all_technicians,
    booked_people,
    vehicle_key,
)
from booking.queries.visit_minutes import Minutes, minutes_table
from enrolment.people.models import Federation


@dataclass(frozen=True)
class Week:
    """The rounds of a week, by day and technician."""

    days: list[DayRow]

    @cached_property
    def drawing(self) -> Drawing:
        """The map of the whole week."""
        return map_of(self.days)

    @property
    def visits(self) -> int:
        """How many visits there are."""
        return sum(len(day.stops) for day in self.days)

    @property
    def road(self) -> tuple[int, int]:
        """Hours and minutes of driving."""
        return hours_minutes(sum(day.driving for day in self.days))

    @property
    def km(self) -> float:
        """Kilometres on the road."""
        return sum(day.km or 0 for day in self.days)


def week_days(federation: Federation, monday: date) -> Week:
    """Return the week's standing visits as rounds; queries are constant in visits."""
    technicians = {each.pk: each for each in all_technicians(federation)}
    visits = planning.standing_visits(technicians.values(), monday, monday + timedelta(days=6))
    table = _Table(federation, technicians, visits)
    ordered = sorted(visits, key=lambda visit: (_day(visit), visit.technician_id, visit.starts_at))
    groups = groupby(ordered, key=lambda visit: (_day(visit), visit.technician_id))
    days = [table.day(technicians[driver], day, list(each)) for (day, driver), each in groups]
    return Week(sorted(days, key=lambda row: (row.day, row.technician.user.name, row.key)))


def _day(visit: Visit) -> date:
    return timezone.localtime(visit.starts_at).date()


@dataclass(frozen=True)
class _Table:
    """What the rounds of these visits are reckoned from."""

    federation: Federation
    technicians: dict[int, Technician]
    visits: Sequence[Visit]

    @cached_property
    def matrix(self) -> Matrix:
        bases = [travel.place_of_base(each) for each in self.technicians.values()]
        units = [travel.place_of_unit(each.unit) for each in self.visits]
        bases = [travel.place_of_base(each) for each in self.technicians.values()]
        units = [travel.place_of_unit(each.unit) for each in self.visits]
        places = {place.key: place for place in [*bases, *units]}
        return travel.matrix(self.federation, list(places.values()))

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {key: number for number, key in enumerate(self.matrix.keys)}

    @cached_property
    def people(self) -> dict[UUID, int]:
        return booked_people(self.visits)

    @cached_property
    def minutes(self) -> dict[tuple[UUID, str], Minutes]:
        units = [each.unit for each in self.visits]
        return minutes_table(units, timezone.localdate())

    def day(self, technician: Technician, day: date, visits: Sequence[Visit]) -> DayRow:
        """Return one technician's day, its visits in order."""
        base = travel.place_of_base(technician).key
        route = [base, *(travel.place_of_unit(visit.unit).key for visit in visits), base]
        legs = [(self.numbers[a], self.numbers[b]) for a, b in pairwise(route)]
        driving = [self.matrix.seconds[a][b] for a, b in legs]
        stops = [
            self._stop(visit, number, driving[number - 1])
            for number, visit in enumerate(visits, start=1)
        ]
        return DayRow(
            key=vehicle_key(technician.pk, day),
            technician=technician,
            day=day,
            leaves=stops[0].starts - timedelta(seconds=driving[0]),
            returns=stops[-1].ends + timedelta(seconds=driving[-1]),
            driving=round(sum(driving) / 60),
            km=sum(self.matrix.km[a][b] for a, b in legs),
            stops=stops,
        )

    def _stop(self, visit: Visit, number: int, driving: int) -> StopRow:
        minutes = self.minutes[visit.unit.municipality_id, visit.kind]
        starts = visit.starts_at - timedelta(minutes=minutes.setup)
        return StopRow(
            number=number,
            key=f"{VISIT}{visit.pk}",
            unit=visit.unit,
            kind=visit.kind,
            people=self.people.get(visit.pk, 0),
            arrives=starts,
            starts=starts,
            ends=visit.ends_at + timedelta(minutes=minutes.packing),
            begins=visit.starts_at,
            finishes=visit.ends_at,
            slot_minutes=visit.slot_minutes,
            driving=round(driving / 60),
            deadline=None,
            visit=visit,
        )
