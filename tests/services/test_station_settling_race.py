"""A planner sets aside what the hourly try takes in at the same moment: one of the two is done."""

from pathlib import Path

import pytest
from django.conf import settings

from booking.models import Booking
from enrolment.people.domain.stages import Stage
from enrolment.people.models import User
from photos.models import Capture, Photo, StationRecord
from photos.services.refusals import TakenInMeanwhile
from photos.services.station import opening, taking
from photos.services.station.settling import settle_record
from tests import builders, photo_builders, station_builders
from tests.services.settling import everything, opened, stage, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


@pytest.fixture
def planner(booking) -> User:
    return builders.user("planner", within=booking.visit.unit.municipality.federation)


def not_taken_in(booking: Booking, **more) -> StationRecord:
    """A record that a fault kept out once, and that is tried again."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(opening, "take", lambda *_args: 1 / 0)
        return opened(station_builders.received(booking, **more))


def opened_while(monkeypatch, record: StationRecord, room, step: str, meanwhile) -> StationRecord:
    """Try the record again, and do something just before a step of that."""
    whole = getattr(room, step)

    def overtaken(*args, **kwargs):
        monkeypatch.setattr(room, step, whole)
        meanwhile()
        return whole(*args, **kwargs)

    monkeypatch.setattr(room, step, overtaken)
    return opened(record)


@pytest.mark.parametrize("conflict", ["not_taken_in", "file_missing"])
def test_what_was_taken_in_a_moment_before_is_not_set_aside_and_nothing_is_changed(
    booking, planner, monkeypatch, conflict
):
    record = not_taken_in(booking)
    StationRecord.objects.filter(pk=record.pk).update(conflict=conflict)

    def set_aside():
        before = everything()
        with pytest.raises(TakenInMeanwhile):
            settle_record(actor=planner, record=record, choice="set_aside")
        assert everything() == before

    record = opened_while(monkeypatch, record, opening, "_conclude", set_aside)
    assert state_of(record) == ("taken", "")
    assert (Photo.objects.get().status, stage(booking)) == ("waiting", Stage.PHOTOGRAPHED)


def test_nor_once_that_is_written_down(booking, planner):
    record = not_taken_in(booking)
    opened(record)
    with pytest.raises(TakenInMeanwhile):
        settle_record(actor=planner, record=record, choice="set_aside")
    assert Photo.objects.get().status == "waiting"


@pytest.mark.parametrize("conflict", ["not_taken_in", "file_missing"])
@pytest.mark.parametrize(
    ("room", "step", "kept", "then"),
    [
        (opening, "take", 0, Stage.BOOKED),
        (taking, "check_upload", 0, Stage.BOOKED),
        (taking, "_note_what_was_said", 1, Stage.RETAKE),
        (taking, "assess_capture", 1, Stage.RETAKE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_set_aside_while_it_was_tried_again_is_not_used_and_the_person_is_let_go(
    booking, planner, monkeypatch, conflict, room, step, kept, then
):
    record = not_taken_in(booking)
    StationRecord.objects.filter(pk=record.pk).update(conflict=conflict)

    def set_aside():
        settle_record(actor=planner, record=record, choice="set_aside")

    record = opened_while(monkeypatch, record, room, step, set_aside)
    assert state_of(record) == ("settled", "set_aside")
    assert (Photo.objects.count(), Capture.objects.count()) == (0, kept)
    assert stage(booking) == then
    assert storage_is_empty_but_for(kept)


def storage_is_empty_but_for(captures: int) -> bool:
    """Say whether nothing sealed is left; a capture has its picture, and its card once judged."""
    kept = {capture.stored_as for capture in Capture.objects.all()}
    cards = {capture.card_stored_as for capture in Capture.objects.all()} - {""}
    root = Path(settings.PHOTO_DIR)
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return len(kept) == captures and found == kept | cards


def test_a_no_show_that_is_set_aside_while_it_is_tried_again_is_not_noted(
    booking, planner, monkeypatch
):
    record = not_taken_in(booking, kind="no_show")

    def set_aside():
        settle_record(actor=planner, record=record, choice="set_aside")

    record = opened_while(monkeypatch, record, taking, "technician_of", set_aside)
    assert state_of(record) == ("settled", "set_aside")
    assert stage(booking) == Stage.BOOKED


def test_whoever_was_checked_in_otherwise_is_not_let_go_when_a_note_is_set_aside(planner, booking):
    booking = photo_builders.checked_in(booking.visit)
    note = not_taken_in(booking, kind="note")
    settle_record(actor=planner, record=note, choice="set_aside")
    assert stage(booking) == Stage.CHECKED_IN
