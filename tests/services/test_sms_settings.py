"""What the settings take for an SMS gateway, and what stops the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from enrolment import settings as house
from enrolment.messages.sms import Gateway

NAMES = ("URL", "FROM", "WAY", "FIELDS", "USER", "PASSWORD", "TOKEN", "TOKEN_FILE")
SAFE = {"URL": "https://sms.example/a1/sms", "FROM": "Fotorundan"}


@pytest.fixture
def read(monkeypatch):
    """Return a function that reads the gateway from these variables."""

    def given(**variables: str) -> dict[str, object]:
        for name in NAMES:
            monkeypatch.delenv(f"FOTORUNDAN_SMS_{name}", raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(f"FOTORUNDAN_SMS_{name}", value)
        return house._sms()

    return given


def test_without_an_address_there_is_no_gateway(read):
    assert read() == {}
    assert read(FROM="Fotorundan") == {}


def test_an_address_and_a_sender_are_enough(read):
    gateway = Gateway(**read(**SAFE))
    assert (gateway.url, gateway.sent_by, gateway.way) == (*SAFE.values(), "form")
    assert (gateway.sender, gateway.to, gateway.text) == ("from", "to", "message")
    assert (gateway.user, gateway.token) == ("", "")


def test_everything_can_be_set(read, tmp_path):
    file = tmp_path / "token"
    file.write_text("t0ken\n")
    told = read(**SAFE, WAY="json", FIELDS="sender, recipient, body", TOKEN_FILE=str(file))
    gateway = Gateway(**told)
    assert (gateway.way, gateway.token) == ("json", "t0ken")
    assert (gateway.sender, gateway.to, gateway.text) == ("sender", "recipient", "body")
    gateway = Gateway(**read(**SAFE, USER="u", PASSWORD="p"))
    assert (gateway.user, gateway.password) == ("u", "p")


def test_a_gateway_on_this_machine_needs_no_tls(read):
    assert read(**SAFE | {"URL": "http://127.0.0.1:8025/"})["url"] == "http://127.0.0.1:8025/"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"URL": "http://sms.example/"}, "must be https"),
        ({"URL": "ftp://sms.example/"}, "must be https"),
        ({"URL": "https:///a1"}, "must be https"),
        ({"URL": "https://u:p@sms.example/"}, "must be https"),
        ({"FROM": ""}, "FOTORUNDAN_SMS_FROM is missing"),
        ({"WAY": "xml"}, "must be form or json"),
        ({"FIELDS": "from,to"}, "must name three fields"),
        ({"FIELDS": "to,to,message"}, "must name three fields"),
        ({"USER": "u"}, "FOTORUNDAN_SMS_PASSWORD"),
    ],
)
def test_what_cannot_be_used_stops_the_start(read, given, says):
    with pytest.raises(ImproperlyConfigured, match=says):
        read(**SAFE | given)
