"""A bare page of a Chromium with a fresh profile, whose server keeps what it is sent in memory."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.conftest import SWITCHES
from tests.browser.station_store import station_in
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
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(profile: BrowserContext) -> Page:
    return station_in(profile)
