"""The shutter: a burst and the best of it, and the JPEG made beside the page."""

import base64
import hashlib
import io
import logging
import statistics
from typing import Any

import pytest
from PIL import Image

from tests.browser.station_cameras import MODULES, runner

pytest_plugins = ("tests.browser.station_fixtures", "tests.browser.camera_fixtures")
pytestmark = pytest.mark.browser

log = logging.getLogger(__name__)


# --- The burst ----------------------------------------------------------------------------------


def test_a_burst_is_of_frames_that_come_after_the_shutter_each_another(rack):
    script = """
      plug("One", [1280, 720]);
      await picker.open(video);
      const shutter = performance.now();
      const shots = await bursts.burst(video);
      const brush = new OffscreenCanvas(1, 1).getContext("2d");
      const colours = shots.map(({ bitmap }) => {
        brush.drawImage(bitmap, 640, 360, 1, 1, 0, 0, 1, 1);
        return [...brush.getImageData(0, 0, 1, 1).data].join();
      });
      return [shots.every(({ at }) => at >= shutter), new Set(colours).size];
    """
    assert rack(script) == [True, 3]


def judged(eyes: float | None, answer: str, sharpness: float) -> dict[str, Any]:
    return {"eyes_open": eyes, "answer": answer, "sharpness": sharpness}


@pytest.mark.parametrize(
    ("judgements", "best"),
    [
        ([judged(0.02, "pass", 9), judged(0.06, "pass", 2), judged(0.06, "pass", 3)], 2),
        ([judged(0.06, "warn", 9), judged(0.058, "pass", 2), judged(0.06, "fail", 9)], 1),
        ([judged(0.06, "pass", 2), judged(0.06, "pass", 2), None], 0),
        ([None, judged(0.01, "fail", 1), None], 1),
        ([judged(None, "warn", 2), judged(None, "warn", 2.5), judged(None, "warn", 2.1)], 1),
        ([None, None, None], 0),
    ],
    ids=["eyes open, sharpest", "answer", "equals: first", "only one", "no face model", "none"],
)
def test_the_best_has_open_eyes_passes_most_and_is_sharpest(pure_page, judgements, best):
    script = """
      const { shot, judgement, at } = bursts.bestOf(["a", "b", "c"], given.judgements);
      return { shot, judgement, at };
    """
    told = runner(pure_page)(script, judgements=judgements)
    assert told == {"shot": "abc"[best], "judgement": judgements[best], "at": best}


# --- The JPEG -----------------------------------------------------------------------------------

ENCODER = f'const encoder = encoders.startEncoder("{MODULES}/encode_worker.js");'


def test_the_jpeg_has_all_pixels_its_own_hash_and_the_bitmap_is_gone(film):
    script = f"""{ENCODER}
      await picker.open(video);
      const [{{ bitmap }}] = await bursts.burst(video, 1);
      const made = await encoder.encode(bitmap);
      const letters = Array.from(made.jpeg, (byte) => String.fromCharCode(byte));
      return {{ ...made, jpeg: btoa(letters.join("")), bitmap: bitmap.width }};
    """
    made = film(script)
    data = base64.b64decode(made["jpeg"])
    picture = Image.open(io.BytesIO(data))
    picture.load()
    assert (picture.format, picture.size) == ("JPEG", (1920, 1080))
    assert (made["width"], made["height"]) == (1920, 1080)
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    assert made["bitmap"] == 0
    assert picture.quantization[0][0] <= 2  # 16 at quality 50; 2 at 95


def test_a_bitmap_that_is_empty_is_told_and_the_next_one_is_encoded(film):
    script = f"""{ENCODER}
      const bitmap = async () => createImageBitmap(new ImageData(600, 500));
      const closed = await bitmap();
      closed.close();
      const bitmaps = [await bitmap(), closed, await bitmap()];
      const answers = await Promise.allSettled(bitmaps.map(encoder.encode));
      return answers.map(({{ value, reason }}) => value?.width ?? reason.code);
    """
    assert film(script) == [600, "encode_failed", 600]


def test_what_is_too_large_for_the_server_is_made_smaller(film):
    script = f"""{ENCODER}
      const canvas = new OffscreenCanvas(5000, 4000);
      const noise = new ImageData(500, 400);
      const random = (at) => (at * 2654435761) >>> 24;
      for (let at = 0; at < noise.data.length; at += 1) noise.data[at] = random(at);
      for (let at = 0; at < 100; at += 1) {{
        for (let each = 3; each < noise.data.length; each += 4) noise.data[each] = 255;
        canvas.getContext("2d").putImageData(noise, (at % 10) * 500, Math.floor(at / 10) * 400);
      }}
      const made = await encoder.encode(canvas.transferToImageBitmap());
      return [made.width, made.height, made.jpeg.length];
    """
    width, height, size = film(script)
    assert (width, height) == (3750, 3000)
    assert size < 15_000_000


def test_three_pictures_and_a_jpeg_leave_the_page_free(film):
    """What the burst and the JPEG cost is shown by `pytest --log-cli-level=INFO`."""
    script = f"""{ENCODER}
      await picker.open(video);
      const measured = [];
      for (let round = 0; round < 8; round += 1) {{
        const began = performance.now();
        const [first, ...rest] = await bursts.burst(video);
        const taken = performance.now();
        let [last, blocked, running] = [performance.now(), 0, true];
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {{
          blocked = Math.max(blocked, performance.now() - last);
          last = performance.now();
          if (running) channel.port2.postMessage(0);
        }};
        channel.port2.postMessage(0);
        const asked = performance.now();
        await encoder.encode(first.bitmap);
        running = false;
        measured.push([taken - began, performance.now() - asked, blocked]);
        bursts.closeShots(rest);
      }}
      return measured;
    """
    bursts, encodings, blocked = (
        statistics.median(each) for each in zip(*film(script), strict=True)
    )
    log.info("burst_ms: %.0f encode_ms: %.0f blocked_ms: %.0f", bursts, encodings, blocked)
    assert blocked < encodings / 2
