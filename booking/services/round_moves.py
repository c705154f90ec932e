"""Move a stop of a plan to another round, once its cost has been seen."""

from django.db import transaction

from booking.domain.rounds import check, plan_json
from booking.domain.states import PlanStatus
from booking.models import RoundPlan
from booking.queries.round_moves import places_for
from booking.services.refusals import PlanChanged, PlanSettled, StopBooked, StopDoesNotFit
from booking.services.rounds import lock_plan, record_plan
from enrolment.people.models import User


@transaction.atomic
def move_stop(*, actor: User, plan: RoundPlan, job: str, vehicle: str, seen: int) -> None:
    """Put the stop, by its key, in the round of a vehicle, where it costs least there.

    `seen` is the cost in seconds that the planner was shown. The whole plan is checked again
    before it is kept. Raises PlanSettled, StopBooked, StopDoesNotFit, PlanChanged.
    """
    current = lock_plan(plan)
    if current.replans or current.status not in (PlanStatus.READY, PlanStatus.ACCEPTED):
        raise PlanSettled
    places = places_for(current, job)
    if places is None:
        raise StopBooked
    place = places.at(vehicle)
    if place is None or check(places.instance, place.plan):
        raise StopDoesNotFit
    if place.cost != seen:
        raise PlanChanged
    current.answer = plan_json(places.instance, place.plan)
    current.save(update_fields=["answer"])
    record_plan(actor, "booking.move_stop", current, job=job, vehicle=vehicle)
