"""A real Chromium with a made camera, for the tests marked `browser`.

Without Chromium they are reported as not run; with CI=true a missing Chromium is a failure.
"""

import os
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client, override_settings
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from enrolment.people.models import User
from tests import databases, portraits
from tests.browser.chromium import find_chromium, find_shell

FRAMES = 20
TIMEOUT = 15_000  # ms; where others work too, a browser may encode a picture for seconds
SWITCHES = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


def camera_frame(data: bytes, size: tuple[int, int] = (1920, 1080)) -> bytes:
    """Put an upright portrait in the middle of what a camera gives."""
    portrait = portraits.image(data)
    portrait = portrait.resize((portrait.width * size[1] // portrait.height, size[1]))
    frame = Image.new("RGB", size, portrait.getpixel((5, 5)))
    frame.paste(portrait, ((size[0] - portrait.width) // 2, 0))
    return portraits.jpeg(frame)


def raw_film(data: bytes, per_second: int) -> bytes:
    """Return a still as a film that needs no decoder: YUV4MPEG2 with 4:2:0 samples."""
    frame = Image.open(BytesIO(data)).convert("YCbCr")
    light, *colours = frame.split()
    halves = [colour.resize((frame.width // 2, frame.height // 2)) for colour in colours]
    planes = b"".join(plane.tobytes() for plane in (light, *halves))
    head = f"YUV4MPEG2 W{frame.width} H{frame.height} F{per_second}:1 Ip A1:1 C420jpeg\n"
    return head.encode() + (b"FRAME\n" + planes) * 2


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return find_chromium()


@pytest.fixture(scope="session")
def shell_path() -> str:
    return find_shell()


@pytest.fixture(scope="session")
def camera(tmp_path_factory) -> Path:
    """A film of a person who sits still: the same good portrait over and over.

    Raw and of few frames a second, because each browser reads and shows it all the time.
    """
    film = tmp_path_factory.mktemp("camera") / "portrait.y4m"
    film.write_bytes(raw_film(camera_frame(portraits.good()), per_second=15))
    return film


@pytest.fixture(scope="module")
def playwright(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Playwright]:
    """Playwright runs a loop in this thread; Django must be told to allow that meanwhile.

    The connection from before is out of reach then, and would keep PostgreSQL from copying.
    """
    with django_db_blocker.unblock():
        connections.close_all()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def server_database(
    playwright: Playwright,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """What `own_database` copies here: SQLite in memory cannot serve many threads.

    Connections made while Playwright's loop runs are of their own, and are closed here.
    """
    folder = tmp_path_factory.mktemp("database")
    with django_db_blocker.unblock(), databases.own(folder):
        yield
        connections.close_all()


@pytest.fixture(scope="module")
def house_server(
    server_database: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server whose threads each have a connection of their own, as in real life."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        server = LiveServer("localhost")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def switches() -> list[str]:
    """What Chromium is started with; a file of tests may have its own."""
    return SWITCHES


@pytest.fixture(scope="module")
def chromium(
    shell_path: str,
    switches: list[str],
    camera: Path,
    playwright: Playwright,
    house_server: LiveServer,
) -> Iterator[Browser]:
    """One Chromium for a file of tests."""
    args = [*switches, f"--use-file-for-fake-video-capture={camera}"]
    browser = playwright.chromium.launch(executable_path=shell_path, args=args)
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser, house_server, own_database) -> Iterator[BrowserContext]:
    """A fresh profile; a complaint of the page's own scripts or policy fails the test."""
    context = chromium.new_context(
        base_url=house_server.url, viewport={"width": 1366, "height": 768}, locale="sv-SE"
    )
    context.set_default_timeout(TIMEOUT)
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    context.on("console", lambda line: _keep_policy_faults(line.text, faults))
    yield context
    context.close()
    _wait_for_answers()
    assert faults == []


@pytest.fixture
def page_of(context: BrowserContext, house_server) -> Callable[[User], Page]:
    """Return a function that opens a page on which the user is logged in."""

    def logged_in(user: User) -> Page:
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": house_server.url}])
        return context.new_page()

    return logged_in


def _wait_for_answers() -> None:
    """Let the server end what it was asked for: it goes by the settings of this test."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(TIMEOUT / 1000)


def _keep_policy_faults(text: str, faults: list[str]) -> None:
    if "Content Security Policy" in text:
        faults.append(text)
