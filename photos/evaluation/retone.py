"""Give a face in a photo another skin tone, under the same light.

Skin sends back two kinds of light: what comes out of it, coloured by it, and the sheen of its
surface, which has the colour of the lamp (Shafer 1985, the dichromatic reflection model). Only the
first depends on the skin, so only that is multiplied, in linear light; sheen and the whites of the
eyes stay as bright as they were.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from photos.domain.checks.light import EYES
from photos.domain.cielab import TO_XYZ, WHITE, lab
from photos.domain.face import Face
from photos.domain.subject import LINEAR, OVAL

Pixels = NDArray[np.uint8]
Shares = NDArray[np.float32]

# What a* and b* skin of each tone has, our own rounding of what has been published on skin under
# daylight: ITA in degrees, a*, b*. L* follows from ITA and b*.
TONES = np.array(
    [(-60, 10, 12), (-30, 12, 16), (0, 13, 19), (20, 13, 20), (40, 10, 17), (60, 7, 13)], float
)

HALF = 0.5
SHEEN = 90  # percentile of the skin's luminance; what is brighter than that is sheen
SOFT = 0.02  # the mask's edge, as a share of the face's width


def ita_of(rgb: Pixels, cheeks: NDArray[np.bool_]) -> float:
    """Return the individual typology angle of the cheeks' median colour, in degrees.

    atan((L* - 50) / b*): above 55 very light skin, below -30 dark (Chardon et al. 1991). It tells
    how skin and light look together in the photo; `rgb` is (height, width, 3), `cheeks` its mask.
    """
    lightness, _, yellow = np.median(lab(rgb[cheeks]), axis=0)
    return math.degrees(math.atan2(lightness - 50, max(float(yellow), 1e-6)))


def skin_of(face: Face, size: tuple[int, int]) -> Shares:
    """Return a mask, 0 to 1, of the face without its eyes in a picture of `size` (width, height).

    `face` has its landmarks in that picture's pixels. Neck, ears and hands are not in it.
    """
    width = float(face.box[2] - face.box[0])
    oval = _filled(face, [OVAL], size).filter(ImageFilter.GaussianBlur(SOFT * width))
    eyes = np.asarray(_filled(face, EYES, size).filter(ImageFilter.MaxFilter(5)))
    mask: Shares = np.where(eyes > 0, 0, np.asarray(oval, np.float32) / 255)
    return mask


def _filled(face: Face, outlines: Sequence[Sequence[int]], size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    for outline in outlines:
        points = [(float(x), float(y)) for x, y in face.points[list(outline), :2]]
        ImageDraw.Draw(mask).polygon(points, fill=255)
    return mask


def retoned(rgb: Pixels, skin: Shares, ita: float) -> Pixels:
    """Return the picture with skin of the tone `ita` (degrees, -60 to 60) where `skin` is 1.

    `rgb` is (height, width, 3), `skin` of the same height and width, 0 to 1. Where the tone was
    uneven it stays as uneven: every pixel's own light is multiplied by the same ratio.
    """
    light = LINEAR[rgb].astype(np.float64)
    luminance = light @ TO_XYZ[1]
    middle, bright = np.percentile(luminance[skin > HALF], (50, SHEEN))
    lit = (skin > HALF) & (luminance >= middle) & (luminance <= bright)
    ratio = _light_of_tone(ita) / light[lit].mean(axis=0)
    body = light * np.minimum(1, bright / np.maximum(luminance, 1e-6))[..., None]
    toned = light + body * (ratio - 1)
    return _stored(light + (toned - light) * skin[..., None])


def _light_of_tone(ita: float) -> NDArray[np.float64]:
    """Return the linear red, green and blue of skin in full light: CIE 15, backwards."""
    red, yellow = (np.interp(ita, TONES[:, 0], TONES[:, column]) for column in (1, 2))
    middle = (50 + yellow * math.tan(math.radians(ita)) + 16) / 116
    root = np.array([middle + red / 500, middle, middle - yellow / 200])
    light: NDArray[np.float64] = np.linalg.solve(TO_XYZ.astype(float), root**3 * WHITE)
    return light.clip(1e-4, 1)


def _stored(light: NDArray[np.float64]) -> Pixels:
    """Return linear light as sRGB (IEC 61966-2-1)."""
    share = light.clip(0, 1)
    curve = np.where(share <= 0.0031308, share * 12.92, 1.055 * share ** (1 / 2.4) - 0.055)
    return np.rint(curve * 255).astype(np.uint8)
