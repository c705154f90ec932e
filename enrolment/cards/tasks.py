"""What the queue does for batches."""

from uuid import UUID

from django.utils import timezone

from enrolment.cards import queries
from enrolment.cards.services.batches import build_batch


def build(batch_id: str) -> None:
    """Build and hand over one batch."""
    build_batch(batch_id=UUID(batch_id))


def build_waiting() -> None:
    """Build whatever a lost ring, a killed worker or a fault left unfinished."""
    for batch_id in queries.unfinished_batches(timezone.now()):
        build_batch(batch_id=batch_id)
