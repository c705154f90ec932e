"""The station's sender against a server that loses answers, cuts requests, refuses and falls."""

import random
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.station_store import (
    DEVICE,
    OTHER_USER,
    USER,
    VISIT,
    counts,
    keep,
    new_id,
    run,
    station_in,
)
from tests.browser.station_store import row as row_of
from tests.browser.station_upload_server import ADDRESSES, Fault, UploadServer

pytest_plugins = "tests.browser.station_fixtures"
pytestmark = pytest.mark.browser

SECOND, DAY = 1_000, 86_400_000
LONGEST_WAIT = 300 * SECOND
REFUSALS = [(400, "bad_request"), (404, "no_visit"), (409, "conflict"), (413, "too_large")]
FAULTS = [(500, "http_500"), (507, "disk_full"), (502, "http_502"), (400, "hash_mismatch")]

# A turn each 20 ms; what waits does so by clocks that stand still until the test moves them.
START = """
  window.told = [];
  window.clock = { wall: given.wall, since: 0 };
  window.sender = sender.startSender({
    userId: given.user, addresses: given.addresses, every: given.every, random: () => 0,
    clock: { now: () => window.clock.wall, monotonic: () => window.clock.since },
    onState: (state) => window.told.push(state),
  });
"""


@pytest.fixture
def server(server: UploadServer) -> UploadServer:
    """It knows the technician from the start."""
    server.user = USER
    return server


def start(page: Page, **given: Any) -> None:
    run(page, START, addresses=ADDRESSES, **{"wall": 1e12, "every": 20} | given)


def pass_time(page: Page, milliseconds: int, wall: int | None = None) -> None:
    """Let so much time pass by both clocks; by the one on the wall something else where given."""
    script = "window.clock.since += given.time; window.clock.wall += given.wall;"
    run(page, script, time=milliseconds, wall=milliseconds if wall is None else wall)


def last_told(page: Page) -> dict[str, Any]:
    return page.evaluate("() => window.told.at(-1)")


def send_now(page: Page) -> None:
    page.evaluate("() => window.sender.sendNow()")


def bytes_left(page: Page) -> int:
    return run(page, "return (await database.readAll('sealed')).length;")


# --- What is sent -------------------------------------------------------------------------------


def test_the_oldest_is_sent_first_and_one_at_a_time(page, server):
    days = ["03", "01", "02"]
    kept = [keep(page, made_at=f"2026-05-{day}T08:00:00Z", size=5000) for day in days]
    start(page)
    server.wait_for_turns(1)
    assert server.sent == [kept[1], kept[2], kept[0]]
    assert server.kept == {each: row_of(page, each)["sha256"] for each in kept}
    sending = [each["sending"] for each in page.evaluate("() => window.told")]
    assert [each for each in sending if each] == server.sent
    assert last_told(page) == {"network": True, "session": "ok", "sending": None}


def test_after_the_receipt_the_bytes_are_gone_and_the_row_is_counted(page, server):
    record = keep(page)
    start(page)
    server.wait_for_turns(1)
    assert bytes_left(page) == 0
    row = row_of(page, record)
    assert (row["state"], row["answer"], row["fault"]) == ("received", "taken", None)
    assert counts(page)["received"] == 1
    server.wait_for_turns(2)
    assert server.sent == [record]


def test_a_held_record_waits_for_its_release(page, server):
    start(page)
    server.wait_for_turns(1)
    record = keep(page, held=True)
    server.wait_for_turns(2)
    send_now(page)
    assert server.sent == []
    run(page, "await outbox.release(given.id);", id=record)
    server.wait_for_turns(2)
    assert server.sent == [record]


def test_after_a_restart_what_was_held_or_on_its_way_is_sent(page, server):
    held, sending = keep(page, held=True), keep(page)
    run(page, "await outbox.update(given.id, { state: 'sending' });", id=sending)
    start(page)
    server.wait_for_turns(1)
    assert set(server.sent) == {held, sending}


def test_a_receipt_with_another_hash_deletes_nothing(page, server):
    record = keep(page)
    server.faults = iter([(201, {"record": record, "sha256": "0" * 64, "state": "taken"})])
    start(page)
    server.wait_for_turns(1)
    assert (row_of(page, record)["state"], bytes_left(page)) == ("saved", 1)


def test_a_stranger_who_answers_everything_gets_nothing_counted_as_received(page, server):
    """The sign-in page of a hotel's network says 200 to whatever it is sent."""
    record = keep(page)
    server.faults = iter([(200, {})])
    start(page)
    server.wait_for_turns(1)
    assert (row_of(page, record)["state"], bytes_left(page)) == ("saved", 1)


# --- What goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_a_refused_record_says_why_and_blocks_no_other(page, server, status, code):
    refused, other = (keep(page, made_at=f"2026-05-0{day}T08:00:00Z") for day in (1, 2))
    server.faults = chain([(status, {"code": code, "message": "Så här."})], repeat(None))
    start(page)
    server.wait_for_turns(3)
    assert server.sent == [refused, other]
    row = row_of(page, refused)
    assert (row["state"], row["fault"]) == ("refused", {"code": code, "message": "Så här."})
    assert bytes_left(page) == 1
    send_now(page)
    assert counts(page)["received"] == 2


@pytest.mark.parametrize(("status", "code"), FAULTS)
def test_a_server_that_cannot_just_now_is_asked_again_after_a_while(page, server, status, code):
    waiting, other = (keep(page, made_at=f"2026-05-0{day}T08:00:00Z") for day in (1, 2))
    told = {} if code.startswith("http_") else {"code": code, "message": "Fullt."}
    server.faults = chain([(status, told)], repeat(None))
    start(page)
    server.wait_for_turns(3)
    assert server.sent == [waiting, other]
    row = row_of(page, waiting)
    assert (row["state"], row["fault"]["code"], row["attempts"]) == ("saved", code, 1)
    pass_time(page, 2 * SECOND)
    server.wait_for_turns(1)
    assert server.sent == [waiting, other, waiting]
    assert counts(page)["received"] == 2


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.REQUEST_CUT], ids=lambda it: it.value)
def test_a_broken_network_ends_the_turn_and_the_same_record_is_sent_again(page, server, fault):
    first, second = (keep(page, made_at=f"2026-05-0{day}T08:00:00Z") for day in (1, 2))
    server.faults = chain([fault], repeat(None))
    start(page)
    page.wait_for_function("() => window.told.some(({ network }) => !network)")
    server.wait_for_turns(2)
    assert server.sent[0] == first
    told = page.evaluate("() => window.told")
    assert [each["sending"] for each in told if not each["network"]][:2] == [first, None]
    pass_time(page, 2 * SECOND)
    server.wait_for_turns(1)
    assert counts(page)["received"] == 2
    assert (sorted(server.kept), server.sent.count(second)) == (sorted([first, second]), 1)


def test_a_server_that_says_nothing_is_not_waited_for_longer_than_a_slow_network_needs(
    page, server
):
    record = keep(page, size=80_000)
    server.faults = chain([Fault.NO_ANSWER], repeat(None))
    run(
        page,
        """
        window.limits = [];
        const whole = AbortSignal.timeout.bind(AbortSignal);
        AbortSignal.timeout = (limit) => {
          window.limits.push(limit);
          return whole(limit / 50);
        };
        """,
    )
    start(page)
    page.wait_for_function("() => window.told.some(({ network }) => !network)")
    assert row_of(page, record)["fault"]["code"] == "no_network"
    assert set(page.evaluate("() => window.limits")) == {10 * SECOND, 20 * SECOND}
    send_now(page)
    assert counts(page)["received"] == 1


def test_the_waits_double_up_to_five_minutes(page, server):
    record = keep(page)
    server.faults = repeat((500, {}))
    start(page)
    for wait in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]:
        server.wait_for_turns(1)
        tries = len(server.sent)
        pass_time(page, wait * SECOND - 1)
        server.wait_for_turns(1)
        assert len(server.sent) == tries
        pass_time(page, 1)
        server.wait_for_turns(1)
        assert len(server.sent) == tries + 1
    assert row_of(page, record)["attempts"] == 11


def test_laptops_do_not_come_back_in_the_same_second(page):
    waits = run(page, "return [0, 0.5, 1].map((chance) => backoff.delay(3, () => chance));")
    assert waits == [8000, 6000, 4000]


def test_send_now_waits_for_nothing(page, server):
    keep(page)
    server.faults = chain([(507, {})], repeat(None))
    start(page)
    server.wait_for_turns(2)
    assert counts(page)["saved"] == 1
    send_now(page)
    assert counts(page)["received"] == 1


@pytest.mark.parametrize("days", [1, -1], ids=["ahead", "back"])
def test_a_clock_that_is_moved_a_day_loses_and_delays_nothing(page, server, days):
    record = keep(page)
    server.faults = chain([(500, {})], repeat(None))
    start(page)
    server.wait_for_turns(1)
    pass_time(page, SECOND, wall=days * DAY)
    server.wait_for_turns(2)
    assert server.sent == [record]
    pass_time(page, SECOND)
    server.wait_for_turns(1)
    assert counts(page)["received"] == 1


def test_a_wait_written_by_a_clock_that_was_wrong_is_five_minutes_at_most(page, server):
    record = keep(page)
    run(page, "await outbox.update(given.id, { next_at: 1e12 + given.day });", id=record, day=DAY)
    start(page)
    server.wait_for_turns(2)
    assert server.sent == []
    pass_time(page, LONGEST_WAIT)
    server.wait_for_turns(1)
    assert server.sent == [record]


def test_bytes_that_are_damaged_are_not_sent_and_block_no_other(page, server):
    damaged, gone, whole = (keep(page) for _each in range(3))
    run(page, "await database.write('sealed', new ArrayBuffer(8), given.id);", id=damaged)
    run(page, "await database.erase('sealed', given.id);", id=gone)
    start(page)
    server.wait_for_turns(1)
    assert server.sent == [whole]
    found = [row_of(page, each) for each in (damaged, gone)]
    assert [(each["state"], each["fault"]["code"]) for each in found] == [
        ("refused", "damaged")
    ] * 2


# --- The network and the session ----------------------------------------------------------------


def test_without_a_network_nothing_is_tried_till_it_is_back(profile, server):
    page = station_in(profile)
    start(page)
    server.wait_for_turns(1)
    profile.set_offline(True)
    page.wait_for_function("() => window.told.at(-1).session === 'unknown'")
    assert last_told(page)["network"] is False
    keep(page)
    profile.set_offline(False)
    page.wait_for_function("() => window.told.at(-1).network")
    server.wait_for_sent(1)


def test_the_return_of_the_network_sends_at_once(profile, server):
    page = station_in(profile)
    keep(page, held=True)
    start(page, every=1e9)
    server.wait_for_sent(1)
    record = keep(page)
    profile.set_offline(True)
    page.wait_for_function("() => !window.told.at(-1).network")
    profile.set_offline(False)
    server.wait_for_sent(2)
    assert server.sent[1] == record


def test_a_session_that_has_expired_keeps_everything_till_the_next_log_in(page, server):
    keep(page)
    keep(page)
    server.faults = chain([(401, {"code": "log_in", "message": ""})], repeat(None))
    server.user = None
    start(page)
    server.wait_for_turns(2)
    assert (last_told(page)["session"], server.sent) == ("log_in", [])
    server.user = USER
    server.wait_for_turns(3)
    assert counts(page)["received"] == 2


def test_a_session_that_expires_on_the_way_stops_there(page, server):
    keep(page)
    keep(page)
    server.faults = iter([(401, {"code": "log_in", "message": ""})])
    start(page)
    page.wait_for_function("() => window.told.some(({ session }) => session === 'log_in')")
    server.wait_for_turns(1)
    assert counts(page)["received"] == 2
    assert len(server.sent) == 3


def test_another_user_sends_nothing_of_mine(page, server):
    mine = keep(page)
    theirs = keep(page, user=OTHER_USER)
    server.user = OTHER_USER
    start(page)
    server.wait_for_turns(2)
    assert (last_told(page)["session"], server.sent) == ("other_user", [])
    server.user = USER
    server.wait_for_turns(2)
    assert server.sent == [mine]
    assert (counts(page)["others"], row_of(page, theirs)["state"]) == (1, "saved")


def test_a_sender_that_is_stopped_sends_no_more(page, server):
    start(page)
    server.wait_for_turns(1)
    page.evaluate("() => window.sender.stop()")
    keep(page)
    send_now(page)
    asked = server.asked
    page.evaluate("() => dispatchEvent(new Event('online'))")
    send_now(page)
    assert (server.sent, server.asked) == ([], asked)


def test_the_planner_is_told_what_is_unsent_before_and_after(page, server):
    elsewhere = new_id()
    keep(page)
    refused = keep(page, visit=elsewhere)
    server.faults = chain([None, (413, {"code": "too_large"})], repeat(None))
    start(page)
    server.wait_for_turns(3)
    told = [(each["visit"], each["unsent"], each["cleaned"]) for each in server.reports]
    assert row_of(page, refused)["state"] == "refused"
    assert told == [(VISIT, 1, False), (elsewhere, 1, False), (VISIT, 0, False)]
    assert {each["device"] for each in server.reports} == {DEVICE}


def test_a_laptop_that_is_left_clean_says_so(page, server):
    told = {"visit": VISIT, "device": DEVICE, "unsent": 0}
    run(
        page,
        "await laptop_report.tellCleaned(given.addresses, given.told);",
        addresses=ADDRESSES,
        told=told,
    )
    assert server.reports == [told | {"cleaned": True}]


# --- All at once --------------------------------------------------------------------------------


def broken(seed: int) -> Iterator[Fault | None]:
    """Half of the answers lost, three in ten of the requests cut."""
    chance = random.Random(seed)
    while True:
        cut, lost = chance.random() < 0.3, chance.random() < 0.5
        yield Fault.REQUEST_CUT if cut else Fault.ANSWER_LOST if lost else None


def test_through_a_network_that_breaks_most_of_the_time_all_comes_once(page, server):
    kept = [keep(page, size=100_000) for _each in range(30)]
    server.faults = broken(seed=6)
    start(page)
    while counts(page)["received"] < len(kept):
        pass_time(page, LONGEST_WAIT)
        server.wait_for_turns(1)
    assert server.kept == {each: row_of(page, each)["sha256"] for each in kept}
    assert len(server.sent) > len(kept)
    assert bytes_left(page) == 0
