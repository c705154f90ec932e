"""An address that only takes what a button sends: a page says so, and the way on from it."""

import uuid

import pytest
from django.urls import get_resolver, reverse

from booking.models import Visit
from tests import builders

pytestmark = pytest.mark.django_db
PASSWORD = "ett långt lösenord"
SAID = "Adressen går inte att öppna så här"


@pytest.fixture
def visit() -> Visit:
    return builders.visit()


@pytest.fixture
def technician(visit):
    user = visit.technician.user
    user.set_password(PASSWORD)
    user.save()
    return user


def close(visit: Visit) -> str:
    return reverse("booking:close", args=[visit.pk])


def page(visit: Visit) -> str:
    return reverse("booking:visit", args=[visit.pk])


@pytest.mark.parametrize("method", ["get", "head"])
def test_the_page_says_what_happened_and_leads_to_the_page_with_the_button(
    log_in, technician, visit, method
):
    answer = getattr(log_in(technician), method)(close(visit))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    if method == "get":
        assert SAID in answer.content.decode()
        assert f'href="{page(visit)}"' in answer.content.decode()


def test_where_nothing_lies_above_the_start_page_is_the_way_on(log_in, technician):
    answer = log_in(technician).get(reverse("people:log_out"))
    assert answer.status_code == 405
    assert "Gå till startsidan" in answer.content.decode()


def test_a_page_that_is_only_read_says_so_too(log_in, technician, visit):
    answer = log_in(technician).post(page(visit))
    assert answer.status_code == 405
    assert "POST" not in answer["Allow"]
    assert SAID in answer.content.decode()


def test_the_api_answers_in_its_own_way(client, log_in, technician):
    station = log_in(technician).post(reverse("photos:station_state"))
    assert (station.status_code, station.content) == (405, b"")
    document = client.post(reverse("cards:api_document"))
    assert document.status_code == 405
    assert document["Content-Type"] == "application/problem+json"


def test_the_log_in_leads_on_to_the_page_above(client, technician, visit):
    sent = client.post(close(visit))
    log_in_page = sent.headers["Location"]
    assert log_in_page == f"{reverse('people:log_in')}?next={close(visit)}"
    entered = client.post(log_in_page, {"username": technician.email, "password": PASSWORD})
    assert entered.headers["Location"] == close(visit)
    headers = {"Referer": f"http://testserver{log_in_page}"}
    answer = client.get(close(visit), headers=headers, follow=True)
    assert answer.redirect_chain == [(page(visit), 302)]
    assert "Det du gjorde innan sparades inte." in answer.content.decode()
    assert Visit.objects.get().status == "open"


SAMPLES = {"IntConverter": 1, "StringConverter": "x", "UUIDConverter": uuid.uuid4()}


def addresses() -> list[str]:
    """Return an address of each view of the house, with made-up things in it."""
    return [
        reverse(f"{room.namespace}:{each.name}", kwargs=samples(each.pattern))
        for room in get_resolver().url_patterns
        for each in room.url_patterns
        if hasattr(each.pattern, "converters")
    ]


def samples(pattern) -> dict:
    return {name: SAMPLES[type(each).__name__] for name, each in pattern.converters.items()}


def test_the_way_on_can_be_opened_from_every_address(log_in, technician):
    client = log_in(technician)
    shut = [answer for answer in map(client.get, addresses()) if answer.status_code == 405]
    ways = {answer.context["above"] for answer in shut if answer.content}
    assert len(ways) > 10
    assert not [way for way in ways if client.get(way).status_code == 405]
