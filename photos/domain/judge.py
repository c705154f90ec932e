"""From uploaded bytes to a judgement: where the face is, what the checks found, and the card."""

from dataclasses import dataclass, replace

from photos.domain.annotate import annotated
from photos.domain.checks import check_nobody, check_subject
from photos.domain.decode import decode
from photos.domain.face import FaceFinder
from photos.domain.findings import Answer, Finding, verdict
from photos.domain.frame import Frame
from photos.domain.intake import check_upload
from photos.domain.picture import Picture
from photos.domain.profile import Profile
from photos.domain.subject import Subject, subject_of

# A picture is first decoded with at least this many times the card's height along its longer side:
# the crop of a portrait takes more than two fifths of it. If not, it is decoded again, in full.
DECODE_FACTOR = 2.5

Point = tuple[float, float]


@dataclass(frozen=True)
class Judgement:
    """What was found in one picture. Points are pixels of the upright picture, angles degrees.

    `width` and `height` are the upright picture's. `eye_left` and `eye_right` are the pupils at the
    left and the right of the picture. `roll` is clockwise; for `yaw` and `pitch` see
    `photos.domain.pose`. `crop` is where the card lies. All of these are None without a face.
    `card_jpeg` is the card picture, None when the crop doesn't fit inside the picture;
    `annotated_jpeg` a small copy of the whole with what was found drawn in, if it was asked for.
    """

    verdict: Answer
    faces: int
    width: int
    height: int
    findings: tuple[Finding, ...]
    eye_left: Point | None = None
    eye_right: Point | None = None
    roll: float | None = None
    yaw: float | None = None
    pitch: float | None = None
    crop: Frame | None = None
    card_jpeg: bytes | None = None
    annotated_jpeg: bytes | None = None


def judge(
    data: bytes, profile: Profile, finder: FaceFinder, *, annotate: bool = False
) -> Judgement:
    """Judge a JPEG or PNG against a profile; raise `Refused` if it can't be read as one.

    With `annotate` the judgement brings a drawing of what was found along.
    """
    upload = check_upload(data)
    height = profile.card.height_px
    picture = decode(data, upload, round(height * DECODE_FACTOR))
    subject = _subject(picture, profile, finder)
    if subject and picture.scale < 1 and subject.crop.height * picture.scale < height:
        picture = decode(data, upload, max(picture.width, picture.height))
        subject = _subject(picture, profile, finder)
    judgement = _judgement(subject, profile) if subject else _of_nobody(picture, profile)
    if not annotate:
        return judgement
    return replace(judgement, annotated_jpeg=annotated(picture, subject, judgement.verdict))


def _subject(picture: Picture, profile: Profile, finder: FaceFinder) -> Subject | None:
    faces = finder.find(picture)
    return subject_of(picture, faces, profile, finder) if faces else None


def _of_nobody(picture: Picture, profile: Profile) -> Judgement:
    findings = tuple(check_nobody(profile))
    return Judgement(verdict(findings), 0, picture.width, picture.height, findings)


def _judgement(subject: Subject, profile: Profile) -> Judgement:
    findings = tuple(check_subject(subject, profile))
    face = subject.face
    return Judgement(
        verdict=verdict(findings),
        faces=len(subject.faces),
        width=subject.picture.width,
        height=subject.picture.height,
        findings=findings,
        eye_left=(float(face.eye_left[0]), float(face.eye_left[1])),
        eye_right=(float(face.eye_right[0]), float(face.eye_right[1])),
        roll=face.roll,
        yaw=subject.yaw,
        pitch=subject.pitch,
        crop=subject.crop,
        card_jpeg=subject.card_jpeg,
    )
