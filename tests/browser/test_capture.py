"""The capture station and the review in a real browser, with a camera and a keyboard."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from booking.services.checkin import check_in
from photos.models import Capture, Decision, Photo
from photos.services.review import reject_photo
from tests import builders, photo_builders, portraits
from tests.browser.accessibility import assert_fits_its_width, assert_no_axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

PHONE = {"width": 320, "height": 640}


@pytest.fixture
def visit():
    return builders.visit()


@pytest.fixture
def station(visit, page_of) -> Page:
    return page_of(photo_builders.technician(visit))


def open_station(page: Page, visit) -> None:
    page.goto(reverse("photos:visit", args=[visit.pk]))


def shoot(page: Page) -> None:
    expect(page.locator("#shutter")).to_be_enabled()
    expect(page.locator("#shutter")).to_be_focused()
    page.keyboard.press("Enter")


def choose(page: Page, data: bytes, name: str = "bild.jpg") -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "image/jpeg", "buffer": data})


def verdict(page: Page):
    return page.locator(".verdict-word")


def test_a_person_is_done_with_four_keys_and_the_next_one_stands_ready(visit, station):
    first = photo_builders.booked(visit, given_name="Karin", family_name="Lindqvist")
    photo_builders.booked(visit, given_name="Jonas", family_name="Ek")
    open_station(station, visit)
    expect(station.locator("#person")).to_have_text("Karin Lindqvist")
    station.keyboard.press("2")
    station.keyboard.press("Enter")
    shoot(station)
    expect(verdict(station)).to_be_visible()
    expect(station.locator(".verdict .btn-primary")).to_be_focused()
    station.keyboard.press("Enter")
    expect(station.locator("#person")).to_have_text("Jonas Ek")
    first.refresh_from_db()
    capture = Capture.objects.get()
    assert (first.status, first.identity_check.document) == ("done", "passport")
    assert (capture.verdict, capture.source) == ("pass", "camera")
    assert Photo.objects.get().capture == capture


def test_the_person_at_hand_is_seen_in_a_long_list(visit, station):
    for _each in range(14):
        photo_builders.booked(visit)
    last = photo_builders.booked(visit, family_name="Sist")
    open_station(station, visit)
    station.goto(f"{station.url}?tid={last.pk}")
    expect(station.locator(".station-list [aria-current]")).to_be_in_viewport()
    assert station.evaluate("window.scrollY") == 0


def test_a_double_click_on_the_shutter_takes_one_picture(visit, station):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    expect(station.locator("#shutter")).to_be_enabled()
    station.evaluate(
        "() => { const it = document.getElementById('shutter'); it.click(); it.click(); }"
    )
    expect(verdict(station)).to_be_visible()
    assert Capture.objects.count() == 1


def test_the_camera_gives_all_its_pixels(visit, station):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    shoot(station)
    expect(verdict(station)).to_be_visible()
    assert Capture.objects.get().geometry["size"] == [1920, 1080]


def test_a_failed_picture_says_what_to_do_aloud_and_leads_back_to_the_camera(visit, station):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    choose(station, portraits.bad("dark"))
    expect(station.locator(".advices li").first).to_be_visible()
    expect(station.locator("[data-retake]")).to_be_focused()
    advice = station.locator(".advices li").first.text_content()
    expect(station.locator("#live")).to_contain_text(advice)
    station.keyboard.press("Enter")
    shoot(station)
    expect(station.locator(".verdict .btn-primary")).to_be_focused()
    assert sorted(Capture.objects.values_list("verdict", flat=True)) == ["fail", "pass"]


def begin_to_nudge(page: Page, visit) -> None:
    photo_builders.checked_in(visit)
    open_station(page, visit)
    shoot(page)
    expect(verdict(page)).to_be_visible()
    page.locator(".nudge summary").press("Enter")
    expect(page.locator("#nudge-left")).to_be_focused()


def test_the_crop_is_moved_by_keys_and_the_focus_stays(visit, station):
    begin_to_nudge(station, visit)
    first = Capture.objects.get().card_stored_as
    for key in ("ArrowLeft", "ArrowLeft", "+"):
        station.keyboard.press(key)
    expect(station.locator("[name=across]")).not_to_have_value("0.0")
    expect(station.locator("#nudge-left")).to_be_focused()
    nudged = Capture.objects.get()
    assert nudged.card_stored_as != first
    assert nudged.nudge["across"] > 0.01
    expect(station.locator(".picture image")).to_have_attribute(
        "href", re.compile(nudged.card_stored_as[-8:])
    )
    expect(station.locator("#live")).not_to_be_empty()
    station.click("#nudge-reset")
    expect(station.locator("[name=across]")).to_have_value("0.0")
    assert Capture.objects.get().nudge == {}
    check(station)
    station.click(".verdict .btn-primary")
    expect(station.locator(".empty")).to_be_visible()
    assert Photo.objects.get().capture == nudged


def test_a_key_moves_the_crop_that_way_alone_whichever_button_has_the_focus(visit, station):
    begin_to_nudge(station, visit)
    station.keyboard.press("ArrowUp")
    expect(station.locator("[name=down]")).not_to_have_value("0.0")
    assert Capture.objects.get().nudge["across"] == pytest.approx(0, abs=1e-6)


def test_a_button_pressed_while_an_answer_comes_is_not_lost(visit, station):
    begin_to_nudge(station, visit)
    station.keyboard.press("ArrowLeft")
    station.hover("#nudge-reset")
    station.mouse.down()
    expect(station.locator("[name=across]")).not_to_have_value("0.0")
    station.mouse.up()
    expect(station.locator("[name=across]")).to_have_value("0.0")


def test_without_a_network_the_crop_stays_and_may_be_moved_later(visit, station, context):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    shoot(station)
    station.locator(".nudge summary").press("Enter")
    expect(station.locator("#nudge-left")).to_be_focused()
    context.set_offline(True)
    station.keyboard.press("ArrowUp")
    expect(station.locator("#live")).to_have_text(station.locator("[data-lost]").text_content())
    context.set_offline(False)
    station.keyboard.press("ArrowUp")
    expect(station.locator("[name=down]")).not_to_have_value("0.0")


def test_what_decided_is_drawn_over_the_photo_and_can_be_put_away(visit, station):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    choose(station, portraits.bad("eyes_closed"))
    expect(station.locator(".mark-area").first).to_be_visible()
    expect(station.locator(".findings .gauge").first).to_be_visible()
    station.uncheck(".marks-toggle input")
    expect(station.locator(".mark-area").first).to_be_hidden()


def test_a_picture_sent_without_a_network_is_kept_and_sent_once(visit, station, context):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    expect(station.locator("#shutter")).to_be_enabled()
    context.set_offline(True)
    shoot(station)
    expect(station.locator("#send-again")).to_be_focused()
    assert not Capture.objects.exists()
    context.set_offline(False)
    station.keyboard.press("Enter")
    expect(verdict(station)).to_be_visible()
    assert Capture.objects.count() == 1


def test_an_answer_lost_on_the_way_makes_no_second_capture(visit, station):
    photo_builders.checked_in(visit)
    open_station(station, visit)

    def lose_the_first_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    station.route("**/api/besok/**", lose_the_first_answer, times=1)
    shoot(station)
    expect(station.locator("#send-again")).to_be_focused()
    [kept] = Capture.objects.all()
    station.keyboard.press("Enter")
    expect(verdict(station)).to_be_visible()
    assert list(Capture.objects.all()) == [kept]


def test_after_a_new_log_in_the_same_picture_is_sent(visit, station, context, page_of):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    expect(station.locator("#shutter")).to_be_enabled()
    context.clear_cookies()
    shoot(station)
    expect(station.locator("#send-again")).to_be_visible()
    page_of(photo_builders.technician(visit)).goto(reverse("photos:visit", args=[visit.pk]))
    station.bring_to_front()
    station.click("#send-again")
    expect(verdict(station)).to_be_visible()
    assert Capture.objects.count() == 1


@pytest.mark.parametrize(
    "data", [b"Hej! Det var ingen bild.", b""], ids=["text named .jpg", "an empty file"]
)
def test_a_file_that_is_no_picture_is_refused_and_another_one_taken(visit, station, data):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    choose(station, data)
    expect(station.locator("#upload-message")).not_to_be_empty()
    expect(station.locator("#send-again")).to_be_hidden()
    expect(station.locator("#give-up")).to_be_focused()
    station.keyboard.press("Enter")
    shoot(station)
    expect(verdict(station)).to_be_visible()
    assert Capture.objects.count() == 1


@pytest.mark.parametrize("fault", ["NotAllowedError", "NotReadableError", "NotFoundError"])
def test_a_camera_that_does_not_start_says_why_and_a_file_will_do(visit, station, fault):
    photo_builders.checked_in(visit)
    refuse = f"async () => {{ throw new DOMException('', '{fault}'); }}"
    station.add_init_script(f"navigator.mediaDevices.getUserMedia = {refuse}")
    open_station(station, visit)
    expect(station.locator(f'[data-fault="{fault}"]')).to_be_visible()
    expect(station.locator("#shutter")).to_be_disabled()
    assert_no_axe_violations(station)
    choose(station, portraits.good())
    expect(verdict(station)).to_be_visible()
    assert Capture.objects.get().source == "file"


def test_among_several_cameras_the_chosen_one_is_remembered(visit, station):
    photo_builders.checked_in(visit)
    station.add_init_script(
        """
        const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.enumerateDevices = async () => ["One", "Two"].map((label) => (
          { kind: "videoinput", label, deviceId: label }));
        navigator.mediaDevices.getUserMedia = async ({ video }) => {
          const label = video.deviceId?.exact ?? "One";
          const stream = await asked({ video: true });
          Object.defineProperty(stream.getVideoTracks()[0], "label", { value: label });
          return stream;
        };
        """
    )
    open_station(station, visit)
    expect(station.locator("#camera")).to_have_value("One")
    station.select_option("#camera", "Two")
    expect(station.locator("#shutter")).to_be_enabled()
    station.reload()
    expect(station.locator("#camera")).to_have_value("Two")


def test_leaving_with_a_picture_unsent_is_asked_about(visit, station, context):
    photo_builders.checked_in(visit)
    open_station(station, visit)
    expect(station.locator("#shutter")).to_be_enabled()
    context.set_offline(True)
    shoot(station)
    expect(station.locator("#send-again")).to_be_focused()
    context.set_offline(False)
    asked = []
    station.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    station.reload()
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("size", [PHONE, {"width": 1366, "height": 768}], ids=["320", "1366"])
def test_every_state_of_the_station_is_for_everybody(visit, station, size):
    photo_builders.booked(visit, given_name="Emelie", family_name="von Rosenstierna-Bergendahl")
    station.set_viewport_size(size)
    station.emulate_media(reduced_motion="reduce")
    open_station(station, visit)
    check(station)
    station.click("main .check-in .btn-primary")
    expect(station.locator(".error-summary")).to_be_visible()
    check(station)
    station.check("input[value=passport]")
    station.click("main .check-in .btn-primary")
    expect(station.locator("#shutter")).to_be_enabled()
    check(station)
    choose(station, b"no picture")
    expect(station.locator("#upload-fault")).to_be_visible()
    check(station)
    station.click("#give-up")
    choose(station, portraits.bad("two_faces"))
    expect(verdict(station)).to_be_visible()
    station.click(".verdict summary")
    check(station)
    station.click("[data-retake]")
    shoot(station)
    expect(verdict(station)).to_be_visible()
    check(station)
    station.click(".verdict .btn-primary")
    expect(station.locator(".empty")).to_be_visible()
    check(station)
    station.click(".station-list a")
    check(station)


def check(page: Page) -> None:
    assert_no_axe_violations(page)
    assert_fits_its_width(page)


def test_photos_are_reviewed_with_one_key_each(visit, page_of):
    names = ["Karin Ek", "Jonas Al", "Ulla By"]
    for name in names:
        given, family = name.split()
        photo_builders.photo(photo_builders.checked_in(visit, given_name=given, family_name=family))
    page = page_of(photo_builders.reviewer(visit))
    page.goto(reverse("photos:review"))
    for name in names:
        expect(page.locator("h1")).to_have_text(name)
        expect(page.locator("h1")).to_be_focused()
        page.keyboard.press("g")
    expect(page.locator(".empty")).to_be_visible()
    assert_no_axe_violations(page)
    assert Decision.objects.filter(approved=True).count() == 3


def test_a_photo_is_rejected_by_keyboard_with_its_reason(visit, page_of):
    photo_builders.photo(photo_builders.checked_in(visit))
    page = page_of(photo_builders.reviewer(visit))
    page.goto(reverse("photos:review"))
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator(".reject input[type=radio]").first).to_be_focused()
    assert_no_axe_violations(page)
    page.keyboard.press("g")
    page.keyboard.press("6")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_be_visible()
    decision = Decision.objects.get()
    assert (decision.approved, decision.reason) == (False, "blur")


def test_a_digit_or_a_question_fills_in_the_reason_to_reject(visit, page_of):
    photo_builders.photo(photo_builders.checked_in(visit))
    page = page_of(photo_builders.reviewer(visit))
    page.goto(reverse("photos:review"))
    page.click("[data-reason=glasses]")
    expect(page.locator("input[value=glasses]")).to_be_checked()
    page.locator("h1").focus()
    page.keyboard.press("2")
    expect(page.locator("input[value=eyes]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_be_visible()
    assert Decision.objects.get().reason == "eyes"


def again(photo: Photo) -> Photo:
    """Reject the photo, and take another of the same person."""
    booking = photo.capture.booking
    reject_photo(actor=photo_builders.reviewer(booking), photo=photo, reason="background")
    check_in(actor=photo_builders.technician(booking), booking=booking, document="passport")
    booking.refresh_from_db()
    return photo_builders.photo(booking)


@pytest.mark.parametrize("size", [PHONE, {"width": 1366, "height": 768}], ids=["320", "1366"])
def test_the_review_is_for_everybody(visit, page_of, size):
    first = photo_builders.photo(photo_builders.checked_in(visit))
    again(first)
    page = page_of(photo_builders.reviewer(visit))
    page.set_viewport_size(size)
    page.goto(reverse("photos:review"))
    expect(page.locator(".earlier img")).to_be_visible()
    check(page)
    page.click(".reject summary")
    page.click(".reject form .btn")
    expect(page.locator(".error-summary")).to_be_focused()
    check(page)
