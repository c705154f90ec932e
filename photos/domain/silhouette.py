"""Where the person ends and the background begins, around the card's place in the picture."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from photos.domain.face import SURFACE_POINTS, Face, FaceFinder
from photos.domain.frame import Frame, Size
from photos.domain.network import Tensor
from photos.domain.picture import Picture

Plane = Tensor  # of the card's or the mask's size

# The model looks at this many times the crop's size, so that hair above the card is seen, and the
# crop may still be moved about as far as the eyes may be.
AROUND = 1.35
BEYOND = 64  # px around the model's output that repeat its edge, for a crop moved farther than that

SURE = 0.5  # both classes are equally likely
TEMPLES = 0.1  # of the face's width on either side, where hair may stand out instead of up
# Shorter from chin to crown than this many eye-to-chin distances, the model missed the head.
# Measured: 60 frontal portraits have 1.89 and more.
LEAST_HEAD_IN_T = 1.7


@dataclass(frozen=True, eq=False)
class Silhouette:
    """How sure it is that a person is seen, 0 to 1, of shape (side, side), through a frame."""

    frame: Frame
    person: Tensor

    def on(self, crop: Frame, size: Size) -> Plane:
        """Return the part seen through a crop that is turned as the frame, of shape `size`."""
        padded = np.pad(self.person, BEYOND, mode="edge")
        corners = self.frame.from_picture(crop.corners()[[0, 2]], self.person.shape) + BEYOND
        box = [float(at) for at in np.clip(corners, 0, len(padded)).ravel()]
        image = Image.fromarray(padded)
        seen = image.resize(size, Image.Resampling.BILINEAR, (box[0], box[1], box[2], box[3]))
        return np.asarray(seen, np.float32)

    def chin_to_crown(self, face: Face) -> float | None:
        """Return the head's height with its hair, in pixels of the picture.

        None if no head is seen. Hair that reaches above the frame ends there.
        """
        size = self.person.shape
        flat = self.frame.from_picture(face.points[:SURFACE_POINTS, :2], size)
        left, right = flat[:, 0].min(), flat[:, 0].max()
        aside = TEMPLES * (right - left)
        columns = self.person[:, max(0, int(left + aside)) : max(1, int(right - aside))]
        eyes = float(self.frame.from_picture([face.eye_middle], size)[0, 1])
        above = (columns >= SURE).any(axis=1)[: max(0, int(eyes))][::-1]
        hair = len(above) if above.all() else int(np.argmin(above))
        height = face.eye_to_chin + (hair + eyes % 1) * self.frame.height / size[0]
        return height if height >= LEAST_HEAD_IN_T * face.eye_to_chin else None


def silhouette(picture: Picture, crop: Frame, finder: FaceFinder) -> Silhouette:
    """Look for the person in and around a crop."""
    frame = replace(crop, width=AROUND * crop.width, height=AROUND * crop.height)
    return Silhouette(frame, finder.person(picture, frame))
