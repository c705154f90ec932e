"""The station's own judgement beside the server's, its live hints, and life without models."""

from collections.abc import Callable, Iterator
from threading import Event

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from photos import weights
from photos.domain.face import Face, FaceFinder
from photos.domain.findings import Answer, Finding, decide
from photos.domain.judgement import Judgement, judge
from photos.domain.picture import Picture
from photos.profiles import load_profile
from tests import portraits
from tests.browser import live_pictures, live_station
from tests.browser.standing_page import StandingPage
from tests.browser.station_store import station_in
from tests.browser.station_upload_server import Answer as Told
from tests.browser.station_upload_server import UploadServer, file_at

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser

# Looks: others and the background are not looked for in each. What has started looks in whole
# rounds alone, so that each test finds it at the beginning of one.
A_ROUND = 4
LANDMARKS_AGREE = 0.01  # of the distance between the eyes
NEAR_A_LIMIT = 0.05  # of the limit
# What only a file has, and only the server sees.
OF_THE_FILE = {"compression artefacts", "image file", "image file format"}
# A worker obeys the policy that its own script came with.
POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


@pytest.fixture(scope="module")
def live(bare_chromium: Browser, standing_server: UploadServer) -> Iterator[Page]:
    """A page on which the guidance has started with all its models, for a file of tests."""
    give_pictures(standing_server)
    with StandingPage(bare_chromium.new_context()).loaded(standing_server.url) as page:
        assert start(page) == "model"
        yield page


@pytest.fixture
def unstarted(profile, server) -> Page:
    """A page of its own on which it has not."""
    give_pictures(server)
    return station_in(profile)


def give_pictures(server: UploadServer) -> None:
    """Let the server know the made pictures by their places, and the worker's own policy."""
    for place, name in enumerate(live_pictures.MADE):
        server.more[f"/made/{place}"] = picture_of(name)
    server.more[live_station.files()["workerUrl"]] = worker_under_policy


def picture_of(name: str) -> Callable[[], Told]:
    return lambda: (200, [("Content-Type", "image/jpeg")], live_pictures.jpeg(name))


def worker_under_policy() -> Told:
    status, headers, script = file_at(live_station.files()["workerUrl"])
    return status, [*headers, ("Content-Security-Policy", POLICY)], script


def start(page: Page, **changed) -> str:
    wanted = {"module": live_station.module("live"), "files": live_station.files(**changed)}
    return page.evaluate(live_station.START, wanted)


def ask(page: Page, task: str, *names: str) -> list[dict]:
    places = list(live_pictures.MADE)
    urls = [f"/made/{places.index(name)}" for name in names]
    return page.evaluate(live_station.ASK, {"task": task, "urls": urls})


# --- Agreement with the server ------------------------------------------------------------------


class Finder(FaceFinder):
    """Remembers the faces of the raster that was judged."""

    found: tuple[Face, ...] = ()

    def find(self, picture: Picture) -> list[Face]:
        faces = super().find(picture)
        self.found = tuple(faces)
        return faces


def test_station_and_server_agree_on_every_picture(live):
    finder = Finder(weights.load_models(portraits.models_folder()))
    worst, differing = 0.0, []
    for name in live_pictures.MADE:
        (told,) = ask(live, "judge", name)
        server = judge(live_pictures.jpeg(name), load_profile(), finder)
        distance = landmark_distance(told, finder.found)
        assert distance <= LANDMARKS_AGREE, name
        assert unexplained(told, server) == [], name
        worst = max(worst, distance)
        if told["answer"] != of_what_both_see(server):
            differing.append(name)
            assert answers_that_differ(told, server), name
    print(f"\nlive_agreement_pictures: {len(live_pictures.MADE)}")  # noqa: T201
    print(f"live_worst_landmark: {100 * worst:.2f} % of the distance between the eyes")  # noqa: T201
    print(f"live_differing_verdicts: {len(differing)} {differing}")  # noqa: T201
    assert len(live_pictures.MADE) >= 30


def landmark_distance(told: dict, faces: tuple[Face, ...]) -> float:
    """The farthest that any landmark is from the server's, in distances between the eyes."""
    assert (told["landmarks"] is None) == (not faces)
    assert told["others"] == max(len(faces) - 1, 0)
    if not faces:
        return 0.0
    seen = np.reshape(told["landmarks"], (-1, 3))[:, :2]
    apart = np.linalg.norm(faces[0].eye_right - faces[0].eye_left)
    away = np.linalg.norm(seen - faces[0].points[:, :2], axis=1)
    return float(away.max() / apart)


def of_what_both_see(server: Judgement) -> Answer:
    return decide(f for f in server.findings if f.component not in OF_THE_FILE).answer


def unexplained(told: dict, server: Judgement) -> list[str]:
    """The components that are answered otherwise, far from any limit."""
    return [
        f"{finding.component}: {answer}, the server {finding.value}"
        for answer, finding in answers_that_differ(told, server)
        if not near_a_limit(finding)
    ]


def answers_that_differ(told: dict, server: Judgement) -> list[tuple[str, Finding]]:
    answers = {finding["component"]: finding["answer"] for finding in told["findings"]}
    assert {f.component for f in server.findings} - set(answers) == OF_THE_FILE
    both = [f for f in server.findings if f.component in answers]
    return [(answers[f.component], f) for f in both if answers[f.component] != f.answer]


def near_a_limit(finding: Finding) -> bool:
    if finding.value is None:
        return False
    bounds = [bound for bound in finding.bounds if bound is not None]
    return any(abs(finding.value - bound) <= NEAR_A_LIMIT * abs(bound) for bound in bounds)


def test_the_checks_bear_the_servers_names_and_advice(live):
    """Whatever fails on the server is called the same here, and the same is advised."""
    for name in ("fault eyes_closed", "fault two_faces", "fault dark", "cut above the eyes"):
        (told,) = ask(live, "judge", name)
        server = portraits.judged(live_pictures.jpeg(name))
        assert told["decided_by"] == server.decided_by
        assert told["advice"] == [advice.code for advice in server.advice]
        assert told["answer"] == "fail"


# --- Live hints ---------------------------------------------------------------------------------


HINTS = {
    "in a camera of 1920 × 1080": None,
    "far away in the camera": "come_closer",
    "cut above the eyes": "room_above",
    "turned by 25 degrees": "straighten_head",
    "an eighth of the light": "more_light",
    "twice the light": "less_light",
    "half the face in shade": "darker_right",
    "fault mouth_open": "close_mouth",
    "patches behind": "plain_background",
    "two people": "other_face",
    "a black frame": "no_face",
}


def looked(live: Page, name: str) -> dict:
    """What is told after a round of looks."""
    return ask(live, "look", *[name] * A_ROUND)[-1]


def test_a_look_tells_the_one_thing_that_helps_most(live):
    told = {name: looked(live, name) for name in HINTS}
    assert {name: look["hint"] for name, look in told.items()} == HINTS
    assert [name for name, look in told.items() if look["face"] is None] == ["a black frame"]


def test_a_look_says_where_the_face_is_and_how_many_others_there_are(live):
    alone, two = looked(live, "good 1"), looked(live, "two people")
    server = portraits.judged(live_pictures.jpeg("good 1"))
    eyes = np.array([server.eye_left, server.eye_right])
    away = np.linalg.norm(alone["face"]["eyes"] - eyes, axis=1)
    assert away.max() < 0.06 * np.linalg.norm(eyes[1] - eyes[0])
    assert alone["face"]["roll"] == pytest.approx(server.roll, abs=1.5)
    assert (alone["others"], two["others"]) == (0, 1)


# --- Without the models -------------------------------------------------------------------------


def test_without_webassembly_light_sharpness_and_size_are_told(unstarted):
    page = unstarted
    page.add_init_script("delete globalThis.WebAssembly")
    page.reload()
    assert start(page) == "plain"
    good, dark, small, blurred = ask(
        page, "judge", "good 1", "a black frame", "200 pixels", "blurred"
    )
    assert {f["component"]: f["answer"] for f in good["findings"]} == {
        "under-exposure prevention": "pass",
        "spatial sampling rate": "pass",
        "sharpness": "pass",
    }
    assert (good["answer"], good["face"], good["eyes_open"]) == ("pass", None, None)
    assert (dark["answer"], dark["advice"][0]) == ("fail", "more_light")
    assert (small["answer"], small["advice"]) == ("fail", ["come_closer"])
    assert (blurred["answer"], blurred["advice"]) == ("warn", ["focus"])
    light, dark = ask(page, "look", "good 1", "a black frame")
    assert (light["hint"], dark["hint"]) == (None, "more_light")
    assert (light["face"], light["others"]) == (None, 0)


@pytest.mark.parametrize("missing", ["iris_landmark.tflite", "litert.wasm", "loader.js"])
def test_a_file_that_is_missing_leaves_the_plain_checks(unstarted, missing):
    unstarted.route(f"**/{missing}", lambda route: route.fulfill(status=404, body="gone"))
    assert start(unstarted) == "plain"
    (told,) = ask(unstarted, "judge", "good 1")
    assert told["answer"] == "pass"


ONE_CORE = b'Object.defineProperty(navigator, "hardwareConcurrency", { value: 1 });'


def on_one_core() -> Told:
    status, headers, script = worker_under_policy()
    return status, headers, script + ONE_CORE


def test_on_one_core_one_worker_judges_the_same(live, unstarted, server):
    server.more[live_station.files()["workerUrl"]] = on_one_core
    assert start(unstarted) == "model"
    assert [len(live.workers), len(unstarted.workers)] == [2, 1]
    both = [ask(page, "judge", "good 1", "two people") for page in (live, unstarted)]
    beside, alone = [[told | {"ms": 0} for told in each] for each in both]
    assert beside == alone


# --- While the models come ----------------------------------------------------------------------

BEGIN = """async ({ module, files }) => {
  const { startLive } = await import(module);
  window.live = startLive(files);
}"""
KIND = "() => Promise.race([window.live.ready, 'on its way'])"
# Asked for and not awaited.
JUDGE = """async (url) => {
  const picture = await createImageBitmap(await (await fetch(url)).blob());
  window.judged = window.live.judge(picture);
  window.judged.catch(() => {});
}"""
JUDGED = """async () => {
  const { answer, eyes_open } = await window.judged;
  return { answer, measured: eyes_open !== null };
}"""


@pytest.fixture
def iris(server: UploadServer) -> Iterator[Event]:
    """A model of those that a judgement needs and a look does not comes when this is set."""
    address, released = live_station.files()["models"]["iris"], Event()

    def late() -> Told:
        released.wait(timeout=60)
        return file_at(address)

    server.more[address] = late
    yield released
    released.set()


def test_one_looks_while_the_last_models_come_and_judges_when_they_are_there(unstarted, iris):
    page = unstarted
    page.evaluate(BEGIN, {"module": live_station.module("live"), "files": live_station.files()})
    (look,) = ask(page, "look", "good 1")
    assert page.evaluate(KIND) == "on its way"
    assert (look["face"] is None, look["others"]) == (False, 0)
    page.evaluate(JUDGE, f"/made/{list(live_pictures.MADE).index('good 1')}")
    iris.set()
    assert page.evaluate("() => window.live.ready") == "model"
    assert page.evaluate(JUDGED) == {"answer": "pass", "measured": True}


# --- Hints, overlay and the armed shutter --------------------------------------------------------


def test_a_hint_stays_for_its_time_and_only_one_is_shown(pure_page):
    shown = pure_page.evaluate(
        """async (module) => {
          const { hintKeeper } = await import(module);
          const [shown, clock] = [[], { now: 0 }];
          const feed = hintKeeper((hint) => shown.push([clock.now, hint]), () => clock.now);
          const fed = [[0, "more_light"], [100, "come_closer"], [1499, "come_closer"],
            [1500, "come_closer"], [1600, null], [2900, "focus"], [3000, null], [3100, "focus"],
            [9000, null], [9100, "focus"]];
          for (const [at, hint] of fed) {
            clock.now = at;
            feed(hint);
          }
          return shown;
        }""",
        live_station.module("hints"),
    )
    assert shown == [[0, "more_light"], [1500, "come_closer"], [3000, None], [9100, "focus"]]


SHUTTER = """async ({ module, steps }) => {
  const { autoShutter } = await import(module);
  let [shots, at] = [0, 0];
  const shutter = autoShutter(() => (shots += 1), 3);
  return steps.map((step) => {
    if (step === "arm" || step === "disarm") shutter[step]();
    else {
      at += step === "move" ? 30 : 0;
      const face = step === "gone" ? null : { eyes: [[100 + at, 100], [200 + at, 100]] };
      const hint = step === "hint" ? "more_light" : null;
      shutter.feed({ hint, face, others: step === "other" ? 1 : 0 });
    }
    return `${shots}${shutter.armed() ? " armed" : ""}`;
  });
}"""


@pytest.mark.parametrize(
    ("steps", "last"),
    [
        (["well"] * 9, "0"),
        (["arm", "well", "well", "well"], "0 armed"),
        (["arm", "well", "well", "well", "well"], "1"),
        (["arm", *["well"] * 9], "1"),
        (["arm", "well", "well", "well", "hint", "well", "well", "well"], "0 armed"),
        (["arm", "well", "well", "well", "move", "well", "well"], "0 armed"),
        (["arm", "well", "well", "well", "other", "well", "well"], "0 armed"),
        (["arm", "well", "well", "well", "gone", "well", "well"], "0 armed"),
        (["arm", "well", "well", "disarm", "well", "well", "well"], "0"),
        (["arm", *["well"] * 4, "arm", *["well"] * 4], "2"),
    ],
)
def test_the_armed_shutter_waits_for_steady_looks_and_shoots_once(pure_page, steps, last):
    wanted = {"module": live_station.module("auto_shutter"), "steps": steps}
    assert pure_page.evaluate(SHUTTER, wanted)[-1] == last


def test_the_overlay_draws_the_oval_and_a_level_line(pure_page):
    drawn = pure_page.evaluate(
        """async (module) => {
          const { drawOverlay } = await import(module);
          const canvas = document.body.appendChild(document.createElement("canvas"));
          canvas.style.color = "rgb(0, 255, 0)";
          const frame = { width: 640, height: 360, well: true };
          const ink = () => canvas.getContext("2d").getImageData(0, 0, 640, 360).data
            .reduce((sum, value) => sum + value, 0);
          drawOverlay(canvas, null, frame);
          const [oval, tone] = [ink(), canvas.dataset.tone];
          drawOverlay(canvas, { eyes: [[280, 170], [360, 170]], roll: 0 }, frame);
          const level = ink();
          const tilted = { eyes: [[280, 170], [360, 190]], roll: 14 };
          drawOverlay(canvas, tilted, { ...frame, well: false });
          return { oval, tone, level, adjust: canvas.dataset.tone, tilted: ink() };
        }""",
        live_station.module("overlay"),
    )
    assert 0 < drawn["oval"] < drawn["tilted"] < drawn["level"]
    assert (drawn["tone"], drawn["adjust"]) == ("well", "adjust")
