"""How many live hints a second the station gives on one core, and how soon the verdict comes.

Run by `make bench`. Chromium and all its processes are held on one core, as on a small laptop that
does nothing else, then on two if there are two. The camera is a film of a made portrait. Nothing
here fails for being slow. From the key press to the verdict it is the station itself that is
measured, at a server of the house's, each second shot with nothing judged ahead.
"""

import functools
import os
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests import builders, photo_builders, portraits
from tests.browser import live_station, station_driver
from tests.browser.chromium import find_chromium
from tests.browser.conftest import FRAMES, SWITCHES, camera_frame

FULL_HD, FOUR_K = (1920, 1080), (3840, 2160)
SECONDS = 5
SHOTS = 15
UNTIL_WELL, BETWEEN = (
    2000,
    800,
)  # ms: of guidance before a shutter, and of it between two judgements
QUICK = 4  # of so many, one is as quick: it tells more than the median where others work too
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
    "worker-src 'self'; media-src 'self' blob:"
)

LOOKS = """async (seconds) => {
  const video = document.createElement("video");
  const wanted = { width: { ideal: 1920 }, height: { ideal: 1080 } };
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted });
  await video.play();
  const look = async () => window.live.look(await createImageBitmap(video));
  for (let first = 0; first < 8; first++) await look();
  const [began, seen] = [performance.now(), []];
  while (performance.now() - began < seconds * 1000) seen.push(await look());
  const took = (performance.now() - began) / 1000;
  for (const track of video.srcObject.getTracks()) track.stop();
  const faces = seen.filter(({ face }) => face).length;
  return { perSecond: seen.length / took, faces, all: seen.length };
}"""

# From the bitmap to the verdict: in the page, in the worker alone, and the bitmap's making.
SHOTS_OF = """async ({ url, shots }) => {
  const picture = await (await fetch(url)).blob();
  const times = [];
  for (let shot = 0; shot < shots; shot++) {
    const bitmap = await createImageBitmap(picture);
    const began = performance.now();
    const { ms, answer } = await window.live.judge(bitmap);
    times.push({ whole: performance.now() - began, worker: ms, answer });
  }
  return times;
}"""

# What the page asks its worker for, when the key went down, and when the verdict had been painted.
WATCHED = """
  const { postMessage } = Worker.prototype;
  window.asked = [];
  Worker.prototype.postMessage = function (told, ...rest) {
    if (told.task) window.asked.push([told.task, performance.now()]);
    return postMessage.call(this, told, ...rest);
  };
  addEventListener("keydown", ({ timeStamp }) => (window.pressed = timeStamp), true);
  new MutationObserver(() => {
    const [{ at }, turned] = [document.body.dataset, performance.now()];
    const paint = () => (window.painted = { at, turned, when: performance.now() });
    requestAnimationFrame(() => setTimeout(paint));
  }).observe(document, { subtree: true, attributeFilter: ["data-at"] });
"""
AHEAD = """async (module) => {
  const { Ahead } = await import(module);
  const { feed } = Ahead.prototype;
  Ahead.prototype.feed = function (seen) {
    return window.isAhead ? feed.call(this, seen) : this.drop();
  };
}"""
# Guidance goes on for so long, judging ahead or not.
GUIDED = """async ({ isAhead, ms }) => {
  window.isAhead = isAhead;
  window.asked = [];
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const took = (performance.now() - began) / 1000;
  const count = (wanted) => window.asked.filter(([task]) => task === wanted).length / took;
  return { looks: count("look"), judged: count("judge") };
}"""
TOLD = """async (patience) => {
  while (window.painted?.at !== "verdict") {
    if (performance.now() > window.pressed + patience) throw new Error("no verdict");
    await new Promise(requestAnimationFrame);
  }
  const { pressed, painted } = window;
  const after = window.asked.filter(([, at]) => at > pressed && at < painted.turned);
  return { ms: painted.when - pressed, isAhead: !after.some(([task]) => task === "judge") };
}"""


class Files(SimpleHTTPRequestHandler):
    """Static files as the house finds them, under the station's policy."""

    def translate_path(self, path: str) -> str:
        """Return where a static file lies; made pictures and the page lie in the folder."""
        if path.startswith(settings.STATIC_URL):
            return str(finders.find(path.removeprefix(settings.STATIC_URL)))
        return super().translate_path(path)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "page.html").write_text("<!doctype html><title>Station</title>")
    for name, size in (("full_hd", FULL_HD), ("four_k", FOUR_K)):
        (tmp_path / f"{name}.jpg").write_bytes(camera_frame(portraits.good(2), size))
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Files, directory=str(tmp_path))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=range(1, min(len(os.sched_getaffinity(0)), 2) + 1))
def cores(request: pytest.FixtureRequest) -> int:
    """How many cores Chromium has."""
    return request.param


@pytest.fixture
def page(chromium: Browser, address: str) -> Page:
    page = chromium.new_page()
    page.goto(f"{address}/page.html")
    return page


@pytest.fixture
def session(own_database: object) -> str:
    """The session of a technician whose visit has somebody to photograph."""
    visit = builders.visit(hours=3)
    photo_builders.booked(visit)
    client = Client()
    client.force_login(photo_builders.technician(visit))
    return client.cookies["sessionid"].value


@pytest.fixture
def station(session: str, tmp_path: Path, chromium: Browser) -> Iterator[Page]:
    """The station itself, at a camera that sees somebody."""
    with override_settings(STATIC_ROOT=tmp_path / "static"):
        house = LiveServer("localhost")
        context = chromium.new_context(base_url=house.url, locale="sv-SE")
        context.set_default_timeout(station_driver.PATIENCE)
        context.add_cookies([{"name": "sessionid", "value": session, "url": house.url}])
        page = context.new_page()
        page.add_init_script(WATCHED)
        station_driver.begin(page)
        station_driver.until_camera(page)
        yield page
        context.close()
        house.stop()


@pytest.fixture
def chromium(tmp_path: Path, cores: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A Chromium that has so many cores, with all its children."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread
    film = tmp_path / "portrait.mjpeg"
    film.write_bytes(camera_frame(portraits.good(2), FULL_HD) * FRAMES)
    switches = [*SWITCHES, f"--use-file-for-fake-video-capture={film}"]
    all_cores = os.sched_getaffinity(0)
    # Playwright's driver and Chromium inherit it.
    os.sched_setaffinity(0, sorted(all_cores)[-cores:])
    try:
        with sync_playwright() as running:
            browser = running.chromium.launch(executable_path=find_chromium(), args=switches)
            yield browser
            browser.close()
    finally:
        os.sched_setaffinity(0, all_cores)


def processor_seconds() -> float:
    """Return the processor time that all processes below this one have spent, camera and all.

    On a machine that does other things too it tells more than the clock.
    """
    below, found = {os.getpid()}, 0
    processes = [process for process in map(_process, Path("/proc").glob("[0-9]*")) if process]
    while len(below) > found:
        found = len(below)
        below |= {pid for pid, parent, _ in processes if parent in below}
    ticks = sum(spent for pid, _, spent in processes if pid in below and pid != os.getpid())
    return ticks / os.sysconf("SC_CLK_TCK")


def _process(folder: Path) -> tuple[int, int, int] | None:
    """Return a process's id, its parent's, and the clock ticks it has spent (man 5 proc)."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended meanwhile
    return int(folder.name), int(fields[1]), int(fields[11]) + int(fields[12])


def test_live_hints_and_verdict(page, cores):
    began = page.evaluate("() => performance.now()")
    wanted = {"module": live_station.module("live"), "files": live_station.files()}
    assert page.evaluate(live_station.START, wanted) == "model"
    ready = page.evaluate("() => performance.now()") - began
    before = processor_seconds()
    looks = page.evaluate(LOOKS, SECONDS)
    spent = processor_seconds() - before
    assert looks["faces"] == looks["all"]
    on = "" if cores == 1 else "_two_cores"
    print(f"\nlive_ready{on}_ms: {ready:.0f}")
    print(f"live_hints{on}_per_second: {looks['perSecond']:.1f}")
    print(f"live_hints{on}_per_processor_second: {looks['all'] / spent:.1f}")
    tell_verdicts(page, cores)


def test_shutter_to_verdict(station, cores):
    on = "" if cores == 1 else "_two_cores"
    station.evaluate(AHEAD, live_station.module("ahead"))
    well = station.locator("#overlay[data-tone=well]")
    expect(well).to_have_count(1, timeout=station_driver.PATIENCE)
    for is_ahead, name in ((False, ""), (True, "_judging_ahead")):
        before = processor_seconds()
        rate = station.evaluate(GUIDED, {"isAhead": is_ahead, "ms": SECONDS * 1000})
        spent = processor_seconds() - before
        print(f"\nstation_hints{name}{on}_per_second: {rate['looks']:.1f}")
        per_spent = SECONDS * rate["looks"] / spent
        print(f"station_hints{name}{on}_per_processor_second: {per_spent:.1f}")
    print(f"station_judged_ahead{on}_per_second: {rate['judged']:.1f}")
    shots = [shot(station, is_ahead=each % 2 == 1, at=each // 2) for each in range(2 * SHOTS)]
    for is_ahead, name in ((True, "judged_ahead"), (False, "not_ahead")):
        times = [one["ms"] for one in shots if one["isAhead"] == is_ahead]
        print(f"live_shutter_{name}{on}: {len(times)} of {SHOTS}")
        if times:
            tell(f"live_shutter_to_verdict_{name}{on}_ms", times)


def shot(station: Page, *, is_ahead: bool, at: int) -> dict[str, Any]:
    """Return what a shot took; each is at another moment between two pictures judged ahead."""
    ms = UNTIL_WELL + at * BETWEEN / SHOTS
    station.evaluate(GUIDED, {"isAhead": is_ahead, "ms": ms})
    station.keyboard.press("Enter")
    told = station.evaluate(TOLD, station_driver.PATIENCE)
    station.keyboard.press("Escape")
    station_driver.screen(station, "camera")
    return told


def tell_verdicts(page: Page, cores: int) -> None:
    """Print how long judging takes, and the worker's own part of it."""
    for name in ("full_hd", "four_k"):
        times = page.evaluate(SHOTS_OF, {"url": f"/{name}.jpg", "shots": SHOTS})
        assert {time["answer"] for time in times} == {"pass"}
        if cores == 1:
            tell(f"live_verdict_{name}_whole_ms", [time["whole"] for time in times])
            tell(f"live_verdict_{name}_worker_ms", [time["worker"] for time in times])
        elif name == "full_hd":
            tell("live_verdict_two_cores_ms", [time["worker"] for time in times])


def tell(name: str, times: list[float]) -> None:
    """Print the median, the time that the quickest quarter keeps, and the best."""
    each = sorted(times)
    quick = each[len(each) // QUICK]
    print(f"{name}: {each[len(each) // 2]:.0f} (quarter {quick:.0f}, best {each[0]:.0f})")
