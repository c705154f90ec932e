"""Make visits of a plan's stops: all of them, or those that were chosen."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from booking.domain.states import PlanStatus, VisitStatus
from booking.models import RoundPlan, Technician, Visit
from booking.queries import planning
from booking.queries.round_days import DayRow, PlanRead, StopRow, stop_key
from booking.queries.rounds import wishes
from booking.services.locks import lock_technician
from booking.services.refusals import (
    BookingRefused,
    NobodyLeft,
    NoRoomForSlots,
    PlanSettled,
    TechnicianAway,
    VisitNotOpen,
)
from booking.services.rounds import lock_plan, record_plan, step_plan
from booking.services.visit_letters import send_visit_planned
from booking.services.visits import open_visit
from enrolment.people.models import User


@dataclass(frozen=True)
class LeftOut:
    """A stop that could not become a visit, and why."""

    stop: StopRow
    refusal: BookingRefused


@dataclass
class Acceptance:
    """What came of it: the visits made, and the stops left out."""

    visits: list[Visit]
    left: list[LeftOut]


@transaction.atomic
def accept_plan(
    *, actor: User, plan: RoundPlan, stops: Collection[str] | None = None
) -> Acceptance:
    """Make visits of the stops, by their keys, or of all; those that are visits stay as they are.

    A stop that clashes with what has come about meanwhile is left out and told of; the others are
    done. The units' managers are told by mail. Raises PlanSettled.
    """
    current = lock_plan(plan)
    if current.replans or current.status not in (PlanStatus.READY, PlanStatus.ACCEPTED):
        raise PlanSettled
    chosen = [
        (day, stop)
        for day in PlanRead(current).days
        for stop in day.open_stops
        if stops is None or stop.key in stops
    ]
    outcome = _Accepting(actor, current).make(chosen)
    if outcome.visits:
        step_plan(actor=actor, plan=current, status=PlanStatus.ACCEPTED)
        made = {"visits": len(outcome.visits), "left": len(outcome.left)}
        record_plan(actor, "booking.accept_plan", current, **made)
    return outcome


@dataclass
class _Accepting:
    """One acceptance: who accepts which plan."""

    actor: User
    plan: RoundPlan
    needed: set[tuple[UUID, str]] = field(init=False)
    working: set[tuple[int, date]] = field(init=False)

    def make(self, chosen: list[tuple[DayRow, StopRow]]) -> Acceptance:
        """Make the visits, in the order of the plan."""
        # All technicians first, by id: who accepts another plan at once takes them in that order.
        drivers = {day.technician.pk: day.technician for day, _stop in chosen}
        for technician_id in sorted(drivers):
            lock_technician(technician_id)
        self.needed = _units_that_need(self.plan)
        self.working = _working_days(self.plan, drivers.values())
        outcome = Acceptance([], [])
        for day, stop in chosen:
            try:
                outcome.visits.append(self._open(day, stop))
            except BookingRefused as refusal:
                outcome.left.append(LeftOut(stop, refusal))
        for visit in outcome.visits:
            send_visit_planned(actor=self.actor, visit=visit)
        return outcome

    @transaction.atomic
    def _open(self, day: DayRow, stop: StopRow) -> Visit:
        """Make one visit: the people's times lie between setting up and packing."""
        if (stop.unit.pk, stop.kind) not in self.needed:
            raise NobodyLeft
        if (day.technician.pk, day.day) not in self.working:
            raise TechnicianAway
        if stop.finishes <= stop.begins:
            raise NoRoomForSlots
        visit = open_visit(
            actor=self.actor,
            unit=stop.unit,
            technician=day.technician,
            kind=stop.kind,
            starts_at=stop.begins,
            ends_at=stop.finishes,
            slot_minutes=stop.slot_minutes,
            stations=1,
            form_key=stop_key(self.plan.pk, stop.key),
        )
        if visit.status != VisitStatus.OPEN:  # made of this stop before, and called off
            raise VisitNotOpen
        return visit


def _units_that_need(plan: RoundPlan) -> set[tuple[UUID, str]]:
    found = wishes(plan.federation, plan.first_day)
    return {(wish.unit.pk, wish.kind.value) for wish in found}


def _working_days(plan: RoundPlan, drivers: Iterable[Technician]) -> set[tuple[int, date]]:
    found = planning.work_days(drivers, plan.first_day, plan.last_day)
    return {(each.technician.pk, each.day) for each in found}
