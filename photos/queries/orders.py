"""What the cards room pulls: photos that are ready, and their bytes."""

from django.db.models import OuterRef, QuerySet, Subquery

from enrolment.people.domain.stages import Stage
from enrolment.people.models import Federation
from photos import storage
from photos.models import Photo


def photos_ready_for_order(federation: Federation) -> QuerySet[Photo]:
    """Return the approved photos of people whose identity was checked and whose need awaits a card.

    One photo a need, the last one. Loads capture, booking, identity check, need, person and unit.
    """
    need = OuterRef("capture__booking__need")
    last = Photo.objects.filter(capture__booking__need=need).order_by("-accepted_at", "-pk")
    ready = Photo.objects.filter(
        pk=Subquery(last.values("pk")[:1]),
        status=Photo.Status.APPROVED,
        capture__booking__need__staff__federation=federation,
        capture__booking__need__stage=Stage.APPROVED,
        capture__booking__identity_check__isnull=False,
    )
    return ready.select_related(
        "capture__booking__identity_check",
        "capture__booking__need__staff__unit__municipality",
    ).order_by("accepted_at", "pk")


def card_bytes(photo: Photo) -> bytes:
    """Return the card JPEG, the very bytes that `photo.sha256` is of."""
    return storage.read(photo.capture.card_stored_as)
