"""Whether the coordinates of a place can be right: told as a warning, never a refusal.

The outline of Sweden is the house's own, drawn by hand some kilometres outside coast and border: it
finds a point at sea or abroad, not one in a lake.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from statistics import median

from booking.domain.travel import Place, straight_km

# Farther from its neighbours than any municipality reaches from its middle.
FAR_KM = 150.0
NEIGHBOURS_AT_LEAST = 2
# A road is never shorter than the straight line; a tenth is left for coarse coordinates.
SHORTEST_ROAD, LONGEST_ROAD, LONG_KM = 0.9, 3.0, 20.0

# Latitude and longitude.
MAINLAND = (
    *((59.05, 10.85), (58.60, 10.95), (58.20, 11.15), (57.85, 11.45), (57.60, 11.50)),
    *((57.30, 11.80), (56.85, 12.35), (56.45, 12.50), (56.30, 12.40), (56.05, 12.64)),
    *((55.90, 12.66), (55.60, 12.85), (55.38, 12.75), (55.30, 13.30), (55.35, 14.25)),
    *((55.60, 14.45), (55.90, 14.45), (55.95, 14.90), (55.95, 15.80), (56.10, 16.10)),
    *((56.15, 16.45), (56.70, 16.95), (57.40, 17.20), (57.80, 16.95), (58.40, 17.10)),
    *((58.70, 17.60), (58.68, 17.95), (58.85, 18.50), (59.20, 19.10), (59.75, 19.50)),
    *((60.10, 19.10), (60.50, 18.65), (60.75, 17.60), (61.50, 17.40), (61.75, 17.65)),
    *((62.20, 17.85), (62.60, 18.25), (62.90, 18.70), (63.15, 19.20), (63.40, 19.60)),
    *((63.55, 20.30), (63.75, 21.05), (64.00, 21.15), (64.45, 21.75), (64.80, 21.60)),
    *((65.10, 21.90), (65.35, 22.60), (65.60, 23.40), (65.70, 24.15), (65.85, 24.16)),
    *((66.05, 23.97), (66.40, 23.75), (66.80, 24.05), (67.35, 23.85), (67.95, 23.70)),
    *((68.45, 22.55), (68.75, 21.70), (69.07, 20.65), (69.07, 20.30), (68.60, 19.90)),
    *((68.55, 18.60), (68.45, 18.05), (68.05, 17.80), (67.50, 16.00), (66.60, 15.35)),
    *((66.15, 14.40), (65.30, 14.35), (64.60, 13.90), (64.10, 13.85), (63.95, 12.90)),
    *((63.60, 12.10), (63.30, 11.85), (62.90, 12.00), (62.60, 12.05), (62.20, 12.15)),
    *((61.70, 12.05), (61.35, 12.75), (61.05, 12.50), (60.90, 12.20), (60.50, 12.45)),
    *((60.10, 12.40), (59.90, 11.75), (59.50, 11.60), (59.25, 11.65), (59.10, 11.25)),
)
GOTLAND = (
    *((56.85, 17.95), (57.40, 17.95), (57.75, 18.20), (58.05, 19.00), (58.05, 19.45)),
    *((57.70, 19.05), (57.30, 18.95), (56.85, 18.40)),
)


class Oddity(StrEnum):
    """What makes a place or the length of its road hard to believe."""

    MISSING = "missing"
    OUTSIDE = "outside"
    FAR = "far"
    SHORT_ROAD = "short_road"
    LONG_ROAD = "long_road"


def oddity(place: Place, neighbours: Sequence[Place], nearest_base: Place | None) -> Oddity | None:
    """Return what is odd about a unit, or None.

    `neighbours` are the other units of its municipality.
    """
    if place.latitude == 0 and place.longitude == 0:
        return Oddity.MISSING
    if not in_sweden(place.latitude, place.longitude):
        return Oddity.OUTSIDE
    if len(neighbours) >= NEIGHBOURS_AT_LEAST and _from_middle(place, neighbours) > FAR_KM:
        return Oddity.FAR
    return _odd_road(place, nearest_base)


def in_sweden(latitude: float, longitude: float) -> bool:
    """Say whether the point lies within the outline of Sweden."""
    return any(_within(latitude, longitude, outline) for outline in (MAINLAND, GOTLAND))


def _from_middle(place: Place, neighbours: Sequence[Place]) -> float:
    latitude = median(each.latitude for each in neighbours)
    longitude = median(each.longitude for each in neighbours)
    return straight_km(place, Place("middle", latitude, longitude))


def _odd_road(place: Place, base: Place | None) -> Oddity | None:
    if place.km_to_base is None or base is None:
        return None
    straight = straight_km(place, base)
    if place.km_to_base < SHORTEST_ROAD * straight - 1:
        return Oddity.SHORT_ROAD
    if place.km_to_base > max(LONG_KM, LONGEST_ROAD * straight):
        return Oddity.LONG_ROAD
    return None


def _within(latitude: float, longitude: float, outline: Sequence[tuple[float, float]]) -> bool:
    """Count how often a ray to the east crosses the outline: oddly often from within."""
    inside = False
    for (lat, lon), (next_lat, next_lon) in pairwise((*outline, outline[0])):
        if (lat > latitude) != (next_lat > latitude):
            crossing = lon + (latitude - lat) / (next_lat - lat) * (next_lon - lon)
            inside ^= longitude < crossing
    return inside
