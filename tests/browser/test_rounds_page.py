"""The planner's pages in a real browser: a visit moved by keys and by pointer, a search stopped."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect

from booking.models import RoundPlan
from booking.queries.round_days import PlanRead
from booking.queries.round_moves import places_for
from booking.services.round_moves import move_stop
from booking.services.rounds import run_plan
from enrolment.people.models import User
from tests import planner_builders
from tests.browser.accessibility import assert_no_axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]


@pytest.fixture
def planner() -> User:
    federation = planner_builders.federation(technicians=2)
    for town in ("Skara", "Vara", "Grästorp"):
        planner_builders.unit(federation, town)
    return planner_builders.planner(federation)


@pytest.fixture
def plan(planner: User) -> RoundPlan:
    return planner_builders.drafted(planner.memberships.get().federation, planner)


@pytest.fixture
def page(planner: User, plan: RoundPlan, page_of: Callable[[User], Page]) -> Page:
    page = page_of(planner)
    page.goto(reverse("booking:round_plan", args=[plan.pk]))
    return page


def where(plan: RoundPlan, key: str) -> str:
    plan.refresh_from_db()
    return next(day.key for day in PlanRead(plan).days for s in day.stops if s.key == key)


def test_a_visit_is_moved_by_keyboard_in_two_presses(page: Page, plan: RoundPlan):
    stop = PlanRead(plan).days[0].stops[0]
    before = where(plan, stop.key)
    page.locator(".round-do a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(f"Flytta besöket till {stop.unit.name}")
    place = places_for(plan, stop.key).places[0]
    first = page.locator(".round-places li").first
    expect(first).to_have_attribute("data-vehicle", place.vehicle)
    expect(first.locator(".round-says")).to_contain_text("körning")
    page.locator(".round-places button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Besöket är flyttat")
    assert place.vehicle != before or place.begins != stop.begins
    assert where(plan, stop.key) == place.vehicle


def test_a_dragged_visit_shows_its_cost_before_it_is_dropped(page: Page, plan: RoundPlan):
    stop = PlanRead(plan).days[0].stops[0]
    apart = places_for(plan, stop.key).places[-1]
    move_stop(actor=plan.made_by, plan=plan, job=stop.key, vehicle=apart.vehicle, seen=apart.cost)
    page.set_viewport_size({"width": 1366, "height": 1600})
    page.reload()
    plan.refresh_from_db()
    first, last = PlanRead(plan).days
    target = places_for(plan, stop.key).at(first.key)
    page.locator(".round").last.locator(".round-stop").first.hover()
    page.mouse.down()
    with page.expect_response(lambda answer: "flytta" in answer.url):
        page.mouse.move(400, 1200, steps=4)
    round_ = page.locator(f".round[data-vehicle='{target.vehicle}']")
    expect(round_).to_have_class("round round-takes")
    box = round_.locator("h3").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10, steps=4)
    cost = round_.locator(".round-cost")
    expect(cost).to_be_visible()
    assert "körning" in cost.inner_text()
    expect(page.locator("#live")).to_contain_text(cost.inner_text())
    assert where(plan, stop.key) == last.key
    page.mouse.move(box["x"] + 30, box["y"] + 12)
    page.mouse.up()
    expect(page.locator("#messages")).to_contain_text("Besöket är flyttat")
    assert where(plan, stop.key) == target.vehicle


def test_a_day_is_ticked_with_all_its_visits(page: Page):
    day = page.locator(".round").first
    whole, stops = day.locator("[name=days]"), day.locator("[name=stops]")
    whole.check()
    assert stops.count()
    assert all(stop.is_checked() for stop in stops.all())
    stops.first.uncheck()
    expect(whole).not_to_be_checked()
    stops.first.check()
    expect(whole).to_be_checked()


def test_all_visits_are_booked_with_one_click(page: Page, plan: RoundPlan):
    page.locator(".btn-primary").click()
    expect(page.locator("#messages")).to_contain_text("3 besök är bokade")
    assert_no_axe_violations(page)


@contextmanager
def worker(plan: RoundPlan) -> Iterator[threading.Thread]:
    """Work the plan out beside the test, as the queue does."""

    def work() -> None:
        run_plan(plan_id=plan.pk)
        connection.close()

    running = threading.Thread(target=work)
    running.start()
    yield running
    running.join(60)
    assert not running.is_alive()


def test_a_search_that_runs_is_followed_and_stopped(planner: User, page_of):
    asked = planner_builders.asked(planner.memberships.get().federation, planner, seconds=60)
    page = page_of(planner)
    with worker(asked):
        page.goto(reverse("booking:round_plan", args=[asked.pk]))
        expect(page.locator("#progress")).to_contain_text("3 av 3 besök har plats")
        assert_no_axe_violations(page)
        page.get_by_role("button", name="Stoppa och behåll det bästa hittills").click()
        expect(page.locator("h1")).to_have_text("3 nya besök", timeout=20_000)
    asked.refresh_from_db()
    assert asked.status == "ready"
