"""The station's database and queue in a real browser: what is kept stays till it is received."""

import pytest
from playwright.sync_api import Page

from tests.browser.station_store import (
    OTHER_USER,
    USER,
    VISIT,
    counts,
    keep,
    new_id,
    row,
    run,
    station_in,
)
from tests.browser.station_upload_server import ADDRESSES

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser


def fault_of(page: Page, script: str, **given) -> str:
    """The name of the error that the script throws; "none" when it throws nothing."""
    caught = f"try {{ {script} }} catch (error) {{ return error.name; }} return 'none';"
    return run(page, caught, **given)


# --- The database -------------------------------------------------------------------------------


def test_what_is_written_is_read_again_by_its_key_until_it_is_erased(page):
    told = run(
        page,
        """
        await database.write("settings", { a: 1 }, "camera");
        await database.write("visits", { id: given.visit, unit: "Solgården" });
        await database.write("journal", { visit: given.visit, subject: "s", done: true });
        const kept = [
          await database.read("settings", "camera"),
          (await database.read("visits", given.visit)).unit,
          (await database.read("journal", [given.visit, "s"])).done,
          (await database.readAll("visits")).length,
        ];
        await database.erase("settings", "camera");
        return [...kept, (await database.read("settings", "camera")) === undefined];
        """,
    )
    assert told == [{"a": 1}, "Solgården", True, 1, True]


def test_every_change_is_asked_to_be_on_the_disk_before_it_is_said_to_be_done(page):
    asked = run(
        page,
        """
        const asked = [];
        const whole = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (names, mode, options) {
          const made = whole.call(this, names, mode, options);
          if (mode === "readwrite") asked.push(made.durability);
          return made;
        };
        const id = await keepOne({ held: true });
        await outbox.release(id);
        await database.write("settings", 1, "x");
        return asked;
        """,
    )
    assert asked
    assert set(asked) == {"strict"}


def test_a_change_that_fails_changes_nothing(page):
    name = fault_of(
        page,
        """
        await database.change(["settings", "journal"], ({ settings }) => {
          settings.put(1, "half");
          throw new RangeError("in the middle");
        });
        """,
    )
    assert name == "RangeError"
    assert run(page, "return (await database.readAll('settings')).length;") == 0


def test_a_database_that_the_browser_closed_is_opened_again(page):
    told = run(
        page,
        """
        const opened = [];
        const open = IDBFactory.prototype.open;
        IDBFactory.prototype.open = function (...given) {
          const asked = open.apply(this, given);
          asked.addEventListener("success", () => opened.push(asked.result));
          return asked;
        };
        await database.write("settings", 1, "before");
        opened[0].close();
        await database.write("settings", 2, "without a word");
        opened.at(-1).close();
        opened.at(-1).dispatchEvent(new Event("close"));
        await database.write("settings", 3, "with one");
        return [opened.length, await database.readAll("settings")];
        """,
    )
    assert told == [4, [1, 3, 2]]


def test_a_new_version_of_the_app_keeps_a_full_queue_and_the_old_page_goes_on(profile):
    page = station_in(profile)
    kept = [keep(page, size=200_000, held=number == 0) for number in range(30)]
    newer = station_in(profile)
    told = run(
        newer,
        """
        database.upgrades.push((base) => base.createObjectStore("added"));
        await database.write("added", "new", "key");
        const rows = await outbox.mine(given.user);
        const hashes = rows.map(async ({ id }) => seal.sha256(await outbox.sealedBytes(id)));
        return [rows, await Promise.all(hashes)];
        """,
    )
    rows, digests = told
    assert sorted(each["id"] for each in rows) == sorted(kept)
    assert digests == [each["sha256"] for each in rows]
    assert [each["held"] for each in rows].count(True) == 1
    keep(page)
    assert counts(newer)["saved"] == 31


def test_the_second_version_is_what_laptops_out_there_have(page):
    keep(page)
    stores = run(
        page,
        """
        const [{ name, version }] = await indexedDB.databases();
        const base = await new Promise((resolve) => {
          const asked = indexedDB.open(name);
          asked.onsuccess = () => resolve(asked.result);
        });
        const stores = [...base.objectStoreNames];
        const transaction = base.transaction(stores);
        const indexes = [...transaction.objectStore("outbox").indexNames];
        base.close();
        return [name, version, stores, indexes];
        """,
    )
    assert stores == [
        "fotorundan-station",
        2,
        ["journal", "outbox", "sealed", "settings", "trial", "twin", "visits"],
        ["user", "visit"],
    ]


# --- The queue ----------------------------------------------------------------------------------


def test_a_kept_record_is_there_after_a_reload_with_the_journal_of_its_transaction(page):
    told = run(
        page,
        """
        const made = await record({ size: 300_000 });
        await outbox.keep(made, ({ journal }) => {
          journal.put({ visit: made.visit, subject: made.subject, done: true });
        });
        return [made.id, made.subject, made.sha256];
        """,
    )
    record, subject, sha256 = told
    page.reload()
    kept = row(page, record)
    assert (kept["state"], kept["attempts"], kept["fault"]) == ("saved", 0, None)
    assert (kept["size"], "bytes" in kept) == (300_000, False)
    journal = run(
        page, "return database.read('journal', [given.visit, given.subject]);", subject=subject
    )
    assert journal["done"] is True
    kept_hash = run(page, "return seal.sha256(await outbox.sealedBytes(given.id));", id=record)
    assert kept_hash == sha256


def test_nothing_is_kept_when_its_journal_cannot_be(page):
    script = """
        await outbox.keep(await record({}), ({ journal }) => {
          journal.put({ visit: given.visit });
        });
    """
    assert fault_of(page, script) == "DataError"
    assert run(page, "return (await database.readAll('sealed')).length;") == 0
    assert counts(page)["saved"] == 0


def test_a_record_is_never_written_over(page):
    record = keep(page)
    before = row(page, record)
    assert fault_of(page, "await keepOne({ id: given.id });", id=record) == "ConstraintError"
    assert row(page, record) == before


def test_a_held_record_can_be_undone_and_a_released_one_cannot(page):
    held, released = keep(page, held=True), keep(page, held=True)
    run(page, "await outbox.release(given.id);", id=released)
    undo = "return outbox.undo(given.id, ({ journal }) => journal.delete([given.visit, 's']));"
    run(page, "await database.write('journal', { visit: given.visit, subject: 's' });")
    assert run(page, undo, id=released) is False
    assert run(page, "return (await database.readAll('journal')).length;") == 1
    assert run(page, undo, id=held) is True
    assert run(page, undo, id=held) is False
    assert run(page, "return (await database.readAll('journal')).length;") == 0
    assert row(page, held) is None
    assert run(page, "return await outbox.sealedBytes(given.id) === undefined;", id=held)
    assert row(page, released)["held"] is False


def test_the_queue_is_the_users_own_and_another_user_is_only_counted(page):
    mine = keep(page)
    elsewhere = keep(page, visit=new_id())
    keep(page, user=OTHER_USER)
    assert counts(page) == {"saved": 2, "sending": 0, "received": 0, "refused": 0, "others": 1}
    assert counts(page, OTHER_USER)["others"] == 2
    listed = "return (await outbox.mine(given.user, given.of)).map((row) => row.id);"
    assert set(run(page, listed, of=None)) == {mine, elsewhere}
    assert run(page, listed, of=VISIT) == [mine]


def test_the_oldest_comes_first(page):
    days = ["2026-05-03", "2026-05-01", "2026-05-02"]
    kept = {day: keep(page, made_at=f"{day}T08:00:00.000Z") for day in days}
    listed = run(page, "return (await outbox.mine(given.user)).map((row) => row.id);")
    assert listed == [kept[day] for day in sorted(days)]


def test_one_record_is_removed_alone(page):
    kept, removed = keep(page), keep(page)
    run(page, "await outbox.removeOne(given.id);", id=removed)
    ids = "return (await database.readAll('outbox')).map((row) => row.id);"
    assert run(page, ids) == [kept]
    assert run(page, "return (await database.readAll('sealed')).length;") == 1


def test_what_is_received_is_forgotten_by_visit_and_nothing_else_is(page):
    told = run(
        page,
        """
        const ids = [await keepOne(), await keepOne({ visit: given.elsewhere }), await keepOne()];
        for (const id of ids.slice(0, 2)) await outbox.received(await outbox.find(id), "taken");
        await outbox.forgetReceived(given.user, given.visit);
        const rows = await database.readAll("outbox");
        return [ids, rows.map((row) => [row.id, row.state, row.answer])];
        """,
        elsewhere=new_id(),
    )
    ids, rows = told
    assert sorted(rows) == sorted([[ids[1], "received", "taken"], [ids[2], "saved", None]])


def test_whoever_watches_is_told_of_each_change_until_it_stops(page):
    told = run(
        page,
        """
        let changes = 0;
        const stop = outbox.watch(() => (changes += 1));
        const id = await keepOne({ held: true });
        await outbox.release(id);
        stop();
        await outbox.removeOne(id);
        return changes;
        """,
    )
    assert told == 2


def test_what_a_dead_page_left_held_or_on_its_way_can_be_sent(page):
    held, sending, refused = keep(page, held=True), keep(page), keep(page)
    change = "await outbox.update(given.id, { state: given.state });"
    run(page, change, id=sending, state="sending")
    run(page, change, id=refused, state="refused")
    run(page, "await outbox.recover(given.user);")
    found = [
        (row(page, each)["state"], row(page, each)["held"]) for each in (held, sending, refused)
    ]
    assert found == [("saved", False), ("saved", False), ("refused", False)]


# --- Room ---------------------------------------------------------------------------------------


@pytest.fixture
def small(profile, server) -> Page:
    """A page whose browser keeps three million bytes: said before it keeps anything.

    Chromium asks for the quota seldom, and remembers it for half a minute.
    """
    page = station_in(profile)
    session = profile.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": server.url, "quotaSize": 3_000_000})
    return page


def test_a_lack_of_room_is_seen_before_the_shutter(small):
    room_for = "return database.roomFor(given.size);"
    assert run(small, room_for, size=1_000_000) is True
    assert run(small, room_for, size=20_000_000) is False
    assert run(small, "return (await database.room()).free;") == 0
    assert run(small, "return (await database.readAll('trial')).length;") == 0
    keep(small)


def test_what_the_browser_says_of_room_and_persistence_is_told(page):
    told = run(page, "return database.room();")
    assert told["free"] > 1_000_000
    assert told["persisted"] is False


MANY = "for (let at = 0; at < 20; at += 1) await keepOne({ size: 500_000 });"
TO_THE_LAST_BYTE = """
  for (const size of [500_000, 50_000, 5_000, 500]) {
    for (let full = false; !full; ) {
      full = await keepOne({ size }).then(() => false, (error) => error.name === "StorageFull");
    }
  }
"""


def test_a_full_disk_refuses_by_name_and_loses_nothing(small):
    assert fault_of(small, MANY) == "StorageFull"
    told = run(
        small,
        """
        const rows = await database.readAll("outbox");
        const sealed = await database.readAll("sealed");
        return [rows.map((row) => row.sha256).sort(),
          (await Promise.all(sealed.map(seal.sha256))).sort()];
        """,
    )
    assert told[0] == told[1]
    assert len(told[0]) >= 3


def test_from_a_full_disk_everything_is_sent(small, server):
    run(small, TO_THE_LAST_BYTE)
    kept = run(small, "return (await outbox.mine(given.user)).map((row) => row.sha256);")
    server.user = USER
    send_all(small)
    told = counts(small)
    assert (told["saved"], told["sending"], told["refused"]) == (0, 0, 0)
    assert run(small, "return (await database.readAll('sealed')).length;") == 0
    assert sorted(server.kept.values()) == sorted(kept)


def send_all(page: Page) -> None:
    run(
        page,
        """
        const told = { userId: given.user, addresses: given.addresses, onState: () => {} };
        const { sendNow, stop } = sender.startSender(told);
        await sendNow();
        stop();
        """,
        addresses=ADDRESSES,
    )
