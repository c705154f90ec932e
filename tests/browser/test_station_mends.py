"""Small things a station must not forget: to tell, to let go of a camera, to see a full disk."""

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.services.checkin import record_no_show
from tests import builders, photo_builders
from tests.browser.station_driver import PATIENCE, prepare, screen, unlock
from tests.browser.station_store import DEVICE, USER, VISIT, keep, run, station_in
from tests.browser.station_upload_server import UploadServer
from tests.browser.test_station_sender import SECOND, pass_time, start

pytest_plugins = (
    "tests.browser.station_fixtures",
    "tests.browser.camera_fixtures",
    "tests.browser.station_visit",
)
pytestmark = pytest.mark.browser


@pytest.fixture
def server(server: UploadServer) -> UploadServer:
    server.user = USER
    return server


def reports(server: UploadServer) -> list[tuple[str, int]]:
    assert not any(each["cleaned"] for each in server.reports)
    return [(each["visit"], each["unsent"]) for each in server.reports]


# --- What a laptop tells of itself ----------------------------------------------------------------

MADE_READY = """
  const day = { starts_at: "2031-05-12T08:00:00Z", ends_at: "2031-05-12T12:00:00Z" };
  await database.write("visits", { id: given.visit, user: given.owner, ...day });
  await database.write("settings", given.device, "device");
"""


@pytest.mark.parametrize(("owner", "told"), [(USER, [(VISIT, 0)]), ("somebody else", [])])
def test_a_laptop_that_was_made_ready_and_took_nothing_tells_so(page, server, owner, told):
    run(page, MADE_READY, owner=owner)
    start(page)
    server.wait_for_turns(3)
    assert reports(server) == told
    assert {each["device"] for each in server.reports} <= {DEVICE}


def test_what_was_told_is_told_again_after_ten_minutes_since_the_visit_may_be_closed(page, server):
    keep(page)
    start(page)
    server.wait_for_turns(3)
    assert reports(server) == [(VISIT, 1), (VISIT, 0)]
    pass_time(page, 599 * SECOND)
    server.wait_for_turns(2)
    assert reports(server) == [(VISIT, 1), (VISIT, 0)]
    pass_time(page, SECOND)
    server.wait_for_turns(2)
    assert reports(server) == [(VISIT, 1), (VISIT, 0), (VISIT, 0)]


# --- A full disk ----------------------------------------------------------------------------------

# So does Chromium on a disk that is full while there is quota left (measured).
FULL_DISK = """
  const { prototype } = IDBObjectStore;
  const whole = prototype.add;
  prototype.put = prototype.add = function (...given) {
    const asked = whole.apply(this, given);
    const { transaction } = this;
    const value = new DOMException("Failed to write blobs (IOError)", "DataError");
    Object.defineProperty(transaction, "error", { value, configurable: true });
    asked.onsuccess = () => transaction.abort();
    return asked;
  };
"""


def test_a_disk_that_is_full_is_seen_although_the_quota_is_not_reached(page):
    script = FULL_DISK + "return [(await database.room()).free, await database.roomFor(1000)];"
    assert run(page, script) == [0, False]


def test_a_record_that_a_full_disk_did_not_take_is_told_so(page):
    script = FULL_DISK + "return keepOne().then(() => null, (error) => error.name);"
    assert run(page, script) == "StorageFull"


# --- What lies in the clear -----------------------------------------------------------------------

CLEAR = """
  const book = await import("/clear_book.js");
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("camera", { create: true });
  const file = (name) => folder.getFileHandle(name, { create: true });
  const remembered = async () => (await database.read("settings", "clear")).map(({ name }) => name);
"""
# Another program holds the file.
HELD = """
  window.holds = await (await file("DSC_1.JPG")).createWritable({ mode: "exclusive" });
  await file("DSC_2.JPG");
  await book.noteClear(folder, ["DSC_1.JPG", "DSC_2.JPG"]);
  const record = await keepOne();
  await book.tieClear(["DSC_1.JPG", "DSC_2.JPG"], record);
  const waiting = await book.deleteReceived();
  await outbox.received(await outbox.find(record), "taken");
  return [waiting, await book.deleteReceived(), await remembered()];
"""


def test_a_clear_file_that_could_not_be_deleted_is_told_after_a_reload_until_it_is_gone(profile):
    first = station_in(profile)
    assert run(first, CLEAR + HELD) == [[], ["DSC_1.JPG"], ["DSC_1.JPG"]]
    again = station_in(profile)
    look = "await outbox.forgetReceived(given.user); return book.lyingClear();"
    assert run(again, CLEAR + look) == ["DSC_1.JPG"]
    run(first, "await window.holds.close();")
    gone = "return [await book.deleteReceived(), await book.lyingClear(), await remembered()];"
    assert run(again, CLEAR + gone) == [[], [], []]


def test_a_later_file_of_the_same_name_is_not_deleted_for_the_one_before(page):
    script = """
      await file("DSC_1.JPG");
      await book.noteClear(folder, ["DSC_1.JPG"]);
      const record = await keepOne();
      await book.tieClear(["DSC_1.JPG"], record);
      await outbox.received(await outbox.find(record), "taken");
      await book.deleteReceived();
      await file("DSC_1.JPG");
      await book.noteClear(folder, ["DSC_1.JPG"]);
      return [await book.deleteReceived(), await book.lyingClear()];
    """
    assert run(page, CLEAR + script) == [[], ["DSC_1.JPG"]]


# --- Small pictures of the cameras ----------------------------------------------------------------

LEFT = """
  plug("One", [1280, 720]);
  plug("Two", [1280, 720]);
  const { stopThumbnails } = await import(`${given.folder}/camera_thumbnails.js`);
  const list = document.createElement("ul");
  document.body.append(list);
  const begun = picker.thumbnails(list, () => {});
  for (let at = 0; at < given.steps; at += 1) await null;
  stopThumbnails();
  await begun;
  return [rack.tracks.filter((track) => track.readyState === "live").length, list.children.length];
"""


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13])
def test_whenever_the_thumbnails_are_left_no_camera_goes_on(rack, steps):
    assert rack(LEFT, steps=steps) == [0, 0]


TWO_CAMERAS = """
  if (isSecureContext) {
    const { mediaDevices } = navigator;
    const [known, asked] = [mediaDevices.enumerateDevices, mediaDevices.getUserMedia];
    window.tracks = [];
    mediaDevices.enumerateDevices = async () => {
      const found = await known.call(mediaDevices);
      return found.flatMap((it) => (it.kind === "videoinput" ? [it, it] : [it]));
    };
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await asked.call(mediaDevices, wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  }
"""
LIVE = "() => window.tracks.filter((track) => track.readyState === 'live').length"


@pytest.mark.usefixtures("own_database", "karin")
def test_left_behind_the_readiness_check_lets_go_of_all_but_the_camera(station_page):
    page = station_page
    page.add_init_script(TWO_CAMERAS)
    prepare(page)
    expect(page.locator("#thumbnails .camera-thumb")).to_have_count(2, timeout=PATIENCE)
    page.click("#begin")
    screen(page, "search")
    assert page.evaluate(LIVE) == 1


# --- My visits ------------------------------------------------------------------------------------


def states(page: Page) -> Locator:
    """Return what stands at the visits once the server has told of them."""
    unlock(page)
    expect(page.locator("[data-act=fetch]:visible")).to_have_count(1, timeout=PATIENCE)
    return page.locator("#visit-list .visit-state .tag")


@pytest.mark.usefixtures("own_database")
def test_a_visit_is_changed_when_its_list_is_and_not_by_what_became_of_people(karin, station_page):
    page = station_page
    prepare(page)
    record_no_show(actor=builders.user(), booking=karin)
    page.reload()
    expect(states(page)).to_have_class("tag tag-good")
    photo_builders.booked(karin.visit)
    page.reload()
    expect(states(page)).to_have_class("tag tag-warn")
