"""A small copy of a picture with what was found drawn in, for people who check the checks."""

from io import BytesIO

import numpy as np
from PIL import ImageDraw

from photos.domain.crop import head_height
from photos.domain.face import Face
from photos.domain.findings import Answer
from photos.domain.frame import Frame, Points
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
OTHER_FACES = "#ff4f4f"
GUIDES = "#5bc8ff"


def annotated(picture: Picture, subject: Subject | None, verdict: Answer) -> bytes:
    """Return a JPEG of the upright picture with the crop in the verdict's colour.

    Inside it are the face's outline, the line between the pupils and the lines of the crown and
    the chin; other faces are boxed.
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
    for line in _guides(subject.face, subject.crop):
        _outline(draw, line * scale, GUIDES)
    for other in subject.faces[1:]:
        draw.rectangle([float(at) for at in other.box * scale], outline=OTHER_FACES, width=3)


def _guides(face: Face, crop: Frame) -> list[Points]:
    """Return the lines across the crop at the crown, the pupils and the chin."""
    ((_, eyes),) = crop.from_picture([face.eye_middle], (1, 1))
    chin = eyes + face.eye_to_chin / crop.height
    crown = chin - head_height(face) / crop.height
    return [crop.to_picture([[0, down], [1, down]], (1, 1)) for down in (crown, eyes, chin)]


def _outline(draw: ImageDraw.ImageDraw, points: Points, colour: str, width: int = 2) -> None:
    closed = np.vstack([points, points[:1]])
    draw.line([(float(x), float(y)) for x, y in closed], fill=colour, width=width)
