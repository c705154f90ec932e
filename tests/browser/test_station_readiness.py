"""The readiness check: each question has its green answer, and the others when it should."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.standing_page import StandingPage, where_secure
from tests.browser.station_cameras import RACK
from tests.browser.station_store import station_in
from tests.browser.station_upload_server import UploadServer

pytest_plugins = ("tests.browser.station_fixtures", "tests.browser.camera_fixtures")
pytestmark = pytest.mark.browser

MODULES = "/static/photos/station"
STATE = "/api/station/lage"
MODEL = "/static/photos/station/machine.js"
HOUR = 3_600_000
LEFT_BEHIND = f"""async () => {{
  const {{ readAll }} = await import("{MODULES}/database.js");
  return readAll("trial");
}}"""
FOLDER = "const folder = { name: 'Bilder', queryPermission: async () => '%s' };"


SMALL_CAMERA = f"{RACK} plug('One', [640, 480]);"
# Where it is not asked whether there is room, no megabytes are written to try.
LITTLE_ROOM = "navigator.storage.estimate = async () => ({ quota: 1024, usage: 0 });"


@pytest.fixture(scope="module")
def standing_small(bare_chromium: Browser) -> StandingPage:
    return StandingPage(bare_chromium.new_context(), SMALL_CAMERA + LITTLE_ROOM)


@pytest.fixture
def page(standing_small: StandingPage, standing_server: UploadServer) -> Iterator[Page]:
    """A page with a small camera and little room, beside a server that tells the time."""
    with standing_small.loaded(standing_server.url) as page:
        yield page


@pytest.fixture
def own_page(profile: BrowserContext) -> Page:
    """A page with a small camera in a profile of its own, with all its room."""
    profile.add_init_script(where_secure(SMALL_CAMERA))
    return station_in(profile)


def now(page: Page, ahead: int) -> str:
    return page.evaluate("(ahead) => new Date(Date.now() + ahead).toUTCString()", ahead)


def check(page: Page, before: str = "", given: str = "", people: int = 1) -> dict[str, dict]:
    """Return the answers by key, after `before` has run, with more facts given."""
    script = f"""async () => {{
      const {{ ANSWERS, checkReadiness }} = await import("{MODULES}/readiness.js");
      const database = await import("{MODULES}/database.js");
      {before};
      const answers = await checkReadiness(
        {{ people: {people}, stateAddress: "{STATE}", {given} }}
      );
      const known = (one) => ANSWERS.some(([key, level]) => key === one.key && level === one.level);
      return [answers, answers.filter((one) => !known(one))];
    }}"""
    answers, unknown = page.evaluate(script)
    assert unknown == []
    return {answer["key"]: answer for answer in answers}


def level(page: Page, key: str, before: str = "", given: str = "", **more: int) -> str | None:
    answers = check(page, before, given, **more)
    return answers[key]["level"] if key in answers else None


def video(page: Page, paint: str) -> str:
    """Show a made picture where the camera's is shown; return how it is given."""
    page.evaluate(
        f"""async () => {{
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [1280, 720];
          const brush = canvas.getContext("2d");
          {paint};
          const video = document.createElement("video");
          Object.assign(video, {{ muted: true, srcObject: canvas.captureStream(10) }});
          setInterval(() => brush.fillRect(0, 0, 1, 1), 100);
          await video.play();
          window.shown = video;
        }}"""
    )
    return "video: window.shown"


# --- The page and its browser -------------------------------------------------------------------


def test_the_questions_come_in_order_and_each_once(page):
    asked = list(check(page, FOLDER % "granted", "folder"))
    assert asked == [
        *("secure", "canary", "private_window", "worker_in_control", "persisted", "room"),
        *("models", "camera", "test_shot", "folder", "clock", "package_age"),
    ]


def test_a_page_that_is_not_secure_is_asked_nothing_more(page):
    assert level(page, "secure") == "green"
    insecure = "Object.defineProperty(window, 'isSecureContext', { value: false })"
    assert {it["key"]: it["level"] for it in check(page, insecure).values()} == {"secure": "red"}


def test_the_canary_is_there_the_next_time_and_told_when_it_is_gone(page):
    assert level(page, "canary") == "yellow"
    assert level(page, "canary") == "yellow"
    page.reload()
    assert level(page, "canary") == "green"
    page.reload()
    assert level(page, "canary", "await database.erase('settings', 'canary')") == "red"
    page.reload()
    assert level(page, "canary", "localStorage.clear()") == "red"


def test_whether_the_window_is_private_is_only_sure_after_a_long_time(page):
    assert level(page, "private_window") == "yellow"
    older = """
      const kept = await database.read("settings", "canary");
      const first_at = new Date(Date.now() - %d).toISOString();
      await database.write("settings", { ...kept, first_at }, "canary")
    """
    assert level(page, "private_window", older % (11.9 * HOUR)) == "yellow"
    assert level(page, "private_window", older % (12.1 * HOUR)) == "green"


@pytest.mark.parametrize(
    ("controller", "answer"),
    [("{ state: 'activated' }", "green"), ("{ state: 'activating' }", "red"), ("null", "red")],
)
def test_the_service_worker_must_be_in_control(page, controller, answer):
    given = f"value: {{ controller: {controller} }}"
    worker = f"Object.defineProperty(navigator, 'serviceWorker', {{ {given} }})"
    assert level(page, "worker_in_control", worker) == answer


def test_storage_is_promised_or_not(profile, own_page):
    page = own_page
    assert level(page, "persisted") == "yellow"
    session = profile.browser.new_browser_cdp_session()
    ids = [it for it in session.send("Target.getTargets")["targetInfos"] if it["url"] == page.url]
    permission = {"permissions": ["durableStorage"], "browserContextId": ids[0]["browserContextId"]}
    session.send("Browser.grantPermissions", permission)
    assert level(page, "persisted") == "green"


@pytest.mark.parametrize(("free", "answer"), [(80, "green"), (45, "yellow"), (10, "red")])
def test_there_must_be_room_for_three_tries_of_each(profile, own_page, free, answer):
    """All is kept twice, and each of the two may take so many megabytes."""
    page = own_page
    session = profile.new_cdp_session(page)
    origin = page.evaluate("origin")
    quota = {"origin": origin, "quotaSize": free * 1024 * 1024}
    session.send("Storage.overrideQuotaForOrigin", quota)
    room = check(page, people=20)["room"]
    assert (room["level"], room["params"]["needed_mb"]) == (answer, 120)
    assert 0 <= room["params"]["free_mb"] <= min(120, 2 * free)
    assert page.evaluate(LEFT_BEHIND) == []


def test_there_is_no_more_room_than_the_browser_says(page):
    said = "navigator.storage.estimate = async () => ({ quota: %d * 1024 * 1024, usage: 0 });"
    levels = [level(page, "room", said % free, people=20) for free in (121, 119, 39)]
    assert levels == ["green", "yellow", "red"]


def test_the_models_must_be_kept_by_the_service_worker(page):
    models = "models: ['/static/one.tflite', '/static/two.tflite']"
    assert check(page, given=models)["models"]["params"] == {"missing": 2, "models": 2}
    put = "await (await caches.open('shell')).put('/static/%s.tflite', new Response('model'))"
    assert level(page, "models", put % "one", models) == "yellow"
    assert level(page, "models", put % "two", models) == "green"
    assert level(page, "models") == "yellow"


# --- The camera and the folder ------------------------------------------------------------------


def test_a_camera_that_works_is_opened_tried_and_let_go_of(film_page):
    page = film_page
    tracks = """
      const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      window.tracks = [];
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await asked(wanted);
        window.tracks.push(...stream.getTracks());
        return stream;
      };
    """
    answers = check(page, tracks)
    assert answers["camera"]["level"] == answers["test_shot"]["level"] == "green"
    assert answers["camera"]["params"] == {"width": 1920, "height": 1080}
    assert answers["test_shot"]["params"]["kilobytes"] > 10
    states = page.evaluate("window.tracks.map((track) => track.readyState)")
    assert states
    assert set(states) == {"ended"}


def test_a_camera_that_is_shown_is_left_open(page):
    shown = video(page, "brush.fillStyle = 'white'; brush.fillRect(0, 0, 640, 720);")
    assert level(page, "camera", given=shown) == "green"
    open_ = "window.shown.srcObject.getVideoTracks()[0].readyState"
    assert page.evaluate(open_) == "live"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("NotReadableError", "camera_busy"),
        ("NotFoundError", "camera_missing"),
        ("NotAllowedError", "camera_refused"),
    ],
)
def test_a_camera_that_does_not_open_says_why(page, fault, code):
    refuse = f"async () => {{ throw new DOMException('', '{fault}') }}"
    answers = check(page, f"navigator.mediaDevices.getUserMedia = {refuse}")
    assert (answers["camera"]["level"], answers["camera"]["params"]) == ("red", {"code": code})
    assert answers["test_shot"]["level"] == "red"


# The browser asks until `allow` is called; the time to answer has passed when `late` is called.
UNANSWERED = """
  const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const answered = Promise.withResolvers();
  navigator.mediaDevices.getUserMedia = (wanted) => answered.promise.then(() => given(wanted));
  const [wait, passed] = [window.setTimeout, Promise.withResolvers()];
  window.setTimeout = (act, ms) => (ms === 3000 ? passed.promise.then(act) : wait(act, ms));
"""


def test_a_camera_that_the_browser_still_asks_for_holds_up_no_other_answer(page):
    told = page.evaluate(
        f"""async () => {{
          const {{ checkReadiness }} = await import("{MODULES}/readiness.js");
          {UNANSWERED}
          const [told, video] = [[], document.createElement("video")];
          const until = async (answers) => {{
            while (told.length < answers) await new Promise((done) => wait(done, 10));
          }};
          const tell = ({{ key, level, params }}) => told.push([key, level, params.code ?? ""]);
          const all = checkReadiness({{ people: 1, stateAddress: "{STATE}", video }}, tell);
          await until(9);
          const before = told.map(([key]) => key);
          passed.resolve();
          const first = (await all).map(({{ key }}) => key);
          const asking = told.at(-1);
          answered.resolve();
          await until(12);
          const after = told.slice(-2).map(([key, level]) => [key, level]);
          return {{ before, first, asking, after }};
        }}"""
    )
    others = [
        *("secure", "canary", "private_window", "worker_in_control", "persisted", "room"),
        *("models", "clock", "package_age"),
    ]
    assert sorted(told["before"]) == sorted(others)
    assert told["first"] == [*others[:7], "camera", *others[7:]]
    assert told["asking"] == ["camera", "red", "camera_waits"]
    assert told["after"] == [["camera", "yellow"], ["test_shot", "green"]]


def test_a_small_picture_is_warned_about(film_page):
    assert level(film_page, "camera") == "green"
    small = "Object.defineProperty(HTMLVideoElement.prototype, 'videoHeight', { value: 600 })"
    assert level(film_page, "camera", small) == "yellow"


@pytest.mark.parametrize(
    ("paint", "answer"),
    [
        ("brush.fillStyle = 'black'; brush.fillRect(0, 0, 1280, 720);", "yellow"),
        ("brush.fillStyle = '#999'; brush.fillRect(0, 0, 1280, 720);", "yellow"),
        ("brush.fillStyle = '#999'; brush.fillRect(0, 0, 640, 720);", "green"),
    ],
    ids=["black", "one colour", "something"],
)
def test_a_covered_lens_is_seen_in_the_test_shot(page, paint, answer):
    assert level(page, "test_shot", given=video(page, paint)) == answer


@pytest.mark.parametrize(
    ("permission", "answer"), [("granted", "green"), ("prompt", "red"), ("denied", "red")]
)
def test_a_watched_folder_must_still_be_allowed(page, permission, answer):
    assert level(page, "folder", FOLDER % permission, "folder") == answer


def test_no_folder_is_no_question_unless_the_browser_cannot_watch_one(page):
    assert level(page, "folder") is None
    assert level(page, "folder", "delete window.showDirectoryPicker") == "yellow"


# --- Time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "answer"),
    [(0, "green"), (-100_000, "green"), (-150_000, "red"), (24 * HOUR, "red")],
)
def test_the_clock_is_compared_with_the_servers(page, ahead, answer):
    date = now(page, ahead)
    page.route(f"**{STATE}", lambda route: route.fulfill(json={}, headers={"Date": date}))
    clock = check(page)["clock"]
    page.unroute_all()
    assert clock["level"] == answer
    assert abs(clock["params"]["seconds"] + ahead / 1000) < 60


def test_without_a_network_the_clock_cannot_be_compared(profile, own_page):
    page = own_page
    assert level(page, "clock") == "green"
    profile.set_offline(True)
    assert level(page, "clock") == "yellow"


def test_the_age_of_what_was_prepared_warns_and_no_more(page):
    given = "preparedAt: new Date(Date.now() - %d).toISOString()"
    assert level(page, "package_age") == "red"
    assert level(page, "package_age", given=given % (23 * HOUR)) == "green"
    old = check(page, given=given % (500 * HOUR))["package_age"]
    assert (old["level"], old["params"]) == ("yellow", {"hours": 500})
