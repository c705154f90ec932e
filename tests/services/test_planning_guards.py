"""What must never stand in the tables of planning, the database refuses by itself."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from booking.models import ClosedDay, Feed, Kit, OpeningHours, Visit, WorkHours
from tests import builders

pytestmark = pytest.mark.django_db


def kit_of(federation) -> Kit:
    return Kit.objects.create(federation=federation, name="Väska 1")


def two_visits_at_once() -> tuple[Visit, Visit]:
    unit = builders.unit()
    federation = unit.municipality.federation
    return tuple(builders.visit(unit, builders.technician(federation)) for _ in range(2))


def test_a_kit_is_in_one_place_at_a_time():
    first, second = two_visits_at_once()
    kit = kit_of(first.unit.municipality.federation)
    Visit.objects.filter(pk=first.pk).update(kit=kit)
    with pytest.raises(IntegrityError, match="visit_kit_overlap"), transaction.atomic():
        Visit.objects.filter(pk=second.pk).update(kit=kit)


def test_a_kit_goes_on_to_the_next_visit_and_a_cancelled_one_frees_it():
    first, second = two_visits_at_once()
    kit = kit_of(first.unit.municipality.federation)
    Visit.objects.filter(pk=first.pk).update(kit=kit, status="cancelled")
    later = second.starts_at + timedelta(hours=3)
    Visit.objects.filter(pk=second.pk).update(kit=kit)
    third = builders.visit(second.unit, second.technician, starts_at=later)
    assert Visit.objects.filter(pk=third.pk).update(kit=kit) == 1


@pytest.mark.parametrize("weekday", [0, 6])
def test_hours_go_forward_and_stand_once_a_weekday(weekday: int):
    unit = builders.unit()
    OpeningHours.objects.create(unit=unit, weekday=weekday, opens=time(8), closes=time(16))
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningHours.objects.create(unit=unit, weekday=weekday, opens=time(9), closes=time(12))
    technician = builders.technician()
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkHours.objects.create(
            technician=technician, weekday=weekday, starts=time(16), ends=time(8)
        )


def test_a_day_is_closed_once_in_each_place():
    unit = builders.unit()
    federation, day = unit.municipality.federation, date(2027, 6, 4)
    ClosedDay.objects.create(federation=federation, day=day)
    ClosedDay.objects.create(federation=federation, unit=unit, day=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosedDay.objects.create(federation=federation, day=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosedDay.objects.create(
            federation=federation, unit=unit, municipality=unit.municipality, day=day
        )


def test_a_calendar_address_is_of_one_technician_unit_or_person():
    unit = builders.unit()
    federation = unit.municipality.federation
    Feed.objects.create(federation=federation, unit=unit, token_digest="a" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        Feed.objects.create(federation=federation, token_digest="b" * 64)
