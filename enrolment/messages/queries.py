"""Read messages."""

from uuid import UUID

from enrolment.messages.models import Message


def waiting_ids() -> list[UUID]:
    """Return the ids of messages not yet sent, oldest first."""
    waiting = Message.objects.filter(state=Message.State.WAITING).order_by("created_at")
    return list(waiting.values_list("pk", flat=True)[:500])
