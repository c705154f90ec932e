"""A picture judged before the shutter: when it counts, whom it is of, and that nothing stays."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from photos.models import StationRecord
from tests.browser import live_station, station_driver
from tests.browser.station_cameras import Run

pytest_plugins = (
    "tests.browser.station_fixtures",
    "tests.browser.camera_fixtures",
    "tests.browser.station_visit",
)
pytestmark = pytest.mark.browser

# A camera of one colour at a time, a clock that can be put forward, a judge who answers when told
# to, and a count of what is open: frames of the camera, and bitmaps but those that are looked at.
SETUP = """
  const { Ahead } = await import(given.modules.ahead);
  const { shootBurst, letGo } = await import(given.modules.shots);
  const { shownBy } = await import(given.modules["live/still"]);

  const film = plug("One", [1280, 720]);
  const person = { paint: "rgb(200 40 40)" };
  const colours = { "200,40,40": "first", "40,40,200": "second" };
  const sit = (who) => {
    person.paint = `rgb(${Object.keys(colours).find((each) => colours[each] === who)})`;
  };
  const freeze = (is) => Object.assign(film, { frozen: is });
  film.still = true;
  const brush = film.canvas.getContext("2d");
  setInterval(() => {
    if (film.frozen) return;
    brush.fillStyle = person.paint;
    brush.fillRect(0, 0, 1280, 720);
  }, 25);
  video.id = "video";
  await picker.open(video);
  (await shownBy(video)).close();

  const open = { frames: new Set(), bitmaps: new Set() };
  const counted = (kind, one) => (open[kind].add(one), one);
  const Frame = globalThis.VideoFrame;
  const [clone, close] = [Frame.prototype.clone, Frame.prototype.close];
  globalThis.VideoFrame = function (...given) { return counted("frames", new Frame(...given)); };
  Frame.prototype.clone = function () { return counted("frames", clone.call(this)); };
  Frame.prototype.close = function () { open.frames.delete(this); close.call(this); };
  const make = globalThis.createImageBitmap;
  globalThis.createImageBitmap = async (...given) => {
    const made = await make(...given);
    return given[0] === video ? made : counted("bitmaps", made);
  };
  const shut = ImageBitmap.prototype.close;
  ImageBitmap.prototype.close = function () { open.bitmaps.delete(this); shut.call(this); };
  const left = () => [open.frames.size, open.bitmaps.size];
  const isOpen = (frames, bitmaps) => () => left().join() === [frames, bitmaps].join();

  const clock = { ahead: 0 };
  const now = performance.now.bind(performance);
  performance.now = () => now() + clock.ahead;
  const moments = (shot) => shot.frames.map(({ taken_at }) => Date.parse(taken_at));

  const soon = async (holds) => {
    for (let tries = 0; !holds(); tries += 1) {
      if (tries > 500) throw new Error(`not so: ${holds}, open ${left()}, asked ${asked.length}`);
      await new Promise((later) => setTimeout(later, 20));
    }
  };
  const asked = [];
  const judge = async (picture) => {
    const taken = await picture;
    const told = Promise.withResolvers();
    asked.push((answer = "pass", sharpness = 1) =>
      told.resolve({ answer, sharpness, eyes_open: null }));
    return told.promise.finally(() => taken.close());
  };
  const judged = async (count, ...answer) => {
    await soon(() => asked.length >= count);
    asked[count - 1](...answer);
  };
  const face = { eyes: [[500, 300], [700, 300]], roll: 0, box: [400, 200, 400, 400] };
  const WELL = { hint: null, face, others: 0 };
  const models = Promise.withResolvers();
  const live = { judge, look: async (bitmap) => (bitmap.close(), WELL), ready: models.promise };
  const ahead = new Ahead(video, live);
  if (!given.isLoading) await models.resolve("model");
  const who = async ({ still }) => {
    const spot = new OffscreenCanvas(1, 1).getContext("2d");
    spot.putImageData(still, 0, 0);
    const seen = [...spot.getImageData(0, 0, 1, 1).data];
    const near = (name) => name.split(",").every((value, at) => Math.abs(value - seen[at]) < 30);
    return colours[Object.keys(colours).find(near)];
  };
"""
KEPT = """
  ahead.feed(WELL);
  await judged(1);
  await soon(isOpen(0, 1));
"""
UNDER_WAY = """
  ahead.feed(WELL);
  await soon(() => asked.length === 1);
"""


@pytest.fixture
def run(rack: Run) -> Callable[..., Any]:
    """Run a script beside what is judged ahead."""
    names = ("ahead", "guidance", "shots", "live/still")
    modules = {name: live_station.module(name) for name in names}

    def run(script: str, **given: Any) -> Any:
        return rack(SETUP + script, modules=modules, **given)

    return run


# --- At the shutter -----------------------------------------------------------------------------


def test_its_verdict_stands_at_once_and_two_others_come_after_the_shutter(run):
    script = f"""{KEPT}
      await new Promise((later) => setTimeout(later, 60));
      const pressed = Date.now();
      const shot = await shootBurst(video, live, ahead.take());
      const atOnce = [shot.frames.length, asked.length, shot.chosen.verdict.answer];
      await judged(2, "pass", 9);
      await judged(3, "pass", 5);
      await shot.more;
      const before = moments(shot).map((at) => at < pressed);
      const [chosen, best] = [shot.chosen, shot.best].map((frame) => shot.frames.indexOf(frame));
      const kept = left();
      letGo(shot);
      return {{ atOnce, before, chosen, best, kept, after: left(), source: shot.source }};
    """
    assert run(script) == {
        "atOnce": [1, 1, "pass"],
        "before": [True, False, False],
        "chosen": 0,
        "best": 1,
        "kept": [0, 3],
        "after": [0, 0],
        "source": "camera",
    }


def test_one_that_is_being_judged_at_the_shutter_is_waited_for(run):
    script = f"""{UNDER_WAY}
      await new Promise((later) => setTimeout(later, 60));
      const pressed = Date.now();
      const shooting = shootBurst(video, live, ahead.take());
      ahead.drop();
      await judged(1);
      const shot = await shooting;
      const asks = asked.length;
      await judged(2);
      await judged(3);
      await shot.more;
      const before = moments(shot).map((at) => at < pressed);
      letGo(shot);
      return {{ asks, before, after: left() }};
    """
    told = run(script)
    assert told == {"asks": 1, "before": [True, False, False], "after": [0, 0]}


@pytest.mark.parametrize("answer", ["warn", "fail", "unmeasurable"])
def test_one_that_does_not_pass_is_no_picture(run, answer):
    script = f"""{UNDER_WAY}
      const pressed = Date.now();
      const shooting = shootBurst(video, live, ahead.take());
      await judged(1, given.answer);
      for (const each of [2, 3, 4]) await judged(each);
      const shot = await shooting;
      await shot.more;
      const after = moments(shot).map((at) => at >= pressed);
      letGo(shot);
      ahead.feed(WELL);
      clock.ahead = 5000;
      ahead.feed(WELL);
      await judged(5, given.answer);
      await soon(isOpen(0, 0));
      return [after, ahead.take()];
    """
    assert run(script, answer=answer) == [[True, True, True], None]


def test_with_nothing_judged_ahead_all_are_of_after_the_shutter_each_with_its_own_moment(run):
    script = """
      const pressed = Date.now();
      const shooting = shootBurst(video, live, ahead.take());
      for (const each of [1, 2, 3]) await judged(each);
      const shot = await shooting;
      await shot.more;
      const at = moments(shot);
      letGo(shot);
      return [at.every((each) => each >= pressed), at[0] < at[1] && at[1] < at[2], left()];
    """
    assert run(script) == [True, True, [0, 0]]


@pytest.mark.parametrize("before", [KEPT, UNDER_WAY], ids=["kept", "under way"])
def test_a_camera_that_stands_still_takes_no_picture_whatever_was_judged_ahead(run, before):
    script = f"""{before}
      freeze(true);
      await new Promise((later) => setTimeout(later, 100));
      const shooting = told(shootBurst(video, live, ahead.take()));
      asked[0]();
      return [await shooting, left()];
    """
    assert run(script) == [{"code": "camera_frozen", "params": {}}, [0, 0]]


# --- Whom it is of ------------------------------------------------------------------------------


DROPS = {
    "a hint": "ahead.feed({ ...WELL, hint: 'come_closer' });",
    "nobody": "ahead.feed({ ...WELL, face: null });",
    "somebody else": "ahead.feed({ ...WELL, others: 1 });",
    "a look that failed": "ahead.feed(null);",
    "dropped": "ahead.drop();",
    "a camera that ended": "unplug('One'); ahead.feed(WELL);",
    "another camera": "plug('Two', [800, 600]); await picker.open(video, 'Two'); ahead.feed(WELL);",
}
ONLY_KEPT = {"too old": "clock.ahead += 1001; ahead.feed(WELL);"}


@pytest.mark.parametrize("reason", [*DROPS, *ONLY_KEPT])
def test_what_is_kept_is_closed_for_good_once_it_is_not_valid(run, reason):
    script = f"""{KEPT}
      {(DROPS | ONLY_KEPT)[reason]}
      const closed = left();
      return [closed, ahead.take()];
    """
    closed, taken = run(script)
    assert closed[1] == 0
    assert taken is None


@pytest.mark.parametrize("reason", DROPS)
def test_a_verdict_that_comes_too_late_is_of_nobody(run, reason):
    script = f"""{UNDER_WAY}
      {DROPS[reason]}
      const taken = ahead.take();
      asked[0]();
      await soon(isOpen(0, 0));
      return [taken, ahead.take()];
    """
    assert run(script) == [None, None]


def test_it_counts_for_a_second_and_no_longer(run):
    script = f"""{KEPT}
      clock.ahead = 1001;
      const late = ahead.take();
      clock.ahead = 5000;
      const closed = left();
      ahead.feed(WELL);
      await judged(2);
      await soon(isOpen(0, 1));
      clock.ahead += 500;
      letGo({{ frames: [await ahead.take()] }});
      return [late, closed, left()];
    """
    assert run(script) == [None, [0, 0], [0, 0]]


def test_a_frame_from_before_is_never_judged(run):
    script = """
      freeze(true);
      await new Promise((later) => setTimeout(later, 100));
      ahead.feed(WELL);
      sit("second");
      freeze(false);
      await judged(1);
      const frame = await ahead.take();
      const seen = await who(frame);
      letGo({ frames: [frame] });
      return seen;
    """
    assert run(script) == "second"


def test_a_camera_that_gives_no_frame_is_not_judged_and_is_tried_again(run):
    script = """
      freeze(true);
      await new Promise((later) => setTimeout(later, 100));
      ahead.feed(WELL);
      const taken = ahead.take();
      await new Promise((later) => setTimeout(later, 1600));
      const asks = asked.length;
      freeze(false);
      clock.ahead = 600;
      ahead.feed(WELL);
      await judged(1);
      await soon(isOpen(0, 1));
      return [taken, asks];
    """
    assert run(script) == [None, 0]


def test_a_frame_that_comes_when_all_is_no_longer_well_is_closed_and_not_judged(run):
    script = """
      freeze(true);
      await new Promise((later) => setTimeout(later, 100));
      ahead.feed(WELL);
      ahead.drop();
      freeze(false);
      await bursts.burst(video, 2).then(bursts.closeShots);
      await soon(isOpen(0, 0));
      return asked.length;
    """
    assert run(script) == 0


FAILING = """
  const failing = async (picture) => {
    (await picture).close();
    throw new Error("the worker failed");
  };
"""


def test_where_the_first_cannot_be_judged_the_whole_burst_is_closed(run):
    script = f"""{FAILING}
      const fault = await shootBurst(video, {{ ...live, judge: failing }}).catch(String);
      await bursts.burst(video, 4).then(bursts.closeShots);
      return [fault, left()];
    """
    assert run(script) == ["Error: the worker failed", [0, 0]]


def test_one_of_the_others_that_cannot_be_judged_is_none_to_choose(run):
    script = f"""{FAILING}
      let turn = 0;
      const second = (picture) => ((turn += 1) === 2 ? failing : judge)(picture);
      const shooting = shootBurst(video, {{ ...live, judge: second }});
      await judged(1);
      const shot = await shooting;
      await judged(2, "pass", 5);
      await shot.more;
      const seen = [shot.frames.length, shot.frames.indexOf(shot.best)];
      letGo(shot);
      await soon(isOpen(0, 0));
      return seen;
    """
    assert run(script) == [2, 1]


GUIDED = """
  const page = document.body;
  for (const [id, kind] of [["hint", "p"], ["auto", "input"], ["overlay", "canvas"]]) {
    page.append(Object.assign(document.createElement(kind), { id }));
  }
  const [words, json] = [document.createElement("script"), "application/json"];
  page.append(Object.assign(words, { id: "station-words", type: json, textContent: "{}" }));
  const { Guidance } = await import(given.modules.guidance);
  const guidance = new Guidance(live, () => {});
  guidance.start();
  await soon(() => asked.length === 1);
"""


@pytest.mark.parametrize("begins", ["guidance.start();", "guidance.stop(); guidance.start();"])
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "under way"])
def test_whoever_comes_next_is_never_shown_who_was_there_before(run, is_kept, begins):
    script = f"""{GUIDED}
      if (given.is_kept) {{
        asked[0]();
        await soon(isOpen(0, 1));
      }}
      sit("second");
      await bursts.burst(video, 2).then(bursts.closeShots);
      {begins}
      const shooting = shootBurst(video, live, guidance.ahead.take());
      guidance.stop();
      asked[0]();
      for (const each of [2, 3, 4]) await judged(each);
      const shot = await shooting;
      await shot.more;
      const seen = await Promise.all(shot.frames.map(who));
      letGo(shot);
      await soon(isOpen(0, 0));
      return seen;
    """
    assert run(script, is_kept=is_kept) == ["second"] * 3


@pytest.mark.parametrize("ends", ["guidance.stop();", "picker.close(video);"])
def test_guidance_that_ends_lets_go_of_everything(run, ends):
    script = f"""{GUIDED}
      asked[0]();
      await soon(isOpen(0, 1));
      {ends}
      await soon(isOpen(0, 0));
      return guidance.ahead.take();
    """
    assert run(script) is None


# --- How often ----------------------------------------------------------------------------------


def test_nothing_is_judged_before_the_models_are_there(run):
    script = """
      ahead.feed(WELL);
      await bursts.burst(video, 2).then(bursts.closeShots);
      const early = asked.length;
      models.resolve("model");
      await models.promise;
      ahead.feed(WELL);
      await judged(1);
      await soon(isOpen(0, 1));
      return early;
    """
    assert run(script, isLoading=True) == 0


def test_there_is_time_to_look_between_two_and_the_newer_takes_the_place_of_the_older(run):
    script = f"""{KEPT}
      ahead.feed(WELL);
      clock.ahead = 100;
      ahead.feed(WELL);
      await bursts.burst(video, 2).then(bursts.closeShots);
      const early = asked.length;
      clock.ahead = 5000;
      sit("second");
      await bursts.burst(video, 2).then(bursts.closeShots);
      ahead.feed(WELL);
      ahead.feed(WELL);
      await judged(2);
      await soon(isOpen(0, 1));
      const [asks, frame] = [asked.length, await ahead.take()];
      const seen = await who(frame);
      letGo({{ frames: [frame] }});
      return [early, asks, seen, left()];
    """
    assert run(script) == [1, 2, "second", [0, 0]]


def test_where_judging_takes_long_one_looks_three_times_as_long(run):
    script = f"""{UNDER_WAY}
      clock.ahead = 2000;
      asked[0]();
      await soon(isOpen(0, 1));
      clock.ahead += 5000;
      ahead.feed(WELL);
      await bursts.burst(video, 2).then(bursts.closeShots);
      const early = asked.length;
      clock.ahead += 5000;
      ahead.feed(WELL);
      await judged(2);
      await soon(isOpen(0, 1));
      return early;
    """
    assert run(script) == 1


def test_the_shutter_waits_for_one_judgement_at_most(run):
    """A dropped one goes on being judged: none begins beside it, for whomever it would be."""
    script = f"""{UNDER_WAY}
      ahead.drop();
      clock.ahead = 5000;
      ahead.feed(WELL);
      await bursts.burst(video, 2).then(bursts.closeShots);
      const asks = asked.length;
      asked[0]();
      await soon(isOpen(0, 0));
      return [asks, ahead.take()];
    """
    assert run(script) == [1, None]


def test_while_a_newer_one_is_judged_the_older_is_taken_at_once(run):
    script = f"""{UNDER_WAY}
      clock.ahead = -5000;
      asked[0]();
      await soon(isOpen(0, 1));
      clock.ahead = -4000;
      ahead.feed(WELL);
      await soon(() => asked.length === 2);
      const frame = await ahead.take();
      letGo({{ frames: [frame] }});
      asked[1]();
      await soon(isOpen(0, 0));
      return [frame.verdict.answer, ahead.take()];
    """
    assert run(script) == ["pass", None]


# --- The station itself -------------------------------------------------------------------------

# The shutter is pressed when a frame of the camera is being judged for which nobody has pressed it.
PRESSED_MEANWHILE = """
  const { postMessage } = Worker.prototype;
  window.asks = [];
  Worker.prototype.postMessage = function (told, ...rest) {
    if (told.task === "judge") {
      window.asks.push(document.body.dataset.at);
      if (told.given instanceof VideoFrame && !window.pressed) {
        window.pressed = new Date().toISOString();
        setTimeout(() => document.getElementById("shutter").click());
      }
    }
    return postMessage.call(this, told, ...rest);
  };
"""


@pytest.mark.usefixtures("own_database", "karin", "face_models")
def test_the_record_says_when_the_picture_was_taken_that_was_judged_before(station_page):
    page = station_page
    page.add_init_script(PRESSED_MEANWHILE)
    station_driver.begin(page)
    station_driver.until_camera(page)
    station_driver.screen(page, "verdict")
    expect(page.locator("#accept")).to_be_focused()
    expect(page.locator(".burst-choice")).to_have_count(3, timeout=station_driver.PATIENCE)
    pressed, asks = page.evaluate("() => [window.pressed, window.asks]")
    page.keyboard.press("Enter")
    station_driver.screen(page, "search")
    page.click("#open-outbox")
    page.click("#outbox [data-ask=sendNow]")
    received = station_driver.count(page, "received")
    expect(received).to_have_text("1", timeout=station_driver.PATIENCE)
    header = StationRecord.objects.get().header
    moments = [header["checked_in_at"], header["taken_at"], pressed]
    assert moments == sorted(moments, key=datetime.fromisoformat)
    assert asks[-2:] == ["verdict", "verdict"]
    assert (header["source"], header["verdict"], header["tries"]) == ("camera", "pass", 1)
    assert header["machine_ms"] > 0
