"""Evening of the background: light is added behind the person, none to the person."""

import numpy as np
from PIL import Image, ImageColor

from photos.domain.network import Tensor

# All own choices, tried on 60 portraits with loose hair.
CELL = 8  # px: the background's brightness is a slow thing, and is estimated at this scale
REACH = 5  # cells to either side that are averaged for it
BEHIND = 0.1  # less sure than this that it is the person, it is the background
SURE = 0.5  # surer than this, nothing is added
MOST_LIGHT = 1.5  # times what is stored: a dark background isn't made a white one


def evened(card: Image.Image, person: Tensor, colour: str) -> Image.Image:
    """Return the card with its background lightened towards a colour, "#rrggbb".

    `person` says how sure it is that a pixel shows the person, 0 to 1, of shape (height, width).
    Every pixel is multiplied by what its surroundings in the background lack, the less the surer
    it is the person: dark hair before a light wall stays dark, and nothing becomes darker, nor
    lighter than the colour.
    """
    target = np.array(ImageColor.getrgb(colour), np.float32)
    lacking = np.maximum(target / np.maximum(_behind(card, person), 1), 1) - 1
    most = lacking.max(axis=-1, keepdims=True)
    lacking *= np.minimum(MOST_LIGHT - 1, most) / np.maximum(most, 1e-6)
    light = np.stack([_enlarged(plane, card.size) for plane in np.moveaxis(lacking, -1, 0)], -1)
    share = np.clip(1 - person / SURE, 0, 1)[..., None]
    pixels = np.asarray(card, np.float32)
    lit = np.minimum(pixels * (1 + share * np.maximum(light, 0)), np.maximum(pixels, target))
    return Image.fromarray((lit + 0.5).astype(np.uint8))


def _behind(card: Image.Image, person: Tensor) -> Tensor:
    """Return the background's colour around each cell, of shape (rows, columns, 3).

    Where there is none within reach, it is as bright as can be: nothing is lacking.
    """
    small: Tensor = np.asarray(card.reduce(CELL), np.float32)
    mask = Image.fromarray((person < BEHIND).astype(np.uint8) * 255).reduce(CELL)
    weight: Tensor = np.asarray(mask, np.float32)[..., None] / np.float32(255)
    total, weights = _around(small * weight), _around(weight)
    mean: Tensor = np.where(weights > 0, total / np.maximum(weights, 1e-6), 255)
    return mean


def _around(planes: Tensor) -> Tensor:
    """Return the sums over the cells within reach."""
    for axis in (0, 1):
        wide = [(REACH + 1, REACH) if at == axis else (0, 0) for at in range(planes.ndim)]
        sums = np.cumsum(np.pad(planes, wide), axis=axis)
        end = planes.shape[axis]
        planes = np.take(sums, np.arange(end) + 2 * REACH + 1, axis) - np.take(
            sums, np.arange(end), axis
        )
    return planes


def _enlarged(plane: Tensor, size: tuple[int, int]) -> Tensor:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC), np.float32)
