"""An approved photo that nobody ordered is set aside when its profile calls it too old."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from photos import tasks
from photos.models import Photo
from photos.profiles import load_profile
from photos.services.age import KEEPER, retire_old_photos
from photos.services.review import approve_photo
from tests import photo_builders

pytestmark = pytest.mark.django_db


def approved(taken: timedelta, **staff) -> Photo:
    """An approved photo, taken so long ago."""
    photo = photo_builders.photo(photo_builders.checked_in(**staff))
    approve_photo(actor=photo_builders.reviewer(photo.capture.booking), photo=photo)
    photo.capture.taken_at = timezone.now() - taken
    photo.capture.save(update_fields=["taken_at"])
    return photo


def stage(photo: Photo) -> str:
    photo.refresh_from_db()
    return photo.capture.booking.need.stage


def test_a_photo_older_than_six_months_must_be_taken_again():
    old, young = approved(timedelta(days=190)), approved(timedelta(days=170))
    tasks.retire_old_photos()
    assert (stage(old), old.status) == (Stage.RETAKE, Photo.Status.REJECTED)
    assert (stage(young), young.status) == (Stage.APPROVED, Photo.Status.APPROVED)
    line = Entry.objects.get(action="photos.retire_photo")
    assert line.subject == f"photo:{old.pk}"


def test_it_is_set_aside_once():
    approved(timedelta(days=190))
    today = timezone.localdate()
    assert len(retire_old_photos(actor=KEEPER, on=today)) == 1
    assert retire_old_photos(actor=KEEPER, on=today) == []


def test_a_trial_of_a_shorter_time_holds_for_its_own_photos():
    photo = approved(timedelta(days=40))
    rule = {"policy": {"maximum_age_months": 1, "source": "trial", "date": "2026-11-01"}}
    photo.capture.overrides = {"rules": [{"key": "photo_limits", "value": rule}]}
    photo.capture.save(update_fields=["overrides"])
    other = approved(timedelta(days=40))
    assert retire_old_photos(actor=KEEPER, on=timezone.localdate()) == [photo]
    assert stage(other) == Stage.APPROVED


def test_a_photo_whose_rules_do_not_add_up_is_left_and_the_rest_go_on(caplog):
    broken, old = approved(timedelta(days=190)), approved(timedelta(days=190))
    broken.capture.overrides = {"rules": [{"key": "photo_limits", "value": {"hat": {}}}]}
    broken.capture.save(update_fields=["overrides"])
    assert retire_old_photos(actor=KEEPER, on=timezone.localdate()) == [old]
    assert str(broken.pk) in caplog.text


def test_a_protected_person_s_photo_is_left_alone():
    photo = approved(timedelta(days=190))
    staff = photo.capture.booking.need.staff
    staff.protected = True
    staff.save()
    assert retire_old_photos(actor=KEEPER, on=timezone.localdate()) == []


@pytest.mark.parametrize(
    ("taken", "last"),
    [
        (date(2026, 1, 15), date(2026, 7, 15)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 12, 1), date(2027, 6, 1)),
    ],
)
def test_six_months_are_told_by_the_calendar(taken: date, last: date):
    policy = load_profile().policy
    assert not policy.outdates(taken, last)
    assert policy.outdates(taken, last + timedelta(days=1))
