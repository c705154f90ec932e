"""What the queue runs for the photos room."""

from uuid import UUID

from django.utils import timezone

from photos.services import age
from photos.services import assess as services
from photos.services.station import keys, opening
from photos.services.station.taking import STATION


def assess(capture_id: str) -> None:
    """Judge one capture; harmless to run twice."""
    services.assess_capture(actor=services.ASSESSOR, capture_id=UUID(capture_id))


def assess_waiting() -> None:
    """Ring for the captures that nobody judged in time."""
    services.ring_for_waiting()


def retire_old_photos() -> None:
    """Set aside the photos that have become too old to be ordered."""
    age.retire_old_photos(actor=age.KEEPER, on=timezone.localdate())


def open_record(record_id: str) -> None:
    """Open one record of a laptop; harmless to run twice."""
    opening.open_record(actor=STATION, record_id=UUID(record_id))


def open_waiting() -> None:
    """Ring for the records that nobody opened in time."""
    opening.open_waiting()


def destroy_keys() -> None:
    """Destroy the keys of the visits of which all is in."""
    keys.destroy_keys()
