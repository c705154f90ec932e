"""The words of each kind of message: a federation's own before the house's."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from enrolment.audit.services import Actor, record
from enrolment.messages import queries, texts
from enrolment.messages.domain import placeholders, sms_parts
from enrolment.messages.domain.placeholders import Value
from enrolment.messages.models import MessageText
from enrolment.messages.texts import Text


@dataclass(frozen=True)
class Wording:
    """What one message says; an SMS has no subject."""

    subject: str
    body: str


class TextRefused(Exception):
    """The text can't be used.

    `code` is `unknown` (with `names`, what stands in braces and does not exist), `empty`,
    `no_subject`, `subject_lines` or `too_long` (with `parts`).
    """

    def __init__(self, code: str, *, names: tuple[str, ...] = (), parts: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.names = names
        self.parts = parts


def word_message(
    *, federation_id: UUID, key: str, channel: str, values: Mapping[str, Value]
) -> Wording:
    """Return what a message of this kind says with these values, one for each placeholder.

    An own text that no longer fits its kind is passed over: the house's text is always whole.
    """
    text = queries.own_text(federation_id, key, channel)
    if text is None or texts.unknown(key, text):
        text = texts.house_text(key, channel)
    return filled(text, values)


def filled(text: Text, values: Mapping[str, Value]) -> Wording:
    """Return a text with its values in place."""
    subject = placeholders.fill_line(text.subject, values)
    return Wording(subject[:200], placeholders.fill(text.body, values))


def check_text(*, key: str, channel: str, text: Text) -> Wording:
    """Return the text as it looks for the example person. Raises TextRefused."""
    kind = texts.KINDS[key]
    if names := texts.unknown(key, text):
        raise TextRefused("unknown", names=tuple(names))
    if "\n" in text.subject or "\r" in text.subject:
        raise TextRefused("subject_lines")
    wording = filled(text, kind.examples())
    if not wording.body:
        raise TextRefused("empty")
    if channel == "email" and not wording.subject:
        raise TextRefused("no_subject")
    parts = sms_parts.parts(wording.body)
    if channel == "sms" and parts > sms_parts.MOST_PARTS:
        raise TextRefused("too_long", parts=parts)
    return wording


@transaction.atomic
def set_text(*, actor: Actor, federation_id: UUID, key: str, channel: str, text: Text) -> None:
    """Let the federation say it in these words from now on. Raises TextRefused."""
    check_text(key=key, channel=channel, text=text)
    own, _new = MessageText.objects.update_or_create(
        federation_id=federation_id,
        key=key,
        channel=channel,
        defaults={"subject": text.subject, "body": text.body},
    )
    _record(actor, "messages.set_text", own)


@transaction.atomic
def reset_text(*, actor: Actor, federation_id: UUID, key: str, channel: str) -> None:
    """Go back to the house's words; twice is once."""
    own = MessageText.objects.filter(federation_id=federation_id, key=key, channel=channel).first()
    if own:
        _record(actor, "messages.reset_text", own)
        own.delete()


def _record(actor: Actor, action: str, own: MessageText) -> None:
    record(
        actor=actor,
        action=action,
        subject=own,
        federation_id=own.federation_id,
        kind=own.key,
        channel=own.channel,
    )
