"""Photos on their way through review, and the captures behind them."""

from datetime import datetime
from uuid import UUID

from django.db.models import FETCH_RAISE, Min, QuerySet

from enrolment.people.domain.stages import Stage
from enrolment.people.models import Staff, User
from photos.domain.findings import Answer
from photos.models import Capture, Photo


def is_acceptable(capture: Capture) -> bool:
    """Say whether a capture may become the person's photo: judged, not failed, and cut out."""
    return capture.verdict not in {"", Answer.FAIL} and bool(capture.card_stored_as)


def to_review(photos: QuerySet[Photo], user: User) -> QuerySet[Photo]:
    """Narrow `photos` to those that wait for this user's eyes, oldest first.

    A photo is never put before the one who took it, nor one of somebody whose need has ended.
    """
    waiting = photos.filter(status=Photo.Status.WAITING, capture__booking__need__open=True)
    waiting = waiting.exclude(capture__taken_by=user)
    return waiting.order_by("accepted_at", "pk").fetch_mode(FETCH_RAISE)


def latest_of_person(staff: Staff) -> Capture | None:
    """Return the person's last picture, the accepted photo and its decision loaded with it."""
    captures = Capture.objects.filter(booking__need__staff=staff)
    return captures.select_related("photo__decision").order_by("-received_at").first()


def not_judged(before: datetime) -> list[UUID]:
    """Return the ids of the captures received before then that nobody has judged, oldest first."""
    waiting = Capture.objects.filter(assessed_at=None, received_at__lt=before)
    return list(waiting.order_by("received_at").values_list("pk", flat=True)[:100])


def unjudged_since() -> datetime | None:
    """Return when the oldest capture came that nobody has judged, or None where all are."""
    waiting = Capture.objects.filter(assessed_at=None)
    oldest: datetime | None = waiting.aggregate(oldest=Min("received_at"))["oldest"]
    return oldest


def approved_before(moment: datetime) -> QuerySet[Photo]:
    """Return the approved photos taken before then whose needs still wait for an order to go.

    Protected persons are left out: their cards are ordered by hand.
    """
    waiting = Photo.objects.filter(
        status=Photo.Status.APPROVED,
        capture__taken_at__lt=moment,
        capture__booking__need__stage=Stage.APPROVED,
        capture__booking__need__staff__protected=False,
    )
    return waiting.select_related("capture__booking").order_by("pk")
