"""What the checks measure: one plain number from landmarks or pixels each.

Landmarks are arrays of shape (478, 2 or more) in pixels. `luma` is a picture's brightness as
stored, 0 to 255, `inside` the pixels that are measured, both of shape (height, width).
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from photos.domain.face import Face

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Pairs of mesh landmarks that face each other across an eye's opening and across the inner lips,
# and the inner corners of the mouth.
LIDS_LEFT = ((160, 144), (159, 145), (158, 153))
LIDS_RIGHT = ((385, 380), (386, 374), (387, 373))
LIPS = ((82, 87), (13, 14), (312, 317))

BLUR_SIGMA = 1.5  # px on the card

NEARLY_WHITE = 247 / 255  # ISO/IEC 29794-5, over-exposure prevention, as in OFIQ's measure
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
STORED = np.arange(256, dtype=np.float32) / 255
LINEAR = np.where(STORED <= 0.04045, STORED / 12.92, ((STORED + 0.055) / 1.055) ** 2.4)


def eye_opening(face: Face) -> float:
    """Return how far the lids of the more closed eye are apart, in eye-to-chin distances."""
    return min(_gap(face, LIDS_LEFT), _gap(face, LIDS_RIGHT)) / face.eye_to_chin


def mouth_opening(face: Face) -> float:
    """Return how far the inner lips are apart, in eye-to-chin distances."""
    return _gap(face, LIPS) / face.eye_to_chin


def _gap(face: Face, pairs: tuple[tuple[int, int], ...]) -> float:
    """Return the widest distance across an opening."""
    across = [face.points[one, :2] - face.points[other, :2] for one, other in pairs]
    return float(max(np.linalg.norm(way) for way in across))


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


def linear(rgb: Image.Image) -> Plane:
    """Return the luminance Y of an sRGB picture, 0 to 1, of shape (height, width).

    IEC 61966-2-1: the transfer curve and the weights of red, green and blue.
    """
    return np.asarray(LINEAR[np.asarray(rgb)] @ LUMINANCE, np.float32)


def highlight(luminance: Plane, inside: Mask) -> float:
    """Return the luminance that only a hundredth of the face exceeds.

    The sheen on skin and the whites of the eyes tell how much light there was. The mean tells how
    dark the skin is just as much, and would call a well-lit dark face under-exposed.
    """
    return float(np.percentile(luminance[inside], 99))


def burnt_out(luminance: Plane, inside: Mask) -> float:
    """Return the share of the face as bright as can be stored, or nearly (Y ≥ 247/255)."""
    return float(np.mean(luminance[inside] >= NEARLY_WHITE))


def entropy(luma: Plane, inside: Mask) -> float:
    """Return the entropy of the brightness histogram in bits, at most 8."""
    counts = np.bincount(luma[inside].astype(np.uint8), minlength=256)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


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
