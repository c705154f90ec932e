"""Everything that the checks measure on: the face in the picture and on the card."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from photos.domain.crop import card_crop, encode_card, margins
from photos.domain.face import Face, FaceFinder, frame_of_face
from photos.domain.frame import Frame
from photos.domain.picture import Picture
from photos.domain.pose import yaw_and_pitch
from photos.domain.profile import Profile

OVERSAMPLE = 2  # the card is read on a grid twice as fine and filtered down

# The outline of the face mesh, in order (MediaPipe's face oval, Apache-2.0).
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)


@dataclass(frozen=True, eq=False)
class Subject:
    """The person judged: `faces` in the picture with the largest first, and the card cut out.

    `on_card` has the landmarks found anew on the card picture, in its pixels. `blink` and the
    angles are of the face in the picture. `card_jpeg` is None when the crop doesn't fit.
    """

    picture: Picture
    faces: list[Face]
    crop: Frame
    card: Image.Image
    on_card: Face
    blink: float
    yaw: float
    pitch: float
    card_jpeg: bytes | None

    @property
    def face(self) -> Face:
        """The face that is judged: the largest one in the picture."""
        return self.faces[0]

    @cached_property
    def luma(self) -> Image.Image:
        """The card's brightness as stored (ITU-R BT.601 weights), 0 to 255."""
        return self.card.convert("L")

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """The card's pixels inside the face's outline, of shape (height, width)."""
        mask = Image.new("1", self.card.size)
        outline = [(float(x), float(y)) for x, y in self.on_card.points[OVAL, :2]]
        ImageDraw.Draw(mask).polygon(outline, fill=1)
        return np.asarray(mask, np.bool_)


def subject_of(
    picture: Picture, faces: list[Face], profile: Profile, finder: FaceFinder
) -> Subject:
    """Cut out the card around the first face and look at it again there."""
    crop = card_crop(faces[0], picture, profile)
    card = picture.view(
        crop, (profile.card.width_px, profile.card.height_px), oversample=OVERSAMPLE
    )
    fits = min(margins(crop, picture)) >= 0
    yaw, pitch = yaw_and_pitch(faces[0].points)
    return Subject(
        picture=picture,
        faces=faces,
        crop=crop,
        card=card,
        on_card=_look_at_card(card, faces[0], crop, finder),
        blink=finder.blink(faces[0]),
        yaw=yaw,
        pitch=pitch,
        card_jpeg=encode_card(card, profile) if fits else None,
    )


def _look_at_card(image: Image.Image, face: Face, crop: Frame, finder: FaceFinder) -> Face:
    """Find the landmarks on the card itself, so that what it shows is measured, not assumed."""
    flat = crop.from_picture(face.points[:, :2], image.size)
    expected = Face(np.hstack([flat, face.points[:, 2:]]), face.score, face.presence)
    card = Picture(image, image.width, image.height)
    return finder.look(card, frame_of_face(expected), face.score)
