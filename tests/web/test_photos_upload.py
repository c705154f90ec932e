"""The station's upload: receipts, refusals and what hostile or unlucky bytes come to."""

import hashlib
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from photos import faults, storage
from photos.models import Capture
from tests import builders, photo_builders, portraits

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking():
    return photo_builders.checked_in()


@pytest.fixture
def station(booking, log_in):
    """Return a function that sends a picture as the technician's station does."""
    client = log_in(photo_builders.technician(booking))

    def send(data: bytes, capture_id: uuid.UUID | None = None, **headers: str):
        return put(client, booking, data, capture_id, **headers)

    return send


def put(client: Client, booking, data: bytes, capture_id=None, visit_id=None, **headers: str):
    address = reverse(
        "photos:capture_upload", args=[visit_id or booking.visit_id, capture_id or uuid.uuid4()]
    )
    facts = {
        "X-Booking": str(booking.pk),
        "X-Sha256": hashlib.sha256(data).hexdigest(),
        "X-Taken-At": timezone.now().isoformat(),
        "X-Source": "camera",
    }
    return client.put(address, data, content_type="image/jpeg", headers=facts | headers)


def nothing_kept(settings) -> bool:
    files = [path for path in settings.PHOTO_DIR.rglob("*") if path.is_file()]
    return not Capture.objects.exists() and not files


def test_a_picture_gets_a_receipt_and_a_verdict_at_once(station):
    capture_id = uuid.uuid4()
    answer = station(portraits.good(), capture_id)
    assert answer.status_code == 201
    assert answer.json() == {
        "capture": str(capture_id),
        "sha256": hashlib.sha256(portraits.good()).hexdigest(),
        "status": "judged",
        "findings_url": reverse("photos:verdict", args=[capture_id]),
    }
    assert Capture.objects.get().verdict == "pass"


def test_the_same_picture_again_gets_the_same_receipt(station):
    capture_id = uuid.uuid4()
    first = station(portraits.good(), capture_id)
    again = station(portraits.good(), capture_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Capture.objects.count() == 1


def test_other_bytes_under_the_same_id_are_a_conflict(station):
    capture_id = uuid.uuid4()
    station(portraits.good(), capture_id)
    answer = station(portraits.good(2), capture_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    [capture] = Capture.objects.all()
    assert storage.read(capture.stored_as) == portraits.good()


def test_a_picture_damaged_on_the_way_is_asked_for_again(station, settings):
    answer = station(portraits.good(), **{"X-Sha256": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (400, "hash_mismatch")
    assert nothing_kept(settings)


def test_a_person_who_is_not_checked_in_is_not_photographed(log_in, settings):
    booking = photo_builders.booked()
    client = log_in(photo_builders.technician(booking))
    answer = put(client, booking, portraits.good())
    assert (answer.status_code, answer.json()["code"]) == (409, "not_checked_in")
    assert nothing_kept(settings)


def test_a_file_above_the_limit_is_refused_before_it_is_read(station, settings):
    settings.UPLOAD_LIMIT = 1_000_000
    answer = station(b"\xff\xd8\xff" + bytes(1_000_000))
    assert answer.status_code == 413
    assert answer.json()["message"] == faults.sentence("too_large", limit_mb=1)
    assert nothing_kept(settings)


def test_a_full_disk_is_told_and_nothing_is_half_kept(station, settings, monkeypatch):
    def full(*args: object) -> None:
        raise storage.DiskFull

    with monkeypatch.context() as broken:
        broken.setattr(storage, "write", full)
        answer = station(portraits.good())
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert nothing_kept(settings)
    assert station(portraits.good()).status_code == 201


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Booking", "somebody"),
        ("X-Sha256", "ABC"),
        ("X-Taken-At", "yesterday"),
        ("X-Source", "the internet"),
    ],
)
def test_a_picture_without_its_facts_is_refused(station, settings, header, value):
    answer = station(portraits.good(), **{header: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert nothing_kept(settings)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"", "empty"),
        (lambda: b"Hej! Det var ingen bild.", "not_a_picture"),
        (portraits.png_bomb, "too_many_pixels"),
        (lambda: portraits.good()[:-1000], "broken"),
        (lambda: portraits.good() + b"<script>", "trailing_bytes"),
    ],
    ids=["empty", "text named .jpg", "PNG bomb", "cut off", "with more after the end"],
)
def test_what_is_no_picture_is_refused_in_words_and_not_kept(station, settings, make, code):
    answer = station(make())
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert len(answer.json()["message"]) > 20
    assert nothing_kept(settings)


def failing(findings: dict[str, str]) -> set[str]:
    return {name for name, answer in findings.items() if answer == "fail"}


@pytest.mark.parametrize(
    ("make", "component"),
    [
        (lambda: portraits.bad("two_faces"), "single face present"),
        (lambda: portraits.bad("no_face"), "single face present"),
        (
            lambda: portraits.jpeg(portraits.image(portraits.good()).resize((200, 250))),
            "inter-eye distance",
        ),
    ],
    ids=["two faces", "nobody", "200 px wide"],
)
def test_a_picture_that_will_not_do_is_kept_and_fails_with_advice(station, make, component):
    answer = station(make())
    assert answer.status_code == 201
    capture = Capture.objects.get()
    findings = dict(capture.findings.values_list("component", "answer"))
    assert capture.verdict == "fail"
    assert component in failing(findings)
    assert capture.findings.get(component=component).advice_code


def test_a_cut_picture_with_an_end_pasted_on_is_kept_and_fails(station):
    answer = station(portraits.cut_with_end_pasted(portraits.good()))
    assert answer.status_code == 201
    capture = Capture.objects.get()
    assert (capture.verdict, capture.refusal["code"]) == ("fail", "broken")


@pytest.mark.parametrize(
    "make",
    [
        lambda: portraits.stored_turned(portraits.good(), 6),
        lambda: portraits.cmyk(portraits.good()),
        lambda: portraits.sixteen_bit_grey(portraits.good()),
    ],
    ids=["turned by EXIF", "CMYK", "16-bit PNG"],
)
def test_an_unusual_picture_is_judged_like_any_other(station, make):
    assert station(make()).json()["status"] == "judged"
    capture = Capture.objects.get()
    assert capture.refusal == {}
    assert capture.geometry["faces"] == 1
    assert capture.card_stored_as


def test_a_picture_that_cannot_be_judged_now_is_kept_all_the_same(station, settings, tmp_path):
    settings.FOTORUNDAN_MODELS = tmp_path / "none"
    answer = station(portraits.good())
    assert (answer.status_code, answer.json()["status"]) == (201, "kept")
    assert Capture.objects.get().assessed_at is None


def test_without_log_in_the_station_is_told_so_in_its_own_language(client, booking, settings):
    answer = put(client, booking, portraits.good())
    assert (answer.status_code, answer.json()["code"]) == (401, "log_in")
    assert nothing_kept(settings)


def test_nobody_but_the_visits_technician_may_send(log_in, booking, settings):
    others = [
        builders.technician(booking.visit.unit.municipality.federation).user,
        builders.technician().user,
        photo_builders.reviewer(booking),
        builders.user("care_manager", within=booking.visit.unit),
        builders.user("administrator", within=booking.visit.unit.municipality.federation),
    ]
    for other in others:
        assert put(log_in(other), booking, portraits.good()).status_code == 404
    assert nothing_kept(settings)


def test_a_booking_of_another_visit_is_not_found(log_in, booking, settings):
    technician = booking.visit.technician
    other = builders.visit(booking.visit.unit, technician, starts_at=builders.tomorrow(13))
    client = log_in(technician.user)
    answer = put(client, booking, portraits.good(), visit_id=other.pk)
    assert answer.status_code == 404
    assert nothing_kept(settings)


def test_the_page_s_token_is_asked_for(booking):
    client = Client(enforce_csrf_checks=True)
    client.force_login(photo_builders.technician(booking))
    assert put(client, booking, portraits.good()).status_code == 403
    client.get(reverse("photos:visit", args=[booking.visit_id]))
    token = client.cookies["csrftoken"].value
    answer = put(client, booking, portraits.good(), **{"X-CSRFToken": token})
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_only_put_is_known(log_in, booking, method):
    client = log_in(photo_builders.technician(booking))
    address = reverse("photos:capture_upload", args=[booking.visit_id, uuid.uuid4()])
    assert getattr(client, method)(address).status_code == 405
