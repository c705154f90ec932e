"""The crop that a profile asks for, and the card picture that comes of it."""

from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from PIL import Image

from photos.domain.face import Face
from photos.domain.findings import Answer
from photos.domain.frame import Frame
from photos.domain.picture import Picture
from photos.domain.profile import Card, Limit, Profile

# Chin to crown in eye-to-chin distances T: the eyes lie about half-way up the head. Measured with
# the hair, 44 frontal portraits have 1.94 to 2.34 (5th to 95th percentile), 2.12 in the middle.
HEAD_IN_T = 2.05

# A crop that doesn't fit is tried with larger heads, and moved, but only this far inside the
# profile's limits, since the finished card is measured anew with an error of about 1 %.
SLACK = 0.01
HEAD_STEPS = 5

KILOBYTE = 1000
JPEG_QUALITIES = (95, 90, 85, 80, 75, 70)


@dataclass(frozen=True)
class Nudge:
    """What a person changes in the crop: shares of its width and height that it moves, and zoom.

    Positive is right and down in the picture; a zoom above 1 makes the head larger.
    """

    across: float = 0.0
    down: float = 0.0
    zoom: float = 1.0


def head_height(face: Face) -> float:
    """Return the estimated distance from chin to crown, in pixels."""
    return HEAD_IN_T * face.eye_to_chin


def card_crop(face: Face, picture: Picture, profile: Profile) -> Frame:
    """Return the levelled frame of the card picture, as near the profile's target as fits.

    When nothing within the profile's limits fits, the target itself is returned; it then reaches
    outside the picture, which `margins` tells and nothing fills in.
    """
    card = profile.card
    largest = (profile.limits["head_size"].pass_max or card.head_height) - SLACK
    for share in np.linspace(card.head_height, max(largest, card.head_height), HEAD_STEPS):
        frame = _moved_inside(_target(face, card, float(share)), picture)
        if _well_placed(face, frame, profile) and min(margins(frame, picture)) >= 0:
            return frame
    return _target(face, card, card.head_height)


def margins(frame: Frame, picture: Picture) -> tuple[float, float, float, float]:
    """Return the room left, right, above and below the crop as shares of its height.

    A negative number is what is missing.
    """
    left, top = frame.corners().min(axis=0)
    right, bottom = frame.corners().max(axis=0)
    room = (left, picture.width - right, top, picture.height - bottom)
    first, second, third, fourth = (round(float(side) / frame.height, 6) for side in room)
    return first, second, third, fourth


def encode_card(image: Image.Image, profile: Profile) -> bytes:
    """Return a JPEG without chroma subsampling or metadata, in the best quality that fits.

    Without a profile of its own such a file is sRGB. If none is small enough, the smallest is
    returned; its size is a finding.
    """
    dpi, limit = profile.card.dpi, profile.limits["file_size"]
    for quality in JPEG_QUALITIES:
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=quality, subsampling=0, optimize=True, dpi=(dpi, dpi))
        if limit.answer(buffer.tell() / KILOBYTE) == Answer.PASS:
            break
    return buffer.getvalue()


def _target(face: Face, card: Card, head_share: float) -> Frame:
    height = head_height(face) / head_share
    width = height * card.width_px / card.height_px
    x, y = map(float, face.eye_middle)
    on_eyes = Frame(x, y, width, height, face.roll)
    ((x, y),) = on_eyes.to_picture([[0.5, 1 - card.eye_line]], (1, 1))
    return replace(on_eyes, x=float(x), y=float(y))


def _moved_inside(frame: Frame, picture: Picture) -> Frame:
    """Move a frame as little as needed to lie inside the picture, if it is small enough to."""
    low, high = frame.corners().min(axis=0), frame.corners().max(axis=0)
    beyond = np.minimum(np.subtract((picture.width, picture.height), high), 0)
    shift = np.where(low < 0, -low, beyond)
    return replace(frame, x=frame.x + float(shift[0]), y=frame.y + float(shift[1]))


def _well_placed(face: Face, frame: Frame, profile: Profile) -> bool:
    ((across, down),) = frame.from_picture([face.eye_middle], (1, 1))
    return _within(across, profile.limits["eyes_across"]) and _within(
        down, profile.limits["eyes_down"]
    )


def _within(value: float, limit: Limit) -> bool:
    low = -np.inf if limit.pass_min is None else limit.pass_min + SLACK
    high = np.inf if limit.pass_max is None else limit.pass_max - SLACK
    return bool(low <= value <= high)
