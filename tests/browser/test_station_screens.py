"""Every screen of the station: for everybody, in the window of a laptop and in a narrow one."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import builders, photo_builders, portraits
from tests.browser.accessibility import assert_fits_its_width, assert_no_axe_violations
from tests.browser.station_driver import (
    PASSPHRASE,
    PATIENCE,
    begin,
    open_visit,
    screen,
    shoot,
    until_camera,
)

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

LAPTOP, NARROW = {"width": 1366, "height": 768}, {"width": 320, "height": 640}
LARGE = {"width": 1920, "height": 1080}
# What is left of a laptop's window when the page is enlarged to 200 %.
ENLARGED = {"width": 683, "height": 384}
NO_STORAGE = (
    "IDBFactory.prototype.open = () => { throw new DOMException('', 'InvalidStateError'); }"
)


@pytest.fixture
def visit():
    visit = builders.visit()
    photo_builders.booked(visit, given_name="Emelie", family_name="von Rosenstierna-Bergendahl")
    for _ in range(12):
        photo_builders.booked(visit)
    return visit


@pytest.fixture
def page(station_page) -> Page:
    station_page.emulate_media(reduced_motion="reduce")
    return station_page


def check(page: Page) -> None:
    """Look at the state as it is: in a narrow window, enlarged, and in a laptop's."""
    for size in (NARROW, ENLARGED, LAPTOP):
        page.set_viewport_size(size)
        assert_fits_its_width(page)
        assert_no_axe_violations(page)


def assert_whole(page: Page) -> None:
    """Fail when anything of the page has to be scrolled to."""
    for size in (LARGE, LAPTOP):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        assert page.locator("#stage").evaluate("(it) => it.scrollHeight <= it.clientHeight")


def assert_focus_in_view(page: Page) -> None:
    """Fail when what the keys work on is outside the window."""
    name, top, bottom, height = page.evaluate(
        """() => {
          const { id, tagName } = document.activeElement;
          const { top, bottom } = document.activeElement.getBoundingClientRect();
          return [id || tagName, top, bottom, innerHeight];
        }"""
    )
    assert name != "BODY"
    assert top >= 0, name
    assert bottom <= height, name


def test_a_station_that_has_not_started_is_for_everybody(page):
    page.route("**/station/app*.js", lambda route: route.abort())
    page.goto(reverse("photos:station"))
    screen(page, "starting")
    check(page)


def test_a_station_that_can_not_start_is_for_everybody(page):
    page.add_init_script(NO_STORAGE)
    page.goto(reverse("photos:station"))
    expect(screen(page, "broken").locator("h1")).to_be_focused()
    check(page)
    assert_whole(page)


def test_a_second_tab_is_for_everybody(page, context):
    page.goto(reverse("photos:station"))
    screen(page, "lock")
    second = context.new_page()
    second.goto(reverse("photos:station"))
    expect(screen(second, "second_tab").locator("h1")).to_be_focused()
    check(second)
    assert_whole(second)


def test_a_clean_laptop_is_for_everybody(page):
    begin(page)
    page.keyboard.press("F9")
    screen(page, "wrap_up")
    check(page)
    assert_whole(page)
    page.click("#clean")
    screen(page, "clean")
    check(page)
    assert_whole(page)


@pytest.mark.usefixtures("face_models")
def test_in_an_enlarged_page_the_way_on_is_in_view_on_every_screen(page):
    page.set_viewport_size(ENLARGED)
    begin(page)
    assert_focus_in_view(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    assert_focus_in_view(page)
    page.keyboard.press("1")
    expect(page.locator("#shutter")).to_be_focused(timeout=PATIENCE)
    assert_focus_in_view(page)
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    shoot(page)
    expect(page.locator("#accept")).to_be_focused(timeout=PATIENCE)
    assert_focus_in_view(page)


@pytest.mark.usefixtures("face_models", "service_worker")
def test_the_screens_before_the_visit_are_for_everybody(page):
    page.goto(reverse("photos:station"))
    screen(page, "lock")
    expect(page.locator("#passphrase")).to_be_focused()
    check(page)
    page.fill("#passphrase", "kort")
    page.fill("#passphrase-again", "kort")
    page.keyboard.press("Enter")
    expect(page.locator("[data-screen=lock] [data-part=fault]")).to_be_visible()
    check(page)
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#passphrase-again", PASSPHRASE)
    page.keyboard.press("Enter")
    screen(page, "visits")
    page.locator("[data-act=fetch]:visible").click()
    expect(page.locator("[data-act=open]:visible")).to_be_focused()
    check(page)
    open_visit(page)
    expect(page.locator("#begin")).to_be_focused(timeout=PATIENCE)
    check(page)
    assert_whole(page)


@pytest.mark.usefixtures("face_models")
def test_the_screens_of_a_person_are_for_everybody(page):
    begin(page)
    check(page)
    page.fill("#search", "e")
    check(page)
    page.fill("#search", "")
    page.keyboard.press("F2")
    check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    screen(page, "identity")
    check(page)
    for key in "67un":
        page.keyboard.press(key)
        check(page)
        page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("#overlay[data-tone]")).to_be_visible(timeout=PATIENCE)
    check(page)
    assert_whole(page)
    shoot(page)
    expect(page.locator(".burst-choice")).to_have_count(3, timeout=PATIENCE)
    check(page)
    assert_whole(page)


@pytest.mark.usefixtures("face_models")
def test_the_screens_of_a_bad_photo_and_after_are_for_everybody(page):
    begin(page)
    until_camera(page)
    for _ in range(3):
        data = portraits.bad("two_faces")
        file = {"name": "bild.jpg", "mimeType": "image/jpeg", "buffer": data}
        page.set_input_files("#picture-file", file)
        screen(page, "verdict")
        if page.locator("#anyway").is_hidden():
            page.keyboard.press("Enter")
            screen(page, "camera")
    check(page)
    page.click("#anyway")
    check(page)
    page.keyboard.press("1")
    screen(page, "search")
    expect(page.locator("[data-part=undo]")).to_be_visible()
    check(page)
    page.click("#open-outbox")
    page.click(".record [data-act=remove]")
    check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("F9")
    screen(page, "wrap_up")
    check(page)


def test_without_a_camera_it_says_why_and_the_way_on_is_a_file(page):
    refuse = "async () => { throw new DOMException('', 'NotReadableError'); }"
    page.add_init_script(f"navigator.mediaDevices.getUserMedia = {refuse}")
    begin(page)
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    screen(page, "camera")
    fault = page.locator("#camera-fault")
    expect(fault).to_contain_text(page.locator("[data-fault=camera_busy]").text_content())
    expect(page.locator("#try-camera")).to_be_focused()
    check(page)
    data = portraits.good()
    page.set_input_files(
        "#picture-file", {"name": "bild.jpg", "mimeType": "image/jpeg", "buffer": data}
    )
    screen(page, "verdict")


def test_the_persons_window_says_one_thing_at_a_time(page, context):
    begin(page)
    window = context.new_page()
    window.goto(reverse("photos:station_person"))
    said = window.locator("#person-sentence")
    for key, sentence in {"Enter": "ready", "1": "look"}.items():
        page.bring_to_front()
        page.keyboard.press(key)
        expect(window.locator(f"body[data-sentence={sentence}]")).to_be_visible()
    expect(said).not_to_be_empty()
    size = said.evaluate("(it) => parseFloat(getComputedStyle(it).fontSize)")
    assert size >= 32
    window.set_viewport_size(NARROW)
    assert_no_axe_violations(window)
    assert_fits_its_width(window)


# --- Words --------------------------------------------------------------------------------------


def missing(page: Page, modules: dict[str, str], script: str) -> list[str]:
    paths = {name: f"/static/photos/station/{module}.js" for name, module in modules.items()}
    return page.evaluate(
        f"""async (paths) => {{
          const names = Object.keys(paths);
          const found = await Promise.all(names.map((name) => import(paths[name])));
          const it = Object.fromEntries(names.map((name, at) => [name, found[at]]));
          {script}
        }}""",
        paths,
    )


def test_every_answer_of_the_readiness_check_has_a_sentence(page):
    page.goto(reverse("photos:station"))
    script = """return it.check.ANSWERS.map((pair) => pair.join(" "))
      .filter((pair) => !document.querySelector(`[data-answer="${pair}"]`));"""
    assert missing(page, {"check": "readiness"}, script) == []


def test_every_fault_has_a_sentence(page):
    page.goto(reverse("photos:station"))
    modules = {"camera": "camera_picker", "file": "picture_file", "folder": "folder_handle"}
    script = """
      const codes = [it.camera.CAMERA_CODES, it.file.PICTURE_CODES, it.folder.FOLDER_CODES].flat();
      return codes.filter((code) => !document.querySelector(`#faults [data-fault="${code}"]`));"""
    assert missing(page, modules, script) == []
