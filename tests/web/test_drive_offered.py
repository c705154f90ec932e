"""The minutes driven to a visit are asked for from its day on, and refused before."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from booking.models import Drive, Visit
from tests import builders

pytestmark = pytest.mark.django_db
ASKED = 'name="minutes"'


@pytest.fixture
def visit() -> Visit:
    return builders.visit()


def address(name: str, visit: Visit) -> str:
    return reverse(f"booking:{name}", args=[visit.pk])


def begins(visit: Visit, moment) -> None:
    Visit.objects.filter(pk=visit.pk).update(starts_at=moment, ends_at=moment + timedelta(hours=1))


def test_before_its_day_nothing_is_asked_and_a_note_is_refused(log_in, visit):
    technician = log_in(visit.technician.user)
    assert ASKED not in technician.get(address("visit", visit)).content.decode()
    answer = technician.post(address("drive", visit), {"minutes": "30"}, follow=True)
    assert "Anteckna körningen samma dag som besöket eller senare." in answer.content.decode()
    assert not Drive.objects.exists()


@pytest.mark.parametrize("days_ago", [0, 1])
def test_from_its_day_on_it_is_asked_for_and_noted(log_in, visit, days_ago):
    begins(visit, timezone.now() - timedelta(days=days_ago))
    technician = log_in(visit.technician.user)
    assert ASKED in technician.get(address("visit", visit)).content.decode()
    technician.post(address("drive", visit), {"minutes": "30"})
    assert Drive.objects.get().minutes == 30


def test_nobody_else_is_asked(log_in, visit):
    begins(visit, timezone.now())
    manager = log_in(builders.user("care_manager", within=visit.unit))
    assert ASKED not in manager.get(address("visit", visit)).content.decode()
