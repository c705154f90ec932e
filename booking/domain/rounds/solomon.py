"""Read files of Solomon's format: customers with time windows, vehicles with a capacity.

M. M. Solomon, "Algorithms for the Vehicle Routing and Scheduling Problems with Time Window
Constraints", Operations Research 35(2), 1987. A name, the number and capacity of the vehicles, and
for each customer seven numbers: number, x, y, demand, ready time, due date, service time. Customer
0 is the depot. A service may begin from the ready time to the due date; the distance is also the
time. What is made small is the distance: the plan's `km`, exact.

Times are scaled to whole seconds of one day, distances rounded up: a plan that keeps them keeps
the exact ones too.
"""

import math
import re
from datetime import date

from booking.domain.rounds.json_reading import InstanceError, InstanceFault
from booking.domain.rounds.model import DAY, Instance, Job, Vehicle, Window

SOME_DAY = date(2000, 1, 3)  # the format knows no days
SCALES = (100, 10, 1)
MOST_CUSTOMERS, MOST_VEHICLES = 1000, 500
HEAD = re.compile(
    r"\s*(?P<name>[^\n]*)\n\s*VEHICLE\s+NUMBER\s+CAPACITY\s+(?P<number>\d+)\s+(?P<capacity>\d+)"
    r"\s+CUSTOMER\s+CUST[^\n]*\n",
    re.IGNORECASE,
)
FIELDS = 7

type Row = tuple[float, ...]


def is_solomon(text: str) -> bool:
    """Tell whether a text looks like a file of this format."""
    return HEAD.match(text) is not None


def read_solomon(text: str) -> Instance:
    """Return a file's instance; raise InstanceError, saying which line, for one that is wrong."""
    head = HEAD.match(text)
    if head is None:
        raise InstanceError(InstanceFault.SOLOMON_FORM, at="1")
    first_line = head[0].count("\n") + 1
    lines = enumerate(text[head.end() :].splitlines(), first_line)
    rows = [_row(line, n) for n, line in lines if line.strip()]
    if not 2 <= len(rows) <= MOST_CUSTOMERS + 1:
        raise InstanceError(InstanceFault.SOLOMON_FORM, at=str(first_line))
    if not 1 <= int(head["number"]) <= MOST_VEHICLES:
        fleet = text.count("\n", 0, head.start("number")) + 1
        raise InstanceError(InstanceFault.SOLOMON_FORM, at=str(fleet))
    return _instance(rows, int(head["number"]), int(head["capacity"]))


def _row(line: str, number: int) -> Row:
    try:
        row = tuple(float(word) for word in line.split())
    except ValueError as error:
        raise InstanceError(InstanceFault.SOLOMON_FORM, at=str(number)) from error
    if (
        len(row) != FIELDS
        or not all(map(math.isfinite, row))
        or min(row[3:]) < 0
        or row[5] < row[4]
    ):
        raise InstanceError(InstanceFault.SOLOMON_FORM, at=str(number))
    return row


def _instance(rows: list[Row], vehicles: int, capacity: int) -> Instance:
    scale = _scale(rows[0][5])
    exact = tuple(tuple(math.dist(a[1:3], b[1:3]) for b in rows) for a in rows)
    return Instance(
        places=tuple(f"{row[0]:g}" for row in rows),
        seconds=tuple(tuple(math.ceil(scale * length) for length in row) for row in exact),
        km=exact,
        vehicles=tuple(_vehicle(rows[0], n, capacity, scale) for n in range(1, vehicles + 1)),
        jobs=tuple(_job(row, n, scale) for n, row in enumerate(rows[1:], 1)),
        day_cost=0,
    )


def _scale(horizon: float) -> int:
    for scale in SCALES:
        if horizon * scale <= DAY:
            return scale
    raise InstanceError(InstanceFault.SOLOMON_TOO_LONG, at="", longest=DAY)


def _vehicle(depot: Row, number: int, capacity: int, scale: int) -> Vehicle:
    starts, ends = math.ceil(scale * depot[4]), math.floor(scale * depot[5])
    name = f"vehicle {number}"
    return Vehicle(name, name, SOME_DAY, starts, ends, 0, 0, capacity=capacity)


def _job(row: Row, number: int, scale: int) -> Job:
    service = math.ceil(scale * row[6])
    window = Window(SOME_DAY, math.ceil(scale * row[4]), math.floor(scale * row[5]) + service)
    return Job(f"{row[0]:g}", number, service, (window,), load=math.ceil(row[3]))
