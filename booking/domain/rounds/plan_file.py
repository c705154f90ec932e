"""Plans as JSON: what the solving process tells its parent, and what is kept of a plan."""

from dataclasses import asdict
from typing import Any

from booking.domain.rounds.json_reading import Node, length
from booking.domain.rounds.model import DAY, Instance, Plan, Round, Stop, Unplaced, cost, objective

LATEST = 2 * DAY  # a clock time that is wrong is for `check` to find


def plan_json(instance: Instance, plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON; the totals are there to read and are not read back."""
    return {
        "objective": objective(instance, plan),
        "cost": cost(instance, plan),
        "driving": plan.driving,
        "km": plan.km,
        "technician_days": plan.technician_days,
        "rounds": [asdict(round_) for round_ in plan.rounds],
        "unplaced": [asdict(left) for left in plan.unplaced],
    }


def read_plan(data: object) -> Plan:
    """Return the plan of `plan_json`, which may be wrong; raise InstanceError for what is none."""
    root = Node(data, "")
    return Plan(
        tuple(_round(node) for node in root.nodes("rounds")),
        tuple(_unplaced(node) for node in root.nodes("unplaced")),
    )


def _round(node: Node) -> Round:
    return Round(
        vehicle=node.text("vehicle"),
        stops=tuple(_stop(each) for each in node.nodes("stops")),
        leaves=node.whole("leaves", LATEST),
        returns=node.whole("returns", LATEST),
        lunch=node.whole("lunch", LATEST) if node.has("lunch") else None,
        driving=node.whole("driving", LATEST),
        km=length(node.value("km"), node.at("km")) if node.has("km") else None,
    )


def _stop(node: Node) -> Stop:
    times = [node.whole(name, LATEST) for name in ("arrives", "starts", "ends")]
    return Stop(node.text("job"), *times)


def _unplaced(node: Node) -> Unplaced:
    params = Node(node.value("params"), node.at("params"))
    return Unplaced(node.text("job"), node.text("reason"), params.simple())
