"""Reads: how long the roads take, from what lies in the database; the network is never asked."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, time
from itertools import combinations

from django.utils import timezone

from booking.domain import travel
from booking.domain.states import VisitStatus
from booking.domain.travel import BASE, UNIT, Factor, Leg, Matrix, Place, Source
from booking.domain.whereabouts import in_sweden
from booking.domain.workdays import instant
from booking.models import Drive, Technician, TravelTime, Visit
from enrolment.audit.models import Entry
from enrolment.people import rules
from enrolment.people.models import CareUnit, Federation

LATEST_DRIVES = 1_000
# The later is laid over the earlier.
ROUTED = (Source.VALHALLA, Source.OSRM)
LAYERS = (*ROUTED, Source.MATRIX)
FETCHES = ("booking.fetch_travel_times", "booking.travel_times_failed")


def place_of_unit(unit: CareUnit) -> Place:
    """Return where the unit is."""
    return Place(f"{UNIT}{unit.hsa_id}", unit.latitude, unit.longitude, unit.km_to_base)


def place_of_base(technician: Technician) -> Place:
    """Return where the technician starts from in the morning."""
    return Place(f"{BASE}{technician.pk}", technician.latitude, technician.longitude)


def bases(federation: Federation) -> list[Place]:
    """Return the bases of the federation's technicians; one query."""
    technicians = Technician.objects.filter(federation=federation).order_by("pk")
    return [place_of_base(technician) for technician in technicians]


def places_of_units(federation: Federation) -> list[Place]:
    """Return the federation's units by name; one query."""
    units = CareUnit.objects.filter(municipality__federation=federation)
    return [place_of_unit(unit) for unit in units.order_by("sort_key", "pk")]


def matrix(federation: Federation, places: Sequence[Place], *, learned: bool = True) -> Matrix:
    """Return the ways between the places, in their order; at most four queries.

    An uploaded time goes before a routed one, that before the model; a routed answer for a place
    that has moved since is void. The length of road written down at a unit counts to its nearest
    base. Learned factors are used when the federation's rule says so, and never with `learned`
    False.
    """
    near = travel.nearest(places, bases(federation))
    factors = _factors_in_use(federation, timezone.localdate()) if learned else []
    return travel.make_matrix(places, told_ways(federation, places), near, factors)


def told_ways(
    federation: Federation, places: Sequence[Place], sources: Collection[str] = LAYERS
) -> dict[tuple[str, str], Leg]:
    """Return the uploaded and routed ways between the places, by origin and destination.

    A way without kilometres gets those of the model.
    """
    here = {place.key: place for place in places}
    told: dict[tuple[str, str], Leg] = {}
    rows = TravelTime.objects.filter(
        federation=federation, source__in=sources, origin__in=here, destination__in=here
    )
    columns = ("source", "origin", "destination", "minutes", "km", "measured_from", "measured_to")
    for row in sorted(rows.values_list(*columns), key=lambda row: LAYERS.index(row[0])):
        source, origin, destination, minutes, km, *spots = row
        one, other = here[origin], here[destination]
        if source == Source.MATRIX or spots == [one.spot, other.spot]:
            length = travel.road_km(one, other) if km is None else km
            told[origin, destination] = Leg(minutes, length, Source(source))
    return told


def factors(federation: Federation) -> list[Factor]:
    """Return what the technicians' drives say for each band of distance, used or not."""
    drives = Drive.objects.filter(visit__unit__municipality__federation=federation)
    latest = drives.order_by("-noted_at").values_list("km", "expected_minutes", "minutes")
    return travel.learned_factors(latest[:LATEST_DRIVES])


def named_places(federation: Federation) -> dict[str, list[Place]]:
    """Return the places by what a file may call them: HSA-id, or the name of a base."""
    named: dict[str, list[Place]] = defaultdict(list)
    for unit in CareUnit.objects.filter(municipality__federation=federation).order_by("pk"):
        named[unit.hsa_id] = [place_of_unit(unit)]
    for technician in Technician.objects.filter(federation=federation).order_by("pk"):
        named[technician.base].append(place_of_base(technician))
    return named


def pairs(federation: Federation) -> set[frozenset[str]]:
    """Return the pairs of places that somebody may drive between; two queries."""
    places = [*bases(federation), *places_of_units(federation)]
    keys = combinations([place.key for place in places], 2)
    return {frozenset(pair) for pair in keys if not all(key.startswith(BASE) for key in pair)}


def named_ways(federation: Federation) -> Iterator[tuple[str, str, Leg]]:
    """Yield every way between named places as it is reckoned now, one direction of each."""
    places = [(name, found[0]) for name, found in named_places(federation).items()]
    told = matrix(federation, [place for _name, place in places])
    for (row, (name, _)), (column, (other, _)) in combinations(enumerate(places), 2):
        minutes, km = told.seconds[row][column] / 60, told.km[row][column]
        yield name, other, Leg(minutes, km, told.sources[row][column])


def reckoned(visit: Visit) -> Leg:
    """Return the way to the visit, from the one before that day or from the base.

    By the routing engine's answer or the model: no uploaded time, no learned factor.
    """
    federation = visit.unit.municipality.federation
    morning = instant(timezone.localdate(visit.starts_at), time.min)
    earlier = Visit.objects.filter(
        technician=visit.technician, starts_at__gte=morning, ends_at__lte=visit.starts_at
    ).exclude(status=VisitStatus.CANCELLED)
    before = earlier.exclude(pk=visit.pk).select_related("unit").order_by("ends_at").last()
    origin = place_of_unit(before.unit) if before else place_of_base(visit.technician)
    places = [origin, place_of_unit(visit.unit)]
    near = travel.nearest(places, bases(federation))
    told = told_ways(federation, places, ROUTED)
    return travel.ways(places[:1], places[1:], told, near)[0][0]


def drive_can_be_noted(visit: Visit, today: date) -> bool:
    """Say whether the way to the visit can have been driven: from its day on."""
    return visit.status != VisitStatus.CANCELLED and timezone.localdate(visit.starts_at) <= today


def routable_places(federation: Federation) -> list[Place]:
    """Return the places in Sweden: no engine is asked about another spot. One of each key."""
    places = [*bases(federation), *places_of_units(federation)]
    return [place for place in places if in_sweden(place.latitude, place.longitude)]


def last_fetch(federation: Federation) -> Entry | None:
    """Return the log's line of the latest time that the routing engine was asked."""
    lines = Entry.objects.filter(subject=f"federation:{federation.pk}", action__in=FETCHES)
    return lines.order_by("pk").last()


def _factors_in_use(federation: Federation, today: date) -> list[Factor]:
    return factors(federation) if rules.is_on("learned_travel", federation, today) else []
