"""How soon the capture station may be used on a line of 10 Mbit/s, and without one.

Run by `make bench`. The house is served by gunicorn, its files collected, hashed and compressed;
each round has a browser of its own, and so what it keeps. Nothing here fails for being slow.
"""

import os
import signal
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import builders, databases, photo_builders, portraits
from tests.bench.slow_line import Line, slow_line
from tests.browser import station_driver
from tests.browser.chromium import find_chromium
from tests.browser.conftest import FRAMES, SWITCHES, camera_frame

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
BITS_PER_SECOND, DELAY = 10e6, 0.040
HASHED = {"staticfiles": {"BACKEND": "enrolment.staticfiles.HashedModules"}}

# Milliseconds from the beginning of the page's loading until something is there.
UNTIL = """(there) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("it never came")), 60_000);
  const look = () => (there() ? resolve(performance.now()) : requestAnimationFrame(look));
  look();
})"""
MAY_UNLOCK = f"({UNTIL})(() => document.activeElement?.id === 'passphrase')"
IS_GUIDED = f"({UNTIL})(() => document.getElementById('overlay').dataset.tone)"
IS_KEPT = f"({UNTIL})(() => navigator.serviceWorker.controller)"


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    folder = tmp_path / "collected"
    with override_settings(STATIC_ROOT=folder, STORAGES={**settings.STORAGES, **HASHED}):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture
def line(own_database: databases.Settings, collected: Path, tmp_path: Path) -> Iterator[Line]:
    """Serve the house at the end of a line; its `port` is where the line begins."""
    own = {
        "DJANGO_SETTINGS_MODULE": "enrolment.settings",
        "DATABASE_URL": databases.url(own_database),
        "FOTORUNDAN_DATA": str(tmp_path),
        "FOTORUNDAN_SECRET_KEY": settings.SECRET_KEY,
        "BENCH_STATIC": str(collected),
    }
    with socket.create_server(("127.0.0.1", 0), backlog=256) as ear:
        command = [sys.executable, "-m", "gunicorn", "tests.bench.collected_app", "--bind"]
        size = ["--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "error"]
        ours = {"cwd": ROOT, "env": {**os.environ, **own}, "pass_fds": [ear.fileno()]}
        server = subprocess.Popen([*command, f"fd://{ear.fileno()}", *size], **ours)
        port = ear.getsockname()[1]
        try:
            with slow_line(port, bits_per_second=BITS_PER_SECOND, delay=DELAY) as (line, begins_at):
                line.port = begins_at
                yield line
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


@pytest.fixture
def chromium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    film = tmp_path / "portrait.mjpeg"
    film.write_bytes(camera_frame(portraits.good(2)) * FRAMES)
    switches = [*SWITCHES, f"--use-file-for-fake-video-capture={film}"]
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    with sync_playwright() as running, ExitStack() as stack:
        browser = running.chromium.launch(executable_path=find_chromium(), args=switches)
        stack.callback(browser.close)
        yield browser


def logged_in(chromium: Browser, session: str, line: Line) -> BrowserContext:
    house = f"http://localhost:{line.port}"
    context = chromium.new_context(base_url=house, locale="sv-SE")
    context.set_default_timeout(station_driver.PATIENCE)
    context.add_cookies([{"name": "sessionid", "value": session, "url": house}])
    return context


def one_round(page: Page, line: Line) -> dict[str, float]:
    """Return the milliseconds and megabytes of a technician's first time at this laptop."""
    told: dict[str, float] = {}
    line.carried = 0
    page.goto(reverse("photos:station"), wait_until="commit")
    told["usable_ms"] = page.evaluate(MAY_UNLOCK)
    told["usable_mb"] = line.carried / 1e6
    for field in ("#passphrase", "#passphrase-again"):
        page.fill(field, station_driver.PASSPHRASE)
    page.keyboard.press("Enter")
    page.click("[data-act=fetch]:visible")
    station_driver.open_visit(page)
    page.click("#begin")
    station_driver.screen(page, "search")
    page.keyboard.press("Enter")
    station_driver.screen(page, "identity")
    page.keyboard.press("1")
    told["camera_ms"] = page.evaluate("() => performance.now()")
    told["guidance_ms"] = page.evaluate(IS_GUIDED)
    told["guidance_mb"] = line.carried / 1e6
    told["kept_ms"] = page.evaluate(IS_KEPT)
    told["kept_mb"] = line.carried / 1e6
    return told


def reloaded_offline(page: Page) -> float:
    page.context.set_offline(True)
    page.reload(wait_until="commit")
    return page.evaluate(MAY_UNLOCK)


def test_station_on_a_slow_line_and_without_one(line, chromium):
    visit = builders.visit(hours=3)
    photo_builders.booked(visit)
    client = Client()
    client.force_login(photo_builders.technician(visit))
    session = client.cookies["sessionid"].value
    urlopen(f"http://localhost:{line.port}{reverse('photos:station')}").close()  # the house is up
    rounds = []
    for _ in range(ROUNDS):
        context = logged_in(chromium, session, line)
        page = context.new_page()
        told = one_round(page, line)
        rounds.append({**told, "offline_reload_ms": reloaded_offline(page)})
        context.close()
    print(f"\nload: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name in rounds[0]:
        each = sorted(one[name] for one in rounds)
        print(f"station_{name}: {statistics.median(each):.1f} (best {each[0]:.1f})")
