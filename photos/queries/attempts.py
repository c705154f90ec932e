"""The attempt before: what a new picture of the same person is compared with."""

from dataclasses import dataclass

from django.db.models import QuerySet

from photos.models import Capture, Decision, Photo
from photos.queries.readings import Judgement, Reading, reading


@dataclass(frozen=True)
class Attempt:
    """An earlier picture: what decided its verdict, the same check now, and a reviewer's no."""

    capture: Capture
    then: Reading | None
    now: Reading | None
    decision: Decision | None


def earlier_attempt(captures: QuerySet[Capture], judged: Judgement) -> Attempt | None:
    """Return the last judged picture of the same need before this one, of those in `captures`."""
    return _attempt(captures.exclude(assessed_at=None), judged)


def rejected_attempt(captures: QuerySet[Capture], judged: Judgement) -> Attempt | None:
    """Return the last picture of the same need before this one whose photo was rejected."""
    return _attempt(captures.filter(photo__status=Photo.Status.REJECTED), judged)


def _attempt(captures: QuerySet[Capture], judged: Judgement) -> Attempt | None:
    capture = judged.capture
    before = captures.filter(
        booking__need=capture.booking.need_id, received_at__lt=capture.received_at
    )
    earlier = before.select_related("photo__decision").order_by("-received_at").first()
    if earlier is None:
        return None
    finding = earlier.findings.filter(component=earlier.decided_by).first()
    readings = [*judged.noted, *judged.hints, *judged.rest]
    return Attempt(
        capture=earlier,
        then=reading(finding, earlier) if finding else None,
        now=next((each for each in readings if each.component == earlier.decided_by), None),
        decision=_no(earlier),
    )


def _no(capture: Capture) -> Decision | None:
    photo = getattr(capture, "photo", None)
    decision = getattr(photo, "decision", None)
    return decision if decision and not decision.approved else None
