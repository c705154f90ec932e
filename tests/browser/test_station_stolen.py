"""A laptop is stolen after a visit: what its disk holds of the people, their photos, their keys.

The thief has every file of the browser's profile, and the browser too: it is started again on the
stolen profile and asked for all that the site has stored. What was in the memory of the running
browser, and what the operating system swapped out, is not looked for here.
"""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from tests import builders, photo_builders, portraits
from tests.browser import disk_search
from tests.browser.conftest import SWITCHES
from tests.browser.station_packages import NIL

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_database")]

MODULES = "/static/photos/station"
PASSPHRASE = "sjutton gröna lodjur dansar"
# One has letters that a browser keeps as one byte each, one as two bytes, one as two only in UTF-8.
PEOPLE = [("Ingegärdis", "Blixtörnsköld"), ("Władysława", "Žižkovská"), ("Tjalfe", "Quistgaarden")]
WALK_IN = ("Hjördisella", "Vandrarfalk")
LARGEST_WITHOUT_PICTURE = 200_000
NAMES = [name for person in [*PEOPLE, WALK_IN] for name in person]

LEAVE = """async ({ modules, addresses, passphrase, photos, walkIn }) => {
  const { createBox } = await import(`${modules}/lockbox.js`);
  const { deviceId, openVisit, prepareVisit } = await import(`${modules}/prepare.js`);
  const { keepRecord } = await import(`${modules}/records.js`);
  const { visit, user } = addresses;
  const box = await createBox({ passphrase, user });
  await prepareVisit(visit, box, addresses);
  const { people, public_key: publicKey } = await openVisit(visit, box);
  const place = { visit, publicKey, user: user.id, device: await deviceId() };
  const takes = [...people.map(({ subject }) => ({ subject, facts: {} }))];
  takes.push({ subject: crypto.randomUUID(), facts: { walk_in: walkIn } });
  for (const [at, { subject, facts }] of takes.entries()) {
    const jpeg = Uint8Array.from(atob(photos[at]), (letter) => letter.charCodeAt(0));
    const line = { state: "done", at: new Date().toISOString() };
    await keepRecord(place, { kind: "photo", subject, jpeg, facts, line });
  }
  return [people.map((person) => person.family_name), takes.length];
}"""

# What no station may do, to see that the search would find it.
CARELESS = """async ({ modules, name, photo, passphrase }) => {
  const { read, readAll, write } = await import(`${modules}/database.js`);
  const bytes = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode("    {\\"schema\\": 1}");
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  await write("settings", { name, passphrase, padding: "lång text ".repeat(9999) }, "careless");
  await write("settings", bytes, "photo");
  await write("settings", key, "key");
  return [iv, new Uint8Array(sealed)].map((part) => [...part]);
}"""

# Texts as they are, bytes as data: addresses.
DUMP = """async () => {
  const [texts, binaries] = [[], []];
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const plain = (_key, value) => {
    if (!(value instanceof ArrayBuffer || ArrayBuffer.isView(value))) return value;
    binaries.push(new Blob([value]));
    return `${value.byteLength} bytes`;
  };
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const rows = await asked(database.transaction(store).objectStore(store).getAll());
      for (const row of rows) texts.push(`${name} ${store} ${JSON.stringify([row], plain)}`);
    }
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      texts.push(request.url);
      binaries.push(await (await cache.match(request)).blob());
    }
  }
  for (const storage of [localStorage, sessionStorage]) texts.push(JSON.stringify({ ...storage }));
  for await (const name of (await navigator.storage.getDirectory()).keys()) texts.push(name);
  const address = (blob) => new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
  return [texts, await Promise.all(binaries.map(address))];
}"""


@pytest.fixture
def visit():
    visit = builders.visit()
    for given_name, family_name in PEOPLE:
        photo_builders.booked(visit, given_name=given_name, family_name=family_name)
    return visit


@pytest.fixture
def photos() -> list[bytes]:
    """Pictures that share no bytes but their tables: one portrait, turned each way."""
    portrait = portraits.image(portraits.good())
    return [portraits.jpeg(portrait.rotate(turn)) for turn in (0, 90, 180, 270)]


class Laptop:
    """A browser with a profile of its own on the disk, started and closed."""

    def __init__(self, playwright, path: str, server, profile: Path):
        self.playwright, self.path, self.server, self.profile = playwright, path, server, profile

    def start(self) -> tuple[BrowserContext, Page]:
        context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=self.path,
            headless=True,
            args=SWITCHES,
            base_url=self.server.url,
        )
        page = context.pages[0]
        return context, page

    def log_in(self, context: BrowserContext, user) -> None:
        client = Client()
        client.force_login(user)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        context.add_cookies([cookie | {"url": self.server.url}])

    def run(self, script: str, given: dict | None = None, user=None) -> object:
        """Start, open the station, run the script, close."""
        context, page = self.start()
        if user:
            self.log_in(context, user)
        page.goto(reverse("photos:station"))
        answer = page.evaluate(script, given)
        context.close()
        return answer


@pytest.fixture
def laptop(playwright, chromium_path, house_server, tmp_path) -> Iterator[Laptop]:
    profile = tmp_path / "profile"
    yield Laptop(playwright, chromium_path, house_server, profile)
    shutil.rmtree(profile)


def leave(laptop: Laptop, visit, photos: list[bytes]) -> None:
    """Prepare, photograph everybody and a walk-in, and close the browser."""
    user = photo_builders.technician(visit)
    given = {
        "modules": MODULES,
        "passphrase": PASSPHRASE,
        "photos": [in_base64(photo) for photo in photos],
        "walkIn": {"given_name": WALK_IN[0], "family_name": WALK_IN[1], "contact": "x@example.se"},
        "addresses": {
            "visit": str(visit.pk),
            "user": {"id": str(user.pk), "name": user.name},
            "package": reverse("photos:station_package", args=[NIL]),
        },
    }
    prepared, kept = laptop.run(LEAVE, given, user)
    assert sorted(prepared) == sorted(family_name for _given_name, family_name in PEOPLE)
    assert kept == len(photos) == len(PEOPLE) + 1


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def dumped(laptop: Laptop) -> list[tuple[str, bytes]]:
    """Return what the stolen browser itself gives away of the site."""
    texts, addresses = laptop.run(DUMP)
    parts = [text.encode() for text in texts]
    parts += [base64.b64decode(address.partition(",")[2]) for address in addresses]
    return [(f"dump {number}", data) for number, data in enumerate(parts)]


def files_with(words: list[str], files: list[tuple[str, bytes]]) -> dict[str, list[str]]:
    hits = {word: disk_search.found(disk_search.spellings(word), files) for word in words}
    return {word: names for word, names in hits.items() if names}


def slices(photo: bytes) -> list[bytes]:
    """Return pieces of the picture itself, beyond the tables that many pictures share."""
    return [photo[at : at + 64] for at in range(len(photo) // 4, len(photo) - 64, len(photo) // 9)]


def sealed_on(files: list[tuple[str, bytes]]) -> list[tuple[bytes, bytes, bytes]]:
    """Return each sealed record found, ready for the search for a key that opens it."""
    found = {}
    for _name, data in files:
        if data.startswith(b"FRS1"):
            start = 6 + int.from_bytes(data[4:6])
            nonce, ciphertext = data[start : start + 12], data[start + 12 : start + 28]
            found[nonce] = (nonce, ciphertext, b'{"schema"')
    return list(found.values())


def of_the_site(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return what the site wrote, but for its sealed pictures: there a key might lie."""
    places = ("/IndexedDB/", "/Local Storage/", "/Session Storage/", "dump ")
    stored = [(name, data) for name, data in files if any(place in name for place in places)]
    small = [(name, data) for name, data in stored if len(data) < LARGEST_WITHOUT_PICTURE]
    assert any(name.endswith(".indexeddb.leveldb/000003.log") for name, _data in small)
    return small


def boxes_in(files: list[tuple[str, bytes]]) -> list[dict]:
    start = b"fotorundan-station settings "
    rows = [json.loads(data[len(start) :])[0] for _name, data in files if data.startswith(start)]
    return [row for row in rows if isinstance(row, dict) and row.get("kind") == "box"]


def test_a_thief_finds_no_name_no_photo_no_passphrase_and_no_key(laptop, visit, photos):
    leave(laptop, visit, photos)
    given = dumped(laptop)
    files = [*disk_search.contents(laptop.profile), *given]
    assert files_with([*NAMES, PASSPHRASE], files) == {}
    assert [disk_search.found(slices(photo), files) for photo in photos] == [[]] * len(photos)
    sealed = sealed_on(given)
    assert len(sealed) == len(photos)
    assert disk_search.keys_that_open(sealed, of_the_site(files)) == []
    assert [sorted(box) for box in boxes_in(given)] == [
        ["kind", "nonce", "rounds", "salt", "user", "way", "wrapped"]
    ]


def test_the_search_finds_what_lies_in_clear(laptop, visit, photos):
    given = {"modules": MODULES, "name": NAMES[1], "passphrase": PASSPHRASE}
    nonce, ciphertext = laptop.run(CARELESS, given | {"photo": in_base64(photos[0])})
    files = list(disk_search.contents(laptop.profile))
    assert set(files_with([NAMES[1], PASSPHRASE], files)) == {NAMES[1], PASSPHRASE}
    assert disk_search.found(slices(photos[0]), files)
    sealed = [(bytes(nonce), bytes(ciphertext)[:16], b'{"schema"')]
    assert disk_search.keys_that_open(sealed, of_the_site(files))


def test_what_is_compressed_is_unpacked(tmp_path):
    text, again = bytes([10, 4 << 2]) + b"Blixt", bytes([1 | 1 << 2, 5])
    (tmp_path / "value").write_bytes(b"before" + disk_search.COMPRESSED_VALUE + text + again)
    index = bytes([0, 1, 2]) + b"k" + bytes([0, 9]) + bytes(4) + (1).to_bytes(4, "little")
    footer = bytes([0, 0, 14, len(index)]).ljust(40, b"\0") + disk_search.TABLE_MAGIC
    block = text + again + b"\1" + bytes(4)
    (tmp_path / "table").write_bytes(block + index + bytes(5) + footer)
    names = disk_search.found([b"BlixtBlixt"], disk_search.contents(tmp_path))
    assert names == ["table (unpacked)", "value (unpacked)"]
