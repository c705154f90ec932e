"""A decoded picture that is read through frames and never turned or enlarged as a whole."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from photos.domain.frame import Frame, Points, Size

TRANSPOSED = (5, 6, 7, 8)

# EXIF 2.32, tag 0x0112: for each orientation the rows that give the stored x and y, as shares of
# the stored width and height, from the upright x and y (likewise shares) and 1.
UPRIGHT_TO_STORED = {
    1: ((1, 0, 0), (0, 1, 0)),
    2: ((-1, 0, 1), (0, 1, 0)),
    3: ((-1, 0, 1), (0, -1, 1)),
    4: ((1, 0, 0), (0, -1, 1)),
    5: ((0, 1, 0), (1, 0, 0)),
    6: ((0, 1, 0), (-1, 0, 1)),
    7: ((0, -1, 1), (-1, 0, 1)),
    8: ((0, -1, 1), (1, 0, 0)),
}


@dataclass(frozen=True)
class Picture:
    """An sRGB raster as it is stored, maybe reduced, and how it lies in the upright picture.

    All coordinates in and out are pixels of the upright picture of `width` × `height` in full
    size; `orientation` is the EXIF value, 1 for a raster that is upright already.
    """

    raster: Image.Image
    width: int
    height: int
    orientation: int = 1

    @cached_property
    def scale(self) -> float:
        """Raster pixels per pixel of the full-size picture: 1, 1/2, 1/4 or 1/8."""
        stored_width = self.height if self.orientation in TRANSPOSED else self.width
        return self.raster.width / stored_width

    def to_raster(self, points: Points) -> Points:
        """Move points of the upright full-size picture to the raster as it is stored."""
        upright = np.asarray(points, np.float64) / (self.width, self.height)
        turn = np.array(UPRIGHT_TO_STORED[self.orientation], np.float64)
        stored: Points = (upright @ turn[:, :2].T + turn[:, 2]) * self.raster.size
        return stored

    def view(self, frame: Frame, size: Size, *, oversample: int = 1) -> Image.Image:
        """Return what is seen through the frame as a picture of `size`; outside is black.

        The raster is first averaged over whole pixels down to about the size wanted, so that
        nothing finer than an output pixel folds back into it. `oversample` reads a finer grid
        and filters it down, for pictures that people look at.
        """
        fine = (size[0] * oversample, size[1] * oversample)
        corners = self.to_raster(frame.corners())
        step = max(1, round(float(np.linalg.norm(corners[1] - corners[0])) / fine[0]))
        part, offset = self._around(corners, step)
        origin, along, _, down = (corners - offset) / step
        (x_along, y_along), (x_down, y_down) = (along - origin) / fine[0], (down - origin) / fine[1]
        turned = part.transform(
            fine,
            Image.Transform.AFFINE,
            (x_along, x_down, origin[0], y_along, y_down, origin[1]),
            Image.Resampling.BILINEAR if oversample == 1 else Image.Resampling.BICUBIC,
        )
        return turned if oversample == 1 else turned.resize(size, Image.Resampling.LANCZOS)

    def _around(self, corners: Points, step: int) -> tuple[Image.Image, Points]:
        """Return the raster around the corners, averaged over `step` pixels, and its offset."""
        low = np.clip(np.floor(corners.min(axis=0)) - step, 0, self.raster.size)
        high = np.clip(np.ceil(corners.max(axis=0)) + step, 0, self.raster.size)
        left, top, right, bottom = (int(at) for at in (*low, *high))
        if right <= left or bottom <= top:
            return Image.new("RGB", (1, 1)), low
        return self.raster.reduce(step, box=(left, top, right, bottom)), low

    def thumbnail(self, longest_side: int) -> Image.Image:
        """Return the whole picture, upright, with its longer side at most `longest_side` px."""
        ratio = min(1.0, longest_side / max(self.width, self.height))
        size = (max(1, round(self.width * ratio)), max(1, round(self.height * ratio)))
        stored = size[::-1] if self.orientation in TRANSPOSED else size
        small = self.raster.resize(stored, Image.Resampling.BILINEAR, reducing_gap=2.0)
        return small.transpose(TURN[self.orientation]) if self.orientation in TURN else small


TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
