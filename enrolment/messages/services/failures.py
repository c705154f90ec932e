"""Look after messages that did not arrive: try once more, or say that it is dealt with."""

from django.db import transaction
from django.utils import timezone

from enrolment.audit.services import Actor, record
from enrolment.messages.domain.phone_numbers import normal
from enrolment.messages.models import Message
from enrolment.messages.services.writing import ring


class MessageMoved(Exception):
    """Somebody has tried the message again or settled it already."""


@transaction.atomic
def retry_message(
    *, actor: Actor, message: Message, recipient: str = "", calendar: str = ""
) -> None:
    """Send a failed message now, to another address or number if one is given.

    `calendar` is its iTIP object with that address. One more try is made at once, and more where
    tries were left. Raises MessageMoved, and PhoneNumberError for a number no SMS can go to.
    """
    current = _failed(message)
    if recipient:
        is_sms = current.channel == Message.Channel.SMS
        current.recipient = normal(recipient) if is_sms else recipient
        current.calendar = calendar
    elif current.channel == Message.Channel.SMS:
        current.recipient = normal(current.recipient)
    current.state, current.leased_until, current.not_before = Message.State.WAITING, None, None
    current.save(update_fields=["recipient", "calendar", "state", "leased_until", "not_before"])
    _record(actor, "messages.retry_message", current)
    ring(current)


@transaction.atomic
def settle_message(*, actor: Actor, message: Message) -> None:
    """Say that a failed message has been dealt with in another way. Raises MessageMoved."""
    current = _failed(message)
    settled = {"settled_at": timezone.now(), **Message.UNSAID}
    Message.objects.filter(pk=current.pk).update(**settled)
    _record(actor, "messages.settle_message", current)


def _failed(message: Message) -> Message:
    current = Message.objects.select_for_update().get(pk=message.pk)
    if current.state != Message.State.FAILED or current.settled_at:
        raise MessageMoved
    return current


def _record(actor: Actor, action: str, message: Message) -> None:
    record(actor=actor, action=action, subject=message, federation_id=message.federation_id)
