"""Twenty-five people want the last slot of a visit, through HTTP and the server of production.

`make soak` runs a thousand rounds of the same.
"""

from tests.services.hot_house import (
    CLIENTS,
    Race,
    assert_consistent,
    drop_constraint,
    people_in,
    served,
    told,
)

ROUNDS = 20


def test_one_gets_the_last_slot_and_the_others_are_told_what_is_free(own_database, own_folders):
    """Two workers are killed in between; whoever hears nothing asks again."""
    with served(own_database, own_folders) as port:
        race = Race(port)
        race.run(ROUNDS, kill_each=10)
    assert race.outcomes == {"booked": ROUNDS, "taken": ROUNDS * (CLIENTS - 1)}
    assert (race.doubles, race.kills) == (0, 2)
    assert_consistent(race, ROUNDS)


def test_control_without_lock_constraint_and_transaction_books_twice(own_database, own_folders):
    """Each answer waits after the look for another to come as far: the guards hold even so."""
    with served(own_database, own_folders, calm=False) as port:
        race = Race(port)
        slot = race.new_slot()
        answers = race.ask(slot, variant="paused")
        assert [told(answer, 0) for answer in answers].count("booked") == people_in(slot) == 1
        drop_constraint()
        race = Race(port)
        slot = race.new_slot()
        race.ask(slot, variant="bare")
        assert people_in(slot) > 1
