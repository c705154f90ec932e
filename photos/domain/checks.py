"""The checks: which number is measured, against which limit, and what to advise.

A check is a row of `CHECKS`; its limit is the profile's of the same key. Components bear the names
of ISO/IEC 29794-5 where the standard has one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from photos.domain import quantities
from photos.domain.crop import HEAD_IN_T, KILOBYTE, margins
from photos.domain.findings import Advice, Answer, Finding
from photos.domain.profile import Limit, Profile
from photos.domain.subject import Subject

Measure = Callable[[Subject], float | None]

JPEG_BLOCK = 8  # pixels, ITU-T T.81
LEAST_BLOCKS = 4  # along each side of the face, or the borders are too few to compare

EYE_TO_CHIN = "eye-to-chin distance"
OF_HEIGHT = "share of the height"
OF_WIDTH = "share of the width"


@dataclass(frozen=True)
class Check:
    """One quality component: its limit's key, the unit of its value, how to measure it.

    `low` and `high` are the advice codes for a value below and above what passes. A `second` vote,
    a limit's key and a measure, must agree before the check fails; alone it only warns.
    """

    component: str
    limit: str
    unit: str
    measure: Measure
    low: str = ""
    high: str = ""
    second: tuple[str, Measure] | None = None


def check_subject(subject: Subject, profile: Profile) -> list[Finding]:
    """Return the findings of every check, in their order."""
    return [_with_second_vote(check, subject, profile) for check in CHECKS]


def check_nobody(profile: Profile) -> list[Finding]:
    """Return the findings for a picture without a face: the first fails, no other has a value."""
    unmeasured = [_finding(check, None, profile) for check in CHECKS]
    no_face = replace(unmeasured[0], answer=Answer.FAIL, advice=Advice("no_face"))
    return [no_face, *unmeasured[1:]]


def _with_second_vote(check: Check, subject: Subject, profile: Profile) -> Finding:
    finding = _finding(check, check.measure(subject), profile)
    if check.second is None:
        return finding
    key, measure = check.second
    value = measure(subject)
    doubt = value is not None and profile.limits[key].answer(value) != Answer.PASS
    if doubt and finding.answer == Answer.PASS:
        return replace(finding, answer=Answer.WARN, advice=Advice(check.low))
    if not doubt and finding.answer == Answer.FAIL:
        return replace(finding, answer=Answer.WARN)
    return finding


def _finding(check: Check, value: float | None, profile: Profile) -> Finding:
    limit = profile.limits[check.limit]
    answer = Answer.UNMEASURABLE if value is None else limit.answer(value)
    return Finding(
        component=check.component,
        answer=answer,
        value=None if value is None else round(value, 4),
        unit=check.unit,
        limit=str(limit),
        source=limit.source,
        advice=_advice(check, value, limit, answer),
    )


def _advice(check: Check, value: float | None, limit: Limit, answer: Answer) -> Advice | None:
    if value is None or answer == Answer.PASS:
        return None
    too_low = limit.pass_min is not None and value < limit.pass_min
    return Advice(check.low if too_low else check.high)


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
    return quantities.blockiness(np.asarray(part, np.float32), period)


def file_size(subject: Subject) -> float | None:
    """Return the size of the card's file in kB; None if no card could be cut out."""
    return None if subject.card_jpeg is None else len(subject.card_jpeg) / KILOBYTE


def _margin(side: int) -> Measure:
    return lambda subject: margins(subject.crop, subject.picture)[side]


def _eyes_on_card(axis: int) -> Measure:
    return lambda subject: float(subject.on_card.eye_middle[axis]) / subject.card.size[axis]


def _light(measure: Callable[[quantities.Plane, quantities.Mask], float]) -> Measure:
    return lambda subject: measure(quantities.linear(subject.card), subject.inside)


def _brightness_entropy(subject: Subject) -> float:
    return quantities.entropy(np.asarray(subject.luma), subject.inside)


CHECKS = (
    Check(
        "single face present",
        "other_face",
        "share of the face's area",
        other_face,
        high="other_face",
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
    Check("leftward crop of the face image", "margin", OF_HEIGHT, _margin(0), low="room_left"),
    Check("rightward crop of the face image", "margin", OF_HEIGHT, _margin(1), low="room_right"),
    Check("margin above of the face image", "margin", OF_HEIGHT, _margin(2), low="room_above"),
    Check("margin below of the face image", "margin", OF_HEIGHT, _margin(3), low="room_below"),
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
        lambda subject: quantities.eye_opening(subject.face),
        low="open_eyes",
        second=("blink", lambda subject: subject.blink),
    ),
    Check(
        "mouth closed",
        "mouth_closed",
        EYE_TO_CHIN,
        lambda subject: quantities.mouth_opening(subject.face),
        high="close_mouth",
    ),
    Check(
        "over-exposure prevention",
        "over_exposure",
        "share of the face",
        _light(quantities.burnt_out),
        high="less_light",
    ),
    Check(
        "under-exposure prevention",
        "under_exposure",
        "luminance",
        _light(quantities.highlight),
        low="more_light",
    ),
    Check("dynamic range", "dynamic_range", "bit", _brightness_entropy, low="flat_light"),
    Check(
        "sharpness",
        "sharpness",
        "ratio",
        lambda subject: quantities.sharpness(subject.luma, subject.inside),
        low="focus",
    ),
    Check(
        "spatial sampling rate",
        "sampling",
        "source px per card px",
        lambda subject: subject.crop.height / subject.card.height,
        low="come_closer",
    ),
    Check("compression artefacts", "compression", "ratio", compression, high="less_compression"),
    Check("image file", "file_size", "kB", file_size, high="smaller_file"),
)
