"""Which state may follow which: the one question every table of steps is asked."""

from collections.abc import Mapping
from enum import StrEnum

from enrolment.people.domain.refusal import Code, Refusal


class StepNotAllowed(Refusal):
    """A state may not follow another; `params` names both: `current` and `following`."""


def check_step[State: StrEnum](
    allowed: Mapping[State, frozenset[State]], current: State, following: State
) -> None:
    """Raise StepNotAllowed unless the table lets `following` come after `current`."""
    if following not in allowed[current]:
        raise StepNotAllowed(
            Code.STEP_NOT_ALLOWED, current=current.value, following=following.value
        )
