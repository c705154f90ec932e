"""What the console writes of a request never holds the token of its address."""

import io
import logging
from copy import deepcopy
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from tests.own_time_builders import address, booked

TOKEN = "hemlig-nyckel-som-ingen-logg-ska-bara"
pytestmark = pytest.mark.django_db


def keyed_addresses() -> list[str]:
    """Return every address of the house with a token in it, and its name."""
    rooms = get_resolver().namespace_dict
    found = []
    for room, (_prefix, resolver) in rooms.items():
        for name in {key for key in resolver.reverse_dict if isinstance(key, str)}:
            for _path, names in resolver.reverse_dict.getlist(name)[0][0]:
                if "token" in names:
                    found.append(reverse(f"{room}:{name}", kwargs=dict.fromkeys(names, TOKEN)))
    return sorted(found)


@pytest.fixture
def console():
    """Return what the console of the settings writes meanwhile."""
    made = DictConfigurator(deepcopy(settings.LOGGING))
    lines = made.config["formatters"]
    lines["line"] = made.configure_formatter(lines["line"])
    handler = made.configure_handler(made.config["handlers"]["console"])
    handler.setStream(io.StringIO())
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


def test_there_are_addresses_with_a_token():
    assert {path.split("/")[1] for path in keyed_addresses()} == {"min-tid", "kalender", "losenord"}


@pytest.mark.parametrize("path", keyed_addresses())
def test_a_wrong_address_is_warned_of_without_its_token(path, console, client):
    client.get(path)
    client.put(path)
    Client(enforce_csrf_checks=True).post(path)
    assert path.split(TOKEN)[0].split("/")[1] in console.getvalue()
    assert "…" in console.getvalue()
    assert TOKEN not in console.getvalue()


def test_a_link_that_has_ended_is_warned_of_without_its_token(console, client):
    booking = booked()
    path = address(booking)
    booking.visit.own_links.update(expires_at=booking.created_at)
    assert client.get(path).status_code == 410
    assert "Gone: /min-tid/…" in console.getvalue()
    assert path.split("/")[2] not in console.getvalue()


def test_a_traceback_is_without_it_too(console):
    try:
        raise ValueError(f"/kalender/{TOKEN}.ics is odd")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error")
    assert "ValueError: /kalender/… is odd" in console.getvalue()
