"""The station's parts together: a camera's folder, locks, the shutter, single records, changes."""

import base64
import json
import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from booking.models import Booking
from booking.services.bookings import cancel_booking
from photos.models import Capture, StationRecord
from tests import builders, photo_builders, portraits
from tests.browser.station_driver import (
    PATIENCE,
    begin,
    count,
    in_control,
    open_visit,
    photograph,
    prepare,
    screen,
    unlock,
    until_camera,
    until_folder,
    watched,
)
from tests.browser.test_station_lock import authenticator

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

# The origin's private file system has the same kind of folder as a picker gives.
KEEP_FOLDER = """async () => {
  const handles = await import("/static/photos/station/folder_handle.js");
  const root = await navigator.storage.getDirectory();
  await handles.keepFolder(await root.getDirectoryHandle("camera", { create: true }));
}"""
PUT = """async (files) => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("camera");
  for (const [name, coded] of Object.entries(files)) {
    const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
    const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await writable.write(bytes);
    await writable.close();
  }
}"""
# The folder is looked into when the test says so.
LOOKS = """
  const { setInterval: each } = window;
  window.setInterval = (act, ms) => (ms === 500 ? ((window.look = act), 0) : each(act, ms));
"""
TWO_LOOKS = """async () => {
  await window.look();
  await window.look();
}"""
NAMES = """async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("camera");
  return (await Array.fromAsync(folder.keys())).sort();
}"""
NO_NAMES = """async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("camera");
  for (;;) {
    if (!(await Array.fromAsync(folder.keys())).length) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""

PACKAGE = re.compile("/api/station/besok/[0-9a-f-]{36}$")


@pytest.fixture
def page(station_page) -> Page:
    return station_page


def fault(page: Page):
    return page.locator("[data-notice=fault]")


def send(page: Page, received: int) -> None:
    page.click("#open-outbox")
    page.click("#outbox [data-ask=sendNow]")
    expect(count(page, "received")).to_have_text(str(received), timeout=PATIENCE)
    page.keyboard.press("Escape")


# --- A camera's folder --------------------------------------------------------------------------


@pytest.fixture
def put(page: Page) -> Callable[..., None]:
    """Let the camera beside the laptop write pictures at once, by name."""

    def put(**pictures: bytes) -> None:
        files = {f"{name}.JPG": coded(data) for name, data in pictures.items()}
        page.evaluate(PUT, files)

    return put


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def begin_with_folder(page: Page) -> None:
    prepare(page)
    page.evaluate(KEEP_FOLDER)
    page.click("#begin")
    screen(page, "search")
    expect(page.locator("#search")).to_be_focused()
    expect(watched(page)).to_have_js_property("hidden", False, timeout=PATIENCE)


def test_a_picture_in_the_folder_is_judged_accepted_received_and_deleted(karin, page, put):
    begin_with_folder(page)
    until_folder(page)
    put(DSC_1=portraits.good())
    screen(page, "verdict")
    page.keyboard.press("Enter")
    screen(page, "search")
    assert page.evaluate(NAMES) == ["DSC_1.JPG"]
    send(page, 1)
    page.evaluate(NO_NAMES)
    assert Capture.objects.get().source == "folder"
    expect(fault(page)).to_be_hidden()


@pytest.mark.usefixtures("face_models")
def test_of_several_pictures_at_once_the_best_is_suggested_and_all_are_deleted(karin, page, put):
    page.add_init_script(LOOKS)
    begin_with_folder(page)
    until_folder(page)
    shut = portraits.bad("eyes_closed")
    page.evaluate(TWO_LOOKS)
    put(DSC_1=shut, DSC_2=portraits.good(), DSC_3=shut)
    page.evaluate(TWO_LOOKS)
    screen(page, "verdict")
    expect(page.locator("#accept")).to_be_focused()
    expect(page.locator(".burst-choice")).to_have_count(3)
    page.keyboard.press("Enter")
    screen(page, "search")
    send(page, 1)
    page.evaluate(NO_NAMES)
    assert StationRecord.objects.get().header["verdict"] != "fail"


@pytest.mark.usefixtures("face_models")
def test_a_picture_that_comes_at_the_verdict_is_offered_as_another_try(karin, page, put):
    begin_with_folder(page)
    until_folder(page)
    put(DSC_1=portraits.bad("eyes_closed"))
    screen(page, "verdict")
    newer = page.locator("#newer")
    expect(newer).to_be_hidden()
    put(DSC_2=portraits.good())
    expect(newer).to_be_visible(timeout=PATIENCE)
    newer.click()
    expect(page.locator("#accept")).to_be_focused(timeout=PATIENCE)
    expect(newer).to_be_hidden()
    page.keyboard.press("Enter")
    screen(page, "search")
    send(page, 1)
    page.evaluate(NO_NAMES)
    assert StationRecord.objects.get().header["tries"] == 2


def test_a_picture_with_nobody_chosen_is_told_and_is_never_the_next_ones(karin, page, put):
    begin_with_folder(page)
    put(DSC_1=portraits.good())
    expect(fault(page)).to_contain_text("DSC_1.JPG", timeout=PATIENCE)
    page.locator("[data-notice=fault] [data-closes]").click()
    page.locator("#search").focus()
    page.keyboard.press("Enter")
    screen(page, "identity")
    put(DSC_2=portraits.good())
    expect(fault(page)).to_contain_text("DSC_2.JPG", timeout=PATIENCE)
    page.keyboard.press("1")
    screen(page, "camera")
    expect(watched(page)).to_be_visible(timeout=PATIENCE)
    put(DSC_3=portraits.good())
    screen(page, "verdict")
    expect(page.locator(".burst-choice")).to_have_count(1)


def test_what_was_half_written_when_somebody_was_checked_in_is_told(karin, page, put):
    begin_with_folder(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    put(DSC_1=portraits.good()[:5000])
    page.keyboard.press("1")
    screen(page, "camera")
    expect(fault(page)).to_contain_text("DSC_1.JPG", timeout=PATIENCE)
    put(DSC_1=portraits.good(), DSC_2=portraits.good())
    screen(page, "verdict")
    expect(page.locator(".burst-choice")).to_have_count(1)


@pytest.mark.usefixtures("service_worker")
def test_a_clear_file_is_deleted_although_the_page_was_loaded_again(karin, page, put, context):
    begin_with_folder(page)
    in_control(page)
    until_folder(page)
    put(DSC_1=portraits.good())
    screen(page, "verdict")
    context.set_offline(True)
    page.keyboard.press("Enter")
    screen(page, "search")
    page.reload()
    unlock(page)
    context.set_offline(False)
    send(page, 1)
    page.evaluate(NO_NAMES)


def test_a_picture_of_somebody_who_was_left_is_told_at_once_and_after_a_reload(karin, page, put):
    begin_with_folder(page)
    until_folder(page)
    put(DSC_1=portraits.bad("eyes_closed"))
    screen(page, "verdict")
    for shown in ("camera", "identity", "search"):
        page.keyboard.press("Escape")
        screen(page, shown)
    expect(fault(page)).to_contain_text("DSC_1.JPG")
    page.reload()
    unlock(page)
    open_visit(page)
    expect(fault(page)).to_contain_text("DSC_1.JPG", timeout=PATIENCE)
    assert page.evaluate(NAMES) == ["DSC_1.JPG"]


def test_a_folder_that_is_allowed_already_can_be_changed(karin, page):
    prepare(page)
    page.evaluate(KEEP_FOLDER)
    page.evaluate(
        """async () => {
          const root = await navigator.storage.getDirectory();
          const other = await root.getDirectoryHandle("other", { create: true });
          window.showDirectoryPicker = async () => other;
        }"""
    )
    page.click("#choose-folder")
    expect(page.locator("[data-key=folder]")).to_contain_text("other", timeout=PATIENCE)


# --- The lock -----------------------------------------------------------------------------------


def test_a_passkey_locks_the_list_and_is_the_only_way_in_after_that(karin, page, context):
    authenticator(context, page)
    page.goto(reverse("photos:station"))
    page.locator("#use-passkey").click()
    screen(page, "visits")
    page.locator("[data-act=fetch]:visible").click()
    expect(page.locator("[data-act=open]:visible")).to_have_count(1, timeout=PATIENCE)
    page.reload()
    expect(page.locator("#use-passkey")).to_be_focused(timeout=PATIENCE)
    expect(page.locator("#passphrase")).to_be_hidden()
    page.keyboard.press("Enter")
    screen(page, "visits")
    open_visit(page)
    page.click("#begin")
    expect(page.locator("#next-person .next-name")).to_have_text("Karin Lindqvist")


def test_the_browser_is_not_asked_to_save_the_passphrase(karin, page):
    page.goto(reverse("photos:station"))
    expect(page.locator("#passphrase-again")).to_be_visible(timeout=PATIENCE)
    for field in ("#passphrase", "#passphrase-again"):
        expect(page.locator(field)).to_have_attribute("autocomplete", "off")


# --- The shutter --------------------------------------------------------------------------------


@pytest.mark.usefixtures("face_models")
def test_the_shutter_shoots_by_itself_only_when_it_was_armed(jonas, page):
    begin(page)
    until_camera(page)
    expect(page.locator("#auto")).not_to_be_checked()
    page.locator("label[for=auto]").click()
    screen(page, "verdict")
    page.locator("#accept").click()
    screen(page, "search")
    until_camera(page)
    expect(page.locator("#auto")).not_to_be_checked()


# --- A single record ----------------------------------------------------------------------------


def test_a_record_is_saved_and_removed_alone_and_its_person_waits_again(jonas, page, context):
    begin(page)
    context.set_offline(True)
    photograph(page)
    photograph(page)
    page.click("#open-outbox")
    row = page.locator(".record", has_text="Jonas Ek")
    with page.expect_download() as saved:
        row.locator("[data-act=export]").click()
    head, record = saved.value.path().read_text().splitlines()
    assert json.loads(head)["records"] == 1
    assert json.loads(record)["subject"] == str(jonas.pk)
    row.locator("[data-act=remove]").click()
    row.locator("[data-act=removeYes]").click()
    expect(page.locator(".record")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#next-person .next-name")).to_have_text("Jonas Ek")
    expect(count(page, "saved")).to_have_text("1")


# --- Changes after the download -----------------------------------------------------------------


def changed(page: Page):
    return page.locator("[data-notice=changed]")


def test_at_opening_it_is_said_by_name_who_is_new_and_who_is_gone(jonas, page, visit):
    prepare(page)
    page.click("#leave-readiness")
    screen(page, "visits")
    photo_builders.booked(visit, given_name="Li", family_name="Berg")
    cancel_booking(actor=builders.user(), booking=jonas)
    page.locator("[data-act=open]:visible").click()
    expect(changed(page)).to_contain_text("Li Berg", timeout=PATIENCE)
    expect(changed(page)).to_contain_text("Jonas Ek")
    expect(changed(page)).not_to_contain_text("Karin")
    page.click("#begin")
    expect(page.locator("#people li")).to_have_count(2)
    expect(page.locator("#people")).to_contain_text("Li Berg")


def test_a_photo_that_was_received_changes_nothing_that_is_worth_saying(jonas, page):
    begin(page)
    photograph(page)
    send(page, 1)
    page.reload()
    unlock(page)
    with page.expect_response(PACKAGE):
        open_visit(page)
    page.click("#begin")
    expect(page.locator("#people .state-done")).to_have_count(1)
    expect(changed(page)).to_be_hidden()


def test_with_the_network_back_the_list_follows_once_nobody_is_before_the_camera(
    jonas, page, visit, context
):
    begin(page)
    context.set_offline(True)
    photograph(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    photo_builders.booked(visit, given_name="Li", family_name="Berg")
    cancel_booking(
        actor=builders.user(), booking=Booking.objects.get(need__staff__given_name="Karin")
    )
    cancel_booking(actor=builders.user(), booking=jonas)
    with page.expect_response(PACKAGE):
        context.set_offline(False)
    expect(page.locator("[data-screen=identity] .person-name")).to_have_text("Jonas Ek")
    page.keyboard.press("Escape")
    screen(page, "search")
    expect(changed(page)).to_contain_text("Li Berg", timeout=PATIENCE)
    expect(page.locator("#people")).not_to_contain_text("Jonas Ek")
    expect(page.locator("#people .state-done")).to_have_count(1)


# --- What is no photo ---------------------------------------------------------------------------


def test_a_note_and_somebody_who_did_not_come_reach_the_server(karin, page):
    begin(page)
    page.keyboard.press("Enter")
    screen(page, "identity")
    page.keyboard.press("n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("Ringde: sjuk i dag")
    page.locator("#note .btn-primary").press("Enter")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    screen(page, "search")
    send(page, 2)
    told = {record.kind: record.header["note"] for record in StationRecord.objects.all()}
    assert told == {"note": "Ringde: sjuk i dag", "no_show": ""}
    karin.refresh_from_db()
    assert karin.status == "no_show"
