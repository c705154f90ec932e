"""Booking somebody asks the database as often in a big visit, unit and federation as in small."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking.models import Visit
from booking.services.bookings import book_people
from tests import builders

pytestmark = pytest.mark.django_db


def needs_at(visit: Visit, count: int) -> list:
    return [builders.need(builders.staff(visit.unit)) for _ in range(count)]


def asked(client: Client, act) -> int:
    with CaptureQueriesContext(connection) as made:
        act(client)
    return len(made)


def book(visit: Visit, slot, need):
    address, form = reverse("booking:book", args=[visit.pk]), {"slot": slot.pk, "need": need.pk}
    return lambda client: client.post(address, form)


def counts(visit: Visit, client: Client) -> dict[str, int]:
    """Return how many queries each step of booking takes in the visit as it is now."""
    *_others, taken, free = visit.slots.filter(bookings=None).order_by("starts_at")
    first, second = needs_at(visit, 2)
    address = reverse("booking:visit", args=[visit.pk])
    return {
        "book": asked(client, book(visit, taken, first)),
        "lose": asked(client, book(visit, taken, second)),
        "page": asked(client, lambda at: at.get(address)),
        "slot": asked(client, lambda at: at.get(reverse("booking:slot", args=[visit.pk, free.pk]))),
    }


def test_the_queries_of_a_booking_are_as_many_whatever_the_number_of_rows(log_in):
    visit = builders.visit(hours=4)
    client = log_in(visit.booked_by)
    book_people(actor=visit.booked_by, visit=visit, needs=needs_at(visit, 2))
    client.get(reverse("booking:visit", args=[visit.pk]))
    few = counts(visit, client)
    book_people(actor=visit.booked_by, visit=visit, needs=needs_at(visit, 20))
    needs_at(visit, 20)
    assert counts(visit, client) == few
    assert few["book"] < 60
    assert max(few["lose"], few["page"], few["slot"]) < 45
