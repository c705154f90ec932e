"""A federation to plan rounds for: technicians, units at real distances, people who need cards."""

import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from booking.domain.rounds import cheapest_insertion, plan_json
from booking.models import RoundPlan, Technician
from booking.queries.round_plans import question_of
from booking.services.replans import replan
from booking.services.rounds import ask_for_plan, run_plan
from enrolment.people.models import CareUnit, Federation, User
from tests import builders

# Towns of western Sweden, by latitude and longitude.
TOWNS = {
    "Lidköping": (58.5052, 13.1577),
    "Skara": (58.3866, 13.4387),
    "Götene": (58.5281, 13.4920),
    "Vara": (58.2620, 12.9540),
    "Grästorp": (58.3320, 12.6800),
    "Nossebro": (58.1886, 12.7192),
    "Kiruna": (67.8558, 20.2253),
}


def federation(technicians: int = 1) -> Federation:
    made = builders.federation()
    builders.municipality(made)
    for _ in range(technicians):
        builders.technician(made)
    return made


def unit(of: Federation, town: str = "Skara", people: int = 2, due_in: int = 60) -> CareUnit:
    """Make a unit in a town with people whose cards run out in so many days."""
    made = builders.unit(of.municipalities.first(), f"{town}gården")
    made.town = town
    made.latitude, made.longitude = TOWNS[town]
    made.save()
    due_on = timezone.localdate() + timedelta(days=due_in)
    for _ in range(people):
        builders.need(builders.staff(made), due_on=due_on)
    return made


def planner(of: Federation) -> User:
    return builders.user("planner", within=of, name="Petra Planerare")


def weekdays() -> tuple[date, date]:
    """Return the Monday and the Friday of the week after next: nothing there has begun."""
    today = timezone.localdate()
    monday = today + timedelta(days=14 - today.weekday())
    return monday, monday + timedelta(days=4)


def asked(of: Federation, by: User | None = None, seconds: int = 1, **more) -> RoundPlan:
    first_day, last_day = weekdays()
    return ask_for_plan(
        actor=by or planner(of),
        federation=of,
        first_day=more.pop("first_day", first_day),
        last_day=more.pop("last_day", last_day),
        seconds=seconds,
        seed=7,
        form_key=more.pop("form_key", uuid.uuid4()),
    )


def ready(of: Federation, by: User | None = None, **more) -> RoundPlan:
    """Make a plan that is worked out by the real worker."""
    plan = asked(of, by, **more)
    run_plan(plan_id=plan.pk)
    plan.refresh_from_db()
    return plan


def drafted(of: Federation, by: User | None = None) -> RoundPlan:
    """Make a plan to decide on, by the simplest planning there is."""
    plan = asked(of, by)
    instance = question_of(plan)
    plan.answer, plan.status = plan_json(instance, cheapest_insertion(instance)), "ready"
    plan.save()
    plan.refresh_from_db()
    return plan


def replanned(of: Federation, by: User) -> RoundPlan:
    """Make a plan for when a technician with a visit is away."""
    first_day, last_day = weekdays()
    away = builders.technician(of)
    builders.visit(unit(of, "Vara", people=0), away, hours=1, starts_at=at_nine(first_day))
    return replan(
        actor=by,
        federation=of,
        first_day=first_day,
        last_day=last_day,
        form_key=uuid.uuid4(),
        technician=away,
    )


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), builders.STOCKHOLM)


def technician(of: Federation) -> Technician:
    return Technician.objects.filter(federation=of).order_by("pk").first()
