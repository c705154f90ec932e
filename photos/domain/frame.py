"""Turned rectangles in a picture: where a face is looked at, and where a card is cut out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
Size = tuple[int, int]


@dataclass(frozen=True)
class Frame:
    """A rectangle with its centre, width and height in pixels, turned `angle` degrees clockwise.

    Seen through the frame, its content is a level picture of any `Size` (width, height).
    Points are arrays of shape (n, 2): x to the right, y downwards.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    def to_picture(self, points: ArrayLike, size: Size) -> Points:
        """Move points of the framed view of `size` to where they are in the picture."""
        offset = (np.asarray(points, np.float64) - np.divide(size, 2)) * self._scale(size)
        moved: Points = offset @ self._axes() + (self.x, self.y)
        return moved

    def from_picture(self, points: ArrayLike, size: Size) -> Points:
        """Move points of the picture to where they are in the framed view of `size`."""
        offset = (np.asarray(points, np.float64) - (self.x, self.y)) @ self._axes().T
        moved: Points = offset / self._scale(size) + np.divide(size, 2)
        return moved

    def corners(self) -> Points:
        """Return the four corners in the picture, clockwise from the top left of the view."""
        return self.to_picture([[0, 0], [1, 0], [1, 1], [0, 1]], (1, 1))

    def _scale(self, size: Size) -> Points:
        return np.divide((self.width, self.height), size)

    def _axes(self) -> Points:
        """Return the unit vectors of the view's x and y axes, as rows, in the picture."""
        turn = math.radians(self.angle)
        return np.array(
            [[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]], np.float64
        )
