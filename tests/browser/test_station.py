"""A whole visit at the capture station, in a real browser with a camera and the real server."""

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from booking.models import Booking
from photos.models import Capture, Photo, StationRecord
from tests import builders, photo_builders, portraits
from tests.browser.station_driver import (
    PASSPHRASE,
    PATIENCE,
    begin,
    count,
    in_control,
    open_visit,
    photograph,
    prepare,
    screen,
    shoot,
    unlock,
    until_camera,
)

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]


class Keys:
    """Counts what a person presses; what the scanner types is no key of anybody's."""

    def __init__(self, page: Page) -> None:
        self.keyboard = page.keyboard
        self.pressed = 0

    def press(self, key: str) -> None:
        self.keyboard.press(key)
        self.pressed += 1

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter)

    def scan(self, code: str, enters: int = 1) -> None:
        self.keyboard.type(code)
        for _ in range(enters):
            self.keyboard.press("Enter")


@pytest.fixture
def page(station_page) -> Page:
    return station_page


def name_of(page: Page, state: str):
    return page.locator(f"[data-screen={state}] .person-name")


def code_of(page: Page) -> str:
    return page.locator("#next-person .code").text_content()


def sent(page: Page, number: int) -> None:
    """Send what lies on the laptop, and wait until the server has so many."""
    page.click("#open-outbox")
    page.click("#outbox [data-ask=sendNow]")
    expect(count(page, "received")).to_have_text(str(number), timeout=PATIENCE)
    page.keyboard.press("Escape")


# --- A whole visit ------------------------------------------------------------------------------

PEOPLE = 30


@pytest.mark.usefixtures("face_models", "service_worker")
def test_thirty_people_are_photographed_without_a_network_and_received_once_each(
    visit, page, context, house_server
):
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    bookings = [photo_builders.booked(visit) for _ in range(PEOPLE)]
    begin(page)
    in_control(page)
    context.set_offline(True)
    for done in range(PEOPLE):
        photograph(page)
        if done == 2:
            come_back(page)
    expect(page.locator("[data-part=all_done]")).to_be_visible()
    expect(count(page, "saved")).to_have_text(str(PEOPLE))
    assert not StationRecord.objects.exists()
    context.set_offline(False)
    page.keyboard.press("F9")
    screen(page, "wrap_up")
    expect(count(page, "received")).to_have_text(str(PEOPLE), timeout=10 * PATIENCE)
    expect(page.locator("[data-screen=wrap_up] [data-part=unsent_none]")).to_be_visible()
    records = StationRecord.objects.filter(state="taken")
    assert set(records.values_list("subject", flat=True)) == {each.pk for each in bookings}
    assert StationRecord.objects.count() == Capture.objects.count() == PEOPLE
    assert Photo.objects.count() == PEOPLE
    assert Booking.objects.filter(status="done").count() == PEOPLE
    assert [url for url in asked if not url.startswith((house_server.url, "blob:", "data:"))] == []


def come_back(page: Page) -> None:
    """Reload in the middle of it, without a network."""
    page.reload()
    unlock(page)
    open_visit(page)
    page.click("#begin")
    screen(page, "search")
    expect(page.locator(".state-done")).to_have_count(3)


# --- Keys ---------------------------------------------------------------------------------------


def test_four_keys_are_enough_for_a_person_whose_code_is_scanned(jonas, page):
    begin(page)
    code = code_of(page)
    keys = Keys(page)
    keys.scan(code)
    keys.press("2")
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    keys.press("Enter")
    screen(page, "verdict")
    keys.press("Enter")
    screen(page, "search")
    assert keys.pressed <= 4
    expect(page.locator("#next-person .next-name")).to_have_text("Jonas Ek")


def test_nine_keys_are_enough_for_a_name_that_is_typed_and_two_for_a_retake(jonas, page):
    begin(page)
    keys = Keys(page)
    keys.type("jonas")
    keys.press("Enter")
    expect(name_of(page, "identity")).to_have_text("Jonas Ek")
    keys.press("1")
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    keys.press("Enter")
    screen(page, "verdict")
    before = keys.pressed
    keys.press("Escape")
    screen(page, "camera")
    expect(page.locator("#shutter")).to_be_focused()
    keys.press("Enter")
    screen(page, "verdict")
    assert keys.pressed - before == 2
    keys.press("Enter")
    screen(page, "search")
    assert keys.pressed - 2 <= 9
    sent(page, 1)
    assert StationRecord.objects.get().header["tries"] == 2


def test_the_second_enter_of_a_scanner_presses_nothing(karin, page):
    begin(page)
    Keys(page).scan(code_of(page), enters=2)
    screen(page, "identity")
    expect(name_of(page, "identity")).to_be_focused()
    expect(name_of(page, "identity")).to_have_text("Karin Lindqvist")


# All keys of a scan in one breath; tells which of them the page let the browser go on with.
SCANNED = """(code) => [...code, "Enter"].filter((key) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""


def test_a_code_scanned_again_is_no_document_and_no_shutter(karin, page):
    begin(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    assert page.evaluate(SCANNED, "2N3U-6F7G") == []
    page.get_by_role("button", name="Nationellt id-kort").click()
    screen(page, "camera")
    expect(page.locator("#shutter")).to_be_focused()
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    assert "Enter" not in page.evaluate(SCANNED, "2N3U-6F7G")
    page.click("#shutter")
    screen(page, "verdict")
    expect(page.locator("#accept")).to_be_focused()
    assert "Enter" not in page.evaluate(SCANNED, "2N3U-6F7G")
    page.click("#accept")
    screen(page, "search")
    sent(page, 1)
    karin.refresh_from_db()
    assert karin.identity_check.document == "national_id_card"
    assert StationRecord.objects.count() == 1


def test_a_code_of_another_visit_says_so_twice_over_and_chooses_nobody(karin, page):
    begin(page)
    other = code_of(page)
    page.evaluate("() => document.getElementById('search').focus()")
    wrong = "HCSZ-883W" if other != "HCSZ-883W" else "DRHJ-N7DJ"
    Keys(page).scan(wrong, enters=2)
    said = page.locator("[data-screen=search] [data-part=said]")
    expect(said).to_have_text(page.locator("[data-text=other_visit]").text_content())
    screen(page, "search")


def test_arrows_choose_among_those_found(jonas, page, visit):
    photo_builders.booked(visit, given_name="Karl", family_name="Al")
    begin(page)
    page.keyboard.type("kar")
    expect(page.locator(".hit")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(name_of(page, "identity")).to_have_text("Karl Al")


# --- The identity check -------------------------------------------------------------------------


def test_vouching_stops_for_a_second_person_and_names_who_it_was(karin, page, technician):
    begin(page)
    page.keyboard.press("Enter")
    page.keyboard.press("6")
    expect(page.locator("#voucher")).to_be_focused()
    page.keyboard.type(technician.name)
    page.keyboard.press("Enter")
    expect(page.locator("[data-fault=voucher_is_you]")).to_be_visible()
    page.fill("#voucher", "Eva Chef")
    page.keyboard.press("Enter")
    screen(page, "camera")
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    shoot(page)
    page.keyboard.press("Enter")
    screen(page, "search")
    sent(page, 1)
    karin.refresh_from_db()
    check = karin.identity_check
    assert (check.document, check.vouched_by) == ("vouched", "Eva Chef")


def test_a_name_that_differs_stops_and_no_digit_gets_past(karin, page):
    begin(page)
    page.keyboard.press("Enter")
    page.keyboard.press("7")
    panel = page.locator("[data-panel=name_differs]")
    expect(panel).to_be_visible()
    page.keyboard.press("1")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.keyboard.press("Escape")
    screen(page, "search")
    assert not StationRecord.objects.exists()


def test_who_did_not_come_is_noted_and_may_be_taken_back(jonas, page):
    begin(page)
    page.keyboard.press("Enter")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    screen(page, "search")
    expect(page.locator("#people .state-gone")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator("#people .state-gone")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    screen(page, "search")
    sent(page, 1)
    assert Booking.objects.get(status="no_show").need.staff.given_name == "Karin"


def test_a_note_is_sealed_and_sent_for_itself(karin, page):
    begin(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    page.keyboard.press("n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("Behöver <tolk> 😀")
    page.locator("#note .btn-primary").press("Enter")
    page.keyboard.press("Escape")
    screen(page, "search")
    sent(page, 1)
    record = StationRecord.objects.get()
    assert (record.kind, record.header["note"]) == ("note", "Behöver <tolk> 😀")


def test_somebody_without_a_time_is_photographed_and_flagged(karin, page):
    begin(page)
    page.keyboard.press("F2")
    page.keyboard.press("Enter")
    expect(page.locator("#walk-in [data-part=fault]")).to_be_visible()
    for name, text in {
        "given": "Kim " + "x" * 190,
        "family": "Alm",
        "contact": "kim@vard.example",
    }.items():
        page.fill(f"#walk-in-{name}", text)
    page.keyboard.press("Enter")
    expect(name_of(page, "identity")).to_contain_text("Kim")
    page.keyboard.press("1")
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    shoot(page)
    page.keyboard.press("Enter")
    screen(page, "search")
    sent(page, 1)
    record = StationRecord.objects.get()
    assert record.conflict == "unknown_walk_in"
    assert record.header["walk_in"]["contact"] == "kim@vard.example"


# --- The photo ----------------------------------------------------------------------------------


def choose(page: Page, data: bytes) -> None:
    file = {"name": "bild.jpg", "mimeType": "image/jpeg", "buffer": data}
    page.set_input_files("#picture-file", file)


@pytest.mark.usefixtures("face_models")
def test_a_bad_photo_has_its_focus_on_taking_it_again_until_a_reason_lets_it_through(karin, page):
    begin(page)
    until_camera(page)
    for tried in range(3):
        choose(page, portraits.bad("eyes_closed"))
        screen(page, "verdict")
        expect(page.locator("#retake")).to_be_focused()
        expect(page.locator("#accept")).to_be_hidden()
        expect(page.locator("#advice li").first).to_be_visible()
        if tried < 2:
            expect(page.locator("#anyway")).to_be_hidden()
            page.keyboard.press("Enter")
            screen(page, "camera")
            expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    page.click("#anyway")
    page.keyboard.press("2")
    screen(page, "search")
    sent(page, 1)
    capture = Capture.objects.get()
    assert (capture.accepted_anyway, capture.tries, capture.source) == ("covering", 3, "file")


def test_the_last_one_is_taken_back_until_the_next_is_shot(jonas, page):
    begin(page)
    photograph(page)
    expect(page.locator("[data-part=undo]")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator("#next-person .next-name")).to_have_text("Karin Lindqvist")
    expect(count(page, "saved")).to_have_text("0")
    photograph(page)
    until_camera(page)
    shoot(page)
    page.keyboard.press("Control+z")
    screen(page, "verdict")
    expect(count(page, "saved")).to_have_text("1")


def test_nothing_of_the_photo_is_left_in_sight_at_the_next_person(jonas, page):
    begin(page)
    photograph(page)
    pixels = "() => document.getElementById('card-picture').width"
    assert page.evaluate(pixels) == 0


@pytest.mark.usefixtures("face_models")
def test_the_machine_takes_less_than_a_second_of_a_person(karin, page):
    begin(page)
    photograph(page)
    sent(page, 1)
    header = StationRecord.objects.get().header
    assert header["machine_ms"] > 0
    assert header["seconds"] >= 0
    assert header["without_model"] is False
    assert header["width"] == 1920


def test_a_file_that_is_no_picture_is_refused_in_words_and_the_camera_goes_on(karin, page):
    begin(page)
    until_camera(page)
    choose(page, b"Hej! Det var ingen bild.")
    expect(page.locator("[data-notice=fault]")).to_be_visible()
    screen(page, "camera")
    page.locator("#shutter").focus()
    shoot(page)


# --- Tabs, users, versions ----------------------------------------------------------------------


def test_a_second_tab_says_so_and_stops(karin, page, context: BrowserContext):
    prepare(page)
    second = context.new_page()
    second.goto(reverse("photos:station"))
    screen(second, "second_tab")
    expect(second.locator("#second-tab-title")).to_be_visible()
    screen(page, "readiness")


def test_another_technician_sees_a_count_and_nothing_else(jonas, page, page_of, context):
    begin(page)
    photograph(page)
    context.set_offline(True)
    photograph(page)
    context.set_offline(False)
    page.close()
    other = page_of(builders.technician(jonas.need.staff.federation).user)
    unlock(other)
    other.click("#open-outbox")
    expect(other.locator("#outbox [data-part=others]")).to_be_visible()
    expect(other.locator(".record")).to_have_count(0)
    expect(other.locator(".visit-row")).to_have_count(0)


@pytest.mark.usefixtures("service_worker")
def test_a_new_version_waits_until_it_is_asked_for_and_the_queue_stays(
    karin, page, context, monkeypatch
):
    begin(page)
    in_control(page)
    context.set_offline(True)
    photograph(page)
    context.set_offline(False)
    monkeypatch.setattr(
        "photos.views.shell.station_words", lambda: {"advice": {}, "components": {}}
    )
    page.evaluate("() => navigator.serviceWorker.getRegistration('/').then((it) => it.update())")
    notice = page.locator("[data-notice=new_version]")
    expect(notice).to_be_visible(timeout=PATIENCE)
    expect(count(page, "saved")).to_have_text("1")
    notice.locator("#take-new-version").click()
    screen(page, "lock")
    unlock(page)
    expect(count(page, "received")).to_have_text("1", timeout=PATIENCE)
    assert StationRecord.objects.count() == 1


def test_a_laptop_is_left_clean_only_when_all_is_received(karin, page, context):
    begin(page)
    context.set_offline(True)
    photograph(page)
    page.keyboard.press("F9")
    screen(page, "wrap_up")
    page.click("#clean")
    expect(page.locator("[data-part=not_clean]")).to_be_visible()
    with page.expect_download() as saved:
        page.click("[data-screen=wrap_up] [data-ask=rescue]")
    assert saved.value.suggested_filename.endswith(".fotorundan")
    context.set_offline(False)
    page.click("[data-screen=wrap_up] [data-ask=sendNow]")
    expect(count(page, "received")).to_have_text("1", timeout=PATIENCE)
    expect(page.locator("[data-part=not_clean]")).to_be_hidden()
    page.click("#clean")
    screen(page, "clean")
    left = page.evaluate(
        """async () => {
          const { readAll } = await import("/static/photos/station/database.js");
          const stores = ["outbox", "sealed", "visits", "journal"];
          return (await Promise.all(stores.map(readAll))).flat().length;
        }"""
    )
    assert left == 0


def test_a_wrong_passphrase_is_told_and_the_right_one_opens(karin, page):
    prepare(page)
    page.reload()
    screen(page, "lock")
    expect(page.locator("#passphrase")).to_be_focused()
    page.fill("#passphrase", "en helt annan fras")
    page.keyboard.press("Enter")
    expect(page.locator("[data-screen=lock] [data-part=fault]")).to_be_visible(timeout=PATIENCE)
    page.fill("#passphrase", PASSPHRASE)
    page.keyboard.press("Enter")
    screen(page, "visits")
