"""What the station sealed reaches the real server once, through a network that often breaks."""

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from playwright.sync_api import Page

from photos.models import Capture, Laptop, Photo, StationRecord
from photos.services.station.keys import key_of
from tests import builders, photo_builders, portraits
from tests.browser.station_store import DEVICE, counts, run
from tests.browser.station_upload_server import ADDRESSES, Fault, UploadServer, serving

pytest_plugins = ["tests.browser.station_visit"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

FOLDER = "/static/photos/station/"
PEOPLE = 30
# A photo takes the server a while.
KINDS = ["photo", "no_show", "note", "no_show", "note"]

SEAL_AND_KEEP = """
  const jpeg = Uint8Array.from(atob(given.jpeg), (letter) => letter.charCodeAt(0));
  for (const [kind, subject] of given.people) {
    const id = crypto.randomUUID();
    const { user, visit, device } = given;
    const made_at = new Date().toISOString();
    const ids = { visit, subject, record: id };
    const header = {
      schema: "station-record/1", kind, ...ids, user, device, made_at, verdict: "", source: "",
      document: "", findings: [], accepted_anyway: "", note: kind === "note" ? "Blå tröja 👕" : "",
    };
    const taken = { document: "passport", source: "camera", verdict: "pass", sha256: given.sha256 };
    const photo = { ...header, ...taken, taken_at: made_at, checked_in_at: made_at };
    const sealed = await seal.seal({
      publicKey: given.key, ...ids, header: kind === "photo" ? photo : header,
      jpeg: kind === "photo" ? jpeg : null,
    });
    await outbox.keep({ id, visit, user, subject, device, kind, made_at, held: false, ...sealed });
  }
"""
# What waits to be sent again does so a thousand times as fast.
SEND = """
  const clock = { now: () => Date.now(), monotonic: () => performance.now() * 1000 };
  window.told = [];
  const onState = (state) => window.told.push(state);
  const told = { userId: given.user, addresses: given.addresses, clock, every: 20, onState };
  window.sender = sender.startSender(told);
"""


@pytest.fixture
def visit():
    return builders.visit(hours=4)


@pytest.fixture
def server(house_server) -> Iterator[UploadServer]:
    with serving(upstream=house_server.url) as server:
        yield server


class Station:
    """The page of the visit's technician on a laptop that was made ready for it."""

    def __init__(self, page: Page, visit: Any):
        self.page = page
        self.facts = {"user": str(visit.technician.user_id), "visit": str(visit.pk)}
        self.facts |= {"folder": FOLDER, "addresses": ADDRESSES, "device": DEVICE}

    def run(self, script: str, **given: Any) -> Any:
        return run(self.page, script, **self.facts, **given)

    def keep(self, people: list[tuple[str, str]], key: str) -> None:
        jpeg = portraits.good()
        facts = {"jpeg": base64.b64encode(jpeg).decode(), "key": key, "people": people}
        self.run(SEAL_AND_KEEP, sha256=hashlib.sha256(jpeg).hexdigest(), **facts)

    def rows(self) -> list[dict[str, Any]]:
        return self.run("return outbox.mine(given.user);")

    def wait_until_received(self) -> None:
        self.run(
            """
            await new Promise((resolve) => {
              const look = async () => {
                const { received } = await outbox.counts(given.user);
                if (received === given.people) resolve();
              };
              outbox.watch(look);
              look();
            });
            """,
            people=len(self.rows()),
            limit=200_000,
        )


@pytest.fixture
def station(visit, page_of, server) -> Station:
    page = page_of(photo_builders.technician(visit))
    page.goto(server.url + reverse("people:log_in"))
    station = Station(page, visit)
    station.run(
        "await fetch(given.package, { headers: { 'X-Device': given.device } });",
        package=reverse("photos:station_package", args=[visit.pk]),
    )
    return station


def public_key(visit) -> str:
    return base64.b64encode(bytes(key_of(visit).public_key)).decode()


def people_of(visit) -> list[tuple[str, str]]:
    bookings = [photo_builders.booked(visit) for _each in range(PEOPLE)]
    return [(KINDS[at % len(KINDS)], str(booking.pk)) for at, booking in enumerate(bookings)]


def broken(seed: int) -> Iterator[Fault | None]:
    """Half of the answers lost, three in ten of the requests cut."""
    chance = random.Random(seed)
    while True:
        cut, lost = chance.random() < 0.3, chance.random() < 0.5
        yield Fault.REQUEST_CUT if cut else Fault.ANSWER_LOST if lost else None


def test_thirty_records_come_once_and_the_server_opens_them(visit, station, server):
    people = people_of(visit)
    station.keep(people, public_key(visit))
    server.faults = broken(seed=3)
    station.run(SEND)
    station.wait_until_received()
    rows = {row["id"]: row for row in station.rows()}
    records = {str(record.pk): record for record in StationRecord.objects.all()}
    assert {key: record.sha256 for key, record in records.items()} == {
        key: row["sha256"] for key, row in rows.items()
    }
    assert {record.state for record in records.values()} == {StationRecord.State.TAKEN}
    assert len(records) == PEOPLE < len(server.sent)
    assert Capture.objects.count() == Photo.objects.count() == PEOPLE / len(KINDS)
    assert sorted(visit.bookings.values_list("status", flat=True)) == sorted(
        ["done", "no_show", "booked", "no_show", "booked"] * (PEOPLE // len(KINDS))
    )
    assert station.run("return (await database.readAll('sealed')).length;") == 0


def test_the_planner_sees_that_nothing_is_left_on_the_laptop(visit, station):
    station.keep([("note", str(photo_builders.booked(visit).pk))], public_key(visit))
    station.run(SEND)
    station.wait_until_received()
    station.run("window.sender.stop(); await window.sender.sendNow();")
    laptop = Laptop.objects.get()
    assert (laptop.unsent, laptop.reported_at is None) == (0, False)


def test_a_record_of_a_visit_that_is_not_mine_is_refused_and_stays(visit, station):
    elsewhere = builders.visit()
    subject = str(photo_builders.booked(elsewhere).pk)
    station.facts["visit"] = str(elsewhere.pk)
    station.keep([("note", subject)], public_key(elsewhere))
    station.run(SEND + "await window.sender.sendNow();")
    [row] = station.rows()
    assert row["state"] == "refused"
    assert row["fault"]["code"] == "unknown_visit"
    assert row["fault"]["message"]
    assert not StationRecord.objects.exists()


def test_the_rescue_file_of_the_browser_is_taken_by_the_planner(visit, station, log_in):
    booking = photo_builders.booked(visit)
    station.keep([("photo", str(booking.pk))], public_key(visit))
    content = station.run("return (await rescue.rescueFile(given.user)).text();")
    planner = builders.user("planner", within=visit.unit.municipality.federation)
    file = SimpleUploadedFile("raddning.fotorundan", content.encode())
    log_in(planner).post(reverse("photos:rescue"), {"file": file})
    record = StationRecord.objects.get()
    assert record.way == "rescue"
    assert str(record.pk) == json.loads(content.splitlines()[1])["record"]
    station.run(SEND)
    station.wait_until_received()
    assert counts(station.page, station.facts["user"], folder=FOLDER)["received"] == 1
    assert [each.state for each in StationRecord.objects.all()] == [StationRecord.State.TAKEN]
