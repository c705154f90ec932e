"""A picture is received whole and once, whatever happens on the way."""

import hashlib
import uuid

import pytest

from enrolment.audit.models import Entry
from enrolment.people.models import Rule
from photos import storage
from photos.domain.intake import Refused
from photos.models import Capture
from photos.services.captures import receive_capture
from photos.services.refusals import CaptureConflict, HashMismatch, NotCheckedIn
from tests import builders, photo_builders

pytestmark = pytest.mark.django_db

DAY = "2026-01-01"


def kept_files(settings) -> list[str]:
    return [path.name for path in settings.PHOTO_DIR.rglob("*") if path.is_file()]


def test_a_picture_is_kept_sealed_with_a_receipt_a_row_and_a_line_in_the_log():
    booking = photo_builders.checked_in()
    sent = photo_builders.sent(booking)
    receipt = receive_capture(**sent)
    assert (receipt.capture_id, receipt.sha256, receipt.new) == (
        sent["capture_id"],
        sent["sha256"],
        True,
    )
    capture = Capture.objects.get(pk=sent["capture_id"])
    assert storage.read(capture.stored_as) == sent["data"]
    assert (capture.booking, capture.taken_by, capture.taken_at, capture.source) == (
        booking,
        sent["actor"],
        sent["taken_at"],
        "camera",
    )
    assert (capture.byte_size, capture.profile) == (len(sent["data"]), "siths-default")
    assert capture.assessed_at is None
    entry = Entry.objects.get(action="photos.receive_capture")
    assert entry.subject == f"capture:{capture.pk}"
    assert entry.details["sha256"] == sent["sha256"]


def test_the_profile_is_the_rule_of_the_unit():
    booking = photo_builders.checked_in()
    municipality = booking.visit.unit.municipality
    Rule.objects.create(
        federation=municipality.federation,
        municipality=municipality,
        key="photo_profile",
        value="nexus",
        valid_from="2026-01-01",
    )
    assert photo_builders.received(booking).profile == "nexus"


def test_without_a_rule_the_capture_keeps_none():
    assert photo_builders.received(photo_builders.checked_in()).overrides == {}


def test_the_capture_keeps_which_rules_applied_whose_and_for_how_long():
    booking = photo_builders.checked_in()
    municipality = booking.visit.unit.municipality
    yaw = {"limits": {"yaw": {"pass_max": 7, "source": "Styrelsen § 12", "date": "2026-01-01"}}}
    told = {"federation": municipality.federation, "key": "photo_limits"}
    chosen = Rule.objects.create(**told | {"key": "photo_profile"}, value="nexus", valid_from=DAY)
    ruled = Rule.objects.create(**told, value=yaw, valid_from=DAY)
    trial = Rule.objects.create(
        **told, municipality=municipality, value={}, valid_from=DAY, valid_until="2099-12-31"
    )
    Rule.objects.create(**told, value={}, valid_from="2099-01-01")
    capture = photo_builders.received(booking)
    keys = ("rule", "key", "level", "valid_from", "valid_until", "value")
    assert capture.overrides["rules"] == [
        dict(zip(keys, told, strict=True))
        for told in (
            (chosen.pk, "photo_profile", "federation", DAY, None, "nexus"),
            (ruled.pk, "photo_limits", "federation", DAY, None, yaw),
            (trial.pk, "photo_limits", "municipality", DAY, "2099-12-31", {}),
        )
    ]


@pytest.mark.parametrize("value", [5, "nothing", {"limits": 3}, {"limits": {"coffee": {}}}])
def test_a_rule_that_makes_no_sense_never_loses_a_picture(value):
    booking = photo_builders.checked_in()
    federation = booking.visit.unit.municipality.federation
    Rule.objects.create(federation=federation, key="photo_limits", value=value, valid_from=DAY)
    assert photo_builders.received(booking).verdict == ""


def test_the_same_picture_again_gets_the_same_receipt_even_after_the_person_is_done():
    booking = photo_builders.checked_in()
    sent = photo_builders.sent(booking)
    first = receive_capture(**sent)
    booking.status = "done"
    booking.save()
    again = receive_capture(**sent)
    assert (again.capture_id, again.sha256, again.new) == (first.capture_id, first.sha256, False)
    assert Capture.objects.count() == 1
    assert Entry.objects.filter(action="photos.receive_capture").count() == 1


def test_the_same_id_with_other_bytes_is_refused_and_the_first_picture_stays():
    booking = photo_builders.checked_in()
    first = photo_builders.sent(booking)
    receive_capture(**first)
    other = photo_builders.sent(
        booking, photo_builders.jpeg(shade=10), capture_id=first["capture_id"]
    )
    with pytest.raises(CaptureConflict):
        receive_capture(**other)
    [capture] = Capture.objects.all()
    assert storage.read(capture.stored_as) == first["data"]


def test_the_same_picture_for_somebody_else_is_refused():
    booking = photo_builders.checked_in()
    sent = photo_builders.sent(booking)
    receive_capture(**sent)
    with pytest.raises(CaptureConflict):
        receive_capture(**sent | {"booking": photo_builders.checked_in(booking.visit)})


def test_bytes_that_are_not_those_that_were_sent_are_refused_and_nothing_is_kept(settings):
    sent = photo_builders.sent(photo_builders.checked_in())
    with pytest.raises(HashMismatch):
        receive_capture(**sent | {"data": sent["data"][:-1]})
    assert not Capture.objects.exists()
    assert kept_files(settings) == []


@pytest.mark.parametrize("status", ["booked", "done", "no_show"])
def test_nobody_is_photographed_who_is_not_checked_in(settings, status):
    booking = photo_builders.booked()
    booking.status = status
    booking.save()
    with pytest.raises(NotCheckedIn):
        receive_capture(**photo_builders.sent(booking))
    assert kept_files(settings) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"This is no picture.", "not_a_picture"),
        (b"%PDF-1.7", "wrong_format"),
        (photo_builders.jpeg()[:-40], "broken"),
    ],
)
def test_what_is_no_picture_by_its_header_is_refused_and_not_kept(settings, data, code):
    booking = photo_builders.checked_in()
    with pytest.raises(Refused) as refused:
        receive_capture(**photo_builders.sent(booking, data))
    assert refused.value.code == code
    assert kept_files(settings) == []


def test_a_full_disk_keeps_neither_file_nor_row_and_the_retry_works(settings, monkeypatch):
    sent = photo_builders.sent(photo_builders.checked_in())

    def full(*args: object) -> None:
        raise storage.DiskFull

    with monkeypatch.context() as broken:
        broken.setattr(storage, "write", full)
        with pytest.raises(storage.DiskFull):
            receive_capture(**sent)
    assert not Capture.objects.exists()
    assert receive_capture(**sent).new


def test_a_crash_after_the_file_leaves_no_half_capture_and_the_retry_works(settings, monkeypatch):
    sent = photo_builders.sent(photo_builders.checked_in())

    def crash(*args: object, **more: object) -> None:
        raise RuntimeError("the process died here")

    with monkeypatch.context() as broken:
        broken.setattr("photos.services.captures.record", crash)
        with pytest.raises(RuntimeError):
            receive_capture(**sent)
    assert not Capture.objects.exists()
    assert receive_capture(**sent).new
    assert kept_files(settings) == [str(sent["capture_id"])]


def test_a_leftover_file_of_another_picture_is_never_overwritten():
    booking = photo_builders.checked_in()
    sent = photo_builders.sent(booking)
    federation_id = booking.need.staff.federation_id
    name = storage.write(sent["capture_id"], federation_id, sent["taken_at"], b"another")
    with pytest.raises(CaptureConflict):
        receive_capture(**sent)
    assert storage.read(name) == b"another"


@pytest.fixture
def overtaken(monkeypatch):
    """Let another request be received while this one writes its file."""

    def by(other: dict) -> None:
        write = storage.write

        def overtake(*args):
            monkeypatch.setattr(storage, "write", write)
            assert receive_capture(**other).new
            return write(*args)

        monkeypatch.setattr(storage, "write", overtake)

    return by


def test_whoever_is_overtaken_by_the_same_picture_gets_its_receipt(overtaken):
    sent = photo_builders.sent(photo_builders.checked_in())
    overtaken(sent)
    receipt = receive_capture(**sent)
    assert (receipt.sha256, receipt.new) == (sent["sha256"], False)
    assert Capture.objects.count() == 1


def test_whoever_is_overtaken_by_the_same_picture_of_somebody_else_is_refused(overtaken):
    sent = photo_builders.sent(photo_builders.checked_in())
    other = photo_builders.checked_in(sent["booking"].visit)
    overtaken(sent | {"booking": other})
    with pytest.raises(CaptureConflict):
        receive_capture(**sent)
    assert Capture.objects.get().booking == other


def test_two_people_have_two_captures():
    visit = builders.visit()
    first = photo_builders.received(photo_builders.checked_in(visit))
    second = photo_builders.received(photo_builders.checked_in(visit))
    assert first.pk != second.pk
    assert first.stored_as != second.stored_as
    assert first.sha256 == second.sha256 == hashlib.sha256(photo_builders.jpeg()).hexdigest()


def test_an_id_is_the_stations_to_give():
    capture_id = uuid.uuid4()
    capture = photo_builders.received(photo_builders.checked_in(), capture_id=capture_id)
    assert capture.pk == capture_id
