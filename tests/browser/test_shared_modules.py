"""What every page's scripts do: dialogs, the token, one send for a form, the spoken message."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, Request, Route, expect

from booking.services.bookings import cancel_booking
from enrolment.people.models import CardNeed
from tests import builders, photo_builders

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]


@pytest.fixture
def visit():
    visit = builders.visit()
    photo_builders.booked(visit)
    builders.need(builders.staff(visit.unit, "Kim", "Ek"))
    return visit


@pytest.fixture
def visit_page(visit, page_of) -> Page:
    page = page_of(builders.user("care_manager", within=visit.unit))
    page.goto(reverse("booking:visit", args=[visit.pk]))
    return page


@pytest.fixture
def technicians_page(visit, page_of) -> Page:
    page = page_of(visit.technician.user)
    page.goto(reverse("booking:visit", args=[visit.pk]))
    return page


def opener(page: Page) -> Locator:
    return page.locator("[data-opens=close-visit]")


def button(page: Page, number: int) -> Locator:
    return page.locator("#close-visit button").nth(number)


# --- Dialogs ------------------------------------------------------------------------------------


def test_a_dialog_opens_on_its_safe_button_and_escape_gives_the_focus_back(technicians_page):
    opener(technicians_page).focus()
    technicians_page.keyboard.press("Enter")
    expect(technicians_page.locator("#close-visit:modal")).to_be_visible()
    expect(button(technicians_page, 1)).to_be_focused()
    technicians_page.keyboard.press("Escape")
    expect(technicians_page.locator("#close-visit")).to_be_hidden()
    expect(opener(technicians_page)).to_be_focused()


def test_the_safe_button_sends_nothing_and_the_other_one_still_sends(visit, technicians_page):
    cancel_booking(actor=visit.booked_by, booking=visit.bookings.get())
    opener(technicians_page).click()
    button(technicians_page, 1).click()
    expect(technicians_page.locator("#close-visit")).to_be_hidden()
    visit.refresh_from_db()
    assert visit.status == "open"
    opener(technicians_page).click()
    button(technicians_page, 0).click()
    expect(technicians_page.locator("#messages")).to_contain_text("Besöket är avslutat")
    visit.refresh_from_db()
    assert visit.status == "closed"


# --- The token ----------------------------------------------------------------------------------


def asked(page: Page, act: Locator) -> Request:
    with page.expect_request(lambda request: "hx-request" in request.headers) as told:
        act.click()
    return told.value


def test_htmx_carries_the_token_with_what_changes_something_and_only_then(visit_page):
    token = visit_page.locator("meta[name=csrf-token]").get_attribute("content")
    opened = asked(visit_page, visit_page.locator("a[hx-get]", has_text="Boka in").first)
    assert opened.method == "GET"
    assert "x-csrftoken" not in opened.headers
    booked = asked(visit_page, visit_page.get_by_role("button", name="Boka tiden"))
    assert booked.method == "POST"
    assert booked.headers["x-csrftoken"] == token
    expect(visit_page.locator("#slots caption")).to_be_focused()
    expect(visit_page.locator("#slots caption")).to_contain_text("2 av")


# --- One send for a form ------------------------------------------------------------------------


class Gate:
    """Holds what the page sends, so that the next page cannot come between two clicks."""

    def __init__(self):
        self.routes: list[Route] = []
        self.is_open = False

    def arrive(self, route: Route) -> None:
        self.routes.append(route)
        if self.is_open:
            route.continue_()

    def open(self) -> None:
        self.is_open = True
        for route in self.routes:
            route.continue_()


def double_click(page: Page, button: Locator) -> None:
    """Click twice as fast as a hand does, without waiting for what the first click brings."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_double_click_sends_a_form_once(page_of):
    person = builders.staff()
    page = page_of(builders.user("care_manager", within=person.unit))
    page.goto(reverse("people:staff", args=[person.pk]))
    page.locator("[name=reason]").first.check()
    page.locator("[name=due_on]").fill("2031-05-01")
    page.evaluate("addEventListener('submit', (e) => console.log('held back', e.defaultPrevented))")
    sent = Gate()
    page.route("**/kortbehov/", sent.arrive)
    with page.expect_console_message(lambda line: line.text == "held back true"):
        double_click(page, page.get_by_role("button", name="Öppna kortbehovet"))
    sent.open()
    expect(page.locator("#messages")).to_contain_text("Kortbehovet är öppnat")
    assert len(sent.routes) == 1
    assert CardNeed.objects.filter(staff=person).count() == 1


# --- What is said and where the focus goes ------------------------------------------------------


def test_a_message_is_spoken_when_the_page_has_loaded(technicians_page):
    opener(technicians_page).click()
    button(technicians_page, 0).click()
    expect(technicians_page.locator("#messages .notice")).to_have_count(1)
    said = technicians_page.locator("#messages .notice").inner_text().strip()
    expect(technicians_page.locator("#live[role=status]")).to_have_text(said)


def test_the_error_summary_takes_the_focus_and_its_links_lead_to_the_fields(page_of):
    federation = builders.federation()
    page = page_of(builders.user("administrator", within=federation))
    page.goto(reverse("people:new_user"))
    page.get_by_role("button", name="Ge rollen").click()
    expect(page).to_have_title("Fel: Lägg till användare – Fotorundan")
    expect(page.locator(".error-summary")).to_be_focused()
    links = page.locator(".error-summary a")
    for link in links.all():
        link.click()
        target = page.locator(link.get_attribute("href") or "")
        expect(target).to_be_focused()
        expect(target).to_have_attribute("aria-invalid", "true")
    assert links.count() == 4
