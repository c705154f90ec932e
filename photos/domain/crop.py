"""The crop that a profile asks for, and the card picture that comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from PIL import Image

from photos.domain.face import Face
from photos.domain.findings import Answer
from photos.domain.frame import Frame, Points
from photos.domain.picture import Picture
from photos.domain.profile import Card, Profile

# Chin to crown in eye-to-chin distances T: the eyes lie about half-way up the head. Measured with
# the hair, 44 frontal portraits have 1.94 to 2.34 (5th to 95th percentile), 2.12 in the middle.
HEAD_IN_T = 2.05

# The automatic crop and a nudged one stay this far inside the profile's limits, below and above,
# since the finished card is measured anew. Measured on 51 cards: the eyes are found again within
# 0.002 of where they were put, the eye-to-chin distance 0.8 % shorter, 2 % at most.
SLACK = {"head_size": (0.02, 0.01), "eyes_across": (0.005, 0.005), "eyes_down": (0.005, 0.005)}
HEAD_STEP = 0.01  # the sizes tried, when the profile's target doesn't fit

# Hair stays this far below the card's upper edge where the limits allow it, a share of its height.
# Own choice: two cells of the person mask, whose edge is sure to about one.
ABOVE_CROWN = 0.02

ROUNDING = 1e-6  # px: no farther outside than this is inside

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
    """Return the estimated distance from chin to crown, without the hair, in pixels."""
    return HEAD_IN_T * face.eye_to_chin


def smallest_crop(face: Face, profile: Profile) -> float:
    """Return the height in pixels of the crop with the head as large as it may be."""
    return head_height(face) / _allowed(profile, "head_size")[1]


def card_crop(
    face: Face, picture: Picture, profile: Profile, chin_to_crown: float | None = None
) -> Frame:
    """Return the levelled frame of the card picture, as near the profile's target as fits.

    `chin_to_crown` is the head's height with the hair, in pixels; the crop then tries to hold it
    all. When nothing within the profile's limits fits, the target itself is returned; it then
    reaches outside the picture, which `margins` tells and nothing fills in.
    """
    crown = head_height(face) if chin_to_crown is None else chin_to_crown
    fitting: list[tuple[float, Frame]] = []
    for share in _head_shares(profile):
        frame = _below_crown(_target(face, profile.card, share), face, crown, profile)
        frame = _moved_inside(frame, picture)
        if _room(frame, face, picture, profile).min() < -ROUNDING:
            continue
        lacking = max(0.0, round(ABOVE_CROWN - crown_down(face, frame, crown), 3))
        if not lacking:
            return frame
        fitting.append((lacking, frame))
    if fitting:
        return min(fitting, key=lambda pair: pair[0])[1]
    return _target(face, profile.card, profile.card.head_height)


def crown_down(face: Face, frame: Frame, chin_to_crown: float) -> float:
    """Return how far down the frame the crown lies, as a share of its height."""
    ((_, eyes),) = frame.from_picture([face.eye_middle], (1, 1))
    return float(eyes) - (chin_to_crown - face.eye_to_chin) / frame.height


def nudged(
    crop: Frame, nudge: Nudge, face: Face, picture: Picture, profile: Profile
) -> tuple[Frame, Nudge]:
    """Return the crop zoomed and moved as far as allowed, and how much of the nudge that is.

    It stays inside the picture, and head and eyes within the profile's limits; where the automatic
    crop doesn't, it gets no worse.
    """
    if nudge == Nudge():
        return crop, nudge
    least = np.minimum(_room(crop, face, picture, profile), 0)
    frame, granted = crop, Nudge()
    for one in ("zoom", "across", "down", "zoom"):  # again: there may be room after the move
        wanted = _applied(crop, replace(granted, **{one: getattr(nudge, one)}))
        share = _way(
            _room(frame, face, picture, profile) - least,
            _room(wanted, face, picture, profile) - least,
        )
        frame = _between(frame, wanted, share)
        granted = _difference(crop, frame)
    return frame, granted


def margins(frame: Frame, picture: Picture) -> tuple[float, float, float, float]:
    """Return the room left, right, above and below the crop as shares of its height.

    A negative number is what is missing.
    """
    left, right, above, below = _margins_px(frame, picture) / frame.height
    return (
        round(float(left), 6),
        round(float(right), 6),
        round(float(above), 6),
        round(float(below), 6),
    )


def encode_card(image: Image.Image, profile: Profile) -> bytes:
    """Return a JPEG without chroma subsampling or metadata, in the best quality that fits.

    Without a profile of its own such a file is sRGB. If none is small enough, the smallest is
    returned; its size is a finding. (Fitting the Huffman tables to the picture would take 4 % off
    the size and thrice the time.)
    """
    dpi, limit = profile.card.dpi, profile.limits["file_size"]
    for quality in JPEG_QUALITIES:
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=quality, subsampling=0, dpi=(dpi, dpi))
        if limit.answer(buffer.tell() / KILOBYTE) == Answer.PASS:
            break
    return buffer.getvalue()


def _head_shares(profile: Profile) -> Iterator[float]:
    """Give the sizes of the head to try, as shares of the height, the profile's target first."""
    target = profile.card.head_height
    yield target
    low, high = _allowed(profile, "head_size")
    for step in range(1, int(max(target - low, high - target) / HEAD_STEP + 1e-9) + 1):
        for share in (target - step * HEAD_STEP, target + step * HEAD_STEP):
            if low - 1e-9 <= share <= high + 1e-9:
                yield share


def _target(face: Face, card: Card, head_share: float) -> Frame:
    height = head_height(face) / head_share
    width = height * card.width_px / card.height_px
    x, y = map(float, face.eye_middle)
    on_eyes = Frame(x, y, width, height, face.roll)
    return _moved(on_eyes, 0, 0.5 - card.eye_line)


def _below_crown(frame: Frame, face: Face, chin_to_crown: float, profile: Profile) -> Frame:
    """Move a frame up until the crown is inside, but the eyes no farther down than allowed."""
    ((_, eyes),) = frame.from_picture([face.eye_middle], (1, 1))
    lacking = ABOVE_CROWN - crown_down(face, frame, chin_to_crown)
    lowest = _allowed(profile, "eyes_down")[1]
    return _moved(frame, 0, -max(0.0, min(lacking, lowest - float(eyes))))


def _moved_inside(frame: Frame, picture: Picture) -> Frame:
    """Move a frame as little as needed to lie inside the picture, if it is small enough to."""
    left, right, above, below = _margins_px(frame, picture)
    across = -left if left < 0 else min(right, 0)
    down = -above if above < 0 else min(below, 0)
    return replace(frame, x=frame.x + float(across), y=frame.y + float(down))


def _margins_px(frame: Frame, picture: Picture) -> Points:
    corners = frame.corners()
    low, high = corners.min(axis=0), corners.max(axis=0)
    return np.array([low[0], picture.width - high[0], low[1], picture.height - high[1]])


def _room(frame: Frame, face: Face, picture: Picture, profile: Profile) -> Points:
    """Return how far the frame is from breaking each limit, in pixels; negative where it does.

    The limits: the picture's four sides, the head's size, the eyes across and down. Each number
    changes linearly as a frame is moved and zoomed evenly.
    """
    ((across, down),) = frame.from_picture([face.eye_middle], (1, 1))
    shares = {
        "head_size": head_height(face) / frame.height,
        "eyes_across": float(across),
        "eyes_down": float(down),
    }
    within = []
    for name, share in shares.items():
        low, high = _allowed(profile, name)
        within += [(share - low) * frame.height, (high - share) * frame.height]
    return np.concatenate([_margins_px(frame, picture), within])


def _allowed(profile: Profile, name: str) -> tuple[float, float]:
    """Return the shares that a crop is placed within; limits too narrow for slack have none."""
    limit, (below, above) = profile.limits[name], SLACK[name]
    low = 0.0 if limit.pass_min is None else max(limit.pass_min, 0.0)
    high = 1.0 if limit.pass_max is None else min(limit.pass_max, 1.0)
    return (low, high) if low + below > high - above else (low + below, high - above)


def _moved(frame: Frame, across: float, down: float) -> Frame:
    """Move a frame by shares of its own width and height, along its own sides."""
    ((x, y),) = frame.to_picture([[0.5 + across, 0.5 + down]], (1, 1))
    return replace(frame, x=float(x), y=float(y))


def _applied(crop: Frame, nudge: Nudge) -> Frame:
    moved = _moved(crop, nudge.across, nudge.down)
    return replace(moved, width=crop.width / nudge.zoom, height=crop.height / nudge.zoom)


def _difference(crop: Frame, frame: Frame) -> Nudge:
    """Return the nudge that makes the frame of the crop."""
    ((across, down),) = crop.from_picture([[frame.x, frame.y]], (1, 1)) - 0.5
    return Nudge(float(across), float(down), crop.height / frame.height)


def _way(here: Points, there: Points) -> float:
    """Return how much of the way from here, where nothing is negative, to there may be gone."""
    falling = there < -ROUNDING
    start = np.maximum(here[falling], 0)
    return float((start / (start - there[falling])).min(initial=1.0))


def _between(one: Frame, other: Frame, share: float) -> Frame:
    x, y, width, height = (
        (1 - share) * getattr(one, side) + share * getattr(other, side)
        for side in ("x", "y", "width", "height")
    )
    return Frame(x, y, width, height, one.angle)
