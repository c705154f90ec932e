"""The station with a camera that sees nothing, gives too little, or is pulled out."""

import pytest
from playwright.sync_api import Page, expect

from tests import builders, photo_builders
from tests.browser import station_driver as driver
from tests.browser.station_cameras import RACK

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]


@pytest.fixture
def station(page_of) -> Page:
    visit = builders.visit()
    photo_builders.booked(visit, given_name="Karin")
    page = page_of(photo_builders.technician(visit))
    page.add_init_script(RACK)
    return page


@pytest.mark.parametrize("paint", ["black", "rgb(70, 20, 15)"], ids=["black", "covered"])
def test_a_picture_without_anything_in_it_leads_back_to_the_camera(station, paint):
    station.add_init_script(f"plug('One', [1280, 720], '{paint}')")
    driver.begin(station)
    driver.until_camera(station)
    driver.shoot(station)
    expect(station.locator("#retake")).to_be_focused()
    expect(station.locator("#accept")).to_be_hidden()
    expect(station.locator("#advice li").first).to_be_visible()
    station.keyboard.press("Enter")
    driver.screen(station, "camera")


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
