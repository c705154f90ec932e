"""Write messages down, and withdraw those that no longer apply."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from enrolment import jobs
from enrolment.audit.services import Actor, record
from enrolment.messages import queries
from enrolment.messages.domain.phone_numbers import PhoneNumberError, normal
from enrolment.messages.models import Message


@dataclass(frozen=True)
class Email:
    """What to tell one person: plain text, perhaps with an iTIP object and its METHOD."""

    recipient: str
    subject: str
    body: str
    calendar: str = ""
    calendar_method: str = ""


@dataclass(frozen=True)
class Sms:
    """What to tell one person by SMS; the number may be written as people write it."""

    recipient: str
    body: str


def write_message(
    *,
    actor: Actor,
    federation_id: UUID,
    key: str,
    email: Email | None = None,
    sms: Sms | None = None,
    not_before: datetime | None = None,
) -> Message:
    """Keep the message, an e-mail or an SMS; the same key is kept once.

    It is sent after commit, or once `not_before` has come. An SMS to what is no mobile number has
    failed at once, and is shown among what did not arrive.
    """
    told = _email_columns(email) if email else _sms_columns(sms)
    message = Message(key=key, federation_id=federation_id, not_before=not_before, **told)
    Message.objects.bulk_create([message], ignore_conflicts=True)
    if not Message.objects.filter(pk=message.pk).exists():
        return Message.objects.get(key=key)
    record(
        actor=actor,
        action="messages.write_message",
        subject=message,
        federation_id=federation_id,
        key=key,
    )
    ring(message)
    return message


@transaction.atomic
def withdraw_messages(*, prefix: str) -> int:
    """Withdraw what waits or did not arrive, of all messages whose key begins so; return how many.

    Call it when what they say no longer applies. A message that is just being sent may still go.
    """
    return queries.undelivered(prefix).update(state=Message.State.WITHDRAWN, **Message.UNSAID)


def ring(message: Message) -> None:
    """Ask for a message to be sent after commit, unless its time is still to come."""
    due = message.not_before is None or message.not_before <= timezone.now()
    if due and message.state == Message.State.WAITING:
        jobs.ring("enrolment.messages.tasks.send", str(message.pk))


def page_address(path: str) -> str:
    """Return where a page is, for a mail that no request stands behind."""
    scheme = "https" if settings.SECURE_SSL_REDIRECT else "http"
    port = ":8000" if settings.DEMO else ""
    return f"{scheme}://{settings.ALLOWED_HOSTS[0]}{port}{path}"


def _email_columns(email: Email) -> dict[str, Any]:
    return {"channel": Message.Channel.EMAIL, **vars(email)}


def _sms_columns(sms: Sms | None) -> dict[str, Any]:
    if sms is None:
        raise TypeError("a message is an e-mail or an SMS")
    told = {"channel": Message.Channel.SMS, "body": sms.body}
    try:
        return {**told, "recipient": normal(sms.recipient)}
    except PhoneNumberError as error:
        said = f"{type(error).__name__}: {error}"
        return {**told, "recipient": sms.recipient, "state": Message.State.FAILED, "error": said}
