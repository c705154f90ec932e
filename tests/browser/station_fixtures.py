"""Bare pages of a Chromium: for the station's modules alone, beside a server that keeps in memory.

What asks for another page of the same profile, or changes the profile itself, takes `profile`.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.conftest import SWITCHES, TIMEOUT
from tests.browser.standing_page import StandingPage, watched
from tests.browser.station_upload_server import UploadServer, serving


@pytest.fixture(scope="module")
def bare_chromium(shell_path: str, playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=shell_path, args=SWITCHES)
    yield browser
    browser.close()


@pytest.fixture
def server() -> Iterator[UploadServer]:
    with serving() as server:
        yield server


@pytest.fixture
def profile(bare_chromium: Browser, server: UploadServer) -> Iterator[BrowserContext]:
    context = bare_chromium.new_context(base_url=server.url)
    context.set_default_timeout(TIMEOUT)
    faults = watched(context)
    yield context
    context.close()
    assert faults == []


@pytest.fixture
def page(standing_page: StandingPage, server: UploadServer) -> Iterator[Page]:
    """The standing page at a server of the test's own."""
    with standing_page.loaded(server.url) as page:
        yield page


@pytest.fixture(scope="module")
def standing_server() -> Iterator[UploadServer]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def standing_page(bare_chromium: Browser) -> StandingPage:
    return StandingPage(bare_chromium.new_context())


@pytest.fixture
def fresh_page(standing_page: StandingPage, standing_server: UploadServer) -> Iterator[Page]:
    """The standing page, loaded anew with nothing kept."""
    with standing_page.loaded(standing_server.url) as page:
        yield page


@pytest.fixture(scope="module")
def pure_page(bare_chromium: Browser, standing_server: UploadServer) -> Iterator[Page]:
    """A page loaded once, for modules that keep nothing."""
    standing = StandingPage(bare_chromium.new_context())
    with standing.loaded(standing_server.url) as page:
        yield page
