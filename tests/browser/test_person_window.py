"""The person's window beside the station: themselves as in a mirror, and one sentence."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accessibility import assert_no_axe_violations
from tests.browser.station_store import station_in
from tests.browser.station_upload_server import Answer, UploadServer

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser

log = logging.getLogger(__name__)

MODULES = "/static/photos/station"
SENTENCES = ["ready", "wait", "look", "thanks", "blank"]
# A camera whose left half is red and whose right half is blue.
CAMERA = """
  const [asked, tracks] = [[], []];
  Object.assign(window, { asked, tracks, refused: false });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 480];
  const brush = canvas.getContext("2d");
  const paint = () => ["red", "blue"].forEach((colour, half) => {
    brush.fillStyle = colour;
    brush.fillRect(320 * half, 0, 320, 480);
  });
  const film = ({ video }) => {
    asked.push([video.width.ideal, video.height.ideal]);
    if (window.refused) throw new DOMException("", "NotReadableError");
    setInterval(paint, 100);
    const stream = canvas.captureStream(10);
    tracks.push(...stream.getVideoTracks());
    const settings = { deviceId: "camera", width: 640, height: 480 };
    Object.defineProperty(tracks.at(-1), "getSettings", { value: () => settings });
    return stream;
  };
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async (wanted) => film(wanted);
"""
REFUSE = "window.refused = location.pathname === '%s';"
STATION = f"""async () => {{
  const [picker, {{ linkPerson, SENTENCES }}] = await Promise.all(
    ["camera_picker", "person_link"].map((name) => import(`{MODULES}/${{name}}.js`)));
  const video = document.body.appendChild(document.createElement("video"));
  const link = linkPerson(video);
  const heard = [];
  const channel = new BroadcastChannel("fotorundan-person");
  channel.onmessage = ({{ data }}) => heard.push({{ ...data, at: performance.now() }});
  Object.assign(window, {{ picker, link, video, heard, SENTENCES }});
}}"""
HALVES = """(canvas) => [1 / 4, 3 / 4].map((part) => {
  const at = [canvas.width * part, canvas.height / 2, 1, 1];
  const [red, , blue] = canvas.getContext("2d").getImageData(...at).data;
  return red > 200 ? "red" : blue > 200 ? "blue" : "nothing";
})"""


@pytest.fixture
def station(profile: BrowserContext) -> Page:
    """A page with the station's end of the link, and the camera not yet open."""
    profile.add_init_script(CAMERA)
    page = station_in(profile)
    page.evaluate(STATION)
    return page


@pytest.fixture
def open_window(profile: BrowserContext, server: UploadServer) -> Callable[[], Page]:
    """Return what opens the person's window, as the house answers with it."""
    address = reverse("photos:station_person")
    server.more[address] = lambda: of_the_house(address)

    def opened() -> Page:
        page = profile.new_page()
        page.goto(address)
        return page

    return opened


def of_the_house(address: str) -> Answer:
    told = Client().get(address)
    return told.status_code, list(told.items()), told.content


def say(station: Page, sentence: str) -> None:
    station.evaluate("(sentence) => window.link.say(sentence)", sentence)


def open_camera(station: Page) -> None:
    station.evaluate("async () => { await window.picker.open(window.video); }")


def shown(window: Page, halves: list[str]) -> None:
    """Wait until the window's picture has these colours at its left and right."""
    script = f"(halves) => JSON.stringify(({HALVES})(document.querySelector('#person-picture')))"
    window.wait_for_function(f"{script} === JSON.stringify(halves)", arg=halves, polling=50)


def heard(station: Page, kind: str) -> list[dict[str, Any]]:
    return station.evaluate("(kind) => window.heard.filter((it) => it.kind === kind)", kind)


def test_each_sentence_of_the_station_has_its_words_in_the_window(station, open_window):
    window = open_window()
    assert station.evaluate("() => window.SENTENCES") == SENTENCES
    texts = set()
    for sentence in SENTENCES:
        say(station, sentence)
        expect(window.locator("body")).to_have_attribute("data-sentence", sentence)
        expect(window.locator("#person-sentence")).not_to_be_empty()
        texts.add(window.locator("#person-sentence").inner_text())
    assert len(texts) == len(SENTENCES)


def test_after_the_photo_the_person_reads_what_happens_next(station, open_window):
    window = open_window()
    say(station, "thanks")
    expect(window.locator("#person-sentence")).to_contain_text("90")
    expect(window.locator("#person-sentence li")).to_have_count(3)
    assert_no_axe_violations(window)


def test_a_window_opened_late_or_again_shows_what_holds_now(station, open_window):
    say(station, "look")
    open_camera(station)
    window = open_window()
    expect(window.locator("body")).to_have_attribute("data-sentence", "look")
    shown(window, ["blue", "red"])
    window.reload()
    expect(window.locator("body")).to_have_attribute("data-sentence", "look")
    shown(window, ["blue", "red"])


def test_the_window_opens_the_camera_itself_as_large_as_the_station_and_mirrors_it(
    station, open_window
):
    window = open_window()
    assert window.evaluate("() => window.asked") == []
    open_camera(station)
    shown(window, ["blue", "red"])
    assert window.evaluate("() => window.asked") == [[3840, 2160]]
    assert heard(station, "frames") == []


def test_when_the_station_closes_the_camera_the_window_lets_go_of_it_and_shows_nothing(
    station, open_window
):
    window = open_window()
    open_camera(station)
    shown(window, ["blue", "red"])
    station.evaluate("() => window.picker.close(window.video)")
    shown(window, ["nothing", "nothing"])
    assert window.evaluate("() => window.tracks.map((it) => it.readyState)") == ["ended"]


def test_when_the_station_leaves_the_window_welcomes_the_next_person(station, open_window):
    window = open_window()
    say(station, "look")
    open_camera(station)
    shown(window, ["blue", "red"])
    station.evaluate("() => window.link.stop()")
    shown(window, ["nothing", "nothing"])
    expect(window.locator("body")).to_have_attribute("data-sentence", "blank")


@pytest.fixture
def refused_window(profile, station, open_window) -> Page:
    """A window that may not open the camera."""
    profile.add_init_script(REFUSE % reverse("photos:station_person"))
    return open_window()


def test_a_window_that_may_not_open_the_camera_gets_ten_pictures_a_second(station, refused_window):
    """How many is shown by `pytest --log-cli-level=INFO`."""
    refused_window.evaluate(
        """() => {
          window.came = [];
          const channel = new BroadcastChannel("fotorundan-person");
          const came = ({ data }) => data.kind === "frame" && window.came.push(performance.now());
          channel.onmessage = came;
        }"""
    )
    open_camera(station)
    shown(refused_window, ["blue", "red"])
    refused_window.wait_for_function("() => window.came.length > 20")
    came = refused_window.evaluate("() => window.came")
    a_second = 20 / (came[20] - came[0]) * 1000
    log.info("person_window_pictures_per_second: %.1f", a_second)
    assert a_second >= 10


def test_nothing_is_sent_to_a_window_that_is_gone(station, refused_window):
    open_camera(station)
    shown(refused_window, ["blue", "red"])
    refused_window.close()
    station.evaluate(
        """async () => {
          const made = window.createImageBitmap;
          let last = performance.now();
          window.createImageBitmap = (...given) => ((last = performance.now()), made(...given));
          while (performance.now() - last < 500) await new Promise((go) => setTimeout(go, 50));
        }"""
    )
    asked = heard(station, "frames")
    assert 1 <= len(asked) <= 10
