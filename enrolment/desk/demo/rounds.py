"""The demo's rounds: planned for four weeks, one day accepted, one ward's times shared out."""

import csv
import io
import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from booking.domain.states import PlanStatus
from booking.models import Visit
from booking.queries.round_days import PlanRead
from booking.services.assign import assign_people
from booking.services.round_acceptance import accept_plan
from booking.services.rounds import ask_for_plan
from booking.services.ward import set_ward_rule
from enrolment.desk.demo import world
from enrolment.desk.demo.story import DEMO, Story, expect
from enrolment.people.access import Role
from enrolment.people.models import CardNeed, CareUnit, Staff
from enrolment.people.queries.needs import WITHOUT_TIME
from enrolment.people.services.rosters import import_roster

SEARCHED_SECONDS = 2
SEED = 1
DAYS = 28
# After the visits that were booked by hand.
FROM_DAY = 7
ROSTER = ("HSA-id", "Datum", "Start", "Slut")
SHIFTS = (("06:45", "15:45"), ("07:30", "16:30"))
# One on the way there, one before the camera, one on the way back.
MOST_AWAY = 3
WALKING_MINUTES = 3


def plan_rounds(story: Story) -> str:
    """The planner has four weeks of rounds planned, and accepts their first day."""
    planner = story.user(Role.PLANNER)
    first = timezone.localdate(story.now) + timedelta(days=FROM_DAY)
    plan = ask_for_plan(
        actor=planner,
        federation=story.federations[world.GOLISKA.slug],
        first_day=first,
        last_day=first + timedelta(days=DAYS - 1),
        seconds=SEARCHED_SECONDS,
        seed=SEED,
        form_key=uuid.uuid4(),
    )
    plan.refresh_from_db()
    expect(plan.status == PlanStatus.READY, f"Rundorna blev inte planerade: {plan.why}.")
    read = PlanRead(plan)
    expect(bool(read.open_stops), "Rundorna har inga nya besök. Se sidan Rundor.")
    chosen = [stop.key for stop in read.days[0].open_stops]
    accepted = accept_plan(actor=planner, plan=plan, stops=chosen)
    expect(not accepted.left, "Ett besök i planen gick inte att boka.")
    story.planned += accepted.visits
    driven = sum(day.driving for day in read.days)
    story.summary.update(
        planned_visits=len(read.open_stops),
        planned_days=len(read.days),
        planned_driving_minutes=driven,
        accepted_visits=len(accepted.visits),
    )
    days = f"{len(read.open_stops)} besök på {len(read.days)} dagar"
    return f"{days}, {driven // 60} h {driven % 60:02} min i bil, första dagen antagen"


def keep_the_ward_staffed(story: Story) -> str:
    """The ward's roster is read, and its people get times that leave enough of them at work."""
    visit = story.planned[0]
    manager, unit = story.user(Role.PLANNER), visit.unit
    set_ward_rule(actor=manager, unit=unit, most_away=MOST_AWAY, walking_minutes=WALKING_MINUTES)
    content = _roster(unit, visit.starts_at)
    (story.folder / "staff-files" / "schema.csv").write_bytes(content)
    taken = import_roster(
        actor=DEMO,
        federation=unit.municipality.federation,
        unit=unit,
        name="schema.csv",
        content=content,
    )
    bookings = assign_people(actor=manager, visit=visit, needs=_without_time(visit))
    story.summary.update(shifts=taken.shifts, staffed=len(bookings))
    return f"{taken.shifts} arbetspass lästa, {len(bookings)} tider, högst {MOST_AWAY} borta"


def _without_time(visit: Visit) -> list[CardNeed]:
    here = {"staff__unit": visit.unit, "staff__protected": False}
    needs = CardNeed.objects.filter(open=True, stage__in=WITHOUT_TIME, **here)
    room = visit.slots.count()
    return list(needs.select_related("staff").order_by("due_on", "staff__sort_key")[:room])


def _roster(unit: CareUnit, at: datetime) -> bytes:
    """Write the day's shifts as a scheduling system gives them: every other begins later."""
    day = timezone.localdate(at).isoformat()
    staff = Staff.objects.filter(unit=unit, left_on=None).order_by("sort_key")
    rows = [[person.hsa_id, day, *SHIFTS[nr % 2]] for nr, person in enumerate(staff)]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([ROSTER, *rows])
    return out.getvalue().encode("utf-8-sig")
