"""The technician moves the crop: the card is cut and judged anew, until the photo is accepted."""

import pytest

from enrolment.audit.models import Entry
from photos import storage
from photos.models import Capture
from photos.services.assess import ASSESSOR, assess_capture
from photos.services.nudge import nudge_crop
from photos.services.refusals import (
    AlreadyAccepted,
    CannotJudge,
    NotCheckedIn,
    NotTheirs,
    NotYetJudged,
)
from photos.services.review import accept_capture
from tests import builders, photo_builders, portraits

pytestmark = pytest.mark.django_db

AWAY = {"across": 0.02, "down": 0.0, "zoom": 1.02}


def assessed(booking, data: bytes | None = None) -> Capture:
    capture = photo_builders.received(booking, data or portraits.good())
    return assess_capture(actor=ASSESSOR, capture_id=capture.pk)


@pytest.fixture
def booking():
    return photo_builders.checked_in()


@pytest.fixture
def technician(booking):
    return photo_builders.technician(booking)


def unchanged(capture: Capture) -> bool:
    current = Capture.objects.get(pk=capture.pk)
    same = (current.card_stored_as, current.nudge) == (capture.card_stored_as, capture.nudge)
    return same and not Entry.objects.filter(action="photos.nudge_crop").exists()


def test_the_card_and_its_findings_are_replaced(
    booking, technician, django_capture_on_commit_callbacks
):
    capture = assessed(booking)
    before = dict(capture.findings.values_list("component", "value"))
    with django_capture_on_commit_callbacks(execute=True):
        nudged = nudge_crop(actor=technician, capture=capture, **AWAY)
    nudged.refresh_from_db()
    assert nudged.nudge
    assert nudged.geometry["crop"] != capture.geometry["crop"]
    after = dict(nudged.findings.values_list("component", "value"))
    assert after.keys() == before.keys()
    assert after["head size"] > before["head size"]
    assert storage.read(nudged.card_stored_as)
    with pytest.raises(FileNotFoundError):
        storage.read(capture.card_stored_as)


def test_each_change_is_one_line_in_the_log(booking, technician):
    nudged = nudge_crop(actor=technician, capture=assessed(booking), **AWAY)
    [line] = Entry.objects.filter(action="photos.nudge_crop")
    assert (line.actor, line.subject) == (technician.audit_name, f"capture:{nudged.pk}")
    assert line.details["verdict"] == nudged.verdict


def test_back_to_the_first_crop_is_as_if_nothing_had_been_moved(booking, technician):
    capture = assessed(booking)
    nudge_crop(actor=technician, capture=capture, **AWAY)
    back = nudge_crop(actor=technician, capture=capture, across=0, down=0, zoom=1)
    assert back.nudge == {}
    assert back.geometry == capture.geometry
    assert back.verdict == capture.verdict


def test_the_card_that_is_accepted_is_the_one_that_was_cut_last(booking, technician):
    seen_before = assessed(booking)
    nudged = nudge_crop(actor=technician, capture=seen_before, **AWAY)
    photo = accept_capture(actor=technician, capture=seen_before)
    assert photo.capture.card_stored_as == nudged.card_stored_as
    assert len(storage.read(nudged.card_stored_as)) == photo.byte_size


def test_a_picture_nobody_has_judged_or_without_a_face_has_no_crop_to_move(booking, technician):
    waiting = photo_builders.received(booking)
    nobody = assessed(booking, portraits.bad("no_face"))
    for capture in (waiting, nobody):
        with pytest.raises(NotYetJudged):
            nudge_crop(actor=technician, capture=capture, **AWAY)
        assert unchanged(capture)


def test_an_accepted_photo_is_never_cut_anew(booking, technician):
    capture = assessed(booking)
    accept_capture(actor=technician, capture=capture)
    with pytest.raises(AlreadyAccepted):
        nudge_crop(actor=technician, capture=capture, **AWAY)
    assert unchanged(capture)


def test_a_photo_accepted_meanwhile_stays_as_it_is(booking, technician, monkeypatch):
    capture = assessed(booking)

    def judge_slowly(judged: Capture, *args: object):
        accept_capture(actor=technician, capture=judged)
        return portraits.judged(portraits.good())

    monkeypatch.setattr("photos.services.nudge.judge_kept", judge_slowly)
    with pytest.raises(AlreadyAccepted):
        nudge_crop(actor=technician, capture=capture, **AWAY)
    assert unchanged(capture)


def test_only_the_one_who_took_the_picture_moves_its_crop(booking):
    capture = assessed(booking)
    with pytest.raises(NotTheirs):
        nudge_crop(actor=builders.user(), capture=capture, **AWAY)
    assert unchanged(capture)


def test_when_the_person_has_gone_the_crop_stays(booking, technician):
    left, accepted = assessed(booking), assessed(booking)
    accept_capture(actor=technician, capture=accepted)
    left.booking.refresh_from_db()
    with pytest.raises(NotCheckedIn):
        nudge_crop(actor=technician, capture=left, **AWAY)
    assert unchanged(left)


def test_a_fault_of_the_house_leaves_everything_as_it_was(booking, technician, settings, tmp_path):
    capture = assessed(booking)
    settings.FOTORUNDAN_MODELS = tmp_path / "none"
    with pytest.raises(CannotJudge):
        nudge_crop(actor=technician, capture=capture, **AWAY)
    assert unchanged(capture)


def test_a_full_disk_leaves_everything_as_it_was(booking, technician, monkeypatch):
    capture = assessed(booking)

    def full(*args: object) -> None:
        raise storage.DiskFull

    monkeypatch.setattr(storage, "prepared", full)
    with pytest.raises(CannotJudge):
        nudge_crop(actor=technician, capture=capture, **AWAY)
    assert unchanged(capture)


def test_what_is_erased_is_gone_and_may_be_erased_again():
    federation = builders.federation()
    capture = photo_builders.received(photo_builders.checked_in())
    name = storage.write(capture.booking_id, federation.pk, capture.received_at, b"bytes")
    storage.erase(name)
    with pytest.raises(FileNotFoundError):
        storage.read(name)
    storage.erase(name)
    assert storage.read(capture.stored_as)
