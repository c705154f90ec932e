"""Picture bytes leave by one door only, and every look is in the log."""

import pytest
from django.urls import reverse

from enrolment.audit.models import Entry
from photos import storage
from photos.services.assess import ASSESSOR, assess_capture
from photos.services.review import reject_photo
from tests import builders, heic_builders, photo_builders, portraits

pytestmark = pytest.mark.django_db


def card(capture) -> str:
    return reverse("photos:card_image", args=[capture.pk])


def whole(capture) -> str:
    return reverse("photos:capture_image", args=[capture.pk])


def body(response) -> bytes:
    return response.content


@pytest.fixture
def capture():
    return photo_builders.judged(photo_builders.checked_in())


def test_the_technician_and_the_reviewer_see_card_and_picture(capture, log_in):
    for user in (
        photo_builders.technician(capture.booking),
        photo_builders.reviewer(capture.booking),
    ):
        client = log_in(user)
        assert body(client.get(card(capture))) == storage.read(capture.card_stored_as)
        assert body(client.get(whole(capture))) == storage.read(capture.stored_as)


def test_a_picture_is_kept_by_no_cache_and_can_do_nothing(capture, log_in):
    client = log_in(photo_builders.technician(capture.booking))
    for address in (card(capture), whole(capture)):
        response = client.get(address)
        assert response["Content-Type"] == "image/jpeg"
        assert "no-store" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith("inline; filename=")
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_png_is_called_a_png(log_in):
    booking = photo_builders.checked_in()
    capture = photo_builders.received(booking, portraits.sixteen_bit_grey(portraits.good()))
    response = log_in(photo_builders.technician(booking)).get(whole(capture))
    assert response["Content-Type"] == "image/png"


def test_a_picture_of_a_phone_is_shown_as_a_jpeg(log_in):
    booking = photo_builders.checked_in()
    capture = photo_builders.received(booking, heic_builders.heic(portraits.good()))
    response = log_in(photo_builders.technician(booking)).get(whole(capture))
    assert response["Content-Type"] == "image/jpeg"
    assert portraits.image(body(response)).size == portraits.image(portraits.good()).size


def test_what_cannot_be_read_as_a_picture_is_not_found(log_in):
    booking = photo_builders.checked_in()
    phone = heic_builders.heic(portraits.good())
    capture = photo_builders.received(booking, phone[:-5000] + bytes(5000))
    assert log_in(photo_builders.technician(booking)).get(whole(capture)).status_code == 404


def test_each_look_is_a_line_in_the_log(capture, log_in):
    user = photo_builders.technician(capture.booking)
    client = log_in(user)
    client.get(card(capture))
    client.get(card(capture))
    client.get(whole(capture))
    looks = Entry.objects.filter(action="photos.look").order_by("pk")
    assert [entry.details["part"] for entry in looks] == ["card", "card", "capture"]
    assert {(entry.actor, entry.subject) for entry in looks} == {
        (f"user:{user.pk}", f"capture:{capture.pk}")
    }


def test_nobody_else_sees_a_byte(capture, log_in):
    unit = capture.booking.visit.unit
    federation = unit.municipality.federation
    others = [
        builders.technician(federation).user,
        builders.technician().user,
        builders.user("care_manager", within=unit),
        builders.user("planner", within=federation),
        builders.user("administrator", within=federation),
        builders.user("card_issuer", within=federation),
        builders.user("id_administrator", within=builders.unit()),
        builders.user(),
    ]
    for other in others:
        for address in (card(capture), whole(capture)):
            assert log_in(other).get(address).status_code == 404
    assert not Entry.objects.filter(action="photos.look").exists()


def test_without_log_in_there_is_only_the_log_in_page(capture, client):
    for address in (card(capture), whole(capture)):
        assert client.get(address).status_code == 302


def test_a_picture_that_was_refused_is_shown_to_nobody(log_in):
    booking = photo_builders.checked_in()
    capture = photo_builders.received(booking, portraits.cut_with_end_pasted(portraits.good()))
    assess_capture(actor=ASSESSOR, capture_id=capture.pk)
    client = log_in(photo_builders.technician(booking))
    assert client.get(whole(capture)).status_code == 404
    assert client.get(card(capture)).status_code == 404


def test_without_a_card_there_is_no_card_to_see(log_in):
    booking = photo_builders.checked_in()
    capture = photo_builders.judged(booking, "fail")
    client = log_in(photo_builders.technician(booking))
    assert client.get(card(capture)).status_code == 404
    assert client.get(whole(capture)).status_code == 200


def test_a_person_s_page_borrows_the_last_photo_and_its_state(log_in):
    photo = photo_builders.photo()
    booking = photo.capture.booking
    reviewer = photo_builders.reviewer(booking)
    reject_photo(actor=reviewer, photo=photo, reason="light", note="Dra för gardinen")
    address = reverse("photos:for_person", args=[booking.need.staff_id])
    page = log_in(reviewer).get(address).content.decode()
    assert "Dra för gardinen" in page
    assert card(photo.capture) in page


def test_a_care_manager_sees_the_state_and_no_picture(log_in):
    photo = photo_builders.photo()
    booking = photo.capture.booking
    manager = builders.user("care_manager", within=booking.visit.unit)
    address = reverse("photos:for_person", args=[booking.need.staff_id])
    response = log_in(manager).get(address)
    assert response.context["capture"] == photo.capture
    assert card(photo.capture) not in response.content.decode()


def test_the_panel_speaks_of_a_person_without_a_photo(log_in):
    staff = builders.staff()
    address = reverse("photos:for_person", args=[staff.pk])
    manager = builders.user("care_manager", within=staff.unit)
    response = log_in(manager).get(address)
    assert (response.status_code, response.context["capture"]) == (200, None)
    elsewhere = builders.user("care_manager", within=builders.unit())
    assert log_in(elsewhere).get(address).status_code == 404
