"""One's own time on a narrow phone: moved in three clicks, answered, and fit for everybody."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from booking.domain.own_time import DeclineReason
from booking.models import Booking
from booking.services.own_links import own_way
from booking.services.own_time import give_up
from booking.services.waitlist import join_waitlist
from tests import builders
from tests import own_time_builders as own
from tests.browser.accessibility import assert_fits_its_width, assert_no_axe_violations

pytestmark = pytest.mark.browser
COUNT_CLICKS = (
    "sessionStorage.clicks ??= 0; addEventListener('click', () => sessionStorage.clicks++)"
)


@pytest.fixture
def booking(own_database) -> Booking:
    return own.booked(own.small_visit())


@pytest.fixture
def phone(booking, context) -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    return page


def assert_fit(page: Page) -> None:
    assert_fits_its_width(page)
    assert_no_axe_violations(page)


def test_the_time_is_moved_in_three_clicks(phone, booking):
    phone.add_init_script(COUNT_CLICKS)
    phone.goto(own.address(booking))
    phone.locator("main .btn-primary").click()
    phone.locator(".own-times label", has_text="09.26").click()
    assert_fit(phone)
    phone.locator("main .btn-primary").click()
    expect(phone.locator("h1")).to_contain_text("09.26")
    booking.refresh_from_db()
    assert booking.slot == own.slots(booking.visit)[2]
    assert phone.evaluate("sessionStorage.clicks") == "3"
    assert_fit(phone)


def test_the_time_is_moved_by_keyboard_alone(phone, booking):
    phone.goto(own.address(booking, "own_move"))
    phone.locator(".own-times input").first.focus()
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("Tab")
    expect(phone.locator("main .btn-primary")).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.locator("h1")).to_contain_text("09.26")


def test_the_address_is_told_to_nobody(phone, booking):
    """The browser tells the next page no more than the origin, and forms still work."""
    asked: list[dict[str, str]] = []
    phone.on("request", lambda request: asked.append(request.all_headers()))
    phone.goto(own.address(booking))
    phone.locator("main .btn-primary").click()
    expect(phone.locator(".own-times")).not_to_have_count(0)
    token = own.address(booking).split("/")[2]
    told = [headers["referer"] for headers in asked if "referer" in headers]
    assert told
    assert not [address for address in told if token in address]


def test_a_time_just_taken_leaves_three_others(phone, booking):
    phone.goto(own.address(booking, "own_move"))
    own.booked(booking.visit)
    phone.locator(".own-times label", has_text="09.13").click()
    phone.locator("main .btn-primary").click()
    others = phone.locator("main button[name=slot]")
    expect(others).to_have_count(2)
    assert_fit(phone)
    others.last.click()
    expect(phone.locator("h1")).to_contain_text("09.39")


def test_times_are_struck_out(phone, booking):
    own.striking(booking.visit)
    phone.goto(own.address(booking))
    phone.locator("main .btn-primary").click()
    phone.locator(".own-times label", has_text="09.39").click()
    assert_fit(phone)
    phone.locator("main .btn-primary").click()
    expect(phone.locator(".notice-info .clock")).to_have_text("09.39")
    assert booking.struck.count() == 1


def test_an_offer_is_taken_with_one_click(phone, booking):
    others = own.full(booking.visit)
    join_waitlist(actor=builders.user(), visit=booking.visit, need=booking.need)
    give_up(link=own.link(others[2]), reason=DeclineReason.SICK)
    phone.goto(own.address(booking))
    assert_fit(phone)
    phone.locator("main .btn-primary").click()
    expect(phone.locator("h1")).to_contain_text("09.39")


def test_the_code_from_the_slip_opens_the_page(phone, booking):
    code = own_way(visit=booking.visit, need=booking.need).code
    phone.goto(reverse("booking:own_code"))
    phone.locator("[name=code]").fill("ABCD-2346")
    phone.locator("main .btn-primary").click()
    expect(phone.locator(".error-summary")).to_be_visible()
    assert_fit(phone)
    phone.locator("[name=code]").fill(code.lower().replace("-", " "))
    phone.locator("main .btn-primary").click()
    expect(phone.locator("h1")).to_contain_text("09.00")


def test_a_link_that_opens_nothing_leads_to_the_code(phone):
    phone.goto(reverse("booking:own_time", args=["x" * 43]))
    assert_fit(phone)
    phone.locator("main .btn-secondary").click()
    expect(phone.locator("[name=code]")).to_be_visible()


def test_a_time_is_given_back(phone, booking):
    phone.goto(own.address(booking, "own_give_up"))
    phone.locator("[name=reason][value=sick]").check()
    assert_fit(phone)
    phone.locator("main .btn-danger").click()
    expect(phone.locator("main .btn-primary")).to_be_visible()
    assert_fit(phone)
    assert booking.changes.get(status="cancelled").why == "sick"
