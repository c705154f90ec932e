"""What the queue runs for the photos room."""

from uuid import UUID

from django.utils import timezone

from photos.services import age
from photos.services import assess as services


def assess(capture_id: str) -> None:
    """Judge one capture; harmless to run twice."""
    services.assess_capture(actor=services.ASSESSOR, capture_id=UUID(capture_id))


def assess_waiting() -> None:
    """Ring for the captures that nobody judged in time."""
    services.ring_for_waiting()


def retire_old_photos() -> None:
    """Set aside the photos that have become too old to be ordered."""
    age.retire_old_photos(actor=age.KEEPER, on=timezone.localdate())
