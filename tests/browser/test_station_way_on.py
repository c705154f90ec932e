"""What the station shows as the way on is what is next, and no key is named that does nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from photos.models import StationRecord
from tests import builders, photo_builders
from tests.browser.station_driver import PATIENCE, begin, count, in_control, screen

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

FIRST = re.compile(r"\bbtn-primary\b")


@pytest.fixture
def page(page_of, context) -> Page:
    """A visit of one, without face models: nothing here is photographed."""
    context.add_init_script("delete globalThis.WebAssembly;")
    visit = builders.visit(hours=3)
    photo_builders.booked(visit, given_name="Karin")
    page = page_of(photo_builders.technician(visit))
    begin(page)
    return page


def test_who_is_next_is_shown_only_while_enter_would_choose_them(page):
    following = page.locator("#next-person")
    expect(following).to_be_visible()
    page.keyboard.type("zzzz")
    expect(following).to_be_hidden()
    page.keyboard.press("Enter")
    screen(page, "search")
    page.keyboard.press("Escape")
    expect(following).to_be_visible()


def test_the_keys_of_the_documents_are_not_named_where_they_do_nothing(page):
    page.keyboard.press("Enter")
    screen(page, "identity")
    keys = page.locator("[data-keys=identity]")
    expect(keys).to_be_visible()
    page.keyboard.press("7")
    expect(page.locator("[data-panel=name_differs]")).to_be_visible()
    expect(keys).to_be_hidden()
    page.keyboard.press("Escape")
    expect(keys).to_be_visible()


def test_sending_comes_first_until_all_is_received_and_then_leaving_clean(page, context):
    in_control(page)
    context.set_offline(True)
    page.keyboard.press("Enter")
    screen(page, "identity")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    screen(page, "search")
    page.keyboard.press("F9")
    screen(page, "wrap_up")
    send, clean = page.locator("[data-screen=wrap_up] [data-ask=sendNow]"), page.locator("#clean")
    expect(send).to_have_class(FIRST)
    expect(clean).not_to_have_class(FIRST)
    context.set_offline(False)
    send.click()
    expect(count(page, "received")).to_have_text("1", timeout=PATIENCE)
    expect(clean).to_have_class(FIRST)
    expect(send).not_to_have_class(FIRST)
    assert StationRecord.objects.count() == 1
