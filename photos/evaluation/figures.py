"""Figures over a whole set: faces found, eyes and roll against the annotations, crops, time."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from photos.domain.findings import Answer
from photos.domain.judgement import Judgement
from photos.domain.profile import Profile
from photos.evaluation.annotations import Point, Sample
from photos.evaluation.examine import Examined, Reading
from photos.evaluation.metrics import mean, percentile


@dataclass(frozen=True)
class Summary:
    """How numbers lie: None for none of them."""

    count: int
    mean: float | None
    p95: float | None
    largest: float | None


@dataclass(frozen=True)
class Found:
    """Pictures of a kind, the faces in them by the annotations, and the faces found.

    `seen` is in how many pictures a face was found, `faces_found` counts no more in a picture than
    people saw in it, `beyond` counts those.
    """

    kind: str
    pictures: int
    seen: int
    faces: int
    faces_found: int
    beyond: int


@dataclass(frozen=True)
class Crops:
    """The cards of frontal portraits that have room for one.

    `eye_line` is how far the eyes on the card lie from where the crop meant them to, in percent of
    its height; `roll` the tilt left, in degrees; `head` the chin-to-crown heights in percent,
    least, middle, largest; `head_within` the share whose head is as high as the profile wants.
    """

    portraits: int
    with_room: int
    roll: Summary
    eye_line: Summary
    head: tuple[float, float, float] | None
    head_within: float | None


def summary(values: Sequence[float]) -> Summary:
    """Return how numbers lie."""
    return Summary(len(values), mean(values), percentile(values, 95), max(values, default=None))


def found(examined: Iterable[Examined]) -> list[Found]:
    """Return how many faces were found, for each kind of picture in the set."""
    by_kind: dict[str, list[tuple[int, int]]] = {}
    for one in examined:
        if one.original is not None:
            pair = (one.sample.faces, one.original.judgement.faces)
            by_kind.setdefault(one.sample.kind, []).append(pair)
    return [_found(kind, pairs) for kind, pairs in by_kind.items()]


def eye_errors(examined: Iterable[Examined]) -> list[float]:
    """Return how far each pupil is from where people put it, in % of the distance between them."""
    errors = []
    for sample, judgement in _marked(examined):
        left, right = _eyes(sample)
        apart = math.dist(left, right)
        for seen, marked in ((judgement.eye_left, left), (judgement.eye_right, right)):
            if seen is not None:
                errors.append(100 * math.dist(seen, marked) / apart)
    return errors


def roll_errors(examined: Iterable[Examined]) -> list[float]:
    """Return how far each roll is from that of the marked eyes, in degrees."""
    errors = []
    for sample, judgement in _marked(examined):
        left, right = _eyes(sample)
        marked = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
        if judgement.roll is not None:
            errors.append(abs(judgement.roll - marked))
    return errors


def crops(examined: Iterable[Examined], profile: Profile) -> Crops:
    """Return how well the crops of the portraits marked frontal turned out."""
    frontal = frontals(examined)
    cards = [reading for reading in frontal if reading.judgement.card_jpeg is not None]
    heads = [float(reading.finding("head size").value or 0) for reading in cards]
    limit = profile.limits["head_size"]
    within = [limit.answer(height) == Answer.PASS for height in heads]
    rolls = [abs(r.finding("head pose roll on the card").value or 0) for r in cards]
    return Crops(
        portraits=len(frontal),
        with_room=len(cards),
        roll=summary(rolls),
        eye_line=summary([_eye_line_error(reading.judgement) for reading in cards]),
        head=_least_middle_largest([100 * height for height in heads]),
        head_within=mean([float(one) for one in within]),
    )


def frontals(examined: Iterable[Examined]) -> list[Reading]:
    """Return the readings of the portraits that people call frontal."""
    return [
        one.original
        for one in examined
        if one.original is not None and one.sample.frontal == "yes" and one.original.judgement.faces
    ]


def milliseconds(examined: Iterable[Examined]) -> list[float]:
    """Return the time of each judgement of a file that was read as it is."""
    return [
        one.original.milliseconds
        for one in examined
        if one.original is not None and one.refused is None
    ]


def _found(kind: str, pairs: list[tuple[int, int]]) -> Found:
    return Found(
        kind=kind,
        pictures=len(pairs),
        seen=sum(seen > 0 for _, seen in pairs),
        faces=sum(faces for faces, _ in pairs),
        faces_found=sum(min(faces, seen) for faces, seen in pairs),
        beyond=sum(max(seen - faces, 0) for faces, seen in pairs),
    )


def _marked(examined: Iterable[Examined]) -> list[tuple[Sample, Judgement]]:
    """Return the samples whose eyes people marked and in which a face was found."""
    return [
        (one.sample, one.original.judgement)
        for one in examined
        if one.original is not None and one.sample.eye_left and one.original.judgement.faces
    ]


def _eyes(sample: Sample) -> tuple[Point, Point]:
    if sample.eye_left is None or sample.eye_right is None:
        raise ValueError(f"the eyes of {sample.file} are not marked")
    return sample.eye_left, sample.eye_right


def _eye_line_error(judgement: Judgement) -> float:
    """Return how far the eyes are from where the crop put them, in % of the card's height."""
    crop, marks = judgement.crop, judgement.marks
    if crop is None or marks is None or judgement.eye_left is None or judgement.eye_right is None:
        raise ValueError("there is no card to measure")
    meant = crop.from_picture([judgement.eye_left, judgement.eye_right], (1, 1))[:, 1].mean()
    return 100 * abs(float(meant) - (marks.eye_left[1] + marks.eye_right[1]) / 2)


def _least_middle_largest(values: list[float]) -> tuple[float, float, float] | None:
    if not values:
        return None
    least, middle, largest = np.percentile(values, (0, 50, 100))
    return float(least), float(middle), float(largest)
