"""What the pixels and the file are worth: sharpness, compression, the card's JPEG."""

import math

import numpy as np
from PIL import Image, ImageFilter

from photos.domain.checks.check import Area, Check
from photos.domain.crop import KILOBYTE
from photos.domain.subject import Mask, Plane, Subject

BLUR_SIGMA = 1.5  # px on the card

JPEG_BLOCK = 8  # pixels, ITU-T T.81
LEAST_BLOCKS = 4  # along each side of the face, or the borders are too few to compare


def sharpness(luma: Image.Image, inside: Mask) -> float:
    """Return the gradient energy over that of the same picture blurred by 1.5 px.

    What is blurred already loses little by more blur: about 1 for a soft picture, 2 and more for a
    sharp one. Noise raises it too.
    """
    soft = luma.filter(ImageFilter.GaussianBlur(BLUR_SIGMA))
    energy = _gradient_energy(np.asarray(luma, np.float32), inside)
    return energy / max(_gradient_energy(np.asarray(soft, np.float32), inside), 1e-6)


def _gradient_energy(plane: Plane, inside: Mask) -> float:
    energy: Plane = np.gradient(plane, axis=0) ** 2 + np.gradient(plane, axis=1) ** 2
    return float(np.mean(energy[inside]))


def compression(subject: Subject) -> float | None:
    """Return the blockiness of the face as it was decoded; None if it holds only a few blocks.

    What a smaller DCT scale evened out on the way in is evened out on the card too.
    """
    picture, box = subject.picture, subject.face.box
    period = round(JPEG_BLOCK * picture.scale)
    corners = picture.to_raster(box.reshape(2, 2))
    left, top = (int(at) // period * period for at in np.maximum(corners.min(axis=0), 0))
    right, bottom = (int(at) for at in np.minimum(corners.max(axis=0), picture.raster.size))
    if min(right - left, bottom - top) < LEAST_BLOCKS * period:
        return None
    part = picture.raster.crop((left, top, right, bottom)).convert("L")
    return blockiness(np.asarray(part, np.float32), period)


def blockiness(luma: Plane, period: int) -> float:
    """Return how much larger the steps at the borders of JPEG blocks are than those between.

    `luma` begins at the corner of a block; blocks are `period` pixels wide and high. 1 is none.
    """
    across = _border_ratio(np.abs(np.diff(luma, axis=1)), period)
    down = _border_ratio(np.abs(np.diff(luma, axis=0)).T, period)
    return math.sqrt(across * down)


def _border_ratio(steps: Plane, period: int) -> float:
    phase = np.arange(steps.shape[1]) % period
    border = phase == period - 1
    return float((steps[:, border].mean() + 1e-3) / (steps[:, ~border].mean() + 1e-3))


def file_size(subject: Subject) -> float | None:
    """Return the size of the card's file in kB; None if no card could be cut out."""
    return None if subject.card_jpeg is None else len(subject.card_jpeg) / KILOBYTE


DETAIL = (
    Check(
        "sharpness",
        "sharpness",
        "ratio",
        lambda subject: sharpness(subject.luma, subject.inside),
        low="focus",
    ),
    Check("compression artefacts", "compression", "ratio", compression, high="less_compression"),
    Check("image file", "file_size", "kB", file_size, high="smaller_file", area=Area.PICTURE),
)
