"""The band around the eyes, cut out level and to one scale, so that places in it are known."""

import numpy as np
from PIL import Image

from photos.domain.face import Face

BAND = (140, 220)  # rows and columns
APART = 100  # columns between the pupils
EYE_ROW, EYE_COLUMNS = 60, (60, 160)


def eye_band(picture: Image.Image, face: Face) -> Image.Image:
    """Return the band around the eyes of a face whose landmarks are pixels of the picture."""
    along = (face.eye_right - face.eye_left) / APART
    down = np.array([-along[1], along[0]])
    x, y = face.eye_left - EYE_COLUMNS[0] * along - EYE_ROW * down
    affine = (along[0], down[0], x, along[1], down[1], y)
    size = BAND[1], BAND[0]
    return picture.transform(size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
