"""Write messages and send them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from enrolment import jobs
from enrolment.audit.services import Actor, System, record
from enrolment.messages.models import Message

# Longer than the queue lets a task run: who held a lease that has run out is gone.
LEASE = timedelta(minutes=4)
# The wait doubles from two minutes: the last try is made almost three days after the first.
MAX_ATTEMPTS = 12
POSTMAN = System("postman")


@dataclass(frozen=True)
class Email:
    """What to tell one person: plain text, perhaps with an iTIP object and its METHOD."""

    recipient: str
    subject: str
    body: str
    calendar: str = ""
    calendar_method: str = ""


def write_message(*, actor: Actor, federation_id: UUID, key: str, email: Email) -> Message:
    """Keep the message and ring for it to be sent after commit; the same key is kept once."""
    message, new = Message.objects.get_or_create(
        key=key, defaults={"federation_id": federation_id, **vars(email)}
    )
    if new:
        record(
            actor=actor,
            action="messages.write_message",
            subject=message,
            federation_id=federation_id,
            key=key,
        )
        jobs.ring("enrolment.messages.tasks.send", str(message.pk))
    return message


def page_address(path: str) -> str:
    """Return where a page is, for a mail that no request stands behind."""
    scheme = "https" if settings.SECURE_SSL_REDIRECT else "http"
    port = ":8000" if settings.DEMO else ""
    return f"{scheme}://{settings.ALLOWED_HOSTS[0]}{port}{path}"


def send_message(*, message_id: UUID) -> bool:
    """Send a waiting message unless another worker holds it; say whether it went now.

    What a worker finds out after its lease was taken over changes nothing: `attempts` is the fence.
    """
    message = _lease(message_id)
    if message is None:
        return False
    try:
        _as_mail(message).send()
    except (OSError, ValueError) as error:  # ValueError: it can't be written as a mail at all
        _note_failure(message, error)
        return False
    return _note_sent(message)


@transaction.atomic
def _lease(message_id: UUID) -> Message | None:
    """Take the message for a while, so that two workers do not send it at once."""
    now = timezone.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    taken = Message.objects.filter(free, pk=message_id, state=Message.State.WAITING).update(
        leased_until=now + LEASE, attempts=F("attempts") + 1
    )
    return Message.objects.get(pk=message_id) if taken else None


@transaction.atomic
def _note_sent(message: Message) -> bool:
    if not _held(message).update(state=Message.State.SENT, sent_at=timezone.now()):
        return False
    record(
        actor=POSTMAN,
        action="messages.send_message",
        subject=message,
        federation_id=message.federation_id,
    )
    return True


def _note_failure(message: Message, error: Exception) -> None:
    last = message.attempts >= MAX_ATTEMPTS
    _held(message).update(
        error=f"{type(error).__name__}: {error}"[:200],
        leased_until=timezone.now() + timedelta(minutes=2**message.attempts),
        state=Message.State.FAILED if last else Message.State.WAITING,
    )


def _held(message: Message) -> QuerySet[Message]:
    """Return the message's row while this worker's lease is the last one; else no row."""
    return Message.objects.filter(
        pk=message.pk, attempts=message.attempts, state=Message.State.WAITING
    )


def _as_mail(message: Message) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers={"Message-ID": f"<{message.pk}@fotorundan>"},
    )
    if message.calendar:
        kind = f'text/calendar; charset="utf-8"; method={message.calendar_method}'
        mail.attach_alternative(message.calendar, kind)
    return mail
