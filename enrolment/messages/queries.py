"""Read messages."""

from datetime import datetime
from uuid import UUID

from django.db.models import Min

from enrolment.messages.models import Message


def waiting_ids() -> list[UUID]:
    """Return the ids of messages not yet sent, oldest first."""
    waiting = Message.objects.filter(state=Message.State.WAITING).order_by("created_at")
    return list(waiting.values_list("pk", flat=True)[:500])


def waiting_since() -> datetime | None:
    """Return when the oldest unsent message was written, or None where all are sent."""
    waiting = Message.objects.filter(state=Message.State.WAITING)
    oldest: datetime | None = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    return oldest


def failed_since(moment: datetime) -> int:
    """Return how many messages written since then were given up."""
    return Message.objects.filter(state=Message.State.FAILED, created_at__gte=moment).count()
