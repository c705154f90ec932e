"""All is kept twice: what the browser throws away of the one comes back out of the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.conftest import SWITCHES
from tests.browser.station_store import counts, keep, row, run, station_in

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser

Life = Callable[[], Page]
SPARE, MAIN = "WebStorage", "IndexedDB"
GONE = """
  const bases = { main: indexedDB, spare: null };
  const bucket = await navigator.storageBuckets.open("fotorundan-spare");
  bases.spare = bucket.indexedDB;
  await new Promise((resolve, reject) => {
    const asked = bases[given.which].deleteDatabase("fotorundan-station");
    asked.onsuccess = resolve;
    asked.onerror = reject;
  });
"""
KEPT_IN_SPARE = """
  const bucket = await navigator.storageBuckets.open("fotorundan-spare");
  const base = await new Promise((resolve) => {
    const asked = bucket.indexedDB.open("fotorundan-station");
    asked.onsuccess = () => resolve(asked.result);
  });
  const asked = base.transaction("sealed").objectStore("sealed").getAllKeys();
  const keys = await new Promise((resolve) => (asked.onsuccess = () => resolve(asked.result)));
  base.close();
  return keys;
"""


@pytest.fixture
def laptop(playwright: Playwright, shell_path: str, tmp_path: Path, server) -> Life:
    """Return what opens the browser with one profile on the disk, life after life."""

    @contextmanager
    def life() -> Iterator[Page]:
        folder = tmp_path / "profile"
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=shell_path, args=SWITCHES, base_url=server.url
        )
        page = context.pages[0]
        page.goto("/")
        yield page
        context.close()

    return life


def damage(profile: Path, part: str) -> int:
    """Write over the middle of each database's log, as a kill may leave it; return how many."""
    logs = list((profile / "Default" / part).rglob("*indexeddb.leveldb/*.log"))
    for log in logs:
        data = bytearray(log.read_bytes())
        data[len(data) // 2 : len(data) // 2 + 64] = b"?" * 64
        log.write_bytes(data)
    return len(logs)


@pytest.mark.parametrize("part", [MAIN, SPARE])
def test_a_database_that_the_browser_finds_damaged_is_made_anew(laptop, tmp_path, part):
    with laptop() as page:
        kept = [keep(page, size=150_000, held=number == 0) for number in range(5)]
        before = [row(page, record) for record in kept]
        run(page, "await database.write('settings', { deep: [1, new Uint8Array(3)] }, 'one');")
    assert damage(tmp_path / "profile", part) == 1
    with laptop() as page:
        assert [row(page, record) for record in kept] == before
        hashes = run(
            page,
            """
            const bytes = await Promise.all(given.kept.map((id) => outbox.sealedBytes(id)));
            return Promise.all(bytes.map((each) => seal.sha256(each)));
            """,
            kept=kept,
        )
        assert hashes == [each["sha256"] for each in before]
        assert run(page, "return (await database.read('settings', 'one')).deep[0];") == 1
        assert sorted(run(page, KEPT_IN_SPARE)) == sorted(kept)


def test_one_after_the_other_may_be_thrown_away(page):
    kept = sorted(keep(page) for _ in range(3))
    for which in ("main", "spare", "main"):
        run(page, GONE, which=which)
        page.reload()
        assert sorted(each["id"] for each in run(page, "return outbox.mine(given.user);")) == kept
        kept = sorted([*kept, keep(page)])
    assert sorted(run(page, KEPT_IN_SPARE)) == kept


def test_what_was_undone_or_received_does_not_come_back(page):
    undone, received, left = keep(page, held=True), keep(page), keep(page)
    run(page, "await outbox.undo(given.id);", id=undone)
    run(page, "await outbox.received(await outbox.find(given.id), 'taken');", id=received)
    run(page, GONE, which="main")
    page.reload()
    assert (row(page, undone), row(page, received)["state"]) == (None, "received")
    assert run(page, "return (await database.readAll('sealed')).length;") == 1
    assert run(page, KEPT_IN_SPARE) == [left]


def test_what_a_kill_kept_from_the_main_one_is_taken_back_from_the_spare(page):
    """The main one is what is true as long as it is there."""
    kept = keep(page)
    extra = """
      const bucket = await navigator.storageBuckets.open("fotorundan-spare");
      const base = await new Promise((resolve) => {
        const asked = bucket.indexedDB.open("fotorundan-station");
        asked.onsuccess = () => resolve(asked.result);
      });
      const transaction = base.transaction("sealed", "readwrite");
      transaction.objectStore("sealed").put(new ArrayBuffer(3), "never told");
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      base.close();
    """
    run(page, extra)
    page.reload()
    assert counts(page)["saved"] == 1
    assert run(page, KEPT_IN_SPARE) == [kept]


def test_a_queue_of_a_laptop_that_kept_all_once_is_kept_twice_from_now_on(page):
    first_version = """
      const { upgrades } = await import("/schema.js");
      const made = await record({ size: 5000 });
      const { bytes, ...facts } = made;
      const base = await new Promise((resolve) => {
        const asked = indexedDB.open("fotorundan-station", 1);
        asked.onupgradeneeded = () => upgrades[0](asked.result);
        asked.onsuccess = () => resolve(asked.result);
      });
      const transaction = base.transaction(["outbox", "sealed"], "readwrite");
      transaction.objectStore("outbox").put({ ...facts, state: "saved", attempts: 0 });
      transaction.objectStore("sealed").put(bytes, made.id);
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      base.close();
      return made.id;
    """
    record = run(page, first_version)
    assert counts(page)["saved"] == 1
    assert run(page, KEPT_IN_SPARE) == [record]


def test_where_the_browser_knows_no_buckets_there_is_one_database(profile):
    profile.add_init_script("delete Navigator.prototype.storageBuckets")
    page = station_in(profile)
    record = keep(page, size=5000)
    page.reload()
    assert (counts(page)["saved"], row(page, record)["size"]) == (1, 5000)


def test_a_spare_without_room_leaves_the_queue_as_it_is(page):
    record = keep(page)
    run(page, GONE, which="spare")
    page.reload()
    full = """
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...given) {
        if (this.name === "twin") throw Object.assign(new Error(), { name: "StorageFull" });
        return put.apply(this, given);
      };
    """
    run(page, full)
    assert counts(page)["saved"] == 1
    other = keep(page)
    assert {each["id"] for each in run(page, "return outbox.mine(given.user);")} == {record, other}


def test_what_the_main_one_has_no_room_for_is_not_in_the_spare_either(page):
    keep(page)
    full = """
      const add = IDBObjectStore.prototype.add;
      let asked = 0;
      IDBObjectStore.prototype.add = function (...given) {
        asked += 1;
        if (asked > 2) throw new DOMException("", "QuotaExceededError");
        return add.apply(this, given);
      };
      try {
        await keepOne({});
        return "kept";
      } catch (error) {
        IDBObjectStore.prototype.add = add;
        return error.name;
      }
    """
    assert run(page, full) == "QuotaExceededError"
    page.reload()
    assert counts(page)["saved"] == 1
    assert len(run(page, KEPT_IN_SPARE)) == 1
