"""A page that shows a protected person to the handler leaves a line; others are shown nobody."""

import pytest
from django.urls import reverse

from booking.services.bookings import book_people
from enrolment.audit.models import Entry
from enrolment.people.models import User
from enrolment.people.services.protection import name_handler
from tests import builders, card_builders

pytestmark = pytest.mark.django_db


def looks(by: User) -> list[str]:
    lines = Entry.objects.filter(action="people.note_look", actor=by.audit_name)
    return list(lines.values_list("subject", flat=True))


def addresses(unit, hsa_id: str) -> dict[str, str]:
    return {
        "overview": reverse("people:overview"),
        "unit": reverse("people:unit", args=[unit.pk]),
        "search": reverse("people:search", query={"q": hsa_id}),
        "book a visit": reverse("booking:new", query={"unit": unit.pk}),
    }


@pytest.mark.parametrize("page", ["overview", "unit", "search", "book a visit"])
def test_a_list_notes_the_protected_and_nobody_else(page, log_in):
    person = builders.staff(protected=True)
    builders.need(person)
    builders.need(builders.staff(person.unit))
    manager, other = (builders.user("care_manager", within=person.unit) for _ in range(2))
    person.handlers.add(manager)
    address = addresses(person.unit, person.hsa_id)[page]
    assert person.shown_name in log_in(manager).get(address).content.decode()
    assert looks(manager) == [f"staff:{person.pk}"]
    assert person.shown_name not in log_in(other).get(address).content.decode()
    assert looks(other) == []


@pytest.mark.parametrize("booked", [True, False])
def test_the_visit_notes_who_is_in_it_and_who_could_be(booked, log_in):
    visit = builders.visit()
    person = builders.staff(visit.unit, protected=True)
    need = builders.need(person)
    if booked:
        book_people(actor=visit.booked_by, visit=visit, needs=[need])
    person.handlers.add(visit.booked_by)
    log_in(visit.booked_by).get(reverse("booking:visit", args=[visit.pk]))
    assert looks(visit.booked_by) == [f"staff:{person.pk}"]


def test_a_free_time_notes_who_could_have_it(log_in):
    visit = builders.visit()
    person = builders.staff(visit.unit, protected=True)
    builders.need(person)
    person.handlers.add(visit.booked_by)
    slot = visit.slots.first()
    log_in(visit.booked_by).get(reverse("booking:slot", args=[visit.pk, slot.pk]))
    assert looks(visit.booked_by) == [f"staff:{person.pk}"]


def test_the_orders_note_the_protected(log_in):
    issuer = card_builders.issuer()
    keeper = card_builders.keeper(issuer.federation)
    staff = card_builders.orders(2, issuer)[0].need.staff
    staff.protected = True
    staff.save()
    name_handler(actor=keeper, staff=staff, handler=keeper)
    log_in(keeper).get(reverse("cards:orders"))
    assert looks(keeper) == [f"staff:{staff.pk}"]
