"""Calendar addresses: made on a page, shown once, fetched by anybody who holds one, revoked."""

import re

import pytest
from django.urls import reverse
from icalendar import Calendar

from booking.models import Feed
from tests import builders

pytestmark = pytest.mark.django_db

ADDRESS = re.compile(r"https?://[^<\s]+\.ics")


@pytest.fixture
def visit():
    return builders.visit()


@pytest.fixture
def planner(visit):
    return builders.user("planner", within=visit.unit.municipality.federation)


def made(client, name: str = "make_feed", **typed) -> str:
    """Make an address and return where it leads."""
    page = client.post(reverse(f"booking:{name}"), typed).content.decode()
    [address] = ADDRESS.findall(page)
    return "/" + address.split("/", 3)[3]


def test_a_units_address_is_shown_once_and_answers_without_log_in(visit, planner, log_in, client):
    place = made(log_in(planner), unit=visit.unit_id)
    assert place not in client.get(reverse("booking:feeds")).content.decode()
    client.logout()
    answer = client.get(place)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    assert calendar["METHOD"] == "PUBLISH"
    assert len(calendar.walk("VEVENT")) == 1


def test_a_calendar_that_has_it_all_gets_nothing_new_until_something_changes(
    visit, planner, log_in, client
):
    place = made(log_in(planner), unit=visit.unit_id)
    etag = client.get(place)["ETag"]
    again = client.get(place, headers={"If-None-Match": f'"other", {etag}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    builders.visit(visit.unit, starts_at=builders.tomorrow(15))
    assert client.get(place, headers={"If-None-Match": etag}).status_code == 200
    assert client.head(place).content == b""


def test_a_revoked_address_leads_nowhere(visit, planner, log_in, client):
    place = made(log_in(planner), unit=visit.unit_id)
    client.post(reverse("booking:revoke_feed", args=[Feed.objects.get().pk]))
    assert client.get(place).status_code == 404
    assert client.get("/kalender/nonsense.ics").status_code == 404


def test_a_technician_makes_one_for_the_own_visits_and_no_other(visit, log_in):
    client = log_in(visit.technician.user)
    place = made(client, "make_own_feed")
    assert Feed.objects.get().technician == visit.technician
    assert b"BEGIN:VEVENT" in client.get(place).content
    forbidden = client.post(reverse("booking:make_feed"), {"unit": visit.unit_id})
    assert forbidden.status_code == 404


def test_whoever_is_no_technician_has_no_own_visits(planner, log_in):
    assert log_in(planner).post(reverse("booking:make_own_feed")).status_code == 404


def test_a_persons_address_is_made_by_hsa_id(visit, planner, log_in):
    staff = builders.staff(visit.unit)
    made(log_in(planner), hsa_id=f" {staff.hsa_id.lower()} ")
    assert Feed.objects.get().staff == staff


def test_neither_protected_persons_nor_strangers_nor_both_nor_none(visit, planner, log_in):
    hidden = builders.staff(visit.unit, "Hemligia", protected=True)
    hidden.handlers.add(planner)
    stranger, friend = builders.staff(), builders.staff(visit.unit)
    client = log_in(planner)
    for typed in [
        {"hsa_id": hidden.hsa_id},
        {"hsa_id": stranger.hsa_id},
        {"unit": stranger.unit_id},
        {"hsa_id": friend.hsa_id, "unit": visit.unit_id},
        {},
    ]:
        page = client.post(reverse("booking:make_feed"), typed).content.decode()
        assert "error-summary" in page
        assert "Hemligia" not in page
    assert not Feed.objects.exists()


def test_addresses_of_others_are_neither_shown_nor_revoked(visit, planner, log_in, client):
    made(log_in(planner), unit=visit.unit_id)
    feed = Feed.objects.get()
    there = builders.user("care_manager", within=builders.unit(visit.unit.municipality))
    client = log_in(there)
    assert str(feed.pk) not in client.get(reverse("booking:feeds")).content.decode()
    assert client.post(reverse("booking:revoke_feed", args=[feed.pk])).status_code == 404
    feed.refresh_from_db()
    assert feed.revoked_at is None
