"""A small copy of a picture with what was found drawn in, for people who check the checks."""

from io import BytesIO

import numpy as np
from PIL import ImageDraw

from photos.domain.crop import head_height, margins
from photos.domain.findings import Answer
from photos.domain.frame import Points
from photos.domain.picture import Picture
from photos.domain.subject import OVAL, Subject

LONGEST_SIDE = 1000
QUALITY = 85
COLOURS = {
    Answer.PASS: "#2fbf71",
    Answer.WARN: "#ffb000",
    Answer.FAIL: "#ff4f4f",
    Answer.UNMEASURABLE: "#ffb000",
}
WRONG = "#ff4f4f"
GUIDES = "#5bc8ff"


def annotated(picture: Picture, subject: Subject | None, verdict: Answer) -> bytes:
    """Return a JPEG of the upright picture with the crop in the verdict's colour.

    Inside it are the face's outline, the line between the pupils and the lines of the crown and
    the chin; other faces are boxed. A side of the picture without room for the crop is marked.
    """
    image = picture.thumbnail(LONGEST_SIDE)
    if subject is not None:
        _draw(ImageDraw.Draw(image), subject, COLOURS[verdict], image.width / picture.width)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _draw(draw: ImageDraw.ImageDraw, subject: Subject, colour: str, scale: float) -> None:
    _outline(draw, subject.crop.corners() * scale, colour, width=4)
    _outline(draw, subject.face.points[OVAL, :2] * scale, GUIDES)
    for line in _guides(subject):
        _outline(draw, line * scale, GUIDES)
    for other in subject.faces[1:]:
        draw.rectangle([float(at) for at in other.box * scale], outline=WRONG, width=3)
    for side in _sides_without_room(subject):
        _outline(draw, side * scale, WRONG, width=16)


def _guides(subject: Subject) -> list[Points]:
    """Return the lines across the crop at the crown, the pupils and the chin."""
    face, crop = subject.face, subject.crop
    ((_, eyes),) = crop.from_picture([face.eye_middle], (1, 1))
    chin = eyes + face.eye_to_chin / crop.height
    crown = subject.crown
    if crown is None:
        crown = chin - head_height(face) / crop.height
    return [crop.to_picture([[0, down], [1, down]], (1, 1)) for down in (crown, eyes, chin)]


def _sides_without_room(subject: Subject) -> list[Points]:
    """Return the sides of the picture that the crop reaches beyond: left, right, top, bottom."""
    right, bottom = subject.picture.width, subject.picture.height
    sides = (
        *(((0, 0), (0, bottom)), ((right, 0), (right, bottom))),
        *(((0, 0), (right, 0)), ((0, bottom), (right, bottom))),
    )
    rooms = margins(subject.crop, subject.picture)
    return [np.array(side, float) for side, room in zip(sides, rooms, strict=True) if room < 0]


def _outline(draw: ImageDraw.ImageDraw, points: Points, colour: str, width: int = 2) -> None:
    closed = np.vstack([points, points[:1]])
    draw.line([(float(x), float(y)) for x, y in closed], fill=colour, width=width)
