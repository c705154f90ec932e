"""The station's camera: which one, all its pixels; unplugged, frozen, covered."""

import pytest

pytest_plugins = ("tests.browser.station_fixtures", "tests.browser.camera_fixtures")
pytestmark = pytest.mark.browser


# --- Which camera -------------------------------------------------------------------------------


def test_the_camera_gives_all_its_pixels(film):
    script = """
      const track = await picker.open(video);
      return [video.videoWidth, video.videoHeight, track.label, localStorage["fotorundan.camera"]];
    """
    width, height, label, remembered = film(script)
    assert (width, height) == (1920, 1080)
    assert label
    assert label == remembered


@pytest.mark.parametrize("size", [[1600, 1200], [1080, 1920]], ids=["4:3", "portrait"])
def test_a_camera_of_another_shape_keeps_its_own(rack, size):
    script = """
      plug("One", given.size);
      await picker.open(video);
      const [{ bitmap }] = await bursts.burst(video, 1);
      return [bitmap.width, bitmap.height];
    """
    assert rack(script, size=size) == size


@pytest.mark.parametrize("size", [[200, 200], [640, 479]])
def test_a_camera_with_too_few_pixels_is_told_apart_and_let_go(rack, size):
    script = """
      plug("Small", given.size);
      const fault = await told(picker.open(video));
      return [fault, rack.tracks[0].readyState, localStorage["fotorundan.camera"] ?? null];
    """
    width, height = size
    fault = {"code": "camera_small", "params": {"width": width, "height": height}}
    assert rack(script, size=size) == [fault, "ended", None]


def test_the_smallest_camera_that_will_do_is_opened(rack):
    script = "plug('One', [640, 480]); await picker.open(video); return video.videoHeight;"
    assert rack(script) == 480


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("NotReadableError", "camera_busy"),
        ("AbortError", "camera_busy"),
        ("NotFoundError", "camera_missing"),
        ("NotAllowedError", "camera_refused"),
        ("TypeError", "camera_failed"),
    ],
)
def test_why_a_camera_does_not_open_is_told_apart(rack, name, code):
    script = """
      plug("One", [1280, 720]);
      rack.faults.One = given.name;
      const fault = await told(picker.open(video));
      return [fault.code, picker.CAMERA_CODES.includes(fault.code)];
    """
    assert rack(script, name=name) == [code, True]


def test_a_page_without_cameras_says_that_none_is_there(rack):
    script = """
      Object.defineProperty(navigator, "mediaDevices", { value: undefined });
      return [await picker.cameras(), (await told(picker.open(video))).code];
    """
    assert rack(script) == [[], "camera_missing"]


def test_the_chosen_camera_is_remembered_by_its_name(rack, rack_page):
    script = """
      plug("One", [1280, 720]);
      plug("Two", [1280, 720]);
      return (await picker.open(video, given.id)).label;
    """
    assert rack(script, id="") == "One"
    assert rack(script, id="Two") == "Two"
    rack_page.reload()
    assert rack(script, id="") == "Two"


def test_a_remembered_camera_whose_name_is_hidden_until_one_is_allowed_is_found(rack):
    script = """
      localStorage["fotorundan.camera"] = "Two";
      plug("One", [1280, 720]);
      plug("Two", [1280, 720]);
      const nameless = { deviceId: "", label: "" };
      const named = navigator.mediaDevices.enumerateDevices;
      navigator.mediaDevices.enumerateDevices = async () =>
        (await named()).map((one) => ({ ...one, ...(rack.asked.length ? {} : nameless) }));
      const { label } = await picker.open(video);
      return { label, asked: rack.asked, open: rack.tracks.map((track) => track.readyState) };
    """
    found = rack(script)
    assert found == {"label": "Two", "asked": ["One", "Two"], "open": ["ended", "live"]}


def test_a_remembered_camera_that_is_gone_gives_way_to_one_that_is_there(rack):
    script = """
      localStorage["fotorundan.camera"] = "Lost";
      plug("One", [1280, 720]);
      return (await picker.open(video)).label;
    """
    assert rack(script) == "One"


def test_of_two_cameras_asked_for_at_once_the_later_one_is_open_alone(rack):
    script = """
      plug("One", [1280, 720]);
      plug("Two", [1280, 720]);
      await Promise.all([picker.open(video, "One"), picker.open(video, "Two")]);
      return [picker.trackOf(video).label, rack.tracks.map((track) => track.readyState)];
    """
    assert rack(script) == ["Two", ["ended", "live"]]


# --- The picker ---------------------------------------------------------------------------------

LIST = 'const list = document.body.appendChild(document.createElement("ul"));'


def test_each_camera_is_seen_live_and_the_picked_one_finds_all_of_them_let_go(rack):
    script = f"""{LIST}
      plug("One", [1280, 720]);
      plug("Two", [1600, 1200]);
      await picker.open(video, "Two");
      const picked = Promise.withResolvers();
      await picker.thumbnails(list, picked.resolve);
      const buttons = [...list.querySelectorAll("li > button")];
      const seen = buttons.map((button) => [
        button.textContent, button.querySelector("video").videoWidth > 0, button.ariaCurrent,
      ]);
      buttons[0].click();
      const small = rack.tracks.slice(1).map((track) => track.readyState);
      return {{ seen, small, picked: await picked.promise, left: list.children.length }};
    """
    assert rack(script) == {
        "seen": [["One1280 × 720", True, None], ["Two1600 × 1200", True, "true"]],
        "small": ["ended", "ended"],
        "picked": "One",
        "left": 0,
    }


def test_a_busy_and_a_small_camera_are_named_so_beside_one_that_shows(rack):
    script = f"""{LIST}
      plug("Good", [1280, 720]);
      plug("Busy", [1280, 720]);
      plug("Small", [200, 200]);
      rack.faults.Busy = "NotReadableError";
      const words = (code, params) => `${{code}} ${{params.width ?? ""}}`;
      await picker.thumbnails(list, () => {{}}, words);
      return [...list.querySelectorAll(".camera-fault")].map((fault) => [
        fault.closest("[data-camera]").dataset.camera, fault.dataset.fault ?? "",
        fault.textContent.trim(), fault.hidden,
      ]);
    """
    assert rack(script) == [
        ["Good", "", "", True],
        ["Busy", "camera_busy", "camera_busy", False],
        ["Small", "camera_small", "camera_small 200", False],
    ]


def test_a_camera_seen_small_is_let_go_before_it_is_opened_large(rack):
    script = f"""{LIST}
      plug("One", [1280, 720]);
      await picker.thumbnails(list, () => {{}});
      const [small] = rack.tracks;
      const asked = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = (wanted) => {{
        small.atLarge = small.readyState;
        return asked(wanted);
      }};
      await picker.open(video);
      return small.atLarge;
    """
    assert rack(script) == "ended"


# --- Unplugged, frozen, covered -----------------------------------------------------------------

WATCH = """
  const told_ = [];
  const stop = watching.watchCamera(video, {
    onLost: (code) => told_.push(code), onBack: (track) => told_.push(track.label), every: 50,
  });
"""


def test_an_unplugged_camera_is_told_once_and_opened_again_when_it_is_back(rack):
    script = f"""{WATCH}
      plug("One", [1280, 720]);
      plug("Two", [1280, 720]);
      await picker.open(video);
      unplug("One");
      await until(() => told_.length);
      rack.faults.One = "NotReadableError";
      plug("One", [1280, 720]);
      await until(() => rack.asked.length > 2);
      delete rack.faults.One;
      await until(() => told_.length > 1);
      const shots = await bursts.burst(video, 2);
      unplug("One");
      await until(() => told_.length > 2);
      stop();
      return [told_, shots.length];
    """
    assert rack(script) == [["camera_unplugged", "One", "camera_unplugged"], 2]


def test_a_camera_that_was_closed_on_purpose_is_let_alone(rack):
    script = f"""{WATCH}
      plug("One", [1280, 720]);
      await picker.open(video);
      picker.close(video);
      let looks = 0;
      const listed = navigator.mediaDevices.enumerateDevices;
      navigator.mediaDevices.enumerateDevices = () => (looks += 1) && listed();
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
      plug("Two", [1280, 720]);
      await picker.open(video, "Two");
      unplug("Two");
      await until(() => told_.length && looks);
      return [told_, rack.asked];
    """
    assert rack(script) == [["camera_unplugged"], ["One", "Two"]]


def test_a_camera_that_stands_still_gives_no_picture_of_whoever_sat_there_before(rack):
    script = """
      const film = plug("One", [1280, 720]);
      await picker.open(video);
      film.still = true;
      const fault = await told(bursts.burst(video, 3));
      film.still = false;
      return [fault.code, (await bursts.burst(video, 3)).length];
    """
    assert rack(script) == ["camera_frozen", 3]


@pytest.mark.parametrize(
    ("paint", "level"), [("black", "yellow"), ("rgb(70 20 15)", "yellow"), (None, "green")]
)
def test_a_black_frame_or_a_covered_lens_is_seen_in_the_test_shot(rack, paint, level):
    script = """
      plug("One", [1280, 720], given.paint ?? undefined);
      await picker.open(video);
      return (await devices.testShotAnswer({ video })).level;
    """
    assert rack(script, paint=paint) == level
