"""Open a picture for somebody's eyes: each look is in the log."""

from django.conf import settings

from enrolment.audit.services import record
from enrolment.people.models import User
from photos import storage
from photos.domain.intake import Refused, jpeg, png
from photos.models import Capture
from photos.worker import Swamped, shown_in_worker

LONGEST_SIDE = 2400  # px: as much as a page shows of a picture, and more


def look_at_card(*, actor: User, capture: Capture) -> bytes:
    """Return the card picture, a JPEG. Raises FileNotFoundError when none was cut."""
    return _look(actor, capture, capture.card_stored_as, "card")


def look_at_capture(*, actor: User, capture: Capture) -> bytes:
    """Return the picture as it was sent, a JPEG or a PNG; another kind made into a JPEG.

    Raises FileNotFoundError when it can't be read as a picture.
    """
    data = _look(actor, capture, capture.stored_as, "capture")
    if data.startswith((jpeg.START, png.START)):
        return data
    try:
        return shown_in_worker(data, folder=settings.FOTORUNDAN_MODELS, longest_side=LONGEST_SIDE)
    except (Refused, Swamped) as refused:
        raise FileNotFoundError(f"{capture.pk} cannot be shown: {refused}") from refused


def _look(actor: User, capture: Capture, name: str, part: str) -> bytes:
    if not name:
        raise FileNotFoundError(f"No {part} of {capture.pk}")
    seen = storage.read(name)
    record(
        actor=actor,
        action="photos.look",
        subject=capture,
        federation_id=capture.booking.need.staff.federation_id,
        part=part,
    )
    return seen
