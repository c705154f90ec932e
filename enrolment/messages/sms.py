"""SMS through a gateway over HTTP: one small door, `send`.

What differs between gateways is set in the environment: the address, form or JSON, the names of
the fields, user and password or a token (docs/reference/messages.md). Nothing is followed, little
is read, and nobody is waited for.
"""

import base64
import json
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from enrolment import outside

LONGEST_ANSWER = 64 * 1024
# The answers that speak of this one message. Any other is about the gateway, the way there or our
# account with it, and passes.
ABOUT_THE_MESSAGE = {400, 406, 409, 410, 413, 422}
SAYS_NO = {"failed", "error", "rejected", "undelivered", "invalid"}


class SmsNotSetUp(OSError):
    """No gateway stands in the settings."""


class SmsRefused(Exception):
    """The gateway will not take this message, now or later; its words tell why."""


class SmsOutage(OSError):
    """The gateway did not answer, or could not take any message now."""


@dataclass(frozen=True)
class Gateway:
    """Where SMS go, and how they are handed over.

    `way` is `form` or `json`; `sender`, `to` and `text` name the fields; with `token` the log-in is
    a bearer token, else `user` and `password` if there is a user.
    """

    url: str
    sent_by: str
    way: str = "form"
    sender: str = "from"
    to: str = "to"
    text: str = "message"
    user: str = ""
    password: str = ""
    token: str = ""
    timeout: int = 15


def send(recipient: str, text: str) -> None:
    """Hand one SMS to the gateway; `recipient` is a number such as +46701234567.

    Raises SmsRefused, SmsOutage or SmsNotSetUp.
    """
    if not settings.SMS_GATEWAY:
        raise SmsNotSetUp("no gateway is set")
    gateway = Gateway(**settings.SMS_GATEWAY)
    status, answer = _post(gateway, recipient, text)
    if status in ABOUT_THE_MESSAGE:
        raise SmsRefused(f"{status} {answer}")
    if not 200 <= status < 300:
        raise SmsOutage(f"{status} {answer}")
    if _says_no(answer):
        raise SmsRefused(f"{status} {answer}")


def _post(gateway: Gateway, recipient: str, text: str) -> tuple[int, str]:
    fields = {gateway.sender: gateway.sent_by, gateway.to: recipient, gateway.text: text}
    is_json = gateway.way == "json"
    body = json.dumps(fields) if is_json else urlencode(fields)
    kind = "application/json" if is_json else "application/x-www-form-urlencoded"
    headers = {"Content-Type": kind, "Accept": "application/json", **_log_in(gateway)}
    url = urlsplit(gateway.url)
    place = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    try:
        status, answer = outside.ask(
            *(url, "POST", place, body.encode(), headers),
            timeout=gateway.timeout,
            most_bytes=LONGEST_ANSWER,
        )
    except (OSError, HTTPException) as error:
        raise SmsOutage(f"{type(error).__name__}: {error}") from error
    except ValueError as error:  # its words would tell the log-in
        raise SmsOutage("the settings make no request") from error
    return status, answer[:LONGEST_ANSWER].decode("utf-8", "replace")


def _log_in(gateway: Gateway) -> dict[str, str]:
    if gateway.token:
        return {"Authorization": f"Bearer {gateway.token}"}
    if not gateway.user:
        return {}
    pair = f"{gateway.user}:{gateway.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _says_no(answer: str) -> bool:
    """Tell whether a gateway that answers 200 to everything says no in its JSON."""
    try:
        told = json.loads(answer)
    except ValueError:
        return False
    if not isinstance(told, dict):
        return False
    return bool(told.get("error")) or str(told.get("status", "")).lower() in SAYS_NO
