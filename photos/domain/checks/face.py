"""How the head is held, and what eyes and mouth do.

Landmarks are arrays of shape (478, 2 or more) in pixels. ISO/IEC 29794-5 names no component for
the direction of the gaze; a card photo looks into the camera by ISO/IEC 39794-5.
"""

import math

import numpy as np
from numpy.typing import NDArray

from photos.domain.checks.check import Area, Check
from photos.domain.face import BLINKS, PUPIL_LEFT, PUPIL_RIGHT, Face
from photos.domain.findings import Tier
from photos.domain.network import Tensor
from photos.domain.subject import Subject

EYE_TO_CHIN = "eye-to-chin distance"

# Pairs of mesh landmarks that face each other across an eye's opening and across the inner lips.
LIDS_LEFT = ((160, 144), (159, 145), (158, 153))
LIDS_RIGHT = ((385, 380), (386, 374), (387, 373))
LIPS = ((82, 87), (13, 14), (312, 317))

# Pupil and the two corners of each eye, from the left of the picture to the right.
EYES = ((PUPIL_LEFT, 33, 133), (PUPIL_RIGHT, 362, 263))
# An eyeball turns about a centre 12 mm behind the pupil, between corners 30 mm apart. Measured:
# 0.35 to 0.45 tell people who look aside from those who look into the camera equally well.
EYEBALL = 0.4  # radius over the distance between the corners
IRIS_HIDDEN = 0.03  # eye-to-chin distances: lids nearer than this hide where the eye looks

# Landmarks on the red of the lips, and on skin that neither beard nor mask covers.
LIP_SKIN = (0, 11, 12, 13, 14, 15, 16, 17, 37, 38, 84, 87, 181, 267, 268, 314, 317, 405)
UPPER_SKIN = (8, 9, 117, 118, 168, 346, 347)
NOISE = 6  # of 255; keeps the ratio of two dark channels from being noise alone

# Places in the blendshape model's output: what a face does that is not at rest.
MOVEMENTS = {
    "browOuterUp": slice(4, 6),
    "mouthPucker": slice(38, 39),
    "mouthSmile": slice(44, 46),
}


def eye_opening(face: Face) -> float:
    """Return how far the lids of the more closed eye are apart, in eye-to-chin distances.

    ISO/IEC 29794-5, eyes open: the measure that OFIQ divides by the same distance T.
    """
    return min(_gap(face, LIDS_LEFT), _gap(face, LIDS_RIGHT)) / face.eye_to_chin


def mouth_opening(face: Face) -> float:
    """Return how far the inner lips are apart, in eye-to-chin distances.

    ISO/IEC 29794-5, mouth closed: the measure that OFIQ divides by the same distance T.
    """
    return _gap(face, LIPS) / face.eye_to_chin


def strongest_movement(blendshapes: Tensor) -> float:
    """Return how far the face is from rest: smile, raised brows or pursed lips, 0 to 1.

    `blendshapes` are the 52 of `photos.domain.face`. Lowered brows are left out: the model sees as
    much of them in deep-set eyes at rest as in a frown.
    """
    return max(float(blendshapes[places].mean()) for places in MOVEMENTS.values())


def gaze(face: Face, yaw: float) -> float | None:
    """Return the angle between the line of sight and the camera, in degrees, sideways alone.

    It is how far the irises lie from the middle of the eyes, as an angle, and `yaw`, how far the
    head is turned: who turns the head and looks into the camera has 0. Positive is to the right of
    the picture. None when the lids hide the irises.
    """
    if eye_opening(face) < IRIS_HIDDEN:
        return None
    offset = np.mean([_iris_offset(face.points[:, :2], *eye) for eye in EYES])
    return yaw + math.degrees(math.asin(float(np.clip(offset / EYEBALL, -1, 1))))


def lip_redness(rgb: NDArray[np.uint8], face: Face) -> float:
    """Return how much redder than the skin beside the nose the lips are: a ratio of R/G to R/G.

    `rgb` is of shape (height, width, 3), the face's landmarks lie in it. Below 1 it is cloth that
    is seen where the mouth should be; a grey picture has 1.
    """
    return _red_over_green(rgb, face, LIP_SKIN) / _red_over_green(rgb, face, UPPER_SKIN)


def _gap(face: Face, pairs: tuple[tuple[int, int], ...]) -> float:
    """Return the widest distance across an opening."""
    across = [face.points[one, :2] - face.points[other, :2] for one, other in pairs]
    return float(max(np.linalg.norm(way) for way in across))


def _iris_offset(points: NDArray[np.float64], pupil: int, left: int, right: int) -> float:
    """Return how far right of the middle of the eye the iris is, in eye widths."""
    along = points[right] - points[left]
    from_middle = points[pupil] - (points[left] + points[right]) / 2
    return float(from_middle @ along / (along @ along))


def _red_over_green(rgb: NDArray[np.uint8], face: Face, places: tuple[int, ...]) -> float:
    height, width = rgb.shape[:2]
    x, y = np.rint(face.points[list(places), :2]).astype(int).T
    colours = rgb[y.clip(0, height - 1), x.clip(0, width - 1)].astype(np.float64) + NOISE
    return float(np.median(colours[:, 0] / colours[:, 1]))


def _mouth_opening_seen_twice(subject: Subject) -> float:
    """Lips are thin and the model errs: what either look calls closed counts as less open."""
    return min(mouth_opening(subject.face), mouth_opening(subject.on_card))


def _mouth_seen(subject: Subject) -> float:
    return lip_redness(subject.rgb, subject.on_card)


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
        "frontal gaze",
        "gaze",
        "°",
        lambda subject: gaze(subject.face, subject.yaw),
        low="look_at_camera",
        high="look_at_camera",
        tier=Tier.B,
        area=Area.EYES,
    ),
    Check(
        "mouth closed",
        "mouth_closed",
        EYE_TO_CHIN,
        _mouth_opening_seen_twice,
        high="close_mouth",
        area=Area.MOUTH,
    ),
    Check(
        "mouth occlusion prevention",
        "mouth_seen",
        "ratio",
        _mouth_seen,
        low="uncover_mouth",
        tier=Tier.B,
        area=Area.MOUTH,
    ),
    Check(
        "expression neutrality",
        "expression",
        "share of the movement",
        lambda subject: strongest_movement(subject.blendshapes),
        high="relax_face",
        tier=Tier.B,
    ),
)
