"""Records that can't be opened yet: shown by name, kept, tried again and never in the way."""

import pytest
from django.utils import timezone

from booking.models import Booking
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from photos import storage
from photos.models import Photo, StationRecord
from photos.queries import station_records
from photos.queries.station_records import AGAIN_AFTER, is_key_needed
from photos.services.assess import FAULTS
from photos.services.station import opening, records, taking
from photos.services.station.opening import open_record, open_waiting, opened_now
from photos.services.station.records import receive_record
from tests import photo_builders, station_builders
from tests.station_builders import now, state_of

pytestmark = pytest.mark.django_db

STEPS = [
    "unsealed",
    "check_in",
    "receive_capture",
    "_note_what_was_said",
    "assess_capture",
    "accept_capture",
    "_afterwards",
]


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


class Unforeseen(Exception):
    """No fault that the house knows of."""


def failing(*_args, **_kwargs):
    raise Unforeseen


def lost(record: StationRecord, settings) -> StationRecord:
    (settings.PHOTO_DIR / record.stored_as).unlink()
    return record


def long_ago(record: StationRecord, **moments) -> None:
    moments = moments or {"received_at": timezone.now(), "opened_at": timezone.now()}
    earlier = {name: at - AGAIN_AFTER * 2 for name, at in moments.items()}
    StationRecord.objects.filter(pk=record.pk).update(**earlier)


def rung_for() -> list[str]:
    rung = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening.jobs, "ring", lambda task, key: rung.append(key))
        open_waiting()
    return rung


@pytest.mark.parametrize("step", STEPS)
def test_what_nobody_foresaw_is_put_before_a_planner_and_logged_and_nothing_is_lost(
    booking, monkeypatch, caplog, step
):
    record = station_builders.received(booking)
    room = opening if hasattr(opening, step) else taking
    with monkeypatch.context() as broken:
        broken.setattr(room, step, failing)
        found = opened_now(actor=taking.STATION, record_id=record.pk)
    assert state_of(found) == ("conflict", "not_taken_in")
    assert storage.read(found.stored_as)
    assert "Unforeseen" in caplog.text
    again = open_record(actor=taking.STATION, record_id=record.pk)
    assert (state_of(again), again.stored_as) == (("taken", ""), "")
    assert (Photo.objects.count(), now(booking)) == (1, ("done", Stage.PHOTOGRAPHED))


def test_an_unforeseen_fault_of_writing_it_down_leaves_the_record_waiting(booking, monkeypatch):
    record = station_builders.received(booking)
    with monkeypatch.context() as broken:
        broken.setattr(opening, "_conclude", failing)
        assert opened_now(actor=taking.STATION, record_id=record.pk).state == "received"
    assert state_of(opened_now(actor=taking.STATION, record_id=record.pk)) == ("taken", "")


def test_a_fault_of_the_house_that_does_not_pass_is_shown_after_an_hour(
    booking, settings, tmp_path
):
    record = station_builders.received(booking)
    settings.FOTORUNDAN_MODELS = tmp_path / "none"
    with pytest.raises(FAULTS):
        open_record(actor=taking.STATION, record_id=record.pk)
    long_ago(record, received_at=timezone.now())
    found = open_record(actor=taking.STATION, record_id=record.pk)
    assert state_of(found) == ("conflict", "not_taken_in")


def test_what_is_shown_but_may_pass_is_rung_for_each_hour_and_logged_once(booking, monkeypatch):
    record = station_builders.received(booking)
    monkeypatch.setattr(opening, "take", failing)
    opened_now(actor=taking.STATION, record_id=record.pk)
    lines = Entry.objects.count()
    assert rung_for() == []
    long_ago(record)
    assert rung_for() == [str(record.pk)]
    opened_now(actor=taking.STATION, record_id=record.pk)
    assert (rung_for(), Entry.objects.count()) == ([], lines)


def test_a_record_whose_sealed_file_is_gone_comes_before_a_planner_by_name(booking, settings):
    record = lost(station_builders.received(booking), settings)
    found = opened_now(actor=taking.STATION, record_id=record.pk)
    assert state_of(found) == ("conflict", "file_missing")
    assert is_key_needed(booking.visit, timezone.now())


def test_a_file_that_is_back_is_taken_in_at_the_next_try(booking, settings):
    record = station_builders.received(booking)
    path = settings.PHOTO_DIR / record.stored_as
    aside = path.rename(path.with_suffix(".aside"))
    opened_now(actor=taking.STATION, record_id=record.pk)
    aside.rename(path)
    assert state_of(open_record(actor=taking.STATION, record_id=record.pk)) == ("taken", "")


def test_those_that_cannot_be_opened_do_not_keep_others_from_their_turn(
    booking, settings, monkeypatch
):
    monkeypatch.setattr(station_records, "AT_ONCE", 2)
    stuck = [station_builders.received(booking, kind="note") for _ in range(2)]
    for record in stuck:
        long_ago(record, received_at=timezone.now())
        damage(record, settings)
        StationRecord.objects.filter(pk=record.pk).update(opened_at=timezone.now())
    last = station_builders.received(booking, kind="note")
    StationRecord.objects.filter(pk=last.pk).update(
        received_at=timezone.now() - opening.LEFT_BEHIND * 2
    )
    assert rung_for() == [str(last.pk), str(stuck[0].pk)]


def damage(record: StationRecord, settings) -> None:
    path = settings.PHOTO_DIR / record.stored_as
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [lost, damage])
@pytest.mark.parametrize("seen", [False, True], ids=["waiting", "shown"])
def test_the_same_record_sent_again_restores_its_file_and_is_taken_in(
    booking, settings, harm, seen
):
    sending = station_builders.sent(booking.visit, booking.pk)
    receive_record(**sending)
    record = StationRecord.objects.get()
    harm(record, settings)
    if seen:
        long_ago(record, received_at=timezone.now())
        assert opened_now(actor=taking.STATION, record_id=record.pk).state == "conflict"
    receipt = receive_record(**sending)
    assert (receipt.sha256, receipt.new) == (sending["sha256"], False)
    record.refresh_from_db()
    assert storage.read(record.stored_as) == sending["data"]
    assert state_of(open_record(actor=taking.STATION, record_id=record.pk)) == ("taken", "")
    assert Entry.objects.filter(action="photos.receive_record").count() == 2


def test_of_two_who_restore_a_file_at_once_the_second_finds_it_and_changes_nothing(
    booking, settings, monkeypatch
):
    sending = station_builders.sent(booking.visit, booking.pk)
    receive_record(**sending)
    record = lost(StationRecord.objects.get(), settings)
    quicker_by(monkeypatch, lambda: receive_record(**sending))
    assert receive_record(**sending).sha256 == sending["sha256"]
    record.refresh_from_db()
    assert storage.read(record.stored_as) == sending["data"]
    assert [path for path in settings.PHOTO_DIR.rglob("*") if path.is_file()] == [
        settings.PHOTO_DIR / record.stored_as
    ]
    assert Entry.objects.filter(action="photos.receive_record").count() == 2


def test_a_file_that_another_restored_and_that_was_taken_in_since_is_not_kept_anew(
    booking, settings, monkeypatch
):
    sending = station_builders.sent(booking.visit, booking.pk, kind="note")
    receive_record(**sending)
    record = lost(StationRecord.objects.get(), settings)

    def restored_and_opened():
        receive_record(**sending)
        open_record(actor=taking.STATION, record_id=record.pk)

    quicker_by(monkeypatch, restored_and_opened)
    receive_record(**sending)
    assert [path for path in settings.PHOTO_DIR.rglob("*") if path.is_file()] == []


def quicker_by(monkeypatch, work) -> None:
    """Do something just after it was seen that a file is lost."""
    whole = records.storage.read

    def overtaken(stored_as: str) -> bytes:
        monkeypatch.setattr(records.storage, "read", whole)
        try:
            return whole(stored_as)
        finally:
            work()

    monkeypatch.setattr(records.storage, "read", overtaken)


def test_a_file_that_nobody_needs_any_more_is_not_kept_anew(booking, settings):
    sending = station_builders.sent(booking.visit, booking.pk, kind="note")
    open_record(actor=taking.STATION, record_id=receive_record(**sending).record_id)
    receive_record(**sending)
    assert [path for path in settings.PHOTO_DIR.rglob("*") if path.is_file()] == []
