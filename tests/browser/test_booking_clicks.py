"""A care manager books a visit for twelve people: five clicks at most, and Back just works."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Visit
from tests import builders
from tests.browser.accessibility import assert_no_axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

PEOPLE = 12
MOST_CLICKS = 5


class Hand:
    """A hand that counts its clicks."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, place) -> None:
        place.click()
        self.clicks += 1


def test_a_visit_for_twelve_is_booked_in_five_clicks(page_of):
    unit = builders.unit()
    builders.technician(unit.municipality.federation)
    due = timezone.localdate() + timedelta(days=30)
    needs = {builders.need(builders.staff(unit), due_on=due) for _ in range(PEOPLE)}
    page, hand = page_of(builders.user("care_manager", within=unit)), Hand()
    page.goto("/oversikt/")
    assert page.locator("h1").inner_text().endswith("12 saknar tid")
    hand.click(page.get_by_role("link", name="Boka besök").first)
    assert page.locator("[name=needs]:checked").count() == PEOPLE
    assert page.locator("[name=offer]").count() == 3
    hand.click(page.locator("label:has([name=offer])").nth(1))
    chosen = page.locator("[name=offer]:checked").input_value()
    hand.click(page.get_by_role("button", name="Fortsätt"))
    hand.click(page.get_by_role("button", name="Boka besöket"))
    page.wait_for_url("**/besok/*-*/")
    assert hand.clicks <= MOST_CLICKS
    visit = Visit.objects.get()
    assert chosen == f"{visit.technician_id}|{visit.starts_at.isoformat()}"
    assert {booking.need for booking in visit.bookings.all()} == needs


def test_the_times_follow_the_ticks_and_the_wishes(page_of):
    unit = builders.unit()
    builders.technician(unit.municipality.federation)
    due = timezone.localdate() + timedelta(days=60)
    for _ in range(3):
        builders.need(builders.staff(unit), due_on=due)
    page = page_of(builders.user("care_manager", within=unit))
    page.goto("/besok/boka/")
    first = page.locator("[name=offer]").first.input_value()
    with page.expect_response("**/besok/boka/?*"):
        for place in range(3):
            page.locator("[name=needs]").nth(place).uncheck()
    page.get_by_text("Kryssa för vilka som ska komma").wait_for()
    page.locator("[name=needs]").first.check()
    page.locator("[name=offer]").first.wait_for()
    page.get_by_text("Andra dagar eller tider").click()
    page.get_by_label("Eftermiddag").check()
    page.locator(f"[name=offer][value='{first}']").wait_for(state="detached")
    page.locator("[name=offer]").first.wait_for()
    times = page.locator(".proposals-time").all_inner_texts()
    assert len(times) == 3
    assert all(int(time.rpartition("kl. ")[2][:2]) >= 12 for time in times)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Fortsätt").press("Enter")
    page.get_by_role("button", name="Boka besöket").press("Enter")
    page.wait_for_url("**/besok/*-*/")
    assert Visit.objects.get().bookings.count() == 1


def look_through(page, unit):
    """Ask for a visit to the unit, and stop before it is booked."""
    page.goto(f"/besok/boka/?unit={unit.pk}")
    page.get_by_role("button", name="Fortsätt").click()
    return page.get_by_role("button", name="Boka besöket")


def test_back_forward_and_reload_find_the_look_through_again(page_of):
    unit = builders.unit()
    builders.technician(unit.municipality.federation)
    builders.need(builders.staff(unit), due_on=timezone.localdate() + timedelta(days=60))
    page = page_of(builders.user("care_manager", within=unit))
    book = look_through(page, unit)
    expect(book).to_be_visible()
    page.reload()
    expect(book).to_be_visible()
    assert_no_axe_violations(page)
    page.get_by_role("link", name="Ändra", exact=True).click()
    expect(page.locator("[name=offer]")).to_have_count(3)
    page.go_back()
    expect(book).to_be_visible()
    page.go_back()
    expect(page.locator("[name=offer]")).to_have_count(3)
    page.go_forward()
    book.click()
    visit = reverse("booking:visit", args=[Visit.objects.get().pk])
    expect(page).to_have_url(re.compile(visit))
    page.go_back()
    expect(page).to_have_url(re.compile(visit))
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("step", ["offer", "own"])
def test_back_and_reload_find_what_a_move_would_do_again(page_of, step):
    visit = builders.visit(slot_minutes=10, hours=1)
    page = page_of(builders.user("care_manager", within=visit.unit))
    change = page.get_by_role("button", name="Ändra besöket")
    page.goto(reverse("booking:change", args=[visit.pk]))
    if step == "own":
        page.get_by_text("Välj dag, tid, tekniker").click()
    page.locator(f"button[value={step}]").click()
    expect(change).to_be_visible()
    page.reload()
    page.get_by_role("link", name="Behåll").click()
    expect(change).to_have_count(0)
    page.go_back()
    change.click()
    expect(page).to_have_url(re.compile(reverse("booking:visit", args=[visit.pk])))
