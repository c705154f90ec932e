"""Nobody waits for another's slow disk: no picture is written or read while rows are held."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from photos import storage
from photos.models import Capture, StationRecord
from photos.services.assess import ASSESSOR, assess_capture
from photos.services.looks import look_at_capture
from photos.services.nudge import nudge_crop
from photos.services.station.looking import look_at_record
from photos.services.station.opening import open_record
from photos.services.station.records import receive_record
from photos.services.station.taking import STATION
from tests import builders, photo_builders, portraits, station_builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def disk(monkeypatch) -> list[tuple[str, int]]:
    """Return what the disk was asked for, and in how many transactions more than the test's own."""
    asked: list[tuple[str, int]] = []
    outside = len(connection.atomic_blocks)

    def watch(name: str) -> None:
        whole = getattr(storage, name)

        def watched(*args):
            asked.append((name, len(connection.atomic_blocks) - outside))
            return whole(*args)

        monkeypatch.setattr(storage, name, watched)

    watch("_write_new")
    watch("read")
    return asked


@contextmanager
def one_who_sends():
    booking = photo_builders.booked()
    sending = station_builders.sent(booking.visit, booking.pk)
    receive_record(**sending)
    yield sending, StationRecord.objects.get()


def judged() -> Capture:
    capture = photo_builders.received(photo_builders.checked_in(), portraits.good())
    return assess_capture(actor=ASSESSOR, capture_id=capture.pk)


def test_a_picture_is_judged_its_card_is_kept_and_cut_anew_while_nothing_is_held(disk):
    capture = judged()
    nudge_crop(actor=capture.taken_by, capture=capture, across=0.02, down=0.0, zoom=1.02)
    assert disk == [
        *(("_write_new", 0), ("read", 0), ("_write_new", 0)),
        *(("read", 0), ("_write_new", 0)),
    ]


def test_a_record_is_kept_while_nothing_is_held(disk):
    with one_who_sends():
        assert disk == [("_write_new", 0)]


def test_a_lost_record_is_kept_anew_while_nothing_is_held(disk, settings):
    with one_who_sends() as (sending, record):
        (settings.PHOTO_DIR / record.stored_as).unlink()
        disk.clear()
        receive_record(**sending)
        assert disk == [("read", 0), ("_write_new", 0)]


def test_the_picture_of_a_record_is_opened_and_kept_while_nothing_is_held(disk):
    with one_who_sends() as (_sending, record):
        disk.clear()
        assert open_record(actor=STATION, record_id=record.pk).state == "taken"
        assert [found for found in disk if found[0] == "_write_new"] == [("_write_new", 0)] * 2
        assert disk[0] == ("read", 0)


def test_a_picture_is_read_for_somebodys_eyes_while_nothing_is_held(disk):
    capture = judged()
    disk.clear()
    look_at_capture(actor=capture.taken_by, capture=capture)
    with one_who_sends() as (sending, record):
        look_at_record(actor=sending["actor"], record=record)
    assert [found for found in disk if found[0] == "read"] == [("read", 0)] * 2


def test_what_is_not_placed_leaves_nothing(settings):
    federation = builders.federation().pk
    with storage.prepared(uuid4(), federation, timezone.now(), b"bytes") as ready:
        assert ready.part.exists()
    assert [path for path in settings.PHOTO_DIR.rglob("*") if path.is_file()] == []
