"""The technician accepts, then a second person approves or rejects."""

import hashlib

import pytest

from booking.services.checkin import check_in
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.models import StageChange
from enrolment.people.services.needs import advance_need
from photos import queries, storage
from photos.models import Decision, Photo
from photos.queries.review import to_review
from photos.services.refusals import (
    AlreadyDecided,
    NeedEnded,
    NotAcceptable,
    NotCheckedIn,
    OwnPhoto,
    ReasonMissing,
)
from photos.services.review import accept_capture, approve_photo, reject_photo
from tests import builders, photo_builders

pytestmark = pytest.mark.django_db


def stage_of(booking) -> str:
    booking.need.refresh_from_db()
    return booking.need.stage


def test_an_accepted_picture_is_the_photo_and_the_person_is_done():
    booking = photo_builders.checked_in()
    capture = photo_builders.judged(booking)
    photo = accept_capture(actor=photo_builders.technician(booking), capture=capture)
    card = storage.read(capture.card_stored_as)
    assert (photo.status, photo.width, photo.height) == ("waiting", 413, 531)
    assert (photo.sha256, photo.byte_size) == (hashlib.sha256(card).hexdigest(), len(card))
    assert queries.card_bytes(photo) == card
    booking.refresh_from_db()
    assert booking.status == "done"
    assert stage_of(booking) == "photographed"
    assert Entry.objects.filter(action="photos.accept_capture").count() == 1


def test_accepting_twice_is_once():
    booking = photo_builders.checked_in()
    capture, actor = photo_builders.judged(booking), photo_builders.technician(booking)
    first = accept_capture(actor=actor, capture=capture)
    assert accept_capture(actor=actor, capture=capture) == first
    assert Photo.objects.count() == 1
    assert Entry.objects.filter(action="photos.accept_capture").count() == 1


@pytest.mark.parametrize("verdict", ["pass", "warn", "unmeasurable"])
def test_a_picture_that_did_not_fail_may_be_accepted(verdict):
    booking = photo_builders.checked_in()
    capture = photo_builders.judged(booking, verdict)
    photo = accept_capture(actor=photo_builders.technician(booking), capture=capture)
    assert photo.capture == capture


def test_a_failed_picture_or_one_nobody_judged_may_not():
    booking = photo_builders.checked_in()
    actor = photo_builders.technician(booking)
    for capture in (photo_builders.judged(booking, "fail"), photo_builders.received(booking)):
        with pytest.raises(NotAcceptable):
            accept_capture(actor=actor, capture=capture)
    assert stage_of(booking) == "checked_in"
    assert not Photo.objects.exists()


def test_only_one_picture_of_a_person_is_accepted():
    booking = photo_builders.checked_in()
    actor = photo_builders.technician(booking)
    first, second = photo_builders.judged(booking), photo_builders.judged(booking)
    accept_capture(actor=actor, capture=first)
    with pytest.raises(NotCheckedIn):
        accept_capture(actor=actor, capture=second)
    assert [photo.capture for photo in Photo.objects.all()] == [first]


def test_a_second_person_approves_and_the_need_goes_on():
    photo = photo_builders.photo()
    reviewer = photo_builders.reviewer(photo.capture.booking)
    decision = approve_photo(actor=reviewer, photo=photo)
    photo.refresh_from_db()
    assert (photo.status, decision.approved, decision.decided_by) == ("approved", True, reviewer)
    assert stage_of(photo.capture.booking) == "approved"
    assert Entry.objects.filter(action="photos.approve_photo").count() == 1


def test_a_rejection_has_a_reason_and_asks_for_a_retake():
    photo = photo_builders.photo()
    reviewer = photo_builders.reviewer(photo.capture.booking)
    with pytest.raises(ReasonMissing):
        reject_photo(actor=reviewer, photo=photo, reason="")
    with pytest.raises(ReasonMissing):
        reject_photo(actor=reviewer, photo=photo, reason="ugly")
    decision = reject_photo(actor=reviewer, photo=photo, reason="blur", note="Rörelse")
    photo.refresh_from_db()
    assert (photo.status, decision.approved) == ("rejected", False)
    assert (decision.reason, decision.note) == ("blur", "Rörelse")
    assert stage_of(photo.capture.booking) == "retake"
    assert StageChange.objects.latest("pk").why == "blur"


def test_nobody_reviews_a_photo_they_took():
    photo = photo_builders.photo()
    photographer = photo.capture.taken_by
    with pytest.raises(OwnPhoto):
        approve_photo(actor=photographer, photo=photo)
    with pytest.raises(OwnPhoto):
        reject_photo(actor=photographer, photo=photo, reason="blur")
    assert not Decision.objects.exists()
    assert stage_of(photo.capture.booking) == "photographed"


def test_a_photo_is_decided_once():
    photo = photo_builders.photo()
    reviewer = photo_builders.reviewer(photo.capture.booking)
    approve_photo(actor=reviewer, photo=photo)
    other = builders.user()
    with pytest.raises(AlreadyDecided):
        reject_photo(actor=other, photo=photo, reason="blur")
    with pytest.raises(AlreadyDecided):
        approve_photo(actor=other, photo=photo)
    assert Decision.objects.get().approved


def test_the_log_holds_codes_and_no_names():
    photo = photo_builders.photo()
    reviewer = photo_builders.reviewer(photo.capture.booking)
    reject_photo(actor=reviewer, photo=photo, reason="blur", note="Åsa rörde sig")
    written = str(list(Entry.objects.values()))
    assert "Åsa" not in written
    assert "Öberg" not in written


def test_what_is_approved_is_ready_for_an_order_and_nothing_else():
    federation = builders.federation()
    unit = builders.unit(builders.municipality(federation))
    visit = builders.visit(unit)
    approved, waiting, rejected = (
        photo_builders.photo(photo_builders.checked_in(visit)) for _ in range(3)
    )
    reviewer = photo_builders.reviewer(visit)
    approve_photo(actor=reviewer, photo=approved)
    reject_photo(actor=reviewer, photo=rejected, reason="light")
    assert list(queries.photos_ready_for_order(federation)) == [approved]
    assert list(queries.photos_ready_for_order(builders.federation())) == []
    assert waiting.status == "waiting"


def test_after_a_retake_only_the_new_photo_is_ready_for_an_order():
    first = photo_builders.photo()
    booking = first.capture.booking
    reviewer = photo_builders.reviewer(booking)
    reject_photo(actor=reviewer, photo=first, reason="light")
    check_in(actor=photo_builders.technician(booking), booking=booking, document="passport")
    booking.refresh_from_db()
    second = photo_builders.photo(booking)
    federation = booking.need.staff.federation
    assert list(queries.photos_ready_for_order(federation)) == []
    approve_photo(actor=reviewer, photo=second)
    assert list(queries.photos_ready_for_order(federation)) == [second]


def test_a_photo_without_an_identity_check_is_never_ordered():
    photo = photo_builders.photo()
    booking = photo.capture.booking
    approve_photo(actor=photo_builders.reviewer(booking), photo=photo)
    federation = booking.need.staff.federation
    assert list(queries.photos_ready_for_order(federation)) == [photo]
    booking.identity_check.delete()
    assert list(queries.photos_ready_for_order(federation)) == []


def test_the_queue_is_oldest_first_and_never_holds_ones_own_photos():
    visit = builders.visit()
    first, second = (photo_builders.photo(photo_builders.checked_in(visit)) for _ in range(2))
    reviewer = photo_builders.reviewer(visit)
    assert list(to_review(Photo.objects.all(), reviewer)) == [first, second]
    assert list(to_review(Photo.objects.all(), first.capture.taken_by)) == []
    approve_photo(actor=reviewer, photo=first)
    assert list(to_review(Photo.objects.all(), reviewer)) == [second]


def end_need(booking) -> None:
    booking.need.refresh_from_db()
    advance_need(actor=builders.user(), need=booking.need, stage=Stage.LAPSED)


def test_no_photo_is_accepted_of_somebody_whose_need_has_ended():
    booking = photo_builders.checked_in()
    capture = photo_builders.judged(booking)
    end_need(booking)
    with pytest.raises(NeedEnded):
        accept_capture(actor=photo_builders.technician(booking), capture=capture)
    assert not Photo.objects.exists()


def test_a_photo_whose_need_has_ended_leaves_the_queue_and_is_not_decided():
    photo = photo_builders.photo()
    booking = photo.capture.booking
    reviewer = photo_builders.reviewer(booking)
    assert list(to_review(Photo.objects.all(), reviewer)) == [photo]
    end_need(booking)
    assert list(to_review(Photo.objects.all(), reviewer)) == []
    with pytest.raises(NeedEnded):
        approve_photo(actor=reviewer, photo=photo)
    with pytest.raises(NeedEnded):
        reject_photo(actor=reviewer, photo=photo, reason="eyes")
    assert not Decision.objects.exists()
