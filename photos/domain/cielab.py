"""Colour as people see it: CIELAB (CIE 15) under D65."""

import numpy as np
from numpy.typing import NDArray

from photos.domain.subject import LINEAR

Colours = NDArray[np.float32]

# IEC 61966-2-1: what linear red, green and blue give of X, Y and Z; white is all three.
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32
)
WHITE = TO_XYZ.sum(axis=1)

# Below this share of white a straight line takes over from the cube root.
LINE_END = (6 / 29) ** 3


def lab(rgb: NDArray[np.uint8]) -> Colours:
    """Return L* (0 to 100), a* and b* of sRGB colours as stored, of shape (..., 3)."""
    share = LINEAR[rgb] @ (TO_XYZ.T / WHITE)
    root = np.where(share > LINE_END, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)
