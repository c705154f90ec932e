"""Open a picture for somebody's eyes: each look is in the log."""

from django.db import transaction

from enrolment.audit.services import record
from enrolment.people.models import User
from photos import storage
from photos.models import Capture


def look_at_card(*, actor: User, capture: Capture) -> bytes:
    """Return the card picture, a JPEG. Raises FileNotFoundError when none was cut."""
    return _look(actor, capture, capture.card_stored_as, "card")


def look_at_capture(*, actor: User, capture: Capture) -> bytes:
    """Return the picture as it was sent, a JPEG or a PNG."""
    return _look(actor, capture, capture.stored_as, "capture")


@transaction.atomic
def _look(actor: User, capture: Capture, name: str, part: str) -> bytes:
    if not name:
        raise FileNotFoundError(f"No {part} of {capture.pk}")
    record(
        actor=actor,
        action="photos.look",
        subject=capture,
        federation_id=capture.booking.need.staff.federation_id,
        part=part,
    )
    return storage.read(name)
