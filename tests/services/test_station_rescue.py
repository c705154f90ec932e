"""A rescue file is taken in by the planner: every record once, what is wrong told by its line."""

import io

import pytest

from booking.models import Booking
from enrolment.people.models import User
from photos import access, storage
from photos.models import Photo, StationRecord
from photos.services.refusals import NotARescueFile
from photos.services.station import records
from photos.services.station.records import Refusal, RescueSummary, import_rescue, receive_record
from tests import builders, photo_builders
from tests.station_builders import rescue_file, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


@pytest.fixture
def planner(booking) -> User:
    return builders.user("planner", within=booking.visit.unit.municipality.federation)


def note(booking: Booking, **more) -> dict:
    return sent(booking.visit, booking.pk, kind="note", note="Hej", **more)


def imported(planner: User, file: bytes) -> RescueSummary:
    visits = access.planned_visits(planner)
    return import_rescue(actor=planner, visits=visits, content=io.BytesIO(file))


def test_records_of_several_visits_come_in_as_if_they_had_been_sent(
    booking, planner, settings, django_capture_on_commit_callbacks
):
    settings.JOBS_INLINE = True
    other = photo_builders.booked(builders.visit(booking.visit.unit))
    file = rescue_file(sent(booking.visit, booking.pk), note(other))
    with django_capture_on_commit_callbacks(execute=True):
        assert imported(planner, file) == RescueSummary(new=2)
    assert [record.state for record in StationRecord.objects.all()] == ["taken", "taken"]
    assert {(record.way, record.sent_by) for record in StationRecord.objects.all()} == {
        ("rescue", planner)
    }
    assert Photo.objects.get().capture.taken_by == photo_builders.technician(booking)


def test_what_was_sent_already_is_the_same_and_a_replay_is_harmless(booking, planner):
    sending = note(booking)
    receive_record(**sending)
    file = rescue_file(sending, note(booking))
    assert imported(planner, file) == RescueSummary(new=1, same=1)
    assert imported(planner, file) == RescueSummary(same=2)
    assert StationRecord.objects.get(pk=sending["record_id"]).way == "network"


def test_a_file_that_is_gone_comes_back_with_the_rescue_file(booking, planner, settings):
    sending = note(booking)
    receive_record(**sending)
    record = StationRecord.objects.get()
    (settings.PHOTO_DIR / record.stored_as).unlink()
    assert imported(planner, rescue_file(sending)) == RescueSummary(same=1)
    assert storage.read(StationRecord.objects.get().stored_as) == sending["data"]


def test_what_is_wrong_is_told_by_its_line_and_the_others_are_kept(booking, planner):
    taken = note(booking)
    receive_record(**taken)
    other_bytes = note(booking, record=taken["record_id"])
    damaged = note(booking) | {"sha256": "0" * 64}
    stranger = note(photo_builders.booked())
    sendings = [note(booking), other_bytes, damaged, stranger, note(booking)]
    lines = rescue_file(*sendings).splitlines(keepends=True)
    summary = imported(planner, b"".join([*lines[:3], b"{half a li\n", *lines[3:]]))
    assert summary == RescueSummary(
        new=2,
        refused=[
            Refusal(3, "record_conflict"),
            Refusal(4, "bad_line"),
            Refusal(5, "hash_mismatch"),
            Refusal(6, "unknown_visit"),
        ],
    )
    assert StationRecord.objects.count() == 3


def test_after_the_key_is_destroyed_the_lines_are_refused(booking, planner):
    sending = note(booking)
    booking.visit.station_key.delete()
    summary = imported(planner, rescue_file(sending))
    assert summary.refused == [Refusal(2, "key_destroyed")]


@pytest.mark.parametrize("file", [b"", b"\xff\xd8\xff\xe0", b"{}", b'{"schema": "other/1"}'])
def test_another_file_is_refused(planner, file):
    with pytest.raises(NotARescueFile):
        imported(planner, file)


def test_a_full_disk_stops_the_import_and_it_may_be_done_again(booking, planner, monkeypatch):
    file = rescue_file(note(booking), note(booking))
    whole, written = storage.write, []

    def full(*args):
        if written:
            raise storage.DiskFull
        written.append(args)
        return whole(*args)

    with monkeypatch.context() as broken:
        broken.setattr(records.storage, "write", full)
        with pytest.raises(storage.DiskFull):
            imported(planner, file)
    assert imported(planner, file) == RescueSummary(new=1, same=1)


def test_a_planner_of_part_of_a_federation_has_no_visits_to_rescue(booking):
    part = builders.user("planner", within=booking.visit.unit)
    summary = imported(part, rescue_file(note(booking)))
    assert summary.refused == [Refusal(2, "unknown_visit")]
    assert not StationRecord.objects.exists()
