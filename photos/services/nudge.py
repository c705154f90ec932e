"""Move the crop of a picture that nobody has accepted yet, and judge the card anew."""

import logging
from functools import partial

from django.db import transaction

from booking.domain.states import BookingStatus
from booking.models import Booking
from booking.services.locks import lock_booking
from enrolment.audit.services import record
from enrolment.people.models import User
from photos import storage
from photos.domain.crop import Nudge
from photos.domain.intake import Refused
from photos.domain.judgement import Judgement
from photos.models import Capture, Finding, Photo
from photos.services.assess import FAULTS, facts_of, findings_of, judge_kept, prepared_card
from photos.services.refusals import (
    AlreadyAccepted,
    CannotJudge,
    NotCheckedIn,
    NotTheirs,
    NotYetJudged,
)
from photos.storage import Prepared

logger = logging.getLogger(__name__)


def nudge_crop(
    *, actor: User, capture: Capture, across: float, down: float, zoom: float
) -> Capture:
    """Cut the card anew from the picture as it was sent, and replace what was found with it.

    `across` and `down` are shares of the crop, right and down in the picture; `zoom` above 1 makes
    the head larger: all counted from the crop as it was first cut. What the profile allows of it
    stands in the capture's `nudge` afterwards. Raises NotYetJudged, NotTheirs, AlreadyAccepted,
    NotCheckedIn or CannotJudge.
    """
    _check(actor, capture, capture.booking)
    try:
        judgement = judge_kept(capture, Nudge(across, down, zoom))
        with prepared_card(capture, judgement) as card:
            return _replace(actor, capture, judgement, card)
    except (Refused, *FAULTS) as error:
        logger.exception("Capture %s could not be judged anew.", capture.pk)
        raise CannotJudge from error


def _check(actor: User, capture: Capture, booking: Booking) -> None:
    if not capture.geometry.get("crop"):
        raise NotYetJudged
    if capture.taken_by_id != actor.pk:
        raise NotTheirs
    if Photo.objects.filter(capture=capture).exists():
        raise AlreadyAccepted
    if booking.status != BookingStatus.CHECKED_IN:
        raise NotCheckedIn


@transaction.atomic
def _replace(actor: User, capture: Capture, judgement: Judgement, card: Prepared | None) -> Capture:
    booking = lock_booking(capture.booking)
    current = Capture.objects.select_for_update().get(pk=capture.pk)
    _check(actor, current, booking)
    replaced = current.card_stored_as
    facts = facts_of(judgement) | {"card_stored_as": card.place() if card else ""}
    for name, value in facts.items():
        setattr(current, name, value)
    current.save(update_fields=list(facts))
    current.findings.all().delete()
    Finding.objects.bulk_create(findings_of(current, judgement))
    _record(actor, current)
    if replaced:
        transaction.on_commit(partial(storage.erase, replaced))
    return current


def _record(actor: User, capture: Capture) -> None:
    record(
        actor=actor,
        action="photos.nudge_crop",
        subject=capture,
        federation_id=capture.booking.need.staff.federation_id,
        nudge=", ".join(f"{name} {value}" for name, value in capture.nudge.items()),
        verdict=capture.verdict,
    )
