"""Everything that the checks measure on: the face in the picture and on the card."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from photos.domain.crop import Nudge, card_crop, crown_down, encode_card, margins, nudged
from photos.domain.evening import evened
from photos.domain.eye_band import eye_band
from photos.domain.face import Face, FaceFinder, frame_of_face
from photos.domain.frame import Frame
from photos.domain.network import Tensor
from photos.domain.picture import Picture
from photos.domain.pose import yaw_and_pitch
from photos.domain.profile import Profile
from photos.domain.silhouette import Plane as Plane
from photos.domain.silhouette import silhouette

Mask = NDArray[np.bool_]

# IEC 61966-2-1: the transfer curve of sRGB, and the weights of red, green and blue in luminance.
STORED = np.arange(256, dtype=np.float32) / 255
LINEAR = np.where(STORED <= 0.04045, STORED / 12.92, ((STORED + 0.055) / 1.055) ** 2.4)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)

CELL = 8  # px of the card that the background is averaged over: evens out noise and grain
BEHIND = 0.1  # less sure than this that it is the person, it is the background

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
    1, of shape (height, width). `crown` is how far down the card the hair begins, as a share of
    its height, None if that couldn't be seen. `blendshapes` (see `photos.domain.face`) and the
    angles are of the face in the picture. `nudge` is what of a person's wish could be granted.
    `card_jpeg` is None when the crop doesn't fit. `profile` is what the card was made by.
    """

    picture: Picture
    faces: list[Face]
    crop: Frame
    nudge: Nudge
    card: Image.Image
    on_card: Face
    person: Plane
    crown: float | None
    blendshapes: Tensor
    yaw: float
    pitch: float
    card_jpeg: bytes | None
    profile: Profile

    @property
    def evened(self) -> bool:
        """Whether the background of `card_jpeg` was lightened; that of `card` never is."""
        return self.card_jpeg is not None and self.profile.card.even_background

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
    def inside(self) -> Mask:
        """The card's pixels inside the face's outline, of shape (height, width)."""
        mask = Image.new("1", self.card.size)
        outline = [(float(x), float(y)) for x, y in self.on_card.points[OVAL, :2]]
        ImageDraw.Draw(mask).polygon(outline, fill=1)
        return np.asarray(mask, np.bool_)

    @cached_property
    def eye_light(self) -> Plane:
        """The linear luminance, 0 to 1, of the band around the eyes (`photos.domain.eye_band`)."""
        light: Plane = LINEAR[np.asarray(eye_band(self.luma, self.on_card))]
        return light

    @cached_property
    def face_light(self) -> Plane:
        """The linear luminance Y, 0 to 1, of every fourth pixel inside the face's outline."""
        return linear(self.rgb[::2, ::2][self.inside[::2, ::2]])

    @cached_property
    def cells(self) -> tuple[NDArray[np.uint8], Mask]:
        """The card averaged over squares of `CELL` pixels, of shape (rows, columns, 3).

        And which of them surely show what is behind the person: not next to the outline, nor
        outside the picture.
        """
        small = np.asarray(self.card.reduce(CELL))
        ends = (self.picture.width, self.picture.height)
        corners = [(0, 0), (ends[0], 0), ends, (0, ends[1])]
        covered = Image.new("L", small.shape[1::-1])
        outline = self.crop.from_picture(corners, self.card.size) / CELL
        ImageDraw.Draw(covered).polygon([(float(x), float(y)) for x, y in outline], fill=255)
        rows, columns = (
            np.minimum(np.arange(0, side, CELL) + CELL // 2, side - 1) for side in self.person.shape
        )
        behind = (self.person[np.ix_(rows, columns)] < BEHIND) & (np.asarray(covered) > 0)
        inner = Image.fromarray(behind.astype(np.uint8)).filter(ImageFilter.MinFilter(3))
        return small, np.asarray(inner, np.bool_)


def linear(rgb: Image.Image | NDArray[np.uint8]) -> Plane:
    """Return the luminance Y of sRGB pixels, 0 to 1, of the same shape but for the channels."""
    return np.asarray(LINEAR[np.asarray(rgb)] @ LUMINANCE, np.float32)


def subject_of(
    picture: Picture, faces: list[Face], profile: Profile, finder: FaceFinder, nudge: Nudge
) -> Subject:
    """Cut out the card around the first face and look at it again there."""
    face, size = faces[0], (profile.card.width_px, profile.card.height_px)
    seen = silhouette(picture, card_crop(face, picture, profile), finder)
    head = seen.chin_to_crown(face)
    crop = card_crop(face, picture, profile, head)
    crop, granted = nudged(crop, nudge, face, picture, profile)
    card, person = picture.view(crop, size, sharp=True), seen.on(crop, size)
    fits = min(margins(crop, picture)) >= 0
    yaw, pitch = yaw_and_pitch(face.points)
    return Subject(
        picture=picture,
        faces=faces,
        crop=crop,
        nudge=granted,
        card=card,
        on_card=_look_at_card(card, face, crop, finder),
        person=person,
        crown=None if head is None else crown_down(face, crop, head),
        blendshapes=finder.blendshapes(face),
        yaw=yaw,
        pitch=pitch,
        card_jpeg=_card_file(card, person, profile) if fits else None,
        profile=profile,
    )


def _card_file(card: Image.Image, person: Plane, profile: Profile) -> bytes:
    if profile.card.even_background:
        card = evened(card, person, profile.card.background)
    return encode_card(card, profile)


def _look_at_card(image: Image.Image, face: Face, crop: Frame, finder: FaceFinder) -> Face:
    """Find the landmarks on the card itself, so that what it shows is measured, not assumed."""
    flat = crop.from_picture(face.points[:, :2], image.size)
    expected = Face(np.hstack([flat, face.points[:, 2:]]), face.score, face.presence)
    card = Picture(image, image.width, image.height)
    return finder.look(card, frame_of_face(expected), face.score)
