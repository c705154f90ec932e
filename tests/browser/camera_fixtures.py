"""Bare pages with a camera: Chromium's own film, or a rack of cameras that the test makes.

They stand on `station_fixtures`, which a file of tests names too.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.conftest import SWITCHES
from tests.browser.standing_page import StandingPage
from tests.browser.station_cameras import RACK, Run, runner
from tests.browser.station_upload_server import UploadServer


@pytest.fixture(scope="module")
def film_chromium(shell_path: str, playwright: Playwright, camera: Path) -> Iterator[Browser]:
    switches = [*SWITCHES, f"--use-file-for-fake-video-capture={camera}"]
    browser = playwright.chromium.launch(executable_path=shell_path, args=switches)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def standing_film(film_chromium: Browser) -> StandingPage:
    return StandingPage(film_chromium.new_context())


@pytest.fixture(scope="module")
def standing_rack(bare_chromium: Browser) -> StandingPage:
    return StandingPage(bare_chromium.new_context(), RACK)


@pytest.fixture
def film_page(standing_film: StandingPage, standing_server: UploadServer) -> Iterator[Page]:
    with standing_film.loaded(standing_server.url) as page:
        yield page


@pytest.fixture
def rack_page(standing_rack: StandingPage, standing_server: UploadServer) -> Iterator[Page]:
    with standing_rack.loaded(standing_server.url) as page:
        yield page


@pytest.fixture
def film(film_page: Page) -> Run:
    """Run scripts on a page whose camera is Chromium's, showing a portrait at 1920 × 1080."""
    return runner(film_page)


@pytest.fixture
def rack(rack_page: Page) -> Run:
    """Run scripts on a page whose cameras are the test's own."""
    return runner(rack_page)
