"""What the station asks and sends: receipts, refusals, and no page in place of an answer."""

import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from booking.models import Booking, Visit
from booking.services.bookings import cancel_booking
from photos import faults, storage
from photos.models import Capture, Laptop, StationKey, StationRecord
from photos.services.station import opening, records, taking
from tests import builders, photo_builders, portraits, station_builders
from tests.station_builders import DEVICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return photo_builders.booked()


@pytest.fixture
def technician(booking, log_in) -> Client:
    return log_in(photo_builders.technician(booking))


@pytest.fixture
def sending(booking) -> dict:
    return station_builders.sent(booking.visit, booking.pk)


def put(client: Client, sending: dict, environ: dict | None = None, **headers: str):
    facts = {
        "X-Sha256": sending["sha256"],
        "X-Subject": str(sending["subject"]),
        "X-Device": str(sending["device"]),
    }
    place = reverse("photos:station_record", args=[sending["visit"].pk, sending["record_id"]])
    kind = "application/octet-stream"
    more = environ or {}
    return client.put(place, sending["data"], content_type=kind, headers=facts | headers, **more)


def fetch(client: Client, visit: Visit, device: str = str(DEVICE)):
    place = reverse("photos:station_package", args=[visit.pk])
    return client.get(place, headers={"X-Device": device})


def report(client: Client, visit: Visit, told: object, **more: str):
    place = reverse("photos:station_laptop", args=[visit.pk])
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return client.post(place, body, content_type="application/json", **more)


def told(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def nothing_kept(settings) -> bool:
    files = [path for path in settings.PHOTO_DIR.rglob("*") if path.is_file()]
    return not StationRecord.objects.exists() and not files


# --- Who is logged in, and which visits -----------------------------------------------------------


def test_the_station_learns_who_is_logged_in(technician, booking):
    answer = technician.get(reverse("photos:station_state"))
    user = photo_builders.technician(booking)
    assert (answer.json()["user"], answer.json()["name"]) == (str(user.pk), user.name)
    assert answer.json()["csrf"]
    assert "no-store" in answer["Cache-Control"]


def test_and_that_nobody_is(client):
    answer = client.get(reverse("photos:station_state"))
    assert answer.json() | {"csrf": ""} == {"user": None, "name": "", "csrf": ""}


def test_the_token_of_the_state_is_asked_for_and_opens(booking, sending):
    client = Client(enforce_csrf_checks=True)
    client.force_login(photo_builders.technician(booking))
    assert put(client, sending).status_code == 403
    token = client.get(reverse("photos:station_state")).json()["csrf"]
    assert put(client, sending, **{"X-CSRFToken": token}).status_code == 201


def test_own_open_photo_visits_from_today_on_are_listed(technician, booking):
    unit, own = booking.visit.unit, booking.visit.technician
    later = builders.visit(unit, own, starts_at=builders.tomorrow(13))
    past, closed, activation, _others = (
        builders.visit(unit, own, starts_at=builders.tomorrow(15) + timedelta(days=2)),
        builders.visit(unit, own, starts_at=builders.tomorrow(15) + timedelta(days=3)),
        builders.visit(unit, own, kind="activation", starts_at=builders.tomorrow(18)),
        builders.visit(unit),
    )
    long_ago = timezone.now() - timedelta(days=2)
    Visit.objects.filter(pk=past.pk).update(
        starts_at=long_ago, ends_at=long_ago + timedelta(hours=1)
    )
    Visit.objects.filter(pk=closed.pk).update(status="closed")
    photo_builders.booked(booking.visit, protected=True)
    gone = photo_builders.booked(booking.visit)
    cancel_booking(actor=builders.user(), booking=gone)
    shown = technician.get(reverse("photos:station_visits")).json()["visits"]
    assert [visit["id"] for visit in shown] == [str(booking.visit_id), str(later.pk)]
    assert (shown[0]["people"], shown[0]["unit"], shown[0]["version"]) == (1, "Björkgården", "")
    assert activation.pk != later.pk


def test_the_listed_version_is_the_packages_until_something_changes(technician, booking):
    version = fetch(technician, booking.visit).json()["version"]
    [shown] = technician.get(reverse("photos:station_visits")).json()["visits"]
    assert shown["version"] == version
    photo_builders.booked(booking.visit)
    [shown] = technician.get(reverse("photos:station_visits")).json()["visits"]
    assert shown["version"] != version


def test_listing_makes_no_keys(technician):
    technician.get(reverse("photos:station_visits"))
    assert not StationKey.objects.exists()


# --- The package ----------------------------------------------------------------------------------


def test_the_package_is_the_visits_and_the_laptop_is_remembered(technician, booking):
    answer = fetch(technician, booking.visit)
    assert (answer.status_code, answer.json()["schema"]) == (200, "station/1")
    assert answer.json()["people"][0]["subject"] == str(booking.pk)
    assert Laptop.objects.get().device == DEVICE
    assert "no-store" in answer["Cache-Control"]


def test_a_laptop_without_a_name_of_its_own_gets_none(technician, booking):
    assert told(fetch(technician, booking.visit, "")) == (400, "bad_request")


def test_a_visit_whose_key_is_destroyed_is_told_so(technician, booking, sending):
    StationKey.objects.update(private_key=b"", destroyed_at=timezone.now())
    assert told(fetch(technician, booking.visit)) == (409, "key_destroyed")
    assert told(put(technician, sending)) == (409, "key_destroyed")


# --- Records --------------------------------------------------------------------------------------


def test_a_record_gets_a_receipt_and_is_opened_at_once(technician, sending):
    answer = put(technician, sending)
    assert answer.status_code == 201
    assert answer.json() == {
        "record": str(sending["record_id"]),
        "sha256": hashlib.sha256(sending["data"]).hexdigest(),
        "state": "taken",
    }
    assert Capture.objects.get().photo.status == "waiting"


def test_the_same_record_again_gets_the_same_receipt(technician, sending):
    first, again = put(technician, sending), put(technician, sending)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert StationRecord.objects.count() == Capture.objects.count() == 1


def test_other_bytes_under_the_same_id_are_a_conflict(technician, booking, sending):
    put(technician, sending)
    other = station_builders.sent(booking.visit, booking.pk, sending["record_id"], kind="note")
    assert told(put(technician, other)) == (409, "conflict")
    assert StationRecord.objects.get().sha256 == sending["sha256"]


def test_what_a_planner_must_decide_on_is_received_all_the_same(technician, booking, sending):
    cancel_booking(actor=builders.user(), booking=booking)
    answer = put(technician, sending)
    assert (answer.status_code, answer.json()["state"]) == (201, "conflict")


def test_what_cannot_be_opened_now_is_received_all_the_same(
    technician, sending, settings, tmp_path
):
    settings.FOTORUNDAN_MODELS = tmp_path / "none"
    answer = put(technician, sending)
    assert (answer.status_code, answer.json()["state"]) == (201, "received")


def test_noise_is_received_and_does_not_open(technician, booking, sending):
    noise = sending | {"data": b"noise", "sha256": hashlib.sha256(b"noise").hexdigest()}
    answer = put(technician, noise)
    assert (answer.status_code, answer.json()["state"]) == (201, "conflict")
    assert StationRecord.objects.get().conflict == "cannot_open"


def test_a_record_damaged_on_the_way_is_asked_for_again(technician, sending, settings):
    answer = put(technician, sending, **{"X-Sha256": "0" * 64})
    assert told(answer) == (400, "hash_mismatch")
    assert nothing_kept(settings)


@pytest.mark.parametrize("header", ["X-Sha256", "X-Subject", "X-Device"])
def test_a_record_without_its_facts_is_refused(technician, sending, settings, header):
    for wrong in ("", "somebody", "ABC" * 50):
        assert told(put(technician, sending, **{header: wrong})) == (400, "bad_request")
    assert nothing_kept(settings)


def test_a_record_above_the_limit_is_refused_before_it_is_read(technician, sending, settings):
    settings.UPLOAD_LIMIT = 1000
    answer = put(technician, sending | {"data": bytes(1000 + 64 * 1024 + 1)})
    assert told(answer) == (413, "too_large")
    assert answer.json()["message"] == faults.sentence("too_large", limit_mb=0)
    assert nothing_kept(settings)


@pytest.mark.parametrize("length", ["many", "-1", "1e3", "9" * 5000])
def test_a_length_that_makes_no_sense_is_refused(technician, booking, sending, settings, length):
    assert told(put(technician, sending, {"CONTENT_LENGTH": length})) == (400, "bad_request")
    fetch(technician, booking.visit)
    answer = report(technician, booking.visit, {}, CONTENT_LENGTH=length)
    assert told(answer) == (400, "bad_request")
    assert nothing_kept(settings)


def test_a_body_that_is_longer_than_was_told_is_damaged(technician, sending, settings):
    short = str(len(sending["data"]) - 1)
    assert told(put(technician, sending, {"CONTENT_LENGTH": short})) == (400, "hash_mismatch")
    assert nothing_kept(settings)


class CutOff:
    """A connection that ends in the middle."""

    def read(self, *_size: int) -> bytes:
        raise OSError("connection reset")

    readline = read


def test_a_connection_that_is_cut_is_asked_for_again(technician, sending, settings):
    answer = put(technician, sending, {"wsgi.input": CutOff()})
    assert told(answer) == (400, "cut_off")
    assert nothing_kept(settings)
    assert put(technician, sending).status_code == 201


def test_a_laptop_that_tells_without_end_is_refused_before_it_is_read(
    technician, booking, settings
):
    settings.UPLOAD_LIMIT = 1000
    fetch(technician, booking.visit)
    answer = report(technician, booking.visit, bytes(1000 + 64 * 1024 + 1))
    assert told(answer) == (413, "too_large")


def test_what_nobody_foresaw_is_received_and_put_before_a_planner_at_once(
    technician, sending, monkeypatch
):
    with monkeypatch.context() as broken:
        broken.setattr(opening, "take", lambda *_facts: 1 / 0)
        answers = [put(technician, sending) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert {answer.json()["state"] for answer in answers} == {"conflict"}
    assert put(technician, sending).json()["state"] == "taken"


def test_a_record_whose_file_is_gone_is_whole_again_when_it_is_sent_again(
    technician, sending, settings, tmp_path
):
    models, settings.FOTORUNDAN_MODELS = settings.FOTORUNDAN_MODELS, tmp_path / "none"
    put(technician, sending)
    (settings.PHOTO_DIR / StationRecord.objects.get().stored_as).unlink()
    settings.FOTORUNDAN_MODELS = models
    answer = put(technician, sending)
    assert (answer.status_code, answer.json()["state"]) == (200, "taken")


def test_a_picture_of_the_largest_size_has_room_for_its_seal(technician, booking, settings):
    picture = portraits.good()
    settings.UPLOAD_LIMIT = len(picture)
    sending = station_builders.sent(booking.visit, booking.pk, jpeg=picture)
    assert put(technician, sending).json()["state"] == "taken"


def test_a_full_disk_is_told_and_nothing_is_half_kept(technician, sending, settings, monkeypatch):
    def full(*args: object) -> None:
        raise storage.DiskFull

    with monkeypatch.context() as broken:
        broken.setattr(records.storage, "write", full)
        assert told(put(technician, sending)) == (507, "disk_full")
    assert nothing_kept(settings)
    assert put(technician, sending).status_code == 201


@pytest.mark.sqlite
def test_the_last_of_ten_people_asks_the_database_as_much_as_the_first(technician, booking):
    unit, own = booking.visit.unit, booking.visit.technician
    visit = builders.visit(unit, own, hours=4, starts_at=builders.tomorrow(13))
    people, asked = [photo_builders.booked(visit) for _ in range(10)], []
    for person in people:
        sending = station_builders.sent(visit, person.pk)
        with CaptureQueriesContext(connection) as queries:
            assert put(technician, sending).json()["state"] == "taken"
        asked.append(len(queries))
    assert Capture.objects.filter(photo__status="waiting").count() == 10
    assert max(asked) == asked[0], asked


# --- What a laptop tells of itself ----------------------------------------------------------------


def test_a_laptop_tells_what_it_holds(technician, booking):
    fetch(technician, booking.visit)
    answer = report(technician, booking.visit, {"device": str(DEVICE), "unsent": 3})
    assert (answer.status_code, answer.content) == (204, b"")
    laptop = Laptop.objects.get()
    assert (laptop.unsent, laptop.cleaned_at, laptop.reported_at is None) == (3, None, False)
    clean = {"device": str(DEVICE), "unsent": 0, "cleaned": True}
    assert report(technician, booking.visit, clean).status_code == 204
    assert Laptop.objects.get().cleaned_at


def test_a_laptop_nobody_made_ready_is_told_so(technician, booking):
    answer = report(technician, booking.visit, {"device": str(DEVICE), "unsent": 0})
    assert told(answer) == (404, "unknown_laptop")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        {"device": "x", "unsent": 0},
        {"device": str(DEVICE), "unsent": -1},
        {"device": str(DEVICE), "unsent": True},
        {"device": str(DEVICE), "unsent": 1.5},
        {"device": str(DEVICE)},
    ],
)
def test_what_makes_no_sense_is_refused(technician, booking, body):
    fetch(technician, booking.visit)
    assert told(report(technician, booking.visit, body)) == (400, "bad_request")
    assert Laptop.objects.get().reported_at is None


# --- Who may --------------------------------------------------------------------------------------


def every_request(client: Client, sending: dict) -> list:
    visit = sending["visit"]
    return [
        fetch(client, visit),
        put(client, sending),
        report(client, visit, {"device": str(DEVICE), "unsent": 0}),
    ]


def test_whoever_is_logged_out_is_told_so_in_the_stations_own_language(client, sending, settings):
    answers = [*every_request(client, sending), client.get(reverse("photos:station_visits"))]
    assert [told(answer) for answer in answers] == [(401, "log_in")] * 4
    assert nothing_kept(settings)


def test_nobody_but_the_visits_technician_is_let_in(log_in, booking, sending, settings):
    others = [
        builders.technician(booking.visit.unit.municipality.federation).user,
        builders.technician().user,
        photo_builders.reviewer(booking),
        builders.user("planner", within=booking.visit.unit.municipality.federation),
        builders.user("administrator", within=booking.visit.unit.municipality.federation),
    ]
    for other in others:
        client = log_in(other)
        assert [told(answer) for answer in every_request(client, sending)] == [
            (404, "unknown_visit")
        ] * 3
        assert client.get(reverse("photos:station_visits")).json() == {"visits": []}
    assert nothing_kept(settings)
    assert not Laptop.objects.exists()


def test_whoever_has_left_is_logged_out_and_what_was_sent_before_is_taken_in(
    technician, booking, sending, settings
):
    received = station_builders.received(booking)
    user = photo_builders.technician(booking)
    user.is_active = False
    user.save()
    user.memberships.all().delete()
    assert {told(answer) for answer in every_request(technician, sending)} == {(401, "log_in")}
    found = opening.open_record(actor=taking.STATION, record_id=received.pk)
    assert (found.state, Capture.objects.get().taken_by) == ("taken", user)


def test_a_record_for_another_federation_is_refused_whatever_visit_it_names(
    technician, sending, settings
):
    beyond = photo_builders.booked(builders.visit(builders.unit()))
    other = station_builders.sent(beyond.visit, beyond.pk)
    assert told(put(technician, other)) == (404, "unknown_visit")
    answer = put(technician, other | {"visit": sending["visit"]})
    assert (answer.status_code, answer.json()["state"]) == (201, "conflict")
    [record] = StationRecord.objects.all()
    assert (record.visit, record.conflict) == (sending["visit"], "cannot_open")


def test_an_activation_visit_has_no_station(log_in, booking):
    own = booking.visit.technician
    activation = builders.visit(
        booking.visit.unit, own, kind="activation", starts_at=builders.tomorrow(15)
    )
    assert told(fetch(log_in(own.user), activation)) == (404, "unknown_visit")


def test_a_technician_who_lost_the_role_is_let_in_no_more(technician, booking, sending):
    photo_builders.technician(booking).memberships.all().delete()
    assert {answer.status_code for answer in every_request(technician, sending)} == {404}


@pytest.mark.parametrize(
    ("name", "held", "known"),
    [
        ("station_state", 0, "get"),
        ("station_visits", 0, "get"),
        ("station_package", 1, "get"),
        ("station_record", 2, "put"),
        ("station_laptop", 1, "post"),
    ],
)
def test_only_the_method_that_is_meant_is_known(technician, booking, name, held, known):
    place = reverse(f"photos:{name}", args=[booking.visit_id, uuid.uuid4()][:held])
    for method in {"get", "post", "put", "delete"} - {known}:
        assert getattr(technician, method)(place).status_code == 405
