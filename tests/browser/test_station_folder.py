"""A camera's folder beside the laptop, and a picture out of a file: what counts, what does not."""

import base64
import logging
import statistics
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests import portraits

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser

log = logging.getLogger(__name__)

MODULES = "/static/photos/station"
NAMES = ("watched_folder", "picture_file", "folder_handle")
# The origin's private file system has the same kind of folder as a picker gives.
FRAME = """async (given) => {
  const imported = await Promise.all(given.names.map((it) => import(`${given.folder}/${it}.js`)));
  const { watched_folder: folders, picture_file: files, folder_handle: handles,
  } = Object.fromEntries(given.names.map((name, at) => [name, imported[at]]));
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("camera", { create: true });
  const bytes = (coded) => Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  const photo = bytes(given.photo);
  const put = async (name, content, into = folder) => {
    const writable = await (await into.getFileHandle(name, { create: true })).createWritable();
    await writable.write(content);
    await writable.close();
  };
  const names = async () => (await handles.namesIn(folder)).sort();
  const told = (promise) => promise.then(() => null, ({ code, params }) => ({ code, params }));
  const seen = { pictures: [], faults: [], ignored: [] };
  const watch = async (options = {}) => {
    const stop = folders.watchFolder(
      (found) => seen.pictures.push(found.map(({ name }) => name)),
      (code) => seen.faults.push(code),
      {
        folder,
        onIgnored: (counts) => seen.ignored.push(counts),
        timer: (look, ms) => ((seen.look = look), (seen.ms = ms), () => (seen.ended = true)),
        ...options,
      },
    );
    await seen.look();
    return stop;
  };
  const looks = async (times) => {
    for (let at = 0; at < times; at += 1) await seen.look();
  };
  %s
}"""

Run = Callable[..., Any]


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def runner(page: Page) -> Run:
    photo = coded(portraits.jpeg(Image.new("RGB", (600, 500), "teal")))

    def run(script: str, **given: Any) -> Any:
        facts = {"names": NAMES, "folder": MODULES, "photo": photo, **given}
        return page.evaluate(FRAME % script, facts)

    return run


@pytest.fixture
def run(fresh_page: Page) -> Run:
    return runner(fresh_page)


# --- What counts --------------------------------------------------------------------------------


def test_a_finished_picture_is_offered_once_after_two_equal_looks(run):
    script = """
      const stop = await watch();
      await put("IMG_1.JPG", photo);
      await looks(1);
      const early = [...seen.pictures];
      await looks(3);
      stop();
      await put("IMG_2.JPG", photo);
      await looks(2);
      return [early, seen.pictures, seen.ms, seen.ended];
    """
    assert run(script) == [[], [["IMG_1.JPG"]], 500, True]


def test_what_lay_there_before_the_person_was_chosen_is_never_offered(run):
    script = """
      await put("IMG_1.JPG", photo);
      await put("IMG_2.JPG", photo.slice(0, 500));
      await put("IMG_3.CR2", "II*\\0");
      await put("IMG_4.JPG.part", photo);
      await watch();
      await looks(2);
      for (const each of [1, 2, 3, 4]) await put(`IMG_${each}.JPG`, photo);
      await put("IMG_5.JPG", photo);
      await looks(3);
      return seen.pictures;
    """
    assert run(script) == [["IMG_5.JPG"]]


def test_a_file_that_grows_waits_until_it_stands_still_and_is_whole(run):
    script = """
      await watch();
      const offered = [];
      for (const size of [200, 400, 400, 400, photo.length, photo.length]) {
        if (size !== seen.size) await put("IMG_1.JPG", photo.slice(0, (seen.size = size)));
        await looks(1);
        offered.push(seen.pictures.length);
      }
      return [offered, seen.ignored];
    """
    counted = [{"raw": 0, "half": each, "other": 0} for each in (1, 0)]
    assert run(script) == [[0, 0, 0, 0, 0, 1], counted]


def test_of_two_files_at_once_both_are_offered_newest_first(run):
    script = """
      await watch();
      await put("IMG_1.JPG", photo);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await put("IMG_2.JPG", photo);
      await looks(3);
      return seen.pictures;
    """
    assert run(script) == [["IMG_2.JPG", "IMG_1.JPG"]]


def test_a_folder_that_fills_with_raw_and_half_written_files_offers_the_pictures_alone(run):
    script = """
      await watch();
      for (let each = 0; each < 20; each += 1) {
        await put(`IMG_${each}.NEF`, "MM\\0*" + "x".repeat(500));
        await put(`IMG_${each}.CR3`, "\\0\\0\\0\\x18ftypcrx rest");
        await put(`half_${each}.JPG`, photo.slice(0, -1));
        await put(`IMG_${each}.txt`, "text");
        await put(`empty_${each}.JPG`, "");
      }
      await put("clear.jpeg", photo);
      await looks(4);
      return [seen.pictures, seen.ignored.at(-1), seen.faults];
    """
    assert run(script) == [[["clear.jpeg"]], {"raw": 40, "half": 40, "other": 20}, [None]]


def test_a_raw_file_by_the_name_of_a_picture_is_no_picture(run):
    script = """
      await watch();
      await put("IMG_1.JPG", "II*\\0" + "x".repeat(500));
      await looks(3);
      return [seen.pictures, seen.ignored.at(-1)];
    """
    assert run(script) == [[], {"raw": 1, "half": 0, "other": 0}]


def test_a_picture_in_a_folder_within_is_let_alone(run):
    script = """
      await watch();
      await put("IMG_1.JPG", photo, await folder.getDirectoryHandle("inner", { create: true }));
      await looks(3);
      return seen.pictures;
    """
    assert run(script) == []


# --- The folder itself --------------------------------------------------------------------------


def test_a_folder_that_goes_away_is_told_once_and_watched_again_when_it_is_back(run):
    script = """
      await watch();
      await root.removeEntry("camera", { recursive: true });
      await looks(3);
      const gone = [...seen.faults];
      const back = await root.getDirectoryHandle("camera", { create: true });
      await put("IMG_1.JPG", photo, back);
      await looks(3);
      return [gone, seen.faults, seen.pictures];
    """
    gone = [None, "folder_gone"]
    assert run(script) == [gone, [*gone, None], [["IMG_1.JPG"]]]


def test_a_folder_that_the_browser_withholds_or_that_none_chose_is_told_apart(run):
    script = """
      const refusing = { values: () => { throw new DOMException("", "NotAllowedError"); } };
      await watch({ folder: refusing });
      await watch({ folder: null });
      return [seen.faults, seen.faults.every((code) => handles.FOLDER_CODES.includes(code))];
    """
    assert run(script) == [["folder_refused", "folder_none"], True]


def test_the_chosen_folder_is_remembered_over_a_restart(run, fresh_page):
    choose = """
      window.showDirectoryPicker = async ({ mode }) => (mode === "readwrite" ? folder : null);
      return (await folders.chooseFolder()).name;
    """
    assert run("return folders.rememberedFolder();") is None
    assert run(choose) == "camera"
    fresh_page.reload()
    script = """
      await watch({ folder: null });
      await put("IMG_1.JPG", photo);
      await looks(2);
      return [seen.pictures, await folders.allowFolder(await folders.rememberedFolder())];
    """
    assert run(script) == [[["IMG_1.JPG"]], True]


def test_a_picker_closed_without_a_choice_keeps_the_folder_of_before(run):
    script = """
      await handles.keepFolder(folder);
      const close = async () => { throw new DOMException("", "AbortError"); };
      window.showDirectoryPicker = close;
      return [await folders.chooseFolder(), (await folders.rememberedFolder()).name];
    """
    assert run(script) == [None, "camera"]


def test_a_browser_without_folders_says_so(run):
    script = """
      const can = folders.canWatch();
      delete window.showDirectoryPicker;
      delete Window.prototype.showDirectoryPicker;
      return [can, folders.canWatch()];
    """
    assert run(script) == [True, False]


# --- After the receipt --------------------------------------------------------------------------


def test_the_clear_files_of_a_person_are_deleted_with_their_raw_twins_alone(run):
    script = """
      const all = ["IMG_1.JPG", "IMG_1.CR2", "IMG_10.JPG", "IMG_2.jpg"];
      for (const name of all) await put(name, "x");
      const lay = await folders.left(["IMG_1.JPG"], folder);
      const left = await folders.deleteClear(["IMG_1.JPG", "IMG_2.jpg", "gone.jpg"], folder);
      return [lay, left, await names()];
    """
    assert run(script) == [["IMG_1.CR2", "IMG_1.JPG"], [], ["IMG_10.JPG"]]


def test_without_the_right_to_delete_it_is_told_what_lies_there(run):
    script = """
      for (const name of ["IMG_1.JPG", "IMG_1.CR2", "IMG_2.JPG"]) await put(name, "x");
      const asked = [];
      folder.queryPermission = async ({ mode }) => (asked.push(mode), "prompt");
      const left = await folders.deleteClear(["IMG_1.JPG"], folder);
      return [left, await names(), asked];
    """
    lying = ["IMG_1.CR2", "IMG_1.JPG"]
    assert run(script) == [lying, [*lying, "IMG_2.JPG"], ["readwrite"]]


def test_a_file_that_another_program_holds_is_told_as_left(run):
    script = """
      for (const name of ["IMG_1.JPG", "IMG_2.JPG"]) await put(name, photo);
      const held = await folder.getFileHandle("IMG_1.JPG");
      await held.createWritable();
      return folders.deleteClear(["IMG_1.JPG", "IMG_2.JPG"], folder);
    """
    assert run(script) == ["IMG_1.JPG"]


def test_a_folder_that_is_gone_leaves_its_files_as_told(run):
    script = """
      await root.removeEntry("camera", { recursive: true });
      return folders.deleteClear(["IMG_1.JPG"], folder);
    """
    assert run(script) == ["IMG_1.JPG"]


# --- How soon -----------------------------------------------------------------------------------


def test_a_picture_of_a_camera_is_there_within_two_looks(run):
    """The time from written to decoded, beside 500 older files: `pytest --log-cli-level=INFO`."""
    script = """
      for (let each = 0; each < 500; each += 1) await put(`old_${each}.JPG`, "x");
      const [portrait, measured] = [bytes(given.portrait), []];
      let arrived = Promise.withResolvers();
      const stop = folders.watchFolder(
        async ([file]) => {
          const bitmap = await files.readPicture(file);
          arrived.resolve(bitmap.width);
        },
        () => {},
        { folder },
      );
      for (let each = 0; each < 5; each += 1) {
        await put(`new_${each}.JPG`, portrait);
        const began = performance.now();
        await arrived.promise;
        measured.push(performance.now() - began);
        arrived = Promise.withResolvers();
      }
      stop();
      return measured;
    """
    measured = run(script, portrait=coded(portraits.good()))
    log.info("folder_ms: %.0f", statistics.median(measured))
    assert len(measured) == 5


# --- A picture out of a file --------------------------------------------------------------------

READ = """
  const picture = new File([bytes(given.data)], "bild.jpg");
  try {
    const { width, height } = await files.readPicture(picture);
    return [width, height];
  } catch ({ code, params }) {
    return [code, params, files.PICTURE_CODES.includes(code)];
  }
"""


@pytest.fixture(scope="module")
def read(pure_page: Page) -> Run:
    return runner(pure_page)


def ftyp(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + bytes(100)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_picture_comes_out_upright(read, orientation):
    upright = Image.new("RGB", (300, 400), "teal")
    stored = portraits.stored_turned(portraits.png(upright), orientation)
    assert read(READ, data=coded(stored)) == [300, 400]


def test_a_jpeg_held_another_way_comes_out_upright(read):
    exif = Image.Exif()
    exif[274] = 6
    stored = portraits.jpeg(Image.new("RGB", (400, 300), "teal"), exif=exif, progressive=True)
    assert read(READ, data=coded(stored)) == [300, 400]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"Hej! Det var ingen bild.", "file_wrong_kind"),
        (b"GIF89a" + bytes(100), "file_wrong_kind"),
        (ftyp(b"heic"), "file_heic"),
        (ftyp(b"mif1"), "file_heic"),
        (ftyp(b"crx "), "file_raw"),
        (b"II*\0" + bytes(100), "file_raw"),
        (b"MM\0*" + bytes(100), "file_raw"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(100), "file_raw"),
        (b"\xff\xd8\xff\xe0", "file_unreadable"),
        (b"\xff\xd8\xff" + bytes(100), "file_unreadable"),
        (b"\x89PNG\r\n\x1a\n", "file_unreadable"),
    ],
)
def test_a_file_that_is_no_picture_here_is_told_why(read, data, code):
    assert read(READ, data=coded(data)) == [code, {}, True]


def test_a_raw_file_is_called_raw_however_large(read):
    script = READ.replace("[bytes(given.data)]", "[bytes(given.data), new Uint8Array(16e6)]")
    assert read(script, data=coded(b"II*\0"))[0] == "file_raw"


def test_too_many_bytes_and_too_many_pixels_are_told_with_how_many(read):
    large = READ.replace("[bytes(given.data)]", "[bytes(given.data), new Uint8Array(15e6)]")
    small = portraits.jpeg(Image.new("RGB", (600, 500)))
    assert read(large, data=coded(small)) == ["file_too_large", {"megabytes": 16}, True]
    pixels = ["picture_too_large", {"megapixels": 400}, True]
    assert read(READ, data=coded(portraits.png_bomb())) == pixels
    frame = small.index(b"\xff\xc0")
    bomb = small[: frame + 5] + (20_000).to_bytes(2) * 2 + small[frame + 9 :]
    assert read(READ, data=coded(bomb)) == pixels
