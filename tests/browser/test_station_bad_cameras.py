"""The station with a camera that sees nothing, gives too little, or is pulled out."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import station_driver as driver
from tests.browser.station_cameras import RACK

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]


# A camera of one colour all over, and how it gets another.
PAINTED = """
  const film = plug("One", [1280, 720]);
  const brush = film.canvas.getContext("2d");
  film.still = true;
  window.paint = "black";
  setInterval(() => {
    brush.fillStyle = window.paint;
    brush.fillRect(0, 0, 1280, 720);
  }, 25);
"""
PAINT = """async (paint) => {
  window.paint = paint;
  const video = document.getElementById("video");
  for (let frames = 0; frames < 3; frames += 1) {
    await new Promise((shown) => video.requestVideoFrameCallback(shown));
  }
}"""


@pytest.fixture
def station(karin, station_page) -> Page:
    station_page.add_init_script(RACK)
    return station_page


@pytest.mark.usefixtures("face_models")
def test_a_picture_without_anything_in_it_leads_back_to_the_camera(station):
    station.add_init_script(PAINTED)
    driver.begin(station)
    driver.until_camera(station)
    for name, paint in {"black": "black", "covered": "rgb(70, 20, 15)"}.items():
        station.evaluate(PAINT, paint)
        driver.shoot(station)
        expect(station.locator("#retake"), name).to_be_focused()
        expect(station.locator("#accept"), name).to_be_hidden()
        expect(station.locator("#advice li").first, name).to_be_visible()
        station.keyboard.press("Enter")
        driver.screen(station, "camera")
        expect(station.locator("#shutter"), name).to_be_focused()


def test_a_camera_that_is_pulled_out_is_told_and_goes_on_when_it_is_back(station):
    station.add_init_script("plug('One', [1280, 720])")
    driver.begin(station)
    driver.until_camera(station)
    fault = station.locator("#camera-fault")
    expect(fault).to_be_hidden()
    words = station.locator("#faults [data-fault=camera_unplugged]").text_content()
    station.evaluate("() => window.unplug('One')")
    expect(fault).to_contain_text(words)
    expect(station.locator("#viewfinder")).to_be_hidden()
    station.evaluate("() => window.plug('One', [1280, 720]) && null")
    expect(fault).to_be_hidden()
    expect(station.locator("#shutter")).to_be_focused()
    driver.shoot(station)


def test_a_camera_with_too_few_pixels_is_named_so_and_another_one_chosen(station):
    station.add_init_script("plug('Small', [200, 200])")
    driver.begin(station)
    station.keyboard.press("Enter")
    driver.screen(station, "identity")
    station.keyboard.press("1")
    driver.screen(station, "camera")
    words = station.locator("#faults [data-fault=camera_small]").text_content()
    expect(station.locator("#camera-fault")).to_contain_text(words)
    station.evaluate("() => { window.unplug('Small'); window.plug('Large', [1280, 720]); }")
    station.click("#try-camera")
    expect(station.locator("#camera-fault")).to_be_hidden()
    assert station.evaluate("() => document.getElementById('video').videoWidth") == 1280


def test_a_camera_that_stands_still_takes_no_picture(station):
    station.add_init_script("window.film = plug('One', [1280, 720])")
    driver.begin(station)
    driver.until_camera(station)
    station.evaluate("() => { window.film.still = true; }")
    station.keyboard.press("Enter")
    expect(station.locator("#notices")).not_to_be_empty()
    driver.screen(station, "camera")
    expect(station.locator("#shutter")).to_be_enabled()
