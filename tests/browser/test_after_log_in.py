"""Who is logged out while pressing a button comes to the page with the button, not to a wall."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import builders
from tests.browser.accessibility import assert_fits_its_width, assert_no_axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]
PASSWORD = "ett långt lösenord"


@pytest.fixture
def visit():
    return builders.visit()


@pytest.fixture
def page(visit, page_of):
    user = visit.technician.user
    user.set_password(PASSWORD)
    user.save()
    return page_of(user)


def log_in(page, user):
    page.get_by_label("E-post").fill(user.email)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()


def test_a_button_pressed_when_logged_out_leads_back_to_its_page(visit, page):
    place = reverse("booking:visit", args=[visit.pk])
    page.goto(place)
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Avsluta besöket").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Avsluta besöket").click()
    log_in(page, visit.technician.user)
    expect(page.locator("#messages")).to_contain_text("Det du gjorde innan sparades inte.")
    expect(page).to_have_url(re.compile(f"{place}$"))
    visit.refresh_from_db()
    assert visit.status == "open"


@pytest.mark.parametrize("width", [1366, 320])
def test_the_address_of_a_button_shows_the_way_on(visit, page, width):
    page.set_viewport_size({"width": width, "height": 768})
    page.goto(reverse("booking:close", args=[visit.pk]))
    assert_no_axe_violations(page)
    assert_fits_its_width(page)
    page.get_by_role("link", name="Gå till sidan med knappen").click()
    expect(page).to_have_url(re.compile(reverse("booking:visit", args=[visit.pk]) + "$"))
