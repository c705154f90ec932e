"""Read and write instances as JSON: docs/reference/rounds-instance.md describes the format.

Every refusal says where in the file it is, such as `jobs[3].service`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from booking.domain.rounds.json_reading import (
    InstanceError,
    InstanceFault,
    Node,
    length,
    listed,
    load,
    string,
    whole,
)
from booking.domain.rounds.model import (
    DAY,
    DAY_COST,
    HIGHEST_PRIORITY,
    Instance,
    Job,
    Locked,
    Lunch,
    Vehicle,
    Window,
)

FORMAT = "fotorundan-rounds/1"
MOST = {"places": 2000, "vehicles": 2000, "jobs": 2000}
LONGEST_DRIVE = 7 * DAY


def read_instance(data: str | bytes | Mapping[str, Any]) -> Instance:
    """Return the instance of a file, or of what was read from JSON already.

    Raises InstanceError, saying what is wrong and where, for anything else.
    """
    root = load(data) if isinstance(data, str | bytes) else Node(data, "")
    if root.text("format") != FORMAT:
        raise InstanceError(InstanceFault.UNKNOWN_FORMAT, at="format")
    for name, most in MOST.items():
        _counted(root, name, most)
    places = [string(place, f"places[{n}]") for n, place in enumerate(root.items("places"))]
    _once(places, "places")
    index = {place: n for n, place in enumerate(places)}
    vehicles = [_vehicle(node, index) for node in root.nodes("vehicles")]
    _once([vehicle.key for vehicle in vehicles], "vehicles")
    jobs = [_job(node, index) for node in root.nodes("jobs")]
    _once([job.key for job in jobs], "jobs")
    return Instance(
        places=tuple(places),
        seconds=_square(root, "seconds", len(places), _drive),
        km=_square(root, "km", len(places), length) if root.has("km") else None,
        vehicles=tuple(vehicles),
        jobs=tuple(jobs),
        day_cost=root.whole("day_cost", 100 * DAY, DAY_COST),
        kits=_kits(root),
    )


def instance_json(instance: Instance) -> dict[str, Any]:
    """Return an instance as the JSON that `read_instance` reads."""
    return {
        "format": FORMAT,
        "places": list(instance.places),
        "seconds": [list(row) for row in instance.seconds],
        "km": None if instance.km is None else [list(row) for row in instance.km],
        "day_cost": instance.day_cost,
        "kits": dict(instance.kits),
        "vehicles": [_vehicle_json(instance, vehicle) for vehicle in instance.vehicles],
        "jobs": [_job_json(instance, job) for job in instance.jobs],
    }


def _vehicle(node: Node, places: Mapping[str, int]) -> Vehicle:
    starts, ends = _forward(node, "starts", "ends")
    start_place = _place(node, "start_place", places)
    lunch = _lunch(Node(node.value("lunch"), node.at("lunch"))) if node.has("lunch") else None
    if lunch and max(starts, lunch.earliest) + lunch.length > ends:
        raise InstanceError(InstanceFault.LUNCH_OUTSIDE_SHIFT, at=node.at("lunch"))
    return Vehicle(
        key=node.text("key"),
        technician=node.text("technician"),
        day=node.day("day"),
        starts=starts,
        ends=ends,
        start_place=start_place,
        end_place=_place(node, "end_place", places) if node.has("end_place") else start_place,
        kinds=_kinds(node),
        lunch=lunch,
        capacity=node.whole("capacity", 10**9) if node.has("capacity") else None,
    )


def _kinds(node: Node) -> frozenset[str]:
    if not node.has("kinds"):
        return frozenset({""})
    kinds = node.items("kinds")
    return frozenset(string(kind, f"{node.at('kinds')}[{n}]") for n, kind in enumerate(kinds))


def _lunch(node: Node) -> Lunch:
    earliest, latest = _forward(node, "earliest", "latest")
    return Lunch(earliest, latest, node.whole("length", DAY))


def _job(node: Node, places: Mapping[str, int]) -> Job:
    return Job(
        key=node.text("key"),
        place=_place(node, "place", places),
        service=node.whole("service", 7 * DAY),
        windows=tuple(_window(each) for each in node.nodes("windows")),
        deadline=node.day("deadline") if node.has("deadline") else None,
        priority=node.whole("priority", HIGHEST_PRIORITY, 0),
        kind=node.text("kind") if node.has("kind") else "",
        load=node.whole("load", 10**9, 0),
        locked=_locked(Node(node.value("locked"), node.at("locked")))
        if node.has("locked")
        else None,
    )


def _window(node: Node) -> Window:
    return Window(node.day("day"), *_forward(node, "opens", "closes"))


def _locked(node: Node) -> Locked:
    return Locked(node.text("vehicle"), node.whole("starts", DAY))


def _forward(node: Node, first: str, last: str) -> tuple[int, int]:
    """Return two clock times of a day, the first not after the last."""
    begin, end = node.whole(first, DAY), node.whole(last, DAY)
    if end < begin:
        raise InstanceError(InstanceFault.BACKWARDS, at=node.at(last))
    return begin, end


def _place(node: Node, name: str, places: Mapping[str, int]) -> int:
    place = node.text(name)
    if place not in places:
        raise InstanceError(InstanceFault.UNKNOWN_PLACE, at=node.at(name), place=place)
    return places[place]


def _kits(root: Node) -> dict[str, int]:
    if not root.has("kits"):
        return {}
    data = root.value("kits")
    node = Node(data, "kits")
    return {kind: node.whole(kind, 10**6) for kind in data}


def _drive(value: object, at: str) -> int:
    return whole(value, at, LONGEST_DRIVE)


def _square[Number](
    root: Node, name: str, size: int, read: Callable[[object, str], Number]
) -> tuple[tuple[Number, ...], ...]:
    """Return a matrix with a row and a column for each place, without holes."""
    rows = [listed(row, f"{name}[{n}]") for n, row in enumerate(root.items(name))]
    wrong = next((n for n, row in enumerate(rows) if len(row) != size), None)
    if wrong is not None or len(rows) != size:
        at = name if wrong is None else f"{name}[{wrong}]"
        raise InstanceError(InstanceFault.NOT_SQUARE, at=at, places=size)
    return tuple(
        tuple(read(value, f"{name}[{n}][{m}]") for m, value in enumerate(row))
        for n, row in enumerate(rows)
    )


def _counted(root: Node, name: str, most: int) -> None:
    count = len(root.items(name))
    if count == 0:
        raise InstanceError(InstanceFault.NONE_GIVEN, at=name)
    if count > most:
        raise InstanceError(InstanceFault.TOO_MANY, at=name, most=most)


def _once(keys: list[str], at: str) -> None:
    key, times = Counter(keys).most_common(1)[0]
    if times > 1:
        raise InstanceError(InstanceFault.TWICE, at=at, key=key)


def _vehicle_json(instance: Instance, vehicle: Vehicle) -> dict[str, Any]:
    return asdict(vehicle) | {
        "day": vehicle.day.isoformat(),
        "start_place": instance.places[vehicle.start_place],
        "end_place": instance.places[vehicle.end_place],
        "kinds": sorted(vehicle.kinds),
    }


def _job_json(instance: Instance, job: Job) -> dict[str, Any]:
    windows = [asdict(window) | {"day": window.day.isoformat()} for window in job.windows]
    return asdict(job) | {
        "place": instance.places[job.place],
        "windows": windows,
        "deadline": None if job.deadline is None else job.deadline.isoformat(),
    }
