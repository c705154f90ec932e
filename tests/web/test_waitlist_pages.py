"""The waiting list, codes and drop-ins, as managers and technicians meet them."""

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import Booking, OwnLink, Visit, Waiting
from booking.services.own_links import own_way
from enrolment.people.models import Staff
from tests import builders
from tests import own_time_builders as own

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    return own.small_visit()


@pytest.fixture
def booking(visit) -> Booking:
    return own.booked(visit)


# --- By the manager -----------------------------------------------------------------------------


@pytest.fixture
def manager(visit, log_in):
    return log_in(builders.user("care_manager", within=visit.unit))


def test_a_manager_gives_a_new_code(manager, booking):
    before = own_way(visit=booking.visit, need=booking.need).code
    address = reverse("booking:new_code", args=[booking.visit_id, booking.pk])
    shown = manager.post(address, follow=True).content.decode()
    after = own_way(visit=booking.visit, need=booking.need).code
    assert (after in shown, after != before) == (True, True)


def test_a_handler_gives_a_protected_person_no_code(visit, log_in):
    user = builders.user("care_manager", within=visit.unit)
    booking = own.booked(visit, protected=True)
    booking.need.staff.handlers.add(user)
    address = reverse("booking:new_code", args=[visit.pk, booking.pk])
    log_in(user).post(address)
    assert OwnLink.objects.count() == 0


def test_the_manager_sees_who_waits_and_who_gave_up_why(manager, client, visit):
    booking, waiting = own.full(visit)[0], own.waiting(visit, family_name="Väntar")
    hidden = own.waiting(visit, family_name="Dold")
    Staff.objects.filter(pk=hidden.need.staff_id).update(protected=True)
    Client().post(own.address(booking, "own_give_up"), {"reason": "sick"})
    shown = manager.get(reverse("booking:waitlist", args=[visit.pk])).content.decode()
    assert "Väntar" in shown
    assert "Dold" not in shown
    assert booking.need.staff.name in shown
    assert str(waiting.pk) in shown


def test_the_manager_adds_and_removes(manager, visit):
    own.full(visit)
    need = builders.need(builders.staff(visit.unit))
    address = reverse("booking:waitlist", args=[visit.pk])
    manager.post(address, {"need": need.pk})
    waiting = Waiting.objects.get()
    assert (waiting.need, waiting.status) == (need, "waiting")
    manager.post(address, {"need": "nonsense"})
    manager.post(address, {"need": builders.need().pk})
    assert Waiting.objects.count() == 1
    manager.post(reverse("booking:waitlist_remove", args=[visit.pk, waiting.pk]))
    waiting.refresh_from_db()
    assert waiting.status == "ended"


def test_a_protected_person_is_not_put_on_the_list(visit, log_in):
    user = builders.user("care_manager", within=visit.unit)
    need = builders.need(builders.staff(visit.unit, protected=True))
    need.staff.handlers.add(user)
    client = log_in(user)
    client.post(reverse("booking:waitlist", args=[visit.pk]), {"need": need.pk})
    assert Waiting.objects.count() == 0


# --- By the technician --------------------------------------------------------------------------


def test_the_technician_finds_and_takes_in_a_drop_in(visit, log_in):
    client = log_in(visit.technician.user)
    person = builders.staff(visit.unit, "Karin", "Lind")
    hidden = builders.staff(visit.unit, "Karin", "Dold", protected=True)
    address = reverse("booking:walk_in", args=[visit.pk])
    shown = client.get(address, {"q": "karin"}).content.decode()
    assert "Karin Lind" in shown
    assert hidden.hsa_id not in shown
    client.post(address, {"staff": hidden.pk, "reason": "new"})
    client.post(address, {"staff": person.pk})
    assert not visit.bookings.exists()
    client.post(address, {"staff": person.pk, "reason": "new"})
    assert visit.bookings.get().need.staff == person


def test_nobody_but_the_visit_s_technician_takes_in_a_drop_in(visit, log_in):
    address = reverse("booking:walk_in", args=[visit.pk])
    for user in (
        builders.user("care_manager", within=visit.unit),
        builders.technician(visit.unit.municipality.federation).user,
    ):
        assert log_in(user).get(address).status_code == 404
