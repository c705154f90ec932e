"""Every page of every room, as each role, wide and light, narrow and dark: fit for everybody."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from playwright.sync_api import Page

from tests import builders
from tests.browser import accessibility
from tests.browser.pages import NO_PAGES, NOBODY, PAGES, Shown, world

SIGHTS = [
    ({"width": 1366, "height": 768}, "light"),
    ({"width": 320, "height": 640}, "dark"),
]
DUMMIES = {"UUIDConverter": UUID(int=1), "IntConverter": 1, "StringConverter": "x"}


# --- No page is forgotten -----------------------------------------------------------------------


def addresses() -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of every room by its full name."""
    for room in get_resolver().url_patterns:
        for address in room.url_patterns:
            yield f"{room.namespace}:{address.name}", address


def dummy_address(name: str, address: URLPattern) -> str:
    kinds = address.pattern.converters.items()
    return reverse(name, kwargs={key: DUMMIES[type(kind).__name__] for key, kind in kinds})


@pytest.mark.django_db
def test_every_address_that_can_be_opened_is_opened_by_these_tests():
    client = Client()
    client.force_login(builders.user())
    opened = {shown.name for pages in PAGES.values() for shown in pages}
    can_be_opened = {
        name
        for name, address in addresses()
        if client.get(dummy_address(name, address)).status_code != 405
    }
    assert can_be_opened == opened | NO_PAGES
    assert opened & NO_PAGES == set()


# --- What each page must keep -------------------------------------------------------------------


def faults_of(page: Page) -> Iterator[str]:
    """Yield what is wrong with the page as it is now."""
    yield from map(accessibility.described, accessibility.violations(page))
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "must be scrolled sideways"
    if (headings := page.locator("h1:visible").count()) != 1:
        yield f"has {headings} main headings"
    if (buttons := page.locator(".btn-primary:visible").count()) > 1:
        yield f"has {buttons} primary buttons"


def look(page: Page, address: str) -> Iterator[str]:
    """Open the address and yield what is wrong there at each sight."""
    size, light = SIGHTS[0]
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=light, reduced_motion="reduce")
    answer = page.goto(address)
    page.locator(".htmx-request").first.wait_for(state="detached")
    if answer is None or answer.status != 200:
        yield f"answers {answer and answer.status}"
    for size, light in SIGHTS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        yield from (f"at {size['width']} px, {light}: {fault}" for fault in faults_of(page))


def described(shown: Shown, fault: str) -> str:
    return f"{shown.name} {shown.needs} {shown.query} {fault}"


@pytest.mark.browser
@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_the_role_is_fit_for_everybody(role, context, page_of):
    made, users = world()
    page = context.new_page() if role == NOBODY else page_of(users[role])
    complaints: list[str] = []
    page.on("console", lambda line: line.type == "error" and complaints.append(line.text))
    faults = [
        described(shown, fault)
        for shown in PAGES[role]
        for fault in look(page, shown.address(made))
    ]
    assert faults + complaints == []


@pytest.mark.browser
@pytest.mark.usefixtures("own_database")
def test_the_page_for_a_wrong_address_is_fit_for_everybody(page_of):
    page = page_of(builders.user())
    page.goto("/finns-inte/")
    assert page.locator("h1").inner_text() == "Sidan finns inte här"
    assert list(faults_of(page)) == []
