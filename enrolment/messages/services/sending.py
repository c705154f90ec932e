"""Send messages: once in effect, tried again while it may help."""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from enrolment.audit.services import System, record
from enrolment.blanking import blanked
from enrolment.messages import queries, sms
from enrolment.messages.models import Message

# Longer than the queue lets a task run: who held a lease that has run out is gone.
LEASE = timedelta(minutes=4)
# The wait doubles from two minutes: the last try is made almost three days after the first.
MAX_ATTEMPTS = 12
POSTMAN = System("postman")


def send_message(*, message_id: UUID) -> bool:
    """Send a waiting message unless another worker holds it; say whether it went now.

    What is refused for good has failed at once, and what may pass is tried again. What a worker
    finds out after its lease was taken over changes nothing: `attempts` is the fence.
    """
    message = _lease(message_id)
    if message is None:
        return False
    try:
        _hand_over(message)
    except sms.SmsRefused as refusal:
        _note_failure(message, refusal, for_good=True)
        return False
    except (OSError, ValueError) as error:  # ValueError: it can't be written as a mail at all
        _note_failure(message, error, for_good=_is_refusal(error))
        return False
    return _note_sent(message)


def _hand_over(message: Message) -> None:
    if message.channel == Message.Channel.SMS:
        sms.send(message.recipient, message.body)
    else:
        _as_mail(message).send()


@transaction.atomic
def _lease(message_id: UUID) -> Message | None:
    """Take the message for a while, so that two workers do not send it at once."""
    now = timezone.now()
    taken = (
        queries.due(now)
        .filter(pk=message_id)
        .update(leased_until=now + LEASE, attempts=F("attempts") + 1)
    )
    return Message.objects.get(pk=message_id) if taken else None


@transaction.atomic
def _note_sent(message: Message) -> bool:
    """Write down that it went, even if it was withdrawn meanwhile."""
    alive = (Message.State.WAITING, Message.State.WITHDRAWN)
    sent = {"state": Message.State.SENT, "sent_at": timezone.now(), "error": ""}
    if not _held(message).filter(state__in=alive).update(**sent, **Message.UNSAID):
        return False
    record(
        actor=POSTMAN,
        action="messages.send_message",
        subject=message,
        federation_id=message.federation_id,
    )
    return True


def _note_failure(message: Message, error: Exception, *, for_good: bool) -> None:
    last = for_good or message.attempts >= MAX_ATTEMPTS
    _held(message).filter(state=Message.State.WAITING).update(
        error=blanked(f"{type(error).__name__}: {_words(error)}")[:200],
        leased_until=timezone.now() + timedelta(minutes=2 ** min(message.attempts, MAX_ATTEMPTS)),
        state=Message.State.FAILED if last else Message.State.WAITING,
    )


def _held(message: Message) -> QuerySet[Message]:
    """Return the message's row while this worker's lease is the last one; else no row."""
    return Message.objects.filter(pk=message.pk, attempts=message.attempts)


def _is_refusal(error: Exception) -> bool:
    """Tell whether the mail server refuses this recipient or this letter for good (RFC 5321)."""
    return bool(_codes(error)) and all(500 <= code < 600 for code in _codes(error))


def _codes(error: Exception) -> list[int]:
    if isinstance(error, SMTPRecipientsRefused):
        return [code for code, _words in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, SMTPDataError) else []


def _words(error: Exception) -> str:
    """Return what was said, without the address that stands beside it on the page anyway."""
    if isinstance(error, SMTPRecipientsRefused):
        answers = error.recipients.values()
        return "; ".join(f"{code} {words.decode('utf-8', 'replace')}" for code, words in answers)
    return str(error)


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
