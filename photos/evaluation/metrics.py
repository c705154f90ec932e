"""How well a number tells bad from good: plain statistics, without pictures.

`good` and `bad` are badnesses: numbers that should be larger for what is bad.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SEED = 20261122  # of the resampling: the same figures every time
RESAMPLES = 1000
Bounds = tuple[float | None, float | None]
Numbers = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True)
class Separation:
    """An area under the ROC curve, its 95 % interval, and of how many on each side."""

    auc: float
    low: float
    high: float
    good: int
    bad: int


def auc(good: Numbers, bad: Numbers) -> float | None:
    """Return how often something bad is worse than something good, ties counted half.

    That is the area under the ROC curve (Hanley and McNeil, 1982); None if a side is empty.
    """
    if not len(good) or not len(bad):
        return None
    ranks = _ranks(np.concatenate([np.asarray(good, float), np.asarray(bad, float)]))
    count = len(bad)
    wins = float(ranks[len(good) :].sum()) - count * (count + 1) / 2
    return wins / (len(good) * count)


def separation(good: Sequence[float], bad: Sequence[float]) -> Separation | None:
    """Return the AUC with its percentile bootstrap interval; None if a side is empty."""
    area = auc(good, bad)
    if area is None:
        return None
    random = np.random.default_rng(SEED)
    one, other = (_resampled(random, len(side)) for side in (good, bad))
    difference = np.asarray(bad, float)[None] - np.asarray(good, float)[:, None]
    won = (np.sign(difference) + 1) / 2
    tried = ((one @ won) * other).sum(axis=1) / won.size
    low, high = (float(edge) for edge in np.percentile(tried, (2.5, 97.5)))
    return Separation(area, low, high, len(good), len(bad))


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the value that so many percent lie at or below, linear between; None for none."""
    return float(np.percentile(np.asarray(values, float), percent)) if len(values) else None


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None for no values."""
    return math.fsum(values) / len(values) if len(values) else None


def best_split(good: Sequence[float], bad: Sequence[float]) -> float | None:
    """Return the badness that separates best: the middle of the widest gap of Youden's index.

    What is above it would be refused. None if a side is empty.
    """
    if not len(good) or not len(bad):
        return None
    every = sorted({*good, *bad})
    edges = [every[0] - 1, *((a + b) / 2 for a, b in pairwise(every))]
    gaps = [math.inf, *(b - a for a, b in pairwise(every))]
    index = [_youden(edge, good, bad) for edge in edges]
    top = max(index)
    return max((gap, edge) for i, gap, edge in zip(index, gaps, edges, strict=True) if i == top)[1]


def badness(value: float, passes: Bounds) -> float:
    """Return how bad a value is by the direction in which what passes is bounded.

    With two bounds it is the distance from their middle in half widths: 1 is at the limit.
    """
    low, high = passes
    if low is not None and high is not None:
        return abs(value - (low + high) / 2) / max((high - low) / 2, 1e-9)
    return value if low is None else -value


def value_at(bad: float, passes: Bounds) -> float:
    """Return the (upper) value of which `badness` is that: its inverse."""
    low, high = passes
    if low is not None and high is not None:
        return (low + high) / 2 + bad * (high - low) / 2
    return bad if low is None else -bad


def _youden(edge: float, good: Sequence[float], bad: Sequence[float]) -> float:
    caught = sum(value > edge for value in bad) / len(bad)
    return caught - sum(value > edge for value in good) / len(good)


def _resampled(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return how often each of so many is drawn when as many are drawn with replacement."""
    return random.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(float)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each value's rank from 1, equal ones sharing the middle of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return middle[group]
