"""A real mail server for tests, and a small calendar that follows what it is sent."""

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import policy
from email.message import EmailMessage

import vobject
from aiosmtpd.controller import Controller
from icalendar import Calendar


class Arrived:
    """Keep every mail that arrives."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- aiosmtpd's
        self.raw.append(envelope.content)
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def post_office(settings) -> Iterator[Arrived]:
    """Let the house send to a real server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    arrived = Arrived()
    server = Controller(arrived, hostname="127.0.0.1", port=port)
    server.start()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    options = {"host": "127.0.0.1", "port": port, "timeout": 10}
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    try:
        yield arrived
    finally:
        server.stop()


def calendar_part(mail: EmailMessage) -> EmailMessage:
    """Return the mail's one part with an iTIP object."""
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    return part


class Diary:
    """A calendar that does as RFC 5546 says: by UID, the highest SEQUENCE counts."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[int, datetime]] = {}
        self.sequences: dict[str, list[int]] = {}

    def take(self, mail: EmailMessage) -> None:
        """Follow one mail; both readers must read the same in it."""
        part = calendar_part(mail)
        method, uid, sequence, starts_at = by_icalendar(part.get_content())
        assert (method, uid, sequence, starts_at) == by_vobject(part.get_content())
        assert part.get_param("method") == method
        known = self.sequences.setdefault(uid, [])
        newest = not known or sequence > max(known)
        known.append(sequence)
        if not newest:
            return
        if method == "CANCEL":
            self.events.pop(uid, None)
        elif method == "REQUEST":
            self.events[uid] = (sequence, starts_at)


def by_icalendar(text: str) -> tuple[str, str, int, datetime]:
    calendar = Calendar.from_ical(text)
    [event] = calendar.walk("VEVENT")
    starts_at = event.decoded("DTSTART")
    return str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), starts_at


def by_vobject(text: str) -> tuple[str, str, int, datetime]:
    calendar = vobject.readOne(text)
    event = calendar.vevent
    sequence = int(event.sequence.value)
    return calendar.method.value, event.uid.value, sequence, event.dtstart.value
