"""BlazeFace: finds faces as boxes with six key points each.

The grids and the box coding are those of MediaPipe's face detection graphs (Apache-2.0):
each cell of a grid over the input proposes boxes as offsets from its centre, in input pixels.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photos.domain.frame import Frame, Points
from photos.domain.network import Network, pixels
from photos.domain.picture import Picture

BOX_VALUES = 8  # pairs: centre, size, then eye, eye, nose, mouth, ear, ear

Box = NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """A likely face: centre, size and the two eyes, frame-left first, in pixels."""

    score: float
    centre: Points
    size: float
    eyes: Points

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return np.concatenate([self.centre - self.size / 2, self.centre + self.size / 2])


class Detector:
    """One BlazeFace model: its input side and the (cells per side, boxes per cell) of its grids."""

    def __init__(self, model: bytes, side: int, grids: tuple[tuple[int, int], ...]) -> None:
        self._network = Network(model)
        self._side = side
        self._centres = np.concatenate([_centres(*grid) for grid in grids]) * side

    def detect(self, picture: Picture, frame: Frame, least_score: float) -> list[Detection]:
        """Return every proposal in a square frame that scores at least `least_score`.

        Many lie on the same face. What the frame holds outside the picture is seen as black.
        """
        size = (self._side, self._side)
        tensor = pixels(picture.view(frame, size)) / np.float32(127.5) - 1
        regressors, logits = self._network.run(tensor)
        found = np.flatnonzero(logits[0, :, 0] >= math.log(least_score / (1 - least_score)))
        scores = 1 / (1 + np.exp(-logits[0, found, 0].astype(np.float64)))
        pairs = regressors[0, found].reshape(-1, BOX_VALUES, 2).astype(np.float64)
        sizes = pairs[:, 1].max(axis=1) * frame.width / self._side
        places = (pairs + self._centres[found, None]).reshape(-1, 2)
        places = frame.to_picture(places, size).reshape(pairs.shape)
        return [
            Detection(float(score), place[0], float(side), place[2:4])
            for score, place, side in zip(scores, places, sizes, strict=True)
        ]


def _centres(cells: int, per_cell: int) -> Points:
    """Return the centre of every box that a grid proposes, as shares of the input's side."""
    middle = (np.arange(cells) + 0.5) / cells
    x, y = np.meshgrid(middle, middle)
    return np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0)


def without_repeats(boxes: Sequence[Box], scores: Sequence[float], overlap: float) -> list[int]:
    """Return the indices of the best box of each heap (greedy non-maximum suppression).

    Two boxes show the same face when they share at least `overlap` of the smaller one: so does a
    box that lies within another.
    """
    left = sorted(range(len(boxes)), key=lambda index: -scores[index])
    every, kept = np.reshape(np.asarray(boxes, np.float64), (-1, 4)), []
    while left:
        best, *others = left
        kept.append(best)
        shared = _share_of_smaller(every[best], every[others])
        left = [index for index, share in zip(others, shared, strict=True) if share < overlap]
    return kept


def _share_of_smaller(one: Box, others: Box) -> Box:
    sides = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    smaller = np.minimum(np.prod(one[2:] - one[:2]), np.prod(others[:, 2:] - others[:, :2], axis=1))
    shared: Box = np.prod(np.maximum(sides, 0), axis=1)
    return np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)
