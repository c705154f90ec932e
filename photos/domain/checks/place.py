"""Where the head is in the picture and on the card, how large, and how many there are."""

import math

import numpy as np

from photos.domain.checks.check import Area, Check, Measure
from photos.domain.crop import HEAD_IN_T, margins
from photos.domain.subject import Subject

OF_HEIGHT = "share of the height"
OF_WIDTH = "share of the width"


def other_face(subject: Subject) -> float:
    """Return the area of the second largest face over that of the largest, 0 if it is alone."""
    return subject.faces[1].area / subject.face.area if len(subject.faces) > 1 else 0.0


def inter_eye_distance(subject: Subject) -> float:
    """Return the distance between the pupils in source pixels, as if the face weren't turned."""
    distance = float(np.linalg.norm(subject.face.eye_right - subject.face.eye_left))
    return distance / max(math.cos(math.radians(subject.yaw)), 0.1)


def head_size(subject: Subject) -> float:
    """Return the head's height on the card as a share of the card's."""
    return HEAD_IN_T * subject.on_card.eye_to_chin / subject.card.height


def sampling(subject: Subject) -> float:
    """Return how many source pixels there are along one pixel of the card."""
    return subject.crop.height / subject.card.height


def _margin(side: int) -> Measure:
    return lambda subject: margins(subject.crop, subject.picture)[side]


def _eyes_on_card(axis: int) -> Measure:
    return lambda subject: float(subject.on_card.eye_middle[axis]) / subject.card.size[axis]


PLACE = (
    Check(
        "single face present",
        "other_face",
        "share of the face's area",
        other_face,
        high="other_face",
        area=Area.PICTURE,
    ),
    Check("inter-eye distance", "inter_eye_distance", "px", inter_eye_distance, low="come_closer"),
    Check("head size", "head_size", OF_HEIGHT, head_size, low="head_small", high="head_large"),
    Check(
        "head position across",
        "eyes_across",
        OF_WIDTH,
        _eyes_on_card(0),
        low="centre_face",
        high="centre_face",
    ),
    Check(
        "head position down",
        "eyes_down",
        OF_HEIGHT,
        _eyes_on_card(1),
        low="centre_face",
        high="centre_face",
    ),
    Check(
        "leftward crop of the face image",
        "margin",
        OF_HEIGHT,
        _margin(0),
        low="room_left",
        area=Area.LEFT,
    ),
    Check(
        "rightward crop of the face image",
        "margin",
        OF_HEIGHT,
        _margin(1),
        low="room_right",
        area=Area.RIGHT,
    ),
    Check(
        "margin above of the face image",
        "margin",
        OF_HEIGHT,
        _margin(2),
        low="room_above",
        area=Area.ABOVE,
    ),
    Check(
        "margin below of the face image",
        "margin",
        OF_HEIGHT,
        _margin(3),
        low="room_below",
        area=Area.BELOW,
    ),
    Check(
        "spatial sampling rate",
        "sampling",
        "source px per card px",
        sampling,
        low="come_closer",
        area=Area.PICTURE,
    ),
)
