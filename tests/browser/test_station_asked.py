"""A browser that asks for the camera, and a technician who has not answered yet."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.station_driver import PATIENCE, begin, screen, unlock

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

# The browser asks until `allow` is called.
ASKS = """
  const answered = new Promise((resolve) => (window.allow = resolve));
  const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.asked = 0;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    window.asked += 1;
    await answered;
    return given(wanted);
  };
"""
OTHERS = ["secure", "canary", "private_window", "worker_in_control", "persisted", "room", "models"]


@pytest.fixture
def page(karin, station_page) -> Page:
    station_page.add_init_script(ASKS)
    return station_page


def level(page: Page, key: str, level: str) -> None:
    row = page.locator(f"#answers [data-key={key}]")
    expect(row).to_have_attribute("data-level", level, timeout=PATIENCE)


def test_the_other_rows_are_told_and_the_camera_becomes_right_when_it_is_answered(page):
    unlock(page)
    page.locator("[data-act=fetch]:visible").click()
    page.locator("[data-act=open]:visible").click()
    screen(page, "readiness")
    level(page, "camera", "red")
    asking = page.locator("#faults [data-fault=camera_waits]").text_content()
    expect(page.locator("#answers [data-key=camera] .answer-words")).to_have_text(asking)
    expect(page.locator("#begin")).to_be_focused(timeout=PATIENCE)
    rows = page.locator("#answers .answer").evaluate_all("(all) => all.map((it) => it.dataset.key)")
    assert rows == [*OTHERS, "camera", "clock", "package_age"]
    expect(page.locator("#readiness-title [data-part=asking]")).to_be_hidden()
    page.evaluate("() => window.allow()")
    level(page, "camera", "green")
    level(page, "test_shot", "green")
    rows = page.locator("#answers .answer").evaluate_all("(all) => all.map((it) => it.dataset.key)")
    assert rows == [*OTHERS, "camera", "test_shot", "clock", "package_age"]
    playing = "() => document.getElementById('readiness-video').srcObject !== null"
    page.wait_for_function(playing)
    assert page.evaluate("() => window.asked") == 1


def test_at_the_camera_it_says_so_too_and_the_answer_is_enough(page):
    begin(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    page.keyboard.press("1")
    screen(page, "camera")
    expect(page.locator("#camera-wait")).to_be_visible()
    page.evaluate("() => window.allow()")
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("#camera-fault")).to_be_hidden()
    expect(page.locator("#shutter")).to_be_focused()


def test_without_a_camera_trying_again_is_what_enter_does_and_then_the_shutter(page):
    page.add_init_script(
        """window.given = navigator.mediaDevices.getUserMedia;
        const busy = async () => { throw new DOMException("", "NotReadableError"); };
        navigator.mediaDevices.getUserMedia = busy;"""
    )
    begin(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    page.keyboard.press("1")
    screen(page, "camera")
    expect(page.locator("#try-camera")).to_be_focused(timeout=PATIENCE)
    expect(page.locator("#shutter")).to_be_hidden()
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = window.given; window.allow(); }")
    page.keyboard.press("Enter")
    expect(page.locator("#shutter")).to_be_focused(timeout=PATIENCE)
    expect(page.locator("#camera-fault")).to_be_hidden()
