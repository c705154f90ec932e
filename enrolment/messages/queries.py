"""Read messages, and the federations' own texts."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from enrolment.messages.models import Message, MessageText
from enrolment.messages.texts import Text


def due(now: datetime) -> QuerySet[Message]:
    """Return the messages to send now: they wait, their time has come, and nobody holds them."""
    come = Q(not_before=None) | Q(not_before__lte=now)
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return Message.objects.filter(come, free, state=Message.State.WAITING)


def waiting_ids() -> list[UUID]:
    """Return the ids of at most 500 messages to send now, oldest first."""
    waiting = due(timezone.now()).order_by("created_at")
    return list(waiting.values_list("pk", flat=True)[:500])


def undelivered(prefix: str) -> QuerySet[Message]:
    """Return what waits or did not arrive, of all messages whose key begins so."""
    return Message.objects.filter(
        key__startswith=prefix,
        state__in=[Message.State.WAITING, Message.State.FAILED],
        settled_at=None,
    )


def waiting_since() -> datetime | None:
    """Return since when the oldest unsent message could have gone, or None where all are sent."""
    waiting = Message.objects.filter(state=Message.State.WAITING)
    ready = waiting.exclude(not_before__gt=timezone.now())
    since = Min(Coalesce("not_before", "created_at"))
    oldest: datetime | None = ready.aggregate(oldest=since)["oldest"]
    return oldest


def failed_since(moment: datetime) -> int:
    """Return how many messages written since then were given up and not dealt with."""
    failed = Message.objects.filter(state=Message.State.FAILED, settled_at=None)
    return failed.filter(created_at__gte=moment).count()


def failed(federation_ids: Iterable[UUID]) -> QuerySet[Message]:
    """Return the federations' messages that did not arrive and wait for somebody, latest first."""
    messages = Message.objects.filter(
        federation_id__in=federation_ids, state=Message.State.FAILED, settled_at=None
    )
    return messages.order_by("-created_at", "pk")


def written(keys: Iterable[str]) -> dict[str, datetime]:
    """Return when each message with one of these keys was written."""
    return dict(Message.objects.filter(key__in=keys).values_list("key", "created_at"))


def is_written(prefix: str) -> bool:
    """Say whether any message has been written whose key begins so."""
    return Message.objects.filter(key__startswith=prefix).exists()


def own_text(federation_id: UUID, key: str, channel: str) -> Text | None:
    """Return the federation's own words for a kind of message, or None."""
    found = MessageText.objects.filter(federation_id=federation_id, key=key, channel=channel)
    row = found.values_list("subject", "body").first()
    return Text(*row) if row else None


def own_texts(federation_id: UUID) -> set[tuple[str, str]]:
    """Return the kind and channel of each text that the federation has its own words for."""
    own = MessageText.objects.filter(federation_id=federation_id)
    return set(own.values_list("key", "channel"))
