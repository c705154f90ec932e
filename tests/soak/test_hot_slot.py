"""A thousand rounds of twenty-five clients who want the last slot of a visit, through HTTP."""

import time

from django.db import connection

from tests.services.hot_house import CLIENTS, Race, assert_consistent, served

ROUNDS, KILL_EACH = 1_000, 25


def test_a_thousand_rounds_give_no_double_and_no_error(own_database, own_folders):
    began = time.perf_counter()
    with served(own_database, own_folders) as port:
        race = Race(port)
        race.run(ROUNDS, KILL_EACH)
    seconds = time.perf_counter() - began
    taken = race.outcomes["taken"]
    errors = race.outcomes.total() - race.outcomes["booked"] - taken
    print(
        f"\nhot_slot ({connection.vendor}): rounds: {ROUNDS}, clients: {CLIENTS}, "
        f"kills: {race.kills}, doubles: {race.doubles}, errors: {errors}, taken: {taken}, "
        f"{seconds:.0f} s"
    )
    assert race.outcomes == {"booked": ROUNDS, "taken": ROUNDS * (CLIENTS - 1)}
    assert (race.doubles, race.kills) == (0, ROUNDS // KILL_EACH)
    assert_consistent(race, ROUNDS)
