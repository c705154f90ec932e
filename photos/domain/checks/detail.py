"""What the pixels and the file are worth: sharpness, compression, the card's JPEG."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from photos.domain.checks.check import Area, Check
from photos.domain.crop import KILOBYTE
from photos.domain.silhouette import Plane
from photos.domain.subject import Mask, Subject

BLUR_SIGMA = 1.5  # px on the card

# A median of absolute values over the standard deviation (normal distribution), and how much larger
# noise comes out of the difference of two Laplacians than it was (Immerkær 1996).
MEDIAN_SHARE = 0.6745
LAPLACIANS = 6

JPEG_BLOCK = 8  # pixels, ITU-T T.81
LEAST_BLOCKS = 4  # along each side of the face, or the borders are too few to compare
MOST_BLOCKS = 32  # in the middle of the face; more say the same

# ITU-T T.81 table B.1: how markers begin; start of scan; start of frame (baseline, extended,
# progressive); and what holds metadata: APP1 to APP15 and comments. T.871: APP0 is JFIF.
MARKER, SCAN, FRAMES, JFIF = 0xFF, 0xDA, (0xC0, 0xC1, 0xC2), 0xE0
FOREIGN = {*range(0xE1, 0xF0), 0xFE}
FULL = 0x11  # one sample across and one down for each pixel


def sharpness(luma: Image.Image, inside: Mask) -> float:
    """Return the gradient energy over that of the same picture blurred by 1.5 px.

    What is blurred already loses little by more blur: about 1 for a soft picture, 2 and more for a
    sharp one. What the noise of the camera adds to the energy is taken off first.
    """
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    sharp = luma.crop(box)
    soft = sharp.filter(ImageFilter.GaussianBlur(BLUR_SIGMA))
    within = inside[box[1] + 1 : box[3] - 1, box[0] + 1 : box[2] - 1]
    plane = np.asarray(sharp, np.float32)
    energy = _gradient_energy(plane, within) - _noise(plane, within) ** 2
    return max(energy, 0.0) / max(_gradient_energy(np.asarray(soft, np.float32), within), 1e-6)


def _gradient_energy(plane: Plane, within: Mask) -> float:
    """Return the mean squared gradient; noise adds its variance. `within` has no outermost row."""
    across = plane[1:-1, 2:] - plane[1:-1, :-2]
    down = plane[2:, 1:-1] - plane[:-2, 1:-1]
    return float(np.mean((across * across + down * down)[within])) / 4


def _noise(plane: Plane, within: Mask) -> float:
    """Return the standard deviation of the noise in every other row.

    Immerkær 1996, but by the median, so that edges don't count.
    """
    down = plane[:-2:2] - 2 * plane[1:-1:2] + plane[2::2]
    both = down[:, :-2] - 2 * down[:, 1:-1] + down[:, 2:]
    return float(np.median(np.abs(both[within[::2]]))) / MEDIAN_SHARE / LAPLACIANS


def compression(subject: Subject) -> float | None:
    """Return the blockiness of the face as it was decoded; None if it holds only a few blocks.

    What a smaller DCT scale evened out on the way in is evened out on the card too.
    """
    picture, box = subject.picture, subject.face.box
    period = round(JPEG_BLOCK * picture.scale)
    corners = picture.to_raster(box.reshape(2, 2))
    low, high = corners.min(axis=0), corners.max(axis=0)
    half = np.minimum((high - low) / 2, MOST_BLOCKS / 2 * period)
    middle = (low + high) / 2
    left, top = (int(at) // period * period for at in np.maximum(middle - half, 0))
    right, bottom = (int(at) for at in np.minimum(middle + half, picture.raster.size))
    if min(right - left, bottom - top) < LEAST_BLOCKS * period:
        return None
    if period == 1:
        return 1.0  # each block is one pixel: its borders were evened out
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
    mean = steps.mean(axis=0)
    border = np.arange(mean.size) % period == period - 1
    return float((mean[border].mean() + 1e-3) / (mean[~border].mean() + 1e-3))


def file_size(subject: Subject) -> float | None:
    """Return the size of the card's file in kB; None if no card could be cut out."""
    return None if subject.card_jpeg is None else len(subject.card_jpeg) / KILOBYTE


def file_format(subject: Subject) -> float | None:
    """Return in how many ways the card's file isn't what the profile says; None without one."""
    if subject.card_jpeg is None:
        return None
    card = subject.profile.card
    return deviations(subject.card_jpeg, (card.width_px, card.height_px), card.dpi)


def deviations(data: bytes, size: tuple[int, int], dpi: int) -> int:
    """Return how many of these do not hold of a JPEG, read from its own segments, 0 to 4.

    It has `size` (width, height); all three colours in full resolution (4:4:4); `dpi` in its JFIF
    header; and nothing else in it, neither metadata nor a colour profile, so that it is sRGB.
    """
    segments = list(_segments(data))
    frames = [content for marker, content in segments if marker in FRAMES]
    heads = [content for marker, content in segments if marker == JFIF]
    foreign = [marker for marker, _ in segments if marker in FOREIGN]
    frame = frames[0] if len(frames) == 1 else b""
    return sum(
        (
            frame[1:5] != size[1].to_bytes(2) + size[0].to_bytes(2),
            frame[5:6] != b"\3" or {frame[at] for at in range(7, len(frame), 3)} != {FULL},
            [head[7:12] for head in heads] != [b"\1" + dpi.to_bytes(2) * 2],
            bool(foreign),
        )
    )


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker and content of each segment before the first scan."""
    at = 2
    while at + 4 <= len(data) and data[at] == MARKER and data[at + 1] != SCAN:
        length = int.from_bytes(data[at + 2 : at + 4])
        yield data[at + 1], data[at + 4 : at + 2 + length]
        at += 2 + length


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
    Check(
        "image file format",
        "file_format",
        "deviations",
        file_format,
        high="wrong_file",
        area=Area.PICTURE,
    ),
)
