"""From uploaded bytes to a judgement: where the face is, what the checks found, and the card."""

import math
from dataclasses import dataclass, replace

from photos.domain.annotate import annotated
from photos.domain.checks import check_nobody, check_subject
from photos.domain.crop import Nudge, head_height, smallest_crop
from photos.domain.face import Face, FaceFinder
from photos.domain.findings import Advice, Answer, Finding, decide
from photos.domain.frame import Frame, Points
from photos.domain.intake import check_upload
from photos.domain.intake.decode import decode
from photos.domain.picture import Picture
from photos.domain.profile import Profile
from photos.domain.subject import OVAL, Subject, subject_of

# A picture is first decoded with at least this many times the card's height along its longer side:
# the crop of a portrait takes more than two fifths of it. If not, it is decoded again, finer.
DECODE_FACTOR = 2.5

AS_CUT = Nudge()

Point = tuple[float, float]


@dataclass(frozen=True)
class Marks:
    """Where the head lies on the card: what is drawn over it for people to see.

    Shares of the card's width and height from its top left: the face's `outline` in order, the
    pupils, and how far down crown and chin are.
    """

    outline: tuple[Point, ...]
    eye_left: Point
    eye_right: Point
    crown: float
    chin: float


@dataclass(frozen=True)
class Judgement:
    """What was found in one picture. Points are pixels of the upright picture, angles degrees.

    `decided_by` is the component whose finding decided the verdict, None when all is well;
    `advice` is what to do, most useful first, at most two. `width` and `height` are the upright
    picture's. `eye_left` and `eye_right` are the pupils at the left and the right of the picture.
    `roll` is clockwise; for `yaw` and `pitch` see `photos.domain.pose`. `crop` is where the card
    lies, `nudge` how much of it a person's wish is, `others` the boxes (left, top, right, bottom)
    of the other faces. All of these are None or empty without a face. `card_jpeg` is the card
    picture, None when the crop doesn't fit inside the picture; its background was lightened if
    `evened`. `annotated_jpeg` is a small copy of the whole with what was found drawn in, if it was
    asked for.
    """

    verdict: Answer
    faces: int
    width: int
    height: int
    findings: tuple[Finding, ...]
    decided_by: str | None = None
    advice: tuple[Advice, ...] = ()
    eye_left: Point | None = None
    eye_right: Point | None = None
    roll: float | None = None
    yaw: float | None = None
    pitch: float | None = None
    crop: Frame | None = None
    nudge: Nudge = AS_CUT
    marks: Marks | None = None
    others: tuple[tuple[float, ...], ...] = ()
    evened: bool = False
    card_jpeg: bytes | None = None
    annotated_jpeg: bytes | None = None


def judge(
    data: bytes,
    profile: Profile,
    finder: FaceFinder,
    *,
    nudge: Nudge = AS_CUT,
    annotate: bool = False,
) -> Judgement:
    """Judge a picture against a profile; raise `Refused` if it can't be read as one.

    A `nudge` moves the crop as far as the profile lets it. With `annotate` the judgement brings a
    drawing of what was found along.
    """
    picture, faces = _seen(data, profile, finder)
    subject = subject_of(picture, faces, profile, finder, nudge) if faces else None
    judgement = _judgement(subject, profile) if subject else _of_nobody(picture, profile)
    if not annotate:
        return judgement
    return replace(judgement, annotated_jpeg=annotated(picture, subject, judgement.verdict))


def _seen(data: bytes, profile: Profile, finder: FaceFinder) -> tuple[Picture, list[Face]]:
    """Decode the picture no finer than the card needs, and find the faces in it."""
    upload, height = check_upload(data), profile.card.height_px
    picture = decode(data, upload, round(height * DECODE_FACTOR))
    faces = finder.find(picture)
    if faces and picture.scale < 1:
        smallest = smallest_crop(faces[0], profile)
        if smallest * picture.scale < height:
            longest = max(picture.width, picture.height)
            picture = decode(data, upload, math.ceil(longest * height / smallest))
            faces = finder.find(picture)
    return picture, faces


def _of_nobody(picture: Picture, profile: Profile) -> Judgement:
    findings = tuple(check_nobody(profile))
    verdict = decide(findings)
    return Judgement(
        verdict=verdict.answer,
        faces=0,
        width=picture.width,
        height=picture.height,
        findings=findings,
        decided_by=verdict.decided_by,
        advice=verdict.advice,
    )


def _judgement(subject: Subject, profile: Profile) -> Judgement:
    findings = tuple(check_subject(subject, profile))
    verdict, face = decide(findings), subject.face
    return Judgement(
        verdict=verdict.answer,
        faces=len(subject.faces),
        width=subject.picture.width,
        height=subject.picture.height,
        findings=findings,
        decided_by=verdict.decided_by,
        advice=verdict.advice,
        eye_left=_point(face.eye_left),
        eye_right=_point(face.eye_right),
        roll=face.roll,
        yaw=subject.yaw,
        pitch=subject.pitch,
        crop=subject.crop,
        nudge=subject.nudge,
        marks=_marks(subject),
        others=tuple(tuple(map(float, other.box)) for other in subject.faces[1:]),
        evened=subject.evened,
        card_jpeg=subject.card_jpeg,
    )


def _marks(subject: Subject) -> Marks:
    face, (width, height) = subject.on_card, subject.card.size
    outline, eyes = face.points[OVAL, :2] / (width, height), (face.eye_left, face.eye_right)
    left, right = (_point(eye / (width, height)) for eye in eyes)
    chin = float(face.eye_middle[1] + face.eye_to_chin) / height
    crown = chin - head_height(face) / height if subject.crown is None else subject.crown
    return Marks(
        tuple(_point(point) for point in outline), left, right, round(crown, 4), round(chin, 4)
    )


def _point(pair: Points) -> Point:
    return round(float(pair[0]), 4), round(float(pair[1]), 4)
