"""Everything that the checks measure on: the face in the picture and on the card."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from photos.domain.crop import Nudge, card_crop, encode_card, margins
from photos.domain.face import Face, FaceFinder, frame_of_face
from photos.domain.frame import Frame
from photos.domain.network import Tensor
from photos.domain.picture import Picture
from photos.domain.pose import yaw_and_pitch
from photos.domain.profile import Profile

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

OVERSAMPLE = 2  # the card is read on a grid twice as fine and filtered down

# IEC 61966-2-1: the transfer curve of sRGB, and the weights of red, green and blue in luminance.
STORED = np.arange(256, dtype=np.float32) / 255
LINEAR = np.where(STORED <= 0.04045, STORED / 12.92, ((STORED + 0.055) / 1.055) ** 2.4)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)

# The outline of the face mesh, in order (MediaPipe's face oval, Apache-2.0).
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)


@dataclass(frozen=True, eq=False)
class Subject:
    """The person judged: `faces` in the picture with the largest first, and the card cut out.

    `on_card` has the landmarks found anew on the card picture, in its pixels. `person` says for
    each of the card's pixels how sure it is that it shows the person and not the background, 0 to
    1, of shape (height, width). `blendshapes` (see `photos.domain.face`) and the angles are of the
    face in the picture. `nudge` is what of a person's wish could be granted. `card_jpeg` is None
    when the crop doesn't fit.
    """

    picture: Picture
    faces: list[Face]
    crop: Frame
    nudge: Nudge
    card: Image.Image
    on_card: Face
    person: Plane
    blendshapes: Tensor
    yaw: float
    pitch: float
    card_jpeg: bytes | None

    @property
    def face(self) -> Face:
        """The face that is judged: the largest one in the picture."""
        return self.faces[0]

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """The card's pixels as stored, sRGB, of shape (height, width, 3)."""
        return np.asarray(self.card)

    @cached_property
    def luma(self) -> Image.Image:
        """The card's brightness as stored (ITU-R BT.601 weights), 0 to 255."""
        return self.card.convert("L")

    @cached_property
    def luminance(self) -> Plane:
        """The card's linear luminance Y, 0 to 1, of shape (height, width)."""
        return linear(self.card)

    @cached_property
    def inside(self) -> Mask:
        """The card's pixels inside the face's outline, of shape (height, width)."""
        mask = Image.new("1", self.card.size)
        outline = [(float(x), float(y)) for x, y in self.on_card.points[OVAL, :2]]
        ImageDraw.Draw(mask).polygon(outline, fill=1)
        return np.asarray(mask, np.bool_)


def linear(rgb: Image.Image) -> Plane:
    """Return the luminance Y of an sRGB picture, 0 to 1, of shape (height, width)."""
    return np.asarray(LINEAR[np.asarray(rgb)] @ LUMINANCE, np.float32)


def subject_of(
    picture: Picture, faces: list[Face], profile: Profile, finder: FaceFinder, nudge: Nudge
) -> Subject:
    """Cut out the card around the first face and look at it again there."""
    crop = card_crop(faces[0], picture, profile)
    size = (profile.card.width_px, profile.card.height_px)
    card = picture.view(crop, size, oversample=OVERSAMPLE)
    fits = min(margins(crop, picture)) >= 0
    yaw, pitch = yaw_and_pitch(faces[0].points)
    return Subject(
        picture=picture,
        faces=faces,
        crop=crop,
        nudge=nudge,
        card=card,
        on_card=_look_at_card(card, faces[0], crop, finder),
        person=_person_on_card(finder.person(picture, crop), size),
        blendshapes=finder.blendshapes(faces[0]),
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


def _person_on_card(seen: Tensor, size: tuple[int, int]) -> Plane:
    return np.asarray(Image.fromarray(seen).resize(size, Image.Resampling.BILINEAR), np.float32)
