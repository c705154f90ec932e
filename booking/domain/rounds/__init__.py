"""Rounds: which unit is visited on which day, by whom and in what order.

What plans are made of, what a change to a plan costs, and the checker. VROOM is not needed for
these; `vroom_model` and `improve`, which use it, run in the process of `booking.worker`.
"""

from booking.domain.rounds.check import FaultCode, check
from booking.domain.rounds.insertion import (
    DoesNotFit,
    Insertion,
    cheapest_insertion,
    insert,
    insertions,
    without,
)
from booking.domain.rounds.instance_file import instance_json, read_instance
from booking.domain.rounds.json_reading import InstanceError, InstanceFault
from booking.domain.rounds.model import (
    DAY_COST,
    Fault,
    Instance,
    Job,
    Locked,
    Lunch,
    Plan,
    Reason,
    Round,
    Stop,
    Unplaced,
    Vehicle,
    Window,
    cost,
    lunch_for,
    objective,
)
from booking.domain.rounds.plan_file import plan_json, read_plan

__all__ = [
    "DAY_COST",
    "DoesNotFit",
    "Fault",
    "FaultCode",
    "Insertion",
    "Instance",
    "InstanceError",
    "InstanceFault",
    "Job",
    "Locked",
    "Lunch",
    "Plan",
    "Reason",
    "Round",
    "Stop",
    "Unplaced",
    "Vehicle",
    "Window",
    "cheapest_insertion",
    "check",
    "cost",
    "insert",
    "insertions",
    "instance_json",
    "lunch_for",
    "objective",
    "plan_json",
    "read_instance",
    "read_plan",
    "without",
]
