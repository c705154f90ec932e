"""Who gets which slot when a visit is cut anew."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.resharing import reshare
from booking.domain.slots import SlotTime, cut

NINE = datetime(2027, 2, 1, 9, tzinfo=UTC)


def slots(minutes: int, later: int = 0, stations: int = 1) -> list[SlotTime]:
    begins = NINE + timedelta(minutes=later)
    return cut(begins, begins + timedelta(minutes=minutes), 10, stations)


def test_a_moved_visit_keeps_the_order_and_the_gaps():
    old, new = slots(60), slots(60, later=240)
    assert reshare([old[0], old[3]], old, new) == [new[0], new[3]]


def test_a_visit_moved_a_little_moves_everybody_as_much():
    old, new = slots(60), slots(60, later=10)
    found = reshare(old[:3], old, new)
    assert found == new[:3]


def test_a_shortened_visit_lets_those_keep_their_time_who_can():
    old, new = slots(60), slots(30)
    assert reshare([old[0], old[4]], old, new) == [new[0], new[1]]


def test_the_last_ones_lose_their_time_where_there_is_no_room():
    old, new = slots(50), slots(30)
    assert reshare(old, old, new) == [*new, None, None]
    moved = slots(30, later=60)
    assert reshare(old, old, moved) == [*moved, None, None]


def test_one_station_less_takes_the_later_times():
    old, new = slots(60, stations=2), slots(60)
    assert reshare(old[:4], old, new) == [new[0], new[2], new[1], new[3]]


@given(
    st.integers(10, 180),
    st.integers(10, 180),
    st.integers(-100, 100),
    st.integers(1, 3),
    st.integers(1, 3),
    st.data(),
)
def test_nobody_shares_a_slot_and_nobody_is_left_out_while_one_is_free(
    before, after, later, stations, others, data
):
    old, new = slots(before, stations=stations), slots(after, later, others)
    held = sorted(data.draw(st.sets(st.sampled_from(old))))
    found = reshare(held, old, new)
    given_out = [slot for slot in found if slot]
    assert len(set(given_out)) == len(given_out) == min(len(held), len(new))
    assert set(given_out) <= set(new)


@pytest.mark.parametrize("later", [0, 30])
def test_nobody_held_nobody_moved(later):
    assert reshare([], slots(60), slots(60, later)) == []
