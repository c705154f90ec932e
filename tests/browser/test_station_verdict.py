"""What comes between the shutter and the verdict: who waits for whom, and how pixels are read."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from tests.browser import live_station
from tests.browser.station_cameras import RACK, runner

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

# A picture with every colour in it, and a light that is worked out by the page alone.
PICTURE = """
  window.colours = (width, height) => {
    const picture = new ImageData(width, height);
    for (let at = 0; at < picture.data.length; at += 4) {
      picture.data.set([(at * 7) >> 3, (at * 13) >> 7, (at * 29) >> 11, 255], at);
    }
    return createImageBitmap(picture);
  };
"""


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page with cameras of the test's own, where the guidance does without the models."""
    page = context.new_page()
    page.add_init_script(RACK + PICTURE + "delete globalThis.WebAssembly;")
    page.goto(reverse("people:log_in"))
    return page


def run(page: Page, script: str) -> Any:
    names = ("live", "shots", "live/still", "live/colour")
    modules = {name: live_station.module(name) for name in names}
    start = """
      const { startLive } = await import(given.modules.live);
      const live = startLive(given.files);
      await live.ready;
    """
    return runner(page)(start + script, files=live_station.files(), modules=modules)


# --- Who waits for whom -------------------------------------------------------------------------


def test_a_look_waits_for_every_picture_that_is_to_be_judged_first(page):
    """The shutter has been pressed, and the camera's next frame is still to come."""
    script = """
      const [order, camera] = [[], Promise.withResolvers()];
      const first = live.judge(camera.promise).then(() => order.push("first"));
      const look = live.look(await colours(640, 360)).then(() => order.push("look"));
      await live.judge(await colours(640, 360)).then(() => order.push("second"));
      camera.resolve(await colours(640, 360));
      await Promise.all([first, look]);
      return order;
    """
    assert run(page, script) == ["second", "first", "look"]


def test_after_a_shutter_without_a_picture_one_looks_on(page):
    script = """
      const nothing = Promise.reject(new Error("frozen"));
      const frozen = live.judge(nothing).catch(({ message }) => message);
      const { hint } = await live.look(await colours(640, 360));
      return [await frozen, hint];
    """
    assert run(page, script) == ["frozen", None]


def test_the_rest_of_a_burst_is_judged_when_the_first_verdict_is_on_the_screen(page):
    script = """
      const { shootBurst } = await import(given.modules.shots);
      plug("One", [1280, 720], "rgb(200 190 180)");
      await picker.open(video);
      let grabbed = 0;
      const Frame = globalThis.VideoFrame;
      globalThis.VideoFrame = function (source, ...rest) {
        grabbed += source === video;
        return new Frame(source, ...rest);
      };
      const asked = [];
      const judge = async (picture) => {
        asked.push(performance.now());
        const { promise, resolve } = Promise.withResolvers();
        live.judge(picture).then(resolve);
        await until(() => grabbed === 3);
        return { ...(await promise), answer: "pass" };
      };
      const shot = await shootBurst(video, { judge });
      const frames = shot.frames.length;
      await new Promise(requestAnimationFrame);
      const painted = performance.now();
      await shot.more;
      const early = asked.filter((at) => at < painted).length;
      return { frames, all: shot.frames.length, early };
    """
    assert run(page, script) == {"frames": 1, "all": 3, "early": 1}


TAKEN = """
  const { shootBurst, encoded, letGo } = await import(given.modules.shots);
  const { readStill } = await import(given.modules["live/still"]);
  plug("One", [1280, 720], "rgb(200 190 180)");
  await picker.open(video);
  const judged = [];
  const judge = async (picture) => {
    const taken = await picture;
    const { raster } = await readStill(taken, 1280);
    judged.push([taken.constructor.name, [...raster.data].join()]);
    taken.close();
    return { answer: "pass", eyes_open: null, sharpness: 1 };
  };
  const shot = await shootBurst(video, { judge });
  await shot.more;
  const brush = new OffscreenCanvas(1280, 720).getContext("2d");
  const same = await Promise.all(shot.frames.map(async ({ still, width, height }, at) => {
    brush.drawImage(await createImageBitmap(still), 0, 0);
    return [...brush.getImageData(0, 0, width, height).data].join() === judged[at][1];
  }));
  letGo(shot);
  return { kinds: judged.map(([kind]) => kind), same };
"""


def test_what_is_kept_are_the_pixels_that_were_judged(page):
    assert run(page, TAKEN) == {"kinds": ["VideoFrame"] * 3, "same": [True] * 3}


def test_a_browser_without_frames_of_a_video_takes_bitmaps(page):
    page.evaluate("() => { delete globalThis.VideoFrame; }")
    assert run(page, TAKEN) == {"kinds": ["ImageBitmap"] * 3, "same": [True] * 3}


# --- How pixels are read ------------------------------------------------------------------------

READ = """
  const { readPixels, readStill } = await import(given.modules["live/still"]);
  const bitmap = await colours(800, 600);
  await readStill(bitmap, 1);
  let canvases = 0;
  const Canvas = globalThis.OffscreenCanvas;
  globalThis.OffscreenCanvas = function (...size) {
    canvases += 1;
    return new Canvas(...size);
  };
  const pixels = [];
  for (const [side, step] of [[800, 1], [400, 2], [100, 8]]) {
    const { raster } = await readStill(bitmap, side);
    pixels.push([raster.width, raster.height, [...raster.data]]);
  }
  const copied = canvases === 0;
  const same = pixels.map(([width, height, data]) => {
    const expected = readPixels(bitmap, width, height).data;
    return width * height * 4 === data.length && expected.every((value, at) => value === data[at]);
  });
  return { copied, same, widths: pixels.map(([width]) => width) };
"""
SAME = {"same": [True] * 3, "widths": [800, 400, 100]}


def test_what_is_copied_is_what_a_canvas_gives(page):
    assert run(page, READ) == {"copied": True, **SAME}


@pytest.mark.parametrize(
    "lacking",
    [
        "delete globalThis.VideoFrame;",
        "VideoFrame.prototype.copyTo = () => Promise.reject(new TypeError());",
        """
          const copy = VideoFrame.prototype.copyTo;
          VideoFrame.prototype.copyTo = function (data) {
            return copy.call(this, data, { format: "BGRA" });
          };
        """,
    ],
    ids=["no frames", "no copies", "colours in another order"],
)
def test_a_browser_that_cannot_copy_reads_from_a_canvas(page, lacking):
    page.evaluate(f"() => {{ {lacking} }}")
    assert run(page, READ) == {"copied": False, **SAME}


def test_a_percentile_is_what_stands_there_in_order(page):
    script = """
      const { percentile } = await import(given.modules["live/colour"]);
      const ordered = (values, percent) => {
        const sorted = Float64Array.from(values).sort();
        const rank = ((sorted.length - 1) * percent) / 100;
        const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
        return low + (high - low) * (rank - Math.floor(rank));
      };
      let seed = 1;
      const next = (most) => (seed = (seed * 48271) % 2147483647) % most;
      const wrong = [];
      for (let round = 0; round < 400; round += 1) {
        const most = 1 + next(300);
        const values = Array.from({ length: 1 + next(60) }, () => next(most) - 40);
        for (const percent of [0, 1, 25, 50, 90, 98, 99, 100]) {
          const [found, expected] = [percentile, ordered].map((of) => of(values, percent));
          if (found !== expected) wrong.push([values, percent, found, expected]);
        }
      }
      return wrong;
    """
    assert run(page, script) == []
