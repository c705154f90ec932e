"""Set photos aside that have become too old to be on a card."""

import logging
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from booking.services.locks import lock_needs
from enrolment.audit.services import Actor, System, record
from enrolment.people.domain.stages import Stage
from enrolment.people.services.needs import advance_need
from photos.domain.profile import ProfileError
from photos.models import Photo
from photos.queries.profiles import profile_of
from photos.queries.review import approved_before

logger = logging.getLogger(__name__)

KEEPER = System("photo-ages")
TOO_OLD = "photo_too_old"
# No profile lets a photo be less than a month old: what is younger needs no look.
LEAST_AGE = timedelta(days=28)


def retire_old_photos(*, actor: Actor, on: date) -> list[Photo]:
    """Set aside each approved photo that is not ordered and older than its profile lets it be.

    Its need goes to retake. Protected persons are left alone: their cards are ordered by hand.
    """
    candidates = approved_before(timezone.now() - LEAST_AGE)
    old = [photo for photo in candidates if _is_too_old(photo, on)]
    return [photo for photo in old if _retire(actor, photo)]


def _is_too_old(photo: Photo, on: date) -> bool:
    try:
        policy = profile_of(photo.capture).policy
    except ProfileError:
        logger.exception("Nobody knows how old photo %s may be.", photo.pk)
        return False
    return policy.outdates(timezone.localdate(photo.capture.taken_at), on)


@transaction.atomic
def _retire(actor: Actor, photo: Photo) -> bool:
    """Set one photo aside, unless it or its need has moved on meanwhile."""
    need_id = photo.capture.booking.need_id
    need = lock_needs([need_id])[need_id]
    current = Photo.objects.select_for_update(of=("self",)).get(pk=photo.pk)
    if current.status != Photo.Status.APPROVED or need.stage != Stage.APPROVED:
        return False
    current.status = Photo.Status.REJECTED
    current.save(update_fields=["status"])
    advance_need(actor=actor, need=need, stage=Stage.RETAKE, why=TOO_OLD)
    record(
        actor=actor,
        action="photos.retire_photo",
        subject=current,
        federation_id=need.staff.federation_id,
    )
    return True
