"""How the head is held, and what eyes and mouth do.

Landmarks are arrays of shape (478, 2 or more) in pixels.
"""

import numpy as np

from photos.domain.checks.check import Area, Check
from photos.domain.face import BLINKS, Face

EYE_TO_CHIN = "eye-to-chin distance"

# Pairs of mesh landmarks that face each other across an eye's opening and across the inner lips.
LIDS_LEFT = ((160, 144), (159, 145), (158, 153))
LIDS_RIGHT = ((385, 380), (386, 374), (387, 373))
LIPS = ((82, 87), (13, 14), (312, 317))


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


FACE = (
    Check(
        "head pose roll",
        "roll",
        "°",
        lambda subject: subject.face.roll,
        low="straighten_head",
        high="straighten_head",
    ),
    Check(
        "head pose roll on the card",
        "card_roll",
        "°",
        lambda subject: subject.on_card.roll,
        low="straighten_head",
        high="straighten_head",
    ),
    Check(
        "head pose yaw",
        "yaw",
        "°",
        lambda subject: subject.yaw,
        low="face_camera",
        high="face_camera",
    ),
    Check(
        "head pose pitch",
        "pitch",
        "°",
        lambda subject: subject.pitch,
        low="lower_chin",
        high="raise_chin",
    ),
    Check(
        "eyes open",
        "eyes_open",
        EYE_TO_CHIN,
        lambda subject: eye_opening(subject.face),
        low="open_eyes",
        area=Area.EYES,
        second=("blink", lambda subject: float(subject.blendshapes[BLINKS].max())),
    ),
    Check(
        "mouth closed",
        "mouth_closed",
        EYE_TO_CHIN,
        lambda subject: mouth_opening(subject.face),
        high="close_mouth",
        area=Area.MOUTH,
    ),
)
