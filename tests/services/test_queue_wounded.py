"""Whichever process of the queue is killed: nothing is lost, and nothing done twice in effect."""

import hashlib
import json

import pytest

from tests.services.wounding import House, make_house, wound_until_done

pytestmark = pytest.mark.sqlite
LETTERS, BATCHES, KILLS = 40, 2, 10
LINES = "SELECT subject, count(*) FROM audit_entry WHERE action = '{}' GROUP BY subject"


def assert_all_done_once(house: House, *, batches: int) -> int:
    """See that each letter and each batch went, and went once; return how many letters."""
    [(letters,)] = house.ask("SELECT count(*) FROM outgoing_message")
    sent = house.ask(LINES.format("messages.send_message"))
    assert [times for _, times in sent] == [1] * letters
    delivered = house.ask(LINES.format("cards.deliver_batch"))
    assert [times for _, times in delivered] == [1] * batches
    assert house.ask("SELECT count(*) FROM cards_batchchange GROUP BY batch_id") == [(3,)] * batches
    sentinels = list(house.data.glob("handover/*/*/*.done"))
    assert len(sentinels) == batches
    for sentinel in sentinels:
        said = json.loads(sentinel.read_text())
        package = sentinel.with_suffix("").read_bytes()
        assert hashlib.sha256(package).hexdigest() == said["sha256"]
    return int(letters)


def test_killed_processes_lose_nothing_and_do_nothing_twice(tmp_path):
    house = make_house(tmp_path, letters=LETTERS, batches=BATCHES)
    killed = wound_until_done(house, kills=KILLS, seed=1)
    assert len(killed) == KILLS
    assert {"parent", "sentinel", "child 0", "child 1"} <= set(killed)
    assert assert_all_done_once(house, batches=BATCHES) >= LETTERS
