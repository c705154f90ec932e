"""Moving the crop on the verdict: steps add up, each answer shows the card as it is then."""

import pytest
from django.urls import reverse

from photos.forms import NudgeForm
from photos.models import Capture, Photo
from photos.services.assess import ASSESSOR, assess_capture
from photos.services.review import accept_capture
from tests import builders, photo_builders, portraits

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
START = {"across": "0.0", "down": "0.0", "zoom": "1.0"}


@pytest.fixture
def booking():
    return photo_builders.checked_in()


@pytest.fixture
def capture(booking) -> Capture:
    received = photo_builders.received(booking, portraits.good())
    return assess_capture(actor=ASSESSOR, capture_id=received.pk)


@pytest.fixture
def technician(booking, log_in):
    return log_in(photo_builders.technician(booking))


def address(capture) -> str:
    return reverse("photos:nudge", args=[capture.pk])


def errors(response) -> list[str]:
    return [message.level_tag for message in response.context["messages"]]


@pytest.mark.parametrize(
    ("steps", "wish"),
    [
        (["left"], (0.01, 0, 1)),
        (["right", "right"], (-0.02, 0, 1)),
        (["up", "down", "down"], (0, -0.01, 1)),
        (["larger"], (0, 0, 1.02)),
        (["larger", "smaller", "left"], (0.01, 0, 1)),
        (["left", "up", "reset"], (0, 0, 1)),
        ([], (0, 0, 1)),
    ],
)
def test_the_head_moves_the_way_the_step_says_so_the_crop_moves_the_other(steps, wish):
    form = NudgeForm(START | {"step": steps})
    assert form.is_valid()
    moved = form.wish()
    assert (moved.across, moved.down, moved.zoom) == wish


def test_a_step_swaps_in_the_verdict_of_the_new_card(capture, technician):
    response = technician.post(address(capture), START | {"step": ["larger"]}, headers=HTMX)
    page = response.content.decode()
    current = Capture.objects.get()
    assert "<html" not in page
    assert current.card_stored_as != capture.card_stored_as
    assert (
        f"{reverse('photos:card_image', args=[capture.pk])}?{current.card_stored_as[-8:]}" in page
    )
    assert "hx-swap-oob" in page
    assert response.context["judged"].capture.nudge == current.nudge


def test_the_next_step_counts_from_what_was_granted(capture, technician):
    technician.post(address(capture), START | {"step": ["larger"]}, headers=HTMX)
    shown = technician.get(reverse("photos:verdict", args=[capture.pk]))
    granted = Capture.objects.get().nudge
    assert granted["zoom"] > 1
    assert f'name="zoom" value="{granted["zoom"]}"' in shown.content.decode()


def test_the_profile_stops_the_crop_and_says_so(capture, technician):
    far = START | {"step": ["larger"] * 12}
    response = technician.post(address(capture), far, headers=HTMX)
    assert response.context["stopped"]
    near = START | {"step": ["reset"]}
    assert not technician.post(address(capture), near, headers=HTMX).context["stopped"]


def test_without_script_a_step_leads_back_to_the_station(capture, technician):
    response = technician.post(address(capture), START | {"step": "left"})
    station = reverse("photos:visit", args=[capture.booking.visit_id])
    assert (response.status_code, response.url) == (302, f"{station}?tid={capture.booking_id}")
    assert Capture.objects.get().nudge["across"] > 0


@pytest.mark.parametrize(
    "wrong",
    [{"across": "nan"}, {"zoom": "40"}, {"down": ""}, {"step": "sideways"}],
    ids=["not a number", "too far", "nothing", "an unknown step"],
)
def test_what_is_no_nudge_changes_nothing(capture, technician, wrong):
    response = technician.post(address(capture), START | wrong, headers=HTMX)
    assert errors(response) == ["error"]
    assert Capture.objects.get().card_stored_as == capture.card_stored_as


def test_an_accepted_photo_is_told_and_stays(capture, technician):
    accept_capture(actor=capture.taken_by, capture=capture)
    response = technician.post(address(capture), START | {"step": "left"}, headers=HTMX)
    assert errors(response) == ["error"]
    assert Capture.objects.get().card_stored_as == capture.card_stored_as
    assert Photo.objects.count() == 1


def test_a_picture_without_a_face_has_nothing_to_move(booking, technician):
    received = photo_builders.received(booking, portraits.bad("no_face"))
    nobody = assess_capture(actor=ASSESSOR, capture_id=received.pk)
    page = technician.get(reverse("photos:verdict", args=[nobody.pk])).content.decode()
    assert address(nobody) not in page
    assert errors(technician.post(address(nobody), START, headers=HTMX)) == ["error"]


def test_nobody_else_moves_the_crop(capture, log_in):
    unit = capture.booking.visit.unit
    others = [
        builders.technician(unit.municipality.federation).user,
        photo_builders.reviewer(capture.booking),
        builders.user("care_manager", within=unit),
        builders.user(),
    ]
    for other in others:
        assert log_in(other).post(address(capture), START).status_code == 404
    assert Capture.objects.get().card_stored_as == capture.card_stored_as


def test_a_picture_a_colleague_took_at_the_same_visit_is_not_moved(capture, technician, log_in):
    colleague = builders.technician(capture.booking.visit.unit.municipality.federation)
    capture.taken_by = colleague.user
    capture.save()
    page = technician.get(reverse("photos:verdict", args=[capture.pk])).content.decode()
    assert address(capture) not in page
    assert errors(technician.post(address(capture), START, headers=HTMX)) == ["error"]


def test_only_post_moves(capture, technician):
    assert technician.get(address(capture)).status_code == 405
