"""What a laptop sealed is opened and taken in; what does not fit is named and shown."""

import uuid

import pytest
from django.utils import timezone

from booking.domain.states import VOUCHED
from booking.models import Booking, IdentityCheck
from booking.services.bookings import cancel_booking
from booking.services.checkin import record_no_show
from booking.services.visits import cancel_visit, close_visit
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.services.needs import advance_need
from photos import storage
from photos.models import Capture, Photo, StationRecord
from photos.services.assess import FAULTS
from photos.services.review import reject_photo
from photos.services.station import opening, taking
from photos.services.station.keys import key_of
from photos.services.station.opening import open_record, open_waiting, opened_now
from photos.services.station.records import receive_record
from tests import builders, photo_builders, portraits, station_builders
from tests.station_builders import DEVICE, OTHER_DEVICE, now, sealed_plain, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


def opened(booking: Booking, **more) -> StationRecord:
    return open_record(
        actor=taking.STATION, record_id=station_builders.received(booking, **more).pk
    )


def test_a_photo_checks_the_person_in_and_is_judged_and_chosen(booking):
    record = opened(booking, tries=3, seconds=52, machine_ms=610)
    assert state_of(record) == ("taken", "")
    assert now(booking) == ("done", Stage.PHOTOGRAPHED)
    photo = Photo.objects.select_related("capture").get()
    capture = photo.capture
    technician = photo_builders.technician(booking)
    assert (capture.pk, capture.taken_by, capture.source) == (record.pk, technician, "camera")
    assert (capture.verdict, capture.tries, capture.seconds) == ("pass", 3, 52)
    assert capture.station == {
        "verdict": "pass",
        "findings": [],
        "without_model": False,
        "machine_ms": 610,
    }
    assert storage.read(capture.stored_as) == portraits.good()
    check = IdentityCheck.objects.get(booking=booking)
    assert (check.document, check.checked_by) == ("passport", technician)


def test_the_sealed_bytes_are_erased_once_the_photo_is_taken_in(booking, settings):
    record = station_builders.received(booking)
    sealed_as = record.stored_as
    assert (settings.PHOTO_DIR / sealed_as).exists()
    open_record(actor=taking.STATION, record_id=record.pk)
    record.refresh_from_db()
    assert record.stored_as == ""
    assert not (settings.PHOTO_DIR / sealed_as).exists()


def test_bytes_that_outlived_a_crash_are_erased_by_the_sweeper(booking, monkeypatch, settings):
    record = station_builders.received(booking)
    with monkeypatch.context() as crash:
        crash.setattr(opening, "forget_bytes", lambda record: None)
        open_record(actor=taking.STATION, record_id=record.pk)
    assert (settings.PHOTO_DIR / record.stored_as).exists()
    open_waiting()
    assert not (settings.PHOTO_DIR / record.stored_as).exists()


def test_opening_twice_is_opening_once(booking):
    record = opened(booking)
    lines = Entry.objects.count()
    assert state_of(open_record(actor=taking.STATION, record_id=record.pk)) == ("taken", "")
    assert (Photo.objects.count(), Entry.objects.count()) == (1, lines)


def test_somebody_vouched_for_is_checked_in_so_and_a_long_name_loses_nothing(booking):
    name = "Ö" * 190 + " 👩‍⚕️"
    record = opened(booking, document=VOUCHED, vouched_by=name)
    check = IdentityCheck.objects.get(booking=booking)
    assert (check.document, check.vouched_by) == (VOUCHED, name[:100])
    assert record.header["vouched_by"] == name


def test_a_note_is_kept_on_its_record(booking):
    record = opened(booking, kind="note", note="Sitter i rullstol 👍")
    assert state_of(record) == ("taken", "")
    assert (record.kind, record.header["note"]) == ("note", "Sitter i rullstol 👍")
    assert now(booking) == ("booked", Stage.BOOKED)


def test_somebody_who_did_not_come_is_noted(booking):
    assert state_of(opened(booking, kind="no_show")) == ("taken", "")
    assert now(booking)[0] == "no_show"


def test_a_no_show_of_a_cancelled_time_says_nothing_new(booking):
    cancel_booking(actor=builders.user(), booking=booking)
    assert state_of(opened(booking, kind="no_show")) == ("taken", "")


# --- Conflicts ------------------------------------------------------------------------------------


def test_a_photo_of_a_cancelled_time_is_kept_for_a_planner(booking):
    cancel_booking(actor=builders.user(), booking=booking)
    record = opened(booking)
    assert state_of(record) == ("conflict", "cancelled")
    assert record.stored_as
    assert not Capture.objects.exists()


def test_a_photo_from_a_cancelled_visit_is_one_of_a_cancelled_time(booking):
    station_builders.received(booking)
    cancel_visit(actor=builders.user(), visit=booking.visit)
    [record] = StationRecord.objects.all()
    record = open_record(actor=taking.STATION, record_id=record.pk)
    assert state_of(record) == ("conflict", "cancelled")


@pytest.mark.parametrize(
    ("device", "conflict"), [(DEVICE, "two_photos"), (OTHER_DEVICE, "two_laptops")]
)
def test_a_second_photo_of_somebody_is_shown_and_the_first_stays(booking, device, conflict):
    first = opened(booking)
    second = opened(booking, device=device)
    assert state_of(second) == ("conflict", conflict)
    assert [photo.capture_id for photo in Photo.objects.all()] == [first.pk]


def test_a_second_photo_after_one_taken_with_the_network_is_another_laptops(booking):
    photo_builders.photo(photo_builders.checked_in(booking.visit))
    done = Booking.objects.get(status="done")
    assert state_of(opened(done)) == ("conflict", "two_laptops")


def test_the_photo_that_was_asked_for_again_replaces_the_rejected_one(booking):
    opened(booking)
    photo = Photo.objects.get()
    reject_photo(actor=photo_builders.reviewer(booking), photo=photo, reason="light")
    assert state_of(opened(booking)) == ("taken", "")
    assert now(booking) == ("done", Stage.PHOTOGRAPHED)
    assert Photo.objects.filter(status="waiting").count() == 1


def test_somebody_who_walked_in_is_for_a_planner_to_name(booking):
    walked = station_builders.walked_in(booking.visit)
    record = open_record(actor=taking.STATION, record_id=walked.pk)
    assert state_of(record) == ("conflict", "unknown_walk_in")
    assert record.header["walk_in"]["contact"] == "nora@example.org"


def test_a_booking_of_another_visit_is_nobody_known(booking):
    other = photo_builders.booked(builders.visit(booking.visit.unit))
    receipt = receive_record(**station_builders.sent(booking.visit, other.pk))
    record = open_record(actor=taking.STATION, record_id=receipt.record_id)
    assert state_of(record) == ("conflict", "unknown_walk_in")
    assert now(other)[0] == "booked"


def test_a_photo_that_will_not_do_is_kept_and_the_person_stays(booking):
    record = opened(booking, jpeg=portraits.bad("eyes_closed"), verdict="fail")
    assert state_of(record) == ("conflict", "not_acceptable")
    assert Capture.objects.get(pk=record.pk).verdict == "fail"
    assert now(booking)[0] == "checked_in"
    assert record.stored_as == ""


def test_a_photo_accepted_anyway_is_chosen_and_says_why(booking):
    record = opened(
        booking, jpeg=portraits.bad("eyes_closed"), verdict="fail", accepted_anyway="body"
    )
    assert state_of(record) == ("taken", "")
    assert Photo.objects.get().capture.accepted_anyway == "body"


def test_a_photo_of_nobody_is_not_accepted_whatever_the_reason(booking):
    record = opened(booking, jpeg=portraits.bad("no_face"), verdict="fail", accepted_anyway="room")
    assert state_of(record) == ("conflict", "not_acceptable")
    assert not Photo.objects.exists()


def test_two_verdicts_that_differ_are_shown_and_the_servers_counts(booking):
    record = opened(booking, verdict="warn")
    assert state_of(record) == ("conflict", "verdict_differs")
    capture = Photo.objects.get().capture
    assert (capture.verdict, capture.station["verdict"]) == ("pass", "warn")


def test_a_verdict_given_without_a_face_model_is_no_other_verdict(booking):
    assert state_of(opened(booking, verdict="warn", without_model=True)) == ("taken", "")


def test_a_photo_of_somebody_who_needs_no_card_any_more_is_kept(booking):
    advance_need(actor=builders.user(), need=booking.need, stage=Stage.LAPSED)
    assert state_of(opened(booking)) == ("conflict", "need_ended")


def test_a_photo_wins_over_another_laptops_no_show_and_it_is_shown(booking):
    opened(booking, kind="no_show", device=OTHER_DEVICE)
    assert state_of(opened(booking)) == ("conflict", "came_after_all")
    assert now(booking) == ("done", Stage.PHOTOGRAPHED)
    assert Photo.objects.count() == 1


def test_the_same_in_the_other_order(booking):
    opened(booking)
    late = opened(booking, kind="no_show", device=OTHER_DEVICE)
    assert state_of(late) == ("conflict", "came_after_all")
    assert now(booking) == ("done", Stage.PHOTOGRAPHED)


@pytest.mark.parametrize("kinds", [("no_show", "photo"), ("photo", "no_show")])
def test_whoever_came_late_to_the_same_laptop_is_no_conflict(booking, kinds):
    assert [state_of(opened(booking, kind=kind)) for kind in kinds] == [("taken", "")] * 2
    assert now(booking) == ("done", Stage.PHOTOGRAPHED)


def test_a_photo_that_comes_when_the_visit_is_closed_is_taken_in_and_it_is_closed_again(booking):
    key_of(booking.visit)
    record_no_show(actor=builders.user(), booking=booking)
    close_visit(actor=builders.user(), visit=booking.visit)
    assert state_of(opened(booking)) == ("conflict", "came_after_all")
    assert now(booking) == ("done", Stage.PHOTOGRAPHED)
    booking.visit.refresh_from_db()
    assert booking.visit.status == "closed"
    assert Entry.objects.filter(action="photos.reopen_visit").count() == 1


# --- What does not open ---------------------------------------------------------------------------


def test_what_is_sealed_for_another_person_does_not_open(booking):
    visit, record = booking.visit, uuid.uuid4()
    stolen = station_builders.sealed(visit, uuid.uuid4(), record)
    assert state_of(opened(booking, record=record, data=stolen)) == ("conflict", "cannot_open")
    assert now(booking)[0] == "booked"


@pytest.mark.usefixtures("own_key_pairs")
def test_what_is_sealed_under_another_visits_key_does_not_open(booking):
    other = key_of(builders.visit(booking.visit.unit))
    key_of(booking.visit)
    record = uuid.uuid4()
    header = station_builders.record_of(booking.visit, booking.pk, record, "note")
    plain = station_builders.plain_of(header)
    data = sealed_plain(booking.visit, booking.pk, record, plain, bytes(other.public_key))
    assert state_of(opened(booking, record=record, data=data)) == ("conflict", "cannot_open")


@pytest.mark.parametrize("place", [0, 5, 20, 395, 420, -1])
def test_one_changed_byte_and_nothing_opens(booking, place):
    record = uuid.uuid4()
    data = bytearray(station_builders.sealed(booking.visit, booking.pk, record, "note"))
    data[place] ^= 1
    found = opened(booking, record=record, data=bytes(data))
    assert state_of(found) == ("conflict", "cannot_open")
    assert found.stored_as


def test_a_sealed_thing_that_is_no_picture_does_not_open(booking):
    assert state_of(opened(booking, jpeg=b"RAW" * 100)) == ("conflict", "cannot_open")
    assert now(booking)[0] == "booked"


def test_a_header_that_makes_no_sense_does_not_open(booking):
    assert state_of(opened(booking, document="library card")) == ("conflict", "cannot_open")
    assert state_of(opened(booking, taken_at="yesterday")) == ("conflict", "cannot_open")


# --- Faults of the house --------------------------------------------------------------------------


def test_a_fault_of_the_house_leaves_the_record_waiting_and_the_next_try_takes_it_in(
    booking, settings, tmp_path
):
    record = station_builders.received(booking)
    models, settings.FOTORUNDAN_MODELS = settings.FOTORUNDAN_MODELS, tmp_path / "none"
    assert opened_now(actor=taking.STATION, record_id=record.pk).state == "received"
    settings.FOTORUNDAN_MODELS = models
    found = opened_now(actor=taking.STATION, record_id=record.pk)
    assert state_of(found) == ("taken", "")
    assert Photo.objects.count() == 1


STEPS = [
    "unsealed",
    "check_in",
    "receive_capture",
    "_note_what_was_said",
    "assess_capture",
    "accept_capture",
    "_afterwards",
    "_conclude",
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_whichever_step_fails_the_record_waits_and_is_taken_in_once(
    booking, monkeypatch, step, after
):
    record = station_builders.received(booking)
    room = opening if hasattr(opening, step) else taking
    whole = getattr(room, step)

    def failing(*args, **kwargs):
        if after:
            whole(*args, **kwargs)
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(room, step, failing)
        opened_now(actor=taking.STATION, record_id=record.pk)
    found = opened_now(actor=taking.STATION, record_id=record.pk)
    assert state_of(found) == ("taken", "")
    assert (Photo.objects.count(), Capture.objects.count()) == (1, 1)
    assert now(booking) == ("done", Stage.PHOTOGRAPHED)
    assert isinstance(OSError(), FAULTS)


def test_the_sweeper_opens_what_was_left_behind_and_nothing_younger(booking, settings):
    settings.JOBS_INLINE = True
    old, young = (station_builders.received(booking, kind="note") for _ in range(2))
    earlier = timezone.now() - opening.LEFT_BEHIND * 2
    StationRecord.objects.filter(pk=old.pk).update(received_at=earlier)
    rung = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening.jobs, "ring", lambda task, key: rung.append((task, key)))
        open_waiting()
    assert rung == [("photos.tasks.open_record", str(old.pk))]
    assert young.state == "received"


def test_opening_is_in_the_log_with_ids_alone(booking):
    record = opened(booking, note="Hemligt")
    entry = Entry.objects.get(action="photos.open_record")
    assert entry.subject == f"stationrecord:{record.pk}"
    assert entry.details == {"visit": str(booking.visit_id), "kind": "photo", "conflict": ""}
