"""Who goes to the camera when, so that the ward stays staffed: exact, with a reason when it can't.

`assign` answers, `check_assignment` looks the answer over by itself, `timeline` draws it.
"""

from booking.domain.staffing.again import Resharing, open_slots, share_again, unfit
from booking.domain.staffing.check import Broken, Fault, check_assignment
from booking.domain.staffing.sharing import AssignmentBroken, assign
from booking.domain.staffing.timeline import Step, ward_steps
from booking.domain.staffing.values import (
    Assignment,
    Binding,
    Bound,
    LeftOut,
    Minimum,
    Person,
    Problem,
    Span,
    Ward,
    Why,
    same_title,
)

__all__ = [
    "Assignment",
    "AssignmentBroken",
    "Binding",
    "Bound",
    "Broken",
    "Fault",
    "LeftOut",
    "Minimum",
    "Person",
    "Problem",
    "Resharing",
    "Span",
    "Step",
    "Ward",
    "Why",
    "assign",
    "check_assignment",
    "open_slots",
    "same_title",
    "share_again",
    "unfit",
    "ward_steps",
]
