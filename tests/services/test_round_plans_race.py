"""Two planners accept the same plan at the same moment: each visit is made once."""

from booking.models import RoundPlan, Visit
from booking.services.round_acceptance import accept_plan
from enrolment.people.models import User
from tests import builders, planner_builders
from tests.services.racing import Racer, crew, together

RACERS = 2
UNITS = 4


# --- What the racers run, each in its own process -----------------------------------------------


def prepare(_meet) -> str:
    federation = planner_builders.federation(technicians=2)
    for town in ("Skara", "Vara", "Götene", "Grästorp")[:UNITS]:
        builders.user("care_manager", within=planner_builders.unit(federation, town))
    plan = planner_builders.drafted(federation, planner_builders.planner(federation))
    planner_builders.planner(federation)
    return str(plan.pk)


def accept(meet, plan_id: str, place: int) -> int:
    plan = RoundPlan.objects.select_related("federation").get(pk=plan_id)
    planner = User.objects.filter(memberships__role="planner").order_by("pk")[place]
    meet.wait(30)
    return len(accept_plan(actor=planner, plan=plan).visits)


def visits(_meet) -> int:
    return Visit.objects.count()


def run(racer: Racer, name: str, *arguments):
    return racer.run(f"{__name__}.{name}", *arguments)


def test_two_acceptances_at_once_make_each_visit_once(own_database):
    with crew(own_database, RACERS) as racers:
        plan_id = run(racers[0], "prepare")
        made = together(racers, f"{__name__}.accept", [plan_id] * RACERS, list(range(RACERS)))
        assert run(racers[0], "visits") == UNITS
        assert sorted(made) == [0, UNITS]
