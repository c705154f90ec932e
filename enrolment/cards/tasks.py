"""What the queue does for batches and receipts."""

from uuid import UUID

from django.utils import timezone

from enrolment.cards import queries
from enrolment.cards.services import alarms
from enrolment.cards.services.batches import build_batch
from enrolment.cards.services.expiry import warn_of_expiry
from enrolment.cards.services.inbox import take_all_receipts


def build(batch_id: str) -> None:
    """Build and hand over one batch."""
    build_batch(batch_id=UUID(batch_id))


def build_waiting() -> None:
    """Build whatever a lost ring, a killed worker or a fault left unfinished."""
    for batch_id in queries.unfinished_batches(timezone.now()):
        build_batch(batch_id=batch_id)


def warn_expiring() -> None:
    """Tell the administrators of certificates that run out soon."""
    warn_of_expiry(now=timezone.now())


def take_receipts() -> None:
    """Take the receipts that lie in the issuers' folders."""
    take_all_receipts()


def raise_alarms() -> None:
    """Tell of the receipts that are overdue."""
    alarms.raise_alarms(now=timezone.now())
