"""What a visit costs in minutes, and how long it must be for its people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from booking.domain.states import VisitKind
from booking.domain.visit_length import Pace, length_for
from enrolment.people import rules
from enrolment.people.models import CareUnit

MINUTE = 60
# A new visit begins at whole five minutes: as much is set aside for it at each stop.
EVEN = 5 * MINUTE


@dataclass(frozen=True)
class Minutes:
    """What a visit costs in minutes at a place: to set up, per person and to pack."""

    setup: int
    slot: int
    packing: int
    people_at_most: int

    def service(self, people: int, most_away: int, walking: int) -> int:
        """Return the seconds a visit of so many people takes, with air each hour.

        At most `most_away` are away from the ward at once, each `walking` minutes each way too.
        """
        inside = length_for(people, Pace(self.slot, most_away, walking), 1)
        return self.around + EVEN + round(inside.total_seconds())

    def hours(self, starts: datetime, ends: datetime) -> tuple[datetime, datetime]:
        """Return when people come, for a stop between two instants: from an even five minutes."""
        begins = starts + timedelta(minutes=self.setup)
        begins += timedelta(seconds=-round(begins.timestamp()) % EVEN)
        return begins, begins + (ends - starts) - timedelta(seconds=self.around + EVEN)

    @property
    def around(self) -> int:
        """Seconds at the unit before the first and after the last person."""
        return (self.setup + self.packing) * MINUTE


def minutes_of(unit: CareUnit, kind: str, on: date) -> Minutes:
    """Return what a visit of this kind costs at the unit on the day."""
    return Minutes(
        rules.number("setup_minutes", unit, on),
        rules.number(f"{kind}_slot_minutes", unit, on),
        rules.number("packing_minutes", unit, on),
        max(1, rules.number("people_at_most", unit, on)),
    )


def minutes_table(units: Iterable[CareUnit], on: date) -> dict[tuple[UUID, str], Minutes]:
    """Return what a visit costs, by municipality and kind; queries are constant in units."""
    places = {unit.municipality_id: unit for unit in units}
    return {
        (pk, kind.value): minutes_of(unit, kind, on)
        for pk, unit in places.items()
        for kind in VisitKind
    }
