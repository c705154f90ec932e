"""What a laptop sends is kept whole and once, before anybody looks into it."""

import hashlib
import uuid

import pytest

from booking.models import Booking
from enrolment import vault
from enrolment.audit.models import Entry
from photos import storage
from photos.models import StationKey, StationRecord
from photos.services.refusals import HashMismatch, KeyDestroyed, RecordConflict, TooLarge
from photos.services.station import records
from photos.services.station.keys import key_of
from photos.services.station.opening import open_record
from photos.services.station.records import receive_record
from photos.services.station.taking import STATION
from tests import builders, photo_builders, station_builders
from tests.station_builders import OTHER_DEVICE, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


def kept_files(settings) -> list[str]:
    return [path.name for path in settings.PHOTO_DIR.rglob("*") if path.is_file()]


def note(booking: Booking, **more) -> dict:
    return sent(booking.visit, booking.pk, kind="note", note="Hej", **more)


def test_a_record_is_kept_sealed_with_a_receipt_a_row_and_a_line_in_the_log(booking):
    sending = note(booking)
    receipt = receive_record(**sending)
    told = (receipt.record_id, receipt.sha256, receipt.new)
    assert told == (sending["record_id"], sending["sha256"], True)
    record = StationRecord.objects.get()
    assert storage.read(record.stored_as) == sending["data"]
    assert (record.state, record.kind, record.header) == ("received", "", {})
    assert (record.visit, record.subject, record.sent_by) == (
        booking.visit,
        booking.pk,
        sending["actor"],
    )
    entry = Entry.objects.get(action="photos.receive_record")
    assert entry.details["sha256"] == sending["sha256"]


def test_the_id_of_a_picture_of_somebody_else_is_not_for_a_record(booking, settings):
    beyond = photo_builders.photo(photo_builders.checked_in()).capture
    before = kept_files(settings)
    with pytest.raises(RecordConflict):
        receive_record(**note(booking, record=beyond.pk))
    assert (kept_files(settings), StationRecord.objects.exists()) == (before, False)


def test_the_same_record_again_gets_the_same_receipt_also_after_it_was_taken_in(booking):
    sending = note(booking)
    first = receive_record(**sending)
    open_record(actor=STATION, record_id=first.record_id)
    again = receive_record(**sending)
    assert (again.sha256, again.new) == (first.sha256, False)
    assert StationRecord.objects.count() == 1


def test_other_bytes_under_the_same_id_are_refused_and_the_first_stay(booking):
    first = note(booking)
    receive_record(**first)
    with pytest.raises(RecordConflict):
        receive_record(**note(booking, record=first["record_id"]))
    [record] = StationRecord.objects.all()
    assert storage.read(record.stored_as) == first["data"]


@pytest.mark.parametrize("changed", ["visit", "subject"])
def test_the_same_bytes_for_another_visit_or_person_are_refused(booking, changed):
    sending = note(booking)
    receive_record(**sending)
    other = {"visit": builders.visit(booking.visit.unit), "subject": uuid.uuid4()}
    with pytest.raises(RecordConflict):
        receive_record(**sending | {changed: other[changed]})


def test_bytes_that_are_not_those_that_were_sent_are_refused_and_nothing_is_kept(booking, settings):
    sending = note(booking)
    with pytest.raises(HashMismatch):
        receive_record(**sending | {"data": sending["data"][:-1]})
    assert not StationRecord.objects.exists()
    assert kept_files(settings) == []


def test_more_bytes_than_a_picture_may_have_are_refused(booking, settings):
    settings.UPLOAD_LIMIT = 1000
    whole = bytes(1000 + 64 * 1024)
    key_of(booking.visit)
    told = note(booking) | {"data": whole, "sha256": hashlib.sha256(whole).hexdigest()}
    assert receive_record(**told).new
    more = told | {"data": whole + b"x", "record_id": uuid.uuid4()}
    with pytest.raises(TooLarge):
        receive_record(**more)


def test_a_visit_without_keys_takes_nothing_in(booking, settings):
    told = note(booking)
    StationKey.objects.all().delete()
    with pytest.raises(KeyDestroyed):
        receive_record(**told)
    assert kept_files(settings) == []


@pytest.mark.parametrize("error", [storage.DiskFull, OSError("fsync failed"), vault.VaultError])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_record_that_could_not_be_stored_has_no_receipt_and_is_stored_next_time(
    booking, monkeypatch, error, after
):
    sending, write = note(booking), storage.write

    def failing(*args):
        if after:
            write(*args)
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(storage, "write", failing)
        with pytest.raises(error if isinstance(error, type) else OSError):
            receive_record(**sending)
    assert not StationRecord.objects.exists()
    assert receive_record(**sending).new
    assert storage.read(StationRecord.objects.get().stored_as) == sending["data"]


def test_a_log_that_cannot_be_written_means_no_receipt(booking, monkeypatch):
    sending = note(booking)

    def failing(**_facts):
        raise OSError("no room")

    with monkeypatch.context() as broken:
        broken.setattr(records, "record", failing)
        with pytest.raises(OSError, match="no room"):
            receive_record(**sending)
    assert not StationRecord.objects.exists()
    assert receive_record(**sending).new


def test_two_laptops_may_send_of_the_same_person(booking):
    for device in (station_builders.DEVICE, OTHER_DEVICE):
        assert receive_record(**note(booking, device=device)).new
    assert StationRecord.objects.count() == 2
