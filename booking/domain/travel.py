"""How long the roads take: the distance model, and several sources laid one on the other.

A road is 1.3 times the straight line. The 18 roads that the house knows by length (the towns of two
federations, 24 to 235 km) lie between 1.09 and 1.48 times, in the median at 1.19: the model
reckons with a tenth too much road rather than too little.

Each kilometre is driven at its band's speed: the first 3 at 40 km/h (the base limit in a town is
50), the next 17 at 70 (the base limit outside one), the rest at 85 (main roads have 80 to 100). The
limits are those of Trafikförordning (1998:1276) 3 kap. 17 §; that a mean lies some way under the
limit is the house's choice, to be mended by the technicians' own times. Two minutes to park.

So minutes grow with the distance and never jump, both ways take the same, and a detour is never
shorter than the way there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import asin, cos, hypot, inf, radians, sin, sqrt
from statistics import median

EARTH_KM = 6371.0088  # mean radius (IUGG)
ROAD_PER_STRAIGHT_LINE = 1.3
PARKING_MINUTES = 2.0
# From how many kilometres of road on which speed is kept, in km/h.
SPEEDS = ((0.0, 40.0), (3.0, 70.0), (20.0, 85.0), (inf, 85.0))

# Where the bands of the learned factors begin, in kilometres of road.
BANDS = (0.0, 10.0, 30.0, 70.0)
DRIVES_AT_LEAST = 5
DRIVES_AT_MOST = 50
LEAST_FACTOR, MOST_FACTOR = 0.5, 2.0

UNIT, BASE = "unit:", "base:"


class Source(StrEnum):
    """Where a travel time comes from; the earlier goes before the later."""

    SAME = "same"
    MATRIX = "matrix"
    OSRM = "osrm"
    VALHALLA = "valhalla"
    ROAD = "road"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to drive to or from: `unit:<HSA-id>` or `base:<technician id>`, in degrees.

    `km_to_base` is a unit's road to its nearest base where somebody has written it down.
    """

    key: str
    latitude: float
    longitude: float
    km_to_base: float | None = None

    @property
    def spot(self) -> str:
        """Return the coordinates as text, to a metre: another spot is another place."""
        return f"{self.latitude:.5f},{self.longitude:.5f}"


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one place to another."""

    minutes: float
    km: float
    source: Source


@dataclass(frozen=True, slots=True)
class Matrix:
    """The ways between all places, row = from, column = to, in the order of `keys`.

    `seconds` are whole seconds of driving and parking, `km` kilometres of road; a place to itself
    is 0. `sources` says where each time comes from.
    """

    keys: tuple[str, ...]
    seconds: tuple[tuple[int, ...], ...]
    km: tuple[tuple[float, ...], ...]
    sources: tuple[tuple[Source, ...], ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """What the drives of one band say: from `km_from` to `km_to` kilometres (inf for the last).

    `factor` is the median of minutes driven to minutes reckoned, clipped to 0.5–2; None with fewer
    than five drives.
    """

    km_from: float
    km_to: float
    drives: int
    factor: float | None


def straight_km(one: Place, other: Place) -> float:
    """Return the kilometres between two places as the crow flies (haversine)."""
    south, north = radians(one.latitude), radians(other.latitude)
    up = sin((north - south) / 2)
    aside = sin(radians(other.longitude - one.longitude) / 2)
    return 2 * EARTH_KM * asin(min(1.0, hypot(up, sqrt(cos(south) * cos(north)) * aside)))


def road_km(one: Place, other: Place) -> float:
    """Return the kilometres of road that the model reckons with."""
    return ROAD_PER_STRAIGHT_LINE * straight_km(one, other)


def road_minutes(km: float) -> float:
    """Return the minutes for so many kilometres of road, parking included."""
    hours = 0.0
    for (begins, speed), (ends, _next_speed) in pairwise(SPEEDS):
        hours += max(0.0, min(km, ends) - begins) / speed
    return PARKING_MINUTES + 60 * hours


def modelled(one: Place, other: Place, km: float | None = None) -> Leg:
    """Return the way by the model, over `km` of road where that is known."""
    if one.key == other.key:
        return Leg(0.0, 0.0, Source.SAME)
    if km is not None:
        return Leg(road_minutes(km), km, Source.ROAD)
    km = road_km(one, other)
    return Leg(road_minutes(km), km, Source.MODEL)


def learned_factors(drives: Iterable[tuple[float, float, float]]) -> list[Factor]:
    """Return one factor for each band.

    `drives` are kilometres, minutes reckoned and minutes driven, the latest first: the latest fifty
    of a band count.
    """
    ratios: dict[float, list[float]] = {begins: [] for begins in BANDS}
    for km, reckoned, driven in drives:
        if reckoned > 0 and len(ratios[_band(km)]) < DRIVES_AT_MOST:
            ratios[_band(km)].append(driven / reckoned)
    return [
        Factor(begins, ends, len(ratios[begins]), _factor(ratios[begins]))
        for begins, ends in pairwise((*BANDS, inf))
    ]


def factor_for(km: float, factors: Sequence[Factor]) -> float:
    """Return what to multiply with for so many kilometres of road; 1 where nothing is learned."""
    for factor in factors:
        if factor.km_from <= km < factor.km_to:
            return factor.factor or 1.0
    return 1.0


def ways(
    origins: Sequence[Place],
    destinations: Sequence[Place],
    told: Mapping[tuple[str, str], Leg],
    nearest_bases: Mapping[str, str],
    factors: Sequence[Factor] = (),
) -> list[list[Leg]]:
    """Return the way from each origin to each destination, as `make_matrix` lays it."""
    sheet = _Sheet(told, nearest_bases, factors)
    return [[sheet.leg(one, other) for other in destinations] for one in origins]


def make_matrix(
    places: Sequence[Place],
    told: Mapping[tuple[str, str], Leg],
    nearest_bases: Mapping[str, str],
    factors: Sequence[Factor] = (),
) -> Matrix:
    """Lay the sources one on the other.

    `told` are uploaded and routed ways by keys of origin and destination; a way told in one
    direction only counts for both. `nearest_bases` gives each base a name for its spot, so that a
    unit's own road length counts to the nearest base alone: keys are bases and units, equal values
    belong together. `factors` are the learned ones, where they are to be used: they never touch
    an uploaded way.
    """
    legs = ways(places, places, told, nearest_bases, factors)
    return Matrix(
        keys=tuple(place.key for place in places),
        seconds=tuple(tuple(round(leg.minutes * 60) for leg in row) for row in legs),
        km=tuple(tuple(round(leg.km, 1) for leg in row) for row in legs),
        sources=tuple(tuple(leg.source for leg in row) for row in legs),
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is known when a matrix is made."""

    told: Mapping[tuple[str, str], Leg]
    nearest_bases: Mapping[str, str]
    factors: Sequence[Factor]

    def leg(self, one: Place, other: Place) -> Leg:
        """Return the way by the best source there is."""
        written = self.written_km(one, other)
        told = self.told.get((one.key, other.key)) or self.told.get((other.key, one.key))
        if one.key == other.key or told is None:
            leg = modelled(one, other, written)
        elif told.source == Source.MATRIX:
            return told
        else:
            leg = Leg(told.minutes, told.km if written is None else written, told.source)
        return Leg(leg.minutes * factor_for(leg.km, self.factors), leg.km, leg.source)

    def written_km(self, one: Place, other: Place) -> float | None:
        """Return the road that is written down at the unit, for the way to its nearest base."""
        for unit, base in ((one, other), (other, one)):
            near = self.nearest_bases.get(unit.key)
            if unit.key.startswith(UNIT) and base.key.startswith(BASE) and near:
                return unit.km_to_base if near == self.nearest_bases.get(base.key) else None
        return None


def nearest(places: Sequence[Place], bases: Sequence[Place]) -> dict[str, str]:
    """Return for each base its spot, and for each other place the spot of its nearest base."""
    found = {base.key: base.spot for base in bases}
    for place in places:
        if not place.key.startswith(BASE) and bases:
            base = min(bases, key=lambda each: (straight_km(place, each), each.key))
            found[place.key] = base.spot
    return found


def _band(km: float) -> float:
    return max(begins for begins in BANDS if begins <= max(km, 0.0))


def _factor(ratios: Sequence[float]) -> float | None:
    if len(ratios) < DRIVES_AT_LEAST:
        return None
    return min(MOST_FACTOR, max(LEAST_FACTOR, median(ratios)))
