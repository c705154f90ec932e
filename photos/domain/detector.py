"""BlazeFace: finds faces as boxes with six key points each.

The grids and the box coding are those of MediaPipe's face detection graphs (Apache-2.0):
each cell of a grid over the input proposes boxes as offsets from its centre, in input pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photos.domain.frame import Points
from photos.domain.network import Network

BOX_VALUES = 8  # pairs: centre, size, then eye, eye, nose, mouth, ear, ear
LOGIT_LIMIT = 60.0  # beyond this exp() leaves the range of float32

Box = NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """A likely face: centre, size and the two eyes, picture-left first, in pixels."""

    score: float
    centre: Points
    size: Points
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

    def detect(self, image: Image.Image, least_score: float) -> list[Detection]:
        """Return every proposal that scores at least `least_score`; many lie on the same face."""
        tensor, offset, ratio = _letterbox(image, self._side)
        regressors, logits = self._network.run(tensor)
        scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -LOGIT_LIMIT, LOGIT_LIMIT)))
        found = scores >= least_score
        pairs = regressors[0, found].reshape(-1, BOX_VALUES, 2).astype(np.float64)
        places = np.delete(pairs, 1, axis=1) + self._centres[found, None]
        places = (places - offset) * ratio
        return [
            Detection(float(score), place[0], pair[1] * ratio, place[1:3])
            for score, place, pair in zip(scores[found], places, pairs, strict=True)
        ]


def _centres(cells: int, per_cell: int) -> Points:
    """Return the centre of every box that a grid proposes, as shares of the input's side."""
    middle = (np.arange(cells) + 0.5) / cells
    x, y = np.meshgrid(middle, middle)
    return np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0)


def _letterbox(image: Image.Image, side: int) -> tuple[Points, Points, Points]:
    """Return the input tensor (−1 to 1), the picture's offset in it and pixels per input pixel."""
    width, height = (max(1, round(length * side / max(image.size))) for length in image.size)
    left, top = (side - width) // 2, (side - height) // 2
    canvas = Image.new("RGB", (side, side))
    canvas.paste(image.resize((width, height), Image.Resampling.BILINEAR), (left, top))
    tensor = np.asarray(canvas, np.float64)[None] / 127.5 - 1
    return tensor, np.array([left, top], np.float64), np.divide(image.size, (width, height))


def without_repeats(boxes: list[Box], scores: list[float], overlap: float) -> list[int]:
    """Return the indices of the best box of each heap (greedy non-maximum suppression).

    Two boxes show the same face when their intersection over union is at least `overlap`.
    """
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if all(_intersection_over_union(boxes[index], boxes[k]) < overlap for k in kept):
            kept.append(index)
    return kept


def _intersection_over_union(one: Box, other: Box) -> float:
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    shared = float(np.prod(np.maximum(sides, 0)))
    union = float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2])) - shared
    return shared / union if union > 0 else 0.0
