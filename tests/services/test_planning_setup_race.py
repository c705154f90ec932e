"""Two planners set up the same thing at the same moment: the later stands, nobody meets a fault."""

from datetime import time, timedelta

from django.utils import timezone

from booking.models import ClosedDay, OpeningHours, Technician, WorkHours
from booking.services import planning
from booking.services.travel import take_matrix
from enrolment.people.models import CareUnit, Federation
from tests import builders
from tests.services.racing import Racer, crew, together

RACERS = 2
ROUNDS = 15
ROWS = {"work_hours": 5, "opening_hours": 5, "closed_days": 5, "matrix": 1}
HOURS = {day: (time(8), time(16)) for day in range(5)}


# --- What the racers run, each in its own process -----------------------------------------------


def prepare(_meet) -> str:
    unit = builders.unit()
    technician = builders.technician(unit.municipality.federation)
    return f"{unit.hsa_id};{technician.base};10"


def work_hours(meet, _way: str) -> int:
    technician = Technician.objects.select_related("federation").get()
    meet.wait(30)
    for _round in range(ROUNDS):
        planning.set_work_hours(actor=technician.user, technician=technician, hours=HOURS)
    return WorkHours.objects.count()


def opening_hours(meet, _way: str) -> int:
    unit = CareUnit.objects.select_related("municipality").get()
    actor = builders.user()
    meet.wait(30)
    for _round in range(ROUNDS):
        planning.set_opening_hours(actor=actor, unit=unit, hours=HOURS)
    return OpeningHours.objects.count()


def closed_days(meet, _way: str) -> int:
    federation, actor, today = Federation.objects.get(), builders.user(), timezone.localdate()
    meet.wait(30)
    for number in range(5):
        days = {"first_day": today, "last_day": today + timedelta(days=number)}
        planning.close_days(actor=actor, federation=federation, **days)
    return ClosedDay.objects.count()


def matrix(meet, way: str) -> int:
    federation, actor = Federation.objects.get(), builders.user()
    content = f"Från;Till;Minuter\n{way}\n".encode()
    meet.wait(30)
    for _round in range(ROUNDS):
        found = take_matrix(actor=actor, federation=federation, name="m.csv", content=content)
    return found.ways


def run(racer: Racer, name: str, *arguments):
    return racer.run(f"{__name__}.{name}", *arguments)


def test_who_sets_up_the_same_at_once_meets_no_fault(own_database):
    with crew(own_database, RACERS) as racers:
        way = run(racers[0], "prepare")
        for what, rows in ROWS.items():
            found = together(racers, f"{__name__}.{what}", [way] * RACERS)
            assert found == [rows] * RACERS
