"""The figures of an evaluation against their definitions."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.evaluation.metrics import (
    auc,
    badness,
    best_split,
    mean,
    percentile,
    separation,
    value_at,
)

numbers = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=12)
values = st.floats(-100, 100)
bounds = st.one_of(
    st.tuples(values, st.none()),
    st.tuples(st.none(), values),
    st.tuples(st.floats(-100, 0), st.floats(1, 100)),
)


@given(numbers, numbers)
def test_the_auc_is_the_share_of_pairs_that_are_told_apart(good, bad):
    won = sum((b > g) + (b == g) / 2 for g, b in product(good, bad))
    assert auc(good, bad) == pytest.approx(won / (len(good) * len(bad)))


@given(numbers, numbers)
def test_good_and_bad_changed_about_is_the_auc_turned_about(good, bad):
    assert auc(bad, good) == pytest.approx(1 - auc(good, bad))


@pytest.mark.parametrize(("good", "bad"), [([], [1.0]), ([1.0], []), ([], [])])
def test_without_one_side_there_is_no_auc(good, bad):
    assert auc(good, bad) is None
    assert separation(good, bad) is None
    assert best_split(good, bad) is None


@given(numbers, numbers)
def test_the_interval_is_the_same_every_time_and_within_what_can_be(good, bad):
    told = separation(good, bad)
    assert told == separation(good, bad)
    assert 0 <= told.low <= told.high <= 1
    assert (told.auc, told.good, told.bad) == (auc(good, bad), len(good), len(bad))


def test_the_interval_holds_the_auc_and_is_narrow_for_many():
    few = separation([1, 2, 3, 4], [3, 4, 5, 6])
    many = separation([1, 2, 3, 4] * 50, [3, 4, 5, 6] * 50)
    assert few.low < few.auc < few.high
    assert many.high - many.low < few.high - few.low


@given(numbers, st.integers(0, 100))
def test_so_many_percent_lie_at_or_below_a_percentile(given_numbers, percent):
    edge = percentile(given_numbers, percent)
    below = sum(value <= edge + 1e-9 for value in given_numbers)
    assert below >= math.floor(percent / 100 * (len(given_numbers) - 1)) + 1


def test_no_numbers_have_no_percentile_and_no_mean():
    assert (percentile([], 95), mean([])) == (None, None)
    assert mean([1.0, 2.0, 6.0]) == 3.0


@given(numbers, numbers)
def test_no_other_split_is_better(good, bad):
    def youden(edge: float) -> float:
        caught = sum(value > edge for value in bad) / len(bad)
        return caught - sum(value > edge for value in good) / len(good)

    best = youden(best_split(good, bad))
    assert best >= max(youden(edge) for edge in [*good, *bad, -100])


def test_a_split_lies_in_the_middle_of_the_gap():
    assert best_split([1, 2, 3], [7, 8]) == 5


@given(values, values, bounds)
def test_what_passes_is_less_bad_than_what_does_not(one, other, passes):
    low, high = passes
    inside = (low is None or one >= low) and (high is None or one <= high)
    outside = (low is not None and other < low) or (high is not None and other > high)
    if inside and outside:
        assert badness(one, passes) < badness(other, passes) + 1e-9


@given(values, bounds)
def test_a_value_is_found_again_from_how_bad_it_is(value, passes):
    bad = badness(value, passes)
    assert badness(value_at(bad, passes), passes) == pytest.approx(bad, abs=1e-6)
