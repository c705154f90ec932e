"""Reads for the page of travel times: where they come from, what is missing, what is odd."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import FETCH_RAISE, Max

from booking.domain import travel
from booking.domain.travel import Factor, Leg, Place, Source
from booking.domain.whereabouts import Oddity, oddity
from booking.models import Technician, TravelTime
from booking.queries.travel import factors, last_fetch, place_of_base, place_of_unit, told_ways
from enrolment.audit.models import Entry
from enrolment.people import rules
from enrolment.people.models import CareUnit, Federation


@dataclass(frozen=True)
class UnitTravel:
    """The way to a unit from its nearest base; None without any base. `odd` is an Oddity."""

    unit: CareUnit
    base: str
    leg: Leg | None
    odd: Oddity | None

    @property
    def minutes(self) -> int:
        """Return whole minutes."""
        return round(self.leg.minutes) if self.leg else 0


@dataclass(frozen=True)
class TravelSetup:
    """All that the page of travel times shows.

    `sources` counts the units by where the way from the nearest base comes from; `uploaded_at` is
    when the matrix file was read, if there is one; `last_fetch` the log's line of the engine's
    latest answer.
    """

    units: list[UnitTravel]
    sources: Mapping[Source, int]
    uploaded_at: datetime | None
    factors: list[Factor]
    learned: bool
    last_fetch: Entry | None

    @property
    def odd(self) -> list[UnitTravel]:
        """Return the units whose place is hard to believe."""
        return [row for row in self.units if row.odd]

    @property
    def teaches(self) -> bool:
        """Whether any distance has been driven often enough for a factor."""
        return any(factor.factor for factor in self.factors)

    @property
    def drives(self) -> int:
        """Return how many drives the factors stand on."""
        return sum(factor.drives for factor in self.factors)


def travel_setup(federation: Federation, today: date) -> TravelSetup:
    """Return what the page shows; seven queries."""
    taught, learned = factors(federation), rules.is_on("learned_travel", federation, today)
    rows = _unit_rows(federation, taught if learned else [])
    uploaded = TravelTime.objects.filter(federation=federation, source=Source.MATRIX)
    return TravelSetup(
        units=rows,
        sources=Counter(row.leg.source for row in rows if row.leg),
        uploaded_at=uploaded.aggregate(last=Max("made_at"))["last"],
        factors=taught,
        learned=learned,
        last_fetch=last_fetch(federation),
    )


def _unit_rows(federation: Federation, used: Sequence[Factor]) -> list[UnitTravel]:
    """Return the units, the odd ones first and then by name."""
    technicians = Technician.objects.filter(federation=federation).order_by("pk")
    bases = {place_of_base(each): each.base for each in technicians}
    found = CareUnit.objects.filter(municipality__federation=federation)
    units = found.order_by("sort_key", "pk").fetch_mode(FETCH_RAISE)
    places = {unit: place_of_unit(unit) for unit in units}
    ways = _ways(federation, list(bases), list(places.values()), used)
    neighbours = _by_municipality(places)
    rows = []
    for unit, place in places.items():
        base = min(bases, key=lambda each: travel.straight_km(each, place), default=None)
        others = [each for each in neighbours[unit.municipality_id] if each is not place]
        leg = ways.get((base.key, place.key)) if base else None
        name = bases[base] if base else ""
        rows.append(UnitTravel(unit, name, leg, oddity(place, others, base)))
    return sorted(rows, key=lambda row: row.odd is None)


def _ways(
    federation: Federation,
    bases: Sequence[Place],
    units: Sequence[Place],
    used: Sequence[Factor],
) -> dict[tuple[str, str], Leg]:
    told = told_ways(federation, [*bases, *units])
    legs = travel.ways(bases, units, told, travel.nearest(units, bases), used)
    return {
        (base.key, unit.key): leg
        for base, row in zip(bases, legs, strict=True)
        for unit, leg in zip(units, row, strict=True)
    }


def _by_municipality(places: Mapping[CareUnit, Place]) -> dict[object, list[Place]]:
    found: dict[object, list[Place]] = defaultdict(list)
    for unit, place in places.items():
        found[unit.municipality_id].append(place)
    return found
