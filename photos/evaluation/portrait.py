"""A portrait as made faults are laid on it: its pixels, its face, and what is person and skin."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from photos.domain.face import Face, FaceFinder
from photos.domain.frame import Frame
from photos.domain.intake import check_upload
from photos.domain.intake.decode import decode
from photos.domain.judgement import Judgement
from photos.domain.picture import Picture
from photos.domain.profile import Profile
from photos.domain.subject import LINEAR

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Shares = NDArray[np.float32]
Light = NDArray[np.float64]

# Every portrait is reduced to as many source pixels for each of the card's, so that a fault is as
# large on all of them; one with fewer than LEAST is left out.
SAMPLING = 1.2
LEAST = 1.0

# Two cheeks in the face mesh (MediaPipe's, Apache-2.0).
CHEEKS = ((117, 118, 101, 50, 187, 147, 123), (346, 347, 330, 280, 411, 376, 352))


@dataclass(frozen=True, eq=False)
class Portrait:
    """An upright sRGB picture and the face in it, with `scale` of its pixels for each card's.

    `person` says how sure it is that a pixel shows the person, 0 to 1, of shape (height, width).
    """

    image: Image.Image
    face: Face
    person: Shares
    scale: float

    @cached_property
    def pixels(self) -> Pixels:
        """The stored values, of shape (height, width, 3)."""
        return np.asarray(self.image)

    @cached_property
    def cheeks(self) -> Mask:
        """The pixels of the two cheeks, of shape (height, width)."""
        outlines = (self.face.points[list(cheek), :2] for cheek in CHEEKS)
        one, other = (self.filled([(float(x), float(y)) for x, y in line]) for line in outlines)
        return one | other

    def filled(self, outline: list[tuple[float, float]]) -> Mask:
        """Return the pixels inside an outline, of shape (height, width)."""
        mask = Image.new("1", self.image.size)
        ImageDraw.Draw(mask).polygon(outline, fill=1)
        return np.asarray(mask, np.bool_)

    def holding(self, image: Image.Image) -> "Portrait":
        """Return the portrait with other pixels, the face in its place."""
        return replace(self, image=image)


def portrait_of(
    data: bytes, judgement: Judgement, profile: Profile, finder: FaceFinder
) -> Portrait | None:
    """Return the portrait that faults are made on; None if it has no face or too few pixels."""
    if judgement.crop is None:
        return None
    sampling = judgement.crop.height / profile.card.height_px
    if sampling < LEAST:
        return None
    whole = upright(data, max(judgement.width, judgement.height))
    reduced = _resized(whole, min(1.0, SAMPLING / sampling))
    return portrait_in(reduced, finder, scale=min(sampling, SAMPLING))


def portrait_in(image: Image.Image, finder: FaceFinder, *, scale: float) -> Portrait | None:
    """Return an upright picture as a portrait; None if no face is found in it."""
    picture = Picture(image, image.width, image.height)
    faces = finder.find(picture)
    if not faces:
        return None
    whole = Frame(image.width / 2, image.height / 2, image.width, image.height)
    person = Image.fromarray(finder.person(picture, whole))
    person = person.resize(image.size, Image.Resampling.BILINEAR)
    return Portrait(image, faces[0], np.asarray(person, np.float32), scale)


def upright(data: bytes, longest_side: int) -> Image.Image:
    """Return a picture file's upright picture, its longer side at most so many pixels."""
    return decode(data, check_upload(data), longest_side).thumbnail(longest_side)


def enlarged(image: Image.Image, times: int) -> Image.Image:
    """Return a picture with more pixels, no finer in detail but sharpened to look so."""
    larger = _resized(image, times)
    for radius, percent in ((5, 60), (2, 80)):
        larger = larger.filter(ImageFilter.UnsharpMask(radius, percent, threshold=0))
    return larger


def png(image: Image.Image) -> bytes:
    """Return a picture's bytes, every pixel kept."""
    buffer = BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def linear_light(portrait: Portrait) -> Light:
    """Return a portrait's light, 0 to 1, of shape (height, width, 3)."""
    light: Light = LINEAR[portrait.pixels].astype(np.float64)
    return light


def stored(light: Light) -> Image.Image:
    """Return the sRGB picture of linear light (IEC 61966-2-1), clipped at what can be stored."""
    clipped = light.clip(0, 1)
    curve = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return Image.fromarray((curve * 255 + 0.5).astype(np.uint8))


def _resized(image: Image.Image, ratio: float) -> Image.Image:
    if math.isclose(ratio, 1):
        return image
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return image.resize(size, Image.Resampling.LANCZOS)
