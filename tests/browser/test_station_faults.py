"""What goes wrong around a visit, on the station's own page with the real server: nothing is lost,
nobody is stopped, and the technician reads what to do."""

import base64
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.conf import settings as house
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from booking.models import Booking
from enrolment.people.models import User
from photos import storage
from photos.models import Capture, Photo, StationKey, StationRecord
from photos.services.station import records
from photos.services.station.records import receive_record
from tests import builders, databases, photo_builders, portraits, station_builders
from tests.browser.accessibility import assert_fits_its_width
from tests.browser.conftest import TIMEOUT, camera_frame
from tests.browser.killable_server import house as killable_house
from tests.browser.station_cameras import RACK
from tests.browser.station_driver import (
    PATIENCE,
    begin,
    count,
    in_control,
    open_visit,
    photograph,
    prepare,
    screen,
    shoot,
    unlock,
    until_camera,
)

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

MODULES = "/static/photos/station"


@pytest.fixture
def page(station_page) -> Page:
    return station_page


def cookie_of(user: User, url: str) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


@pytest.fixture
def browser_of(chromium: Browser, house_server, lighten) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that makes a profile of its own for a user, as on another computer."""
    with ExitStack() as opened:

        def profile(user: User, url: str = house_server.url) -> BrowserContext:
            context = lighten(chromium.new_context(base_url=url, locale="sv-SE"))
            opened.callback(context.close)
            context.set_default_timeout(TIMEOUT)
            context.add_cookies([cookie_of(user, url)])
            return context

        yield profile


def send_now(page: Page) -> None:
    page.click("#open-outbox")
    page.click("#outbox [data-ask=sendNow]")


def received(page: Page, number: int) -> None:
    expect(count(page, "received")).to_have_text(str(number), timeout=PATIENCE)


def words(page: Page, code: str) -> str:
    return page.locator(f"#faults [data-fault='{code}']").text_content().strip()


# --- The clock ----------------------------------------------------------------------------------

MOVE_CLOCK = """(days) => {
  const Right = window.RightDate ??= Date;
  const now = () => Right.now() + days * 86_400_000;
  window.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(now()); }
    static now() { return now(); }
  };
}"""


def test_a_clock_that_is_moved_a_day_loses_and_blocks_nothing(visit, page, context):
    bookings = [photo_builders.booked(visit) for _each in range(3)]
    begin(page)
    context.set_offline(True)
    for days in (0, 1, -1):
        page.evaluate(MOVE_CLOCK, days)
        photograph(page)
    expect(count(page, "saved")).to_have_text("3")
    context.set_offline(False)
    send_now(page)
    received(page, 3)
    taken = StationRecord.objects.filter(state="taken")
    assert {record.subject for record in taken} == {booking.pk for booking in bookings}
    assert Photo.objects.count() == 3


# --- Two laptops --------------------------------------------------------------------------------


def test_two_laptops_with_one_person_are_put_before_the_planner(
    karin, page, context, technician, browser_of
):
    other = browser_of(technician).new_page()
    for laptop in (page, other):
        begin(laptop)
        laptop.context.set_offline(True)
        photograph(laptop)
    for laptop in (page, other):
        laptop.context.set_offline(False)
        send_now(laptop)
        received(laptop, 1)
    assert Photo.objects.count() == 1
    planner = builders.user("planner", within=karin.need.staff.federation)
    desk = browser_of(planner).new_page()
    desk.goto(reverse("photos:conflicts"))
    expect(desk.locator("tbody tr")).to_have_count(1)
    expect(desk.locator("tbody tr")).to_contain_text("Karin Lindqvist")
    desk.click("tbody a")
    expect(desk.locator(".conflict-picture img")).to_have_count(2)
    assert StationRecord.objects.get(state="conflict").conflict == "two_laptops"


# --- The session --------------------------------------------------------------------------------


def test_a_session_that_expires_is_told_and_all_is_sent_after_a_log_in(
    jonas, page, context, technician, house_server
):
    begin(page)
    context.clear_cookies()
    photograph(page)
    photograph(page)
    send_now(page)
    expect(page.locator("#outbox [data-part=log_in]")).to_be_visible()
    expect(page.locator(".rig-bar [data-part=session]")).to_be_visible()
    expect(count(page, "saved")).to_have_text("2")
    page.click("#outbox [data-part=log_in]")
    page.wait_for_url(lambda url: reverse("people:log_in") in url)
    context.add_cookies([cookie_of(technician, house_server.url)])
    unlock(page)
    received(page, 2)
    expect(page.locator(".rig-bar [data-part=session]")).to_be_hidden()
    assert Photo.objects.count() == 2


# --- Room ---------------------------------------------------------------------------------------

FILL = """async (modules) => {
  const { write } = await import(`${modules}/database.js`);
  for (const size of [500_000, 50_000]) {
    for (let at = 0, full = false; !full; at += 1) {
      const noise = new Uint8Array(size);
      for (let from = 0; from < size; from += 50_000) {
        crypto.getRandomValues(noise.subarray(from, from + 50_000));
      }
      full = await write("settings", noise, `${size} ${at}`).then(() => false, () => true);
    }
  }
}"""
EMPTY = """async (modules) => {
  const { change } = await import(`${modules}/database.js`);
  const noise = IDBKeyRange.bound("50", "51");
  await change(["settings"], ({ settings }) => settings.delete(noise));
}"""


def test_without_room_the_shutter_is_refused_before_and_nothing_is_lost(
    jonas, technician, browser_of, house_server
):
    laptop = browser_of(technician)
    page = laptop.new_page()
    quota = {"origin": house_server.url, "quotaSize": 40_000_000}
    laptop.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    begin(page)
    laptop.set_offline(True)
    photograph(page)
    page.evaluate(FILL, MODULES)
    until_camera(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-slot=fault]").first).to_have_text(words(page, "no_room"))
    screen(page, "camera")
    expect(page.locator("#shutter")).to_be_focused()
    expect(count(page, "saved")).to_have_text("1")
    page.evaluate(EMPTY, MODULES)
    shoot(page)
    page.keyboard.press("Enter")
    screen(page, "search")
    laptop.set_offline(False)
    send_now(page)
    received(page, 2)
    assert Photo.objects.count() == 2


# --- What the server says no with ---------------------------------------------------------------


class Server:
    """What the real server may suffer from while a record is on its way."""

    def __init__(self, booking: Booking, settings, patch: pytest.MonkeyPatch):
        self.booking, self.settings, self.patch = booking, settings, patch

    def key_destroyed(self, _record: str) -> None:
        StationKey.objects.update(private_key=b"", destroyed_at=timezone.now())

    def conflict(self, record: str) -> None:
        """Take something else under the id; the key is there for nobody but this transaction."""
        told = {"record": uuid.UUID(record), "kind": "note", "note": "Annat"}
        with transaction.atomic():
            kept = StationKey.objects.values("private_key", "destroyed_at").get()
            StationKey.objects.update(destroyed_at=None)
            receive_record(**station_builders.sent(self.booking.visit, self.booking.pk, **told))
            StationKey.objects.update(**kept)

    def too_large(self, _record: str) -> None:
        self.settings.UPLOAD_LIMIT = 1000

    @contextmanager
    def disk_full(self, _record: str) -> Iterator[None]:
        def full(*_arguments: object) -> None:
            raise storage.DiskFull

        with self.patch.context() as patch:
            patch.setattr(records.storage, "write", full)
            yield

    @contextmanager
    def server(self, _record: str) -> Iterator[None]:
        def broken(**_facts: object) -> None:
            raise RuntimeError

        with self.patch.context() as patch:
            patch.setattr("photos.api.station.receive_record", broken)
            yield


@pytest.fixture
def server(karin, settings, monkeypatch) -> Server:
    return Server(karin, settings, monkeypatch)


def waiting(page: Page) -> str:
    """Photograph somebody without a network, and return the record's id."""
    page.context.set_offline(True)
    photograph(page)
    return page.evaluate(
        """async (modules) => {
          const { readAll } = await import(`${modules}/database.js`);
          return (await readAll("outbox")).find(({ state }) => state === "saved").id;
        }""",
        MODULES,
    )


def test_a_record_that_is_refused_says_what_to_do_and_is_saved_by_itself(page, server):
    begin(page)
    record = waiting(page)
    row = page.locator(".record")
    # Each is looked at before the one before it, and all of them stay.
    for code in ("key_destroyed", "conflict", "too_large"):
        getattr(server, code)(record)
        page.context.set_offline(False)
        send_now(page)
        fault = row.locator(".record-fault")
        expect(fault, code).to_have_text(words(page, code), timeout=PATIENCE)
        expect(count(page, "refused"), code).to_have_text("1")
        with page.expect_download() as saved:
            row.locator("[data-act=export]").click()
        assert saved.value.suggested_filename == f"{record}.fotorundan", code
        expect(count(page, "refused"), code).to_have_text("1")
        page.keyboard.press("Escape")
        screen(page, "search")


def test_a_server_that_cannot_just_now_is_told_and_gets_it_later(jonas, page, server):
    begin(page)
    taken = StationRecord.objects.filter(state="taken")
    for before, code in enumerate(("disk_full", "server")):
        record = waiting(page)
        with getattr(server, code)(record):
            page.context.set_offline(False)
            send_now(page)
            fault = page.locator(".record .record-fault:visible")
            expect(fault, code).to_have_text(words(page, code), timeout=PATIENCE)
            expect(count(page, "saved"), code).to_have_text("1")
            assert StationRecord.objects.count() == before, code
        page.click("#outbox [data-ask=sendNow]")
        received(page, before + 1)
        assert taken.filter(pk=record).exists(), code
        page.keyboard.press("Escape")
        page.locator("#search").focus()


SENT_WITH = ["damaged", "unreadable", "no_network", "http_500", "http_502", "http_404", "disk_full"]
SENT_WITH += ["unknown_visit", "key_destroyed", "conflict", "too_large", "bad_request"]
SENT_WITH += ["hash_mismatch", "cut_off"]
REFUSALS = """async ([modules, codes]) => {
  const { refusalText, faultText } = await import(`${modules}/texts.js`);
  const told = codes.map((code) => refusalText({ code, message: "Serverns ord." }));
  const strange = [`"]`, "ny_kod"].map((code) => refusalText({ code, message: "Serverns ord." }));
  const silent = refusalText({ code: "ny_kod", message: "" });
  return [told, strange, silent, faultText("")];
}"""


def test_whatever_a_record_is_refused_for_the_station_has_words(page):
    page.goto(reverse("photos:station"))
    told, strange, silent, last = page.evaluate(REFUSALS, [MODULES, SENT_WITH])
    assert "Serverns ord." not in told
    assert last not in told
    assert strange == ["Serverns ord."] * 2
    assert silent == last


# --- The server is killed -----------------------------------------------------------------------


@pytest.mark.usefixtures("service_worker")
def test_a_server_that_is_killed_and_comes_back_gets_everything_once(
    jonas, technician, own_database, own_folders, browser_of
):
    photo_builders.booked(jonas.visit)
    variables = {
        "DATABASE_URL": databases.url(own_database),
        "FOTORUNDAN_DATA": str(own_folders),
        "FOTORUNDAN_SECRET_KEY": house.SECRET_KEY,
    }
    with killable_house(0, variables) as (process, port):
        page = browser_of(technician, f"http://localhost:{port}").new_page()
        begin(page)
        in_control(page)
        photograph(page)
        process.kill()
        process.wait()
        photograph(page)
        page.reload()
        unlock(page)
        expect(page.locator(".rig-bar [data-network=no]")).to_be_visible(timeout=PATIENCE)
        open_visit(page)
        page.click("#begin")
        photograph(page)
    with killable_house(port, variables):
        send_now(page)
        received(page, 3)
    assert StationRecord.objects.filter(state="taken").count() == 3
    assert Photo.objects.count() == Capture.objects.count() == 3


# --- The guidance -------------------------------------------------------------------------------


@pytest.mark.usefixtures("face_models")
def test_without_the_worker_of_the_guidance_the_page_judges_plainly_and_says_so(
    karin, technician, browser_of
):
    laptop = browser_of(technician)
    laptop.route("**/live_worker.js", lambda route: route.fulfill(status=404, body="gone"))
    page = laptop.new_page()
    begin(page)
    until_camera(page)
    expect(page.locator("#plain-mode")).to_be_visible()
    shoot(page)
    expect(page.locator("[data-screen=verdict] [data-part=plain]")).to_be_visible()
    page.keyboard.press("Enter")
    screen(page, "search")
    send_now(page)
    received(page, 1)
    assert StationRecord.objects.get().header["without_model"] is True


@pytest.mark.usefixtures("service_worker")
def test_a_service_worker_that_cannot_be_fetched_does_not_keep_the_station_from_starting(
    karin, technician, browser_of
):
    laptop = browser_of(technician)
    laptop.route("**/station/sw.js", lambda route: route.fulfill(status=500, body="broken"))
    page = laptop.new_page()
    prepare(page)
    worker = page.locator("#answers .answer", has_text=answer(page, "worker_in_control red"))
    expect(worker).to_be_visible(timeout=PATIENCE)


def answer(page: Page, name: str) -> str:
    return page.locator(f"[data-answer='{name}']").text_content().strip()


# --- Cameras of other shapes --------------------------------------------------------------------

FACE_IN_FRONT = """
  (async () => {
    const bytes = Uint8Array.from(atob("%s"), (letter) => letter.charCodeAt(0));
    const frame = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    const paper = new OffscreenCanvas(1, 1).getContext("2d");
    plug("One", [frame.width, frame.height], paper.createPattern(frame, "no-repeat"));
  })();
"""


@pytest.mark.usefixtures("face_models")
@pytest.mark.parametrize("size", [(1600, 1200), (1080, 1440)], ids=["4:3", "portrait"])
def test_a_camera_of_another_shape_gives_whole_pictures_and_the_card_its_own_shape(
    karin, page, size
):
    frame = base64.b64encode(camera_frame(portraits.good(), size)).decode()
    page.add_init_script(RACK + FACE_IN_FRONT % frame)
    begin(page)
    until_camera(page)
    assert_fits_its_width(page)
    shoot(page)
    card = page.locator("#card-picture").evaluate("(it) => it.width / it.height")
    assert card == pytest.approx(413 / 531, abs=0.01)
    expect(page.locator("#accept")).to_be_focused()
    page.keyboard.press("Enter")
    screen(page, "search")
    send_now(page)
    received(page, 1)
    header = StationRecord.objects.get(state="taken").header
    assert (header["width"], header["height"]) == size


# --- Names --------------------------------------------------------------------------------------


def test_names_of_two_hundred_letters_and_emoji_are_found_shown_and_sent(visit, page):
    wide = "👩🏽‍🦰" * 5 + "W" * 40
    booking = photo_builders.booked(visit, given_name="Åsa 😀", family_name=wide)
    begin(page)
    page.set_viewport_size({"width": 320, "height": 640})
    page.keyboard.type("asa ww")
    expect(page.locator(".hit")).to_have_count(1)
    assert_fits_its_width(page)
    page.fill("#search", "")
    photograph(page)
    page.keyboard.press("F2")
    for name, text in {"given": "😀" * 100, "family": "x" * 200, "contact": "kim@vard.se"}.items():
        page.fill(f"#walk-in-{name}", text)
    page.keyboard.press("Enter")
    screen(page, "identity")
    assert_fits_its_width(page)
    page.keyboard.press("1")
    screen(page, "camera")
    expect(page.locator("#camera-wait")).to_be_hidden(timeout=PATIENCE)
    assert_fits_its_width(page)
    shoot(page)
    assert_fits_its_width(page)
    page.keyboard.press("Enter")
    screen(page, "search")
    send_now(page)
    assert_fits_its_width(page)
    received(page, 2)
    assert StationRecord.objects.get(state="taken").subject == booking.pk
    told = StationRecord.objects.get(conflict="unknown_walk_in").header["walk_in"]
    assert (told["given_name"], told["family_name"]) == ("😀" * 100, "x" * 200)


# --- Tabs ---------------------------------------------------------------------------------------

LET_GO_LATE = """() => new Promise((held) => {
  navigator.locks.request("fotorundan-station", () => {
    held();
    return new Promise((resolve) => setTimeout(resolve, 1500));
  });
})"""


def test_a_tab_that_was_just_closed_and_is_slow_to_let_go_is_waited_for(karin, page, context):
    page.goto(reverse("people:log_in"))
    page.evaluate(LET_GO_LATE)
    second = context.new_page()
    second.goto(reverse("photos:station"))
    screen(second, "lock")
