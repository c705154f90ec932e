"""SMS go through a gateway over real HTTP: a no is for good, an outage passes."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from django.utils import timezone

from enrolment import outside
from enrolment.audit.services import System
from enrolment.messages import sms, tasks
from enrolment.messages.models import Message
from enrolment.messages.services import Sms, retry_message, send_message, write_message
from enrolment.messages.services.sending import MAX_ATTEMPTS

NUMBER = "+46701740605"


class Gateway(HTTPServer):
    """Keep what is posted, and answer as the test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.answer = b'{"status": "created", "id": "s1"}'
        self.headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/a1/sms?dry=no"

    def forms(self) -> list[dict[str, list[str]]]:
        return [parse_qs(body.decode()) for _path, _headers, body in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def gateway(settings) -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    settings.SMS_GATEWAY = {"url": server.url, "sent_by": "Fotorundan", "timeout": 5}
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def write(number: str = "070-174 06 05", key: str = "booking:1") -> Message:
    return write_message(
        actor=System("test"), federation_id=uuid4(), key=key, sms=Sms(number, "Hej Åsa & Bo! 10.05")
    )


# --- The adapter ----------------------------------------------------------------------------------


def test_a_form_with_user_and_password(gateway, settings):
    settings.SMS_GATEWAY |= {"user": "u123", "password": "hemligt: å"}
    sms.send(NUMBER, "Hej Åsa & Bo!")
    [(path, headers, _body)] = gateway.asked
    assert path == "/a1/sms?dry=no"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    word, secret = headers["Authorization"].split()
    assert (word, base64.b64decode(secret).decode()) == ("Basic", "u123:hemligt: å")
    assert gateway.forms() == [
        {"from": ["Fotorundan"], "to": [NUMBER], "message": ["Hej Åsa & Bo!"]}
    ]


def test_json_with_a_token_and_other_names(gateway, settings):
    settings.SMS_GATEWAY |= {
        "way": "json",
        "token": "t0ken",
        "sender": "originator",
        "to": "recipient",
        "text": "body",
    }
    sms.send(NUMBER, "Hej!")
    [(_path, headers, body)] = gateway.asked
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["Content-Type"] == "application/json"
    told = {"originator": "Fotorundan", "recipient": NUMBER, "body": "Hej!"}
    assert json.loads(body) == told


@pytest.mark.parametrize("status", [400, 406, 409, 410, 413, 422])
def test_a_no_to_this_message_is_for_good(gateway, status):
    gateway.status, gateway.answer = status, b"Invalid to: no such number"
    with pytest.raises(sms.SmsRefused, match=f"{status} Invalid to"):
        sms.send(NUMBER, "Hej!")


@pytest.mark.parametrize("answer", [b'{"status": "failed"}', b'{"error": "no credit"}'])
def test_a_no_in_the_json_of_a_200_is_a_no(gateway, answer):
    gateway.answer = answer
    with pytest.raises(sms.SmsRefused):
        sms.send(NUMBER, "Hej!")


@pytest.mark.parametrize("answer", [b"", b"OK", b"[1]", b'"error"', b'{"error": null}', b"\xff"])
def test_any_other_answer_of_200_is_a_yes(gateway, answer):
    gateway.answer = answer
    sms.send(NUMBER, "Hej!")


@pytest.mark.parametrize("status", [301, 302, 307, 401, 402, 403, 404, 429, 500, 503])
def test_what_is_about_the_gateway_or_the_account_passes(gateway, status):
    gateway.status = status
    gateway.headers = {"Location": "/elsewhere"}
    with pytest.raises(sms.SmsOutage, match=str(status)):
        sms.send(NUMBER, "Hej!")
    assert len(gateway.asked) == 1, "nothing is followed"


def test_a_long_answer_is_not_read_to_its_end(gateway):
    gateway.status, gateway.answer = 400, b"x" * (4 * sms.LONGEST_ANSWER)
    with pytest.raises(sms.SmsRefused) as refused:
        sms.send(NUMBER, "Hej!")
    assert len(str(refused.value)) < sms.LONGEST_ANSWER + 10


def test_nobody_there_is_an_outage(settings):
    settings.SMS_GATEWAY = {"url": "http://127.0.0.1:1/", "sent_by": "Fotorundan"}
    with pytest.raises(sms.SmsOutage, match="ConnectionRefused"):
        sms.send(NUMBER, "Hej!")


def test_silence_is_an_outage(gateway, settings):
    quiet = HTTPServer(("127.0.0.1", 0), _Handler)  # takes the connection and never answers
    settings.SMS_GATEWAY |= {"url": f"http://127.0.0.1:{quiet.server_port}/", "timeout": 0.05}
    with pytest.raises(sms.SmsOutage, match="Timeout"):
        sms.send(NUMBER, "Hej!")
    quiet.server_close()


@pytest.mark.parametrize("secret", [{"token": "hemlig\n"}, {"token": "hemlig\u2014"}])
def test_a_log_in_that_no_request_can_bear_is_not_told(gateway, settings, secret):
    settings.SMS_GATEWAY |= secret
    with pytest.raises(sms.SmsOutage) as outage:
        sms.send(NUMBER, "Hej!")
    assert "hemlig" not in str(outage.value)
    assert gateway.asked == []


def test_an_answer_that_drips_is_not_waited_for(gateway, monkeypatch):
    monkeypatch.setattr(outside, "ANSWER_SECONDS", -1)
    with pytest.raises(sms.SmsOutage, match="TooSlow"):
        sms.send(NUMBER, "Hej!")


def test_without_a_gateway_there_is_nowhere_to_send(settings):
    settings.SMS_GATEWAY = {}
    with pytest.raises(sms.SmsNotSetUp):
        sms.send(NUMBER, "Hej!")


# --- The message ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_sms_is_sent_once_to_the_number_with_its_country(gateway):
    message = write()
    assert send_message(message_id=message.pk)
    assert not send_message(message_id=message.pk)
    message.refresh_from_db()
    assert (message.channel, message.recipient, message.state) == ("sms", NUMBER, "sent")
    assert gateway.forms()[0]["message"] == ["Hej Åsa & Bo! 10.05"]
    assert len(gateway.asked) == 1


@pytest.mark.django_db
def test_a_refused_sms_has_failed_at_once_with_the_gateways_words(gateway):
    gateway.status, gateway.answer = 400, b"Invalid to"
    message = write()
    assert not send_message(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == ("failed", "SmsRefused: 400 Invalid to")


@pytest.mark.django_db
@pytest.mark.parametrize("slash", ["/", "\\/", "%2F"])
def test_a_gateway_that_repeats_the_text_does_not_get_its_link_kept(gateway, slash):
    echo = "Byt: https://kort.example/min-tid/hemlig-nyckel/ Hej".replace("/", slash)
    gateway.status, gateway.answer = 400, echo.encode()
    message = write()
    send_message(message_id=message.pk)
    message.refresh_from_db()
    assert message.error.endswith(f"min-tid{slash}… Hej")
    assert "hemlig" not in message.error


@pytest.mark.django_db
def test_an_outage_is_tried_again_until_the_last_time(gateway):
    gateway.status = 503
    message = write()
    for _attempt in range(MAX_ATTEMPTS):
        past = timezone.now() - timedelta(seconds=1)
        Message.objects.filter(pk=message.pk).update(leased_until=past)
        assert Message.objects.get().state == "waiting"
        assert not send_message(message_id=message.pk)
    assert Message.objects.get().state == "failed"
    assert len(gateway.asked) == MAX_ATTEMPTS
    gateway.status = 200
    retry_message(actor=System("test"), message=message)
    tasks.send_waiting()
    assert Message.objects.get().state == "sent"


@pytest.mark.django_db
def test_a_number_no_sms_can_go_to_has_failed_at_once_and_is_not_sent(gateway):
    message = write("08-465 004 00")
    tasks.send_waiting()
    message.refresh_from_db()
    assert (message.state, message.error) == ("failed", "PhoneNumberError: not_mobile")
    assert gateway.asked == []
