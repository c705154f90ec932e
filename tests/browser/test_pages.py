"""Every page of every room, as each role, wide and light, narrow and dark: fit for everybody."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver, reverse
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from enrolment.people.models import User
from tests import builders, databases
from tests.browser import accessibility
from tests.browser.conftest import SWITCHES
from tests.browser.pages import NO_PAGES, NOBODY, PAGES, Shown, world
from tests.conftest import folders_in

World = tuple[dict[str, Any], dict[str, User]]

SIGHTS = [
    ({"width": 1366, "height": 768}, "light"),
    ({"width": 320, "height": 640}, "dark"),
]
# Until then the station is about to show its first screen, whose heading is not there yet.
STARTED = "[data-screen]:not([data-screen=starting]) h1:visible, body:not(:has([data-screen]))"
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


def opened(page: Page, address: str) -> Iterator[str]:
    """Open the address, wait until all is there, and yield what is wrong with the answer."""
    answer = page.goto(address)
    page.locator(".htmx-request").first.wait_for(state="detached")
    page.locator(STARTED).first.wait_for()
    if answer is None or answer.status != 200:
        yield f"answers {answer and answer.status}"


def look(page: Page, address: str) -> Iterator[str]:
    """Open the address at the first sight, and yield what is wrong there at each."""
    for sight in SIGHTS:
        size, light = sight
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=light, reduced_motion="reduce")
        if sight == SIGHTS[0]:
            yield from opened(page, address)
        yield from (f"at {size['width']} px, {light}: {fault}" for fault in faults_of(page))


@pytest.fixture(scope="module")
def switches() -> list[str]:
    """Axe runs a moment in each document: code made quick by then costs more than it saves."""
    return [*SWITCHES, "--js-flags=--no-opt"]


def described(shown: Shown, fault: str) -> str:
    return f"{shown.name} {shown.needs} {shown.query} {fault}"


@pytest.fixture(scope="module")
def standing_world(
    house_server: LiveServer,
    first_keys: Path,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, World]]:
    """The world, made once, and the folder of its files; each test has copies of both."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copytree(first_keys, folder / "keys")
    with django_db_blocker.unblock(), databases.own(tmp_path_factory.mktemp("database")):
        with override_settings(**folders_in(folder)):
            made = world()
        yield folder, made


@pytest.fixture
def copied_world(standing_world: tuple[Path, World], own_folders: Path) -> World:
    folder, made = standing_world
    shutil.copytree(folder, own_folders, dirs_exist_ok=True)
    return made


@pytest.mark.browser
@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_the_role_is_fit_for_everybody(role, copied_world, context, page_of):
    made, users = copied_world
    page = context.new_page() if role == NOBODY else page_of(users[role])
    accessibility.bring_axe(page)
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
