"""A thousand letters and twenty batches while the queue's processes are killed a hundred times."""

from collections import Counter

from tests.services.test_queue_wounded import assert_all_done_once
from tests.services.wounding import make_house, wound_until_done

LETTERS, BATCHES, KILLS = 1_000, 20, 100


def test_a_hundred_kills_lose_nothing_and_do_nothing_twice(tmp_path):
    house = make_house(tmp_path, letters=LETTERS, batches=BATCHES)
    killed = wound_until_done(house, kills=KILLS, seed=2)
    letters = assert_all_done_once(house, batches=BATCHES)
    assert letters >= LETTERS
    print(f"queue_kills: {len(killed)} {dict(Counter(killed))}")
    print(f"queue_letters: {letters}, batches: {BATCHES}, lost: 0, double: 0")
