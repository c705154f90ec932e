"""The station in a browser that can do less than Chromium: as Firefox 153 was measured to be.

Chromium plays its part here, with taken away what the other lacks, and with its answers.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from booking.models import Booking
from photos.models import StationRecord
from tests import builders, photo_builders
from tests.browser.station_driver import (
    PATIENCE,
    count,
    photograph,
    prepare,
    screen,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

MODULES = "/static/photos/station"
# Without face models the station is lighter; Firefox has them.
LACKING = """
  delete globalThis.WebAssembly;
  delete globalThis.showDirectoryPicker;
  delete globalThis.BarcodeDetector;
  delete Navigator.prototype.getBattery;
"""
# Firefox asks the user, and waits for as long as nobody answers.
LEFT_STANDING = "StorageManager.prototype.persist = () => new Promise(() => {});"
# A write that only just does not fit is refused by another name.
BY_ANOTHER_NAME = """
  const { get } = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "error");
  const renamed = (error) =>
    error?.name === "QuotaExceededError" ? new DOMException("", "UnknownError") : error;
  const told = { get() { return renamed(get.call(this)); } };
  Object.defineProperty(IDBTransaction.prototype, "error", told);
"""


@pytest.fixture
def karin() -> Booking:
    return photo_builders.booked(builders.visit(hours=3), given_name="Karin")


@pytest.fixture
def bare(context: BrowserContext) -> Page:
    """A page of the house without the station, to try the station's modules in."""
    page = context.new_page()
    page.goto(reverse("people:log_in"))
    return page


def row(page: Page, key: str):
    return page.locator(f"#answers [data-key={key}]")


def test_without_a_watched_folder_the_station_says_so_and_the_visit_goes_on(
    karin, context, page_of
):
    context.add_init_script(LACKING)
    page = page_of(photo_builders.technician(karin.slot.visit))
    prepare(page)
    expect(row(page, "folder")).to_have_attribute("data-level", "yellow")
    expect(row(page, "folder")).to_contain_text("kan inte bevaka en mapp")
    expect(page.locator("[data-part=no_folder]")).to_contain_text("Använd Chrome eller Edge")
    expect(page.locator("#choose-folder")).to_be_hidden()
    expect(page.locator("[data-part=battery]")).to_be_hidden()
    page.click("#begin")
    photograph(page)
    page.keyboard.press("F9")
    screen(page, "wrap_up")
    expect(count(page, "received")).to_have_text("1", timeout=PATIENCE)
    assert StationRecord.objects.get().state == "taken"


def test_a_question_about_storage_that_nobody_answers_holds_up_no_other(bare):
    bare.evaluate(f"() => {{ {LEFT_STANDING} }}")
    bare.clock.install()
    bare.evaluate(
        f"""async () => {{
          const {{ persistedAnswer }} = await import("{MODULES}/readiness_storage.js");
          persistedAnswer().then((answer) => (globalThis.told = answer));
        }}"""
    )
    bare.clock.run_for(3000)
    assert bare.evaluate("() => globalThis.told") == {"level": "yellow", "params": {}}


def test_room_that_only_just_lacks_is_seen_whatever_it_is_called(context, bare, house_server):
    session = context.new_cdp_session(bare)
    quota = {"origin": house_server.url, "quotaSize": 3_000_000}
    session.send("Storage.overrideQuotaForOrigin", quota)
    bare.evaluate(f"() => {{ {BY_ANOTHER_NAME} }}")
    room_for = f"async (size) => (await import('{MODULES}/database.js')).roomFor(size)"
    assert bare.evaluate(room_for, 1_000_000) is True
    assert bare.evaluate(room_for, 20_000_000) is False
