"""Made photographs for the demo: takes of one public-domain portrait, good ones and bad ones.

Every picture here is made, none was taken: NASA's portrait of an astronaut (astronaut.png of
scikit-image, public domain) is cut out along its outline, laid on a plain light background,
enlarged four times and sharpened; the lips and lids can be moved. The same portrait and seed give
the same bytes; another seed gives other light, colour, place and grain.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]

ENLARGED = 4
FRAME = (1120, 1400)  # the made photograph, px
SHARPENING = ((5, 60), (2, 80))  # radius in px and percent, one after the other

# All that follows is measured in the portrait's own pixels (512 × 512).
PORTRAIT_BOX = (20, 0, 370, 345)
HEAD_AT = (225, 113)  # comes to lie in the middle of the frame

# The outline of the person, down the left side and up the right one, as found once by MediaPipe's
# selfie segmentation model and simplified.
OUTLINE: Curve = (
    *((230, 15), (214, 20), (206, 20), (196, 26), (189, 34), (169, 46), (155, 60), (153, 72)),
    *((156, 102), (171, 121), (175, 125), (182, 134), (183, 149), (182, 152), (168, 153)),
    *((150, 159), (138, 160), (130, 168), (119, 185), (114, 187), (114, 199), (112, 205)),
    *((104, 214), (96, 217), (92, 224), (76, 234), (65, 246), (55, 266), (46, 278), (38, 306)),
    *((33, 316), (25, 345), (364, 345), (360, 327), (353, 291), (349, 286), (346, 271)),
    *((340, 261), (320, 243), (312, 240), (304, 234), (298, 216), (288, 200), (270, 182)),
    *((257, 174), (258, 162), (264, 152), (268, 138), (277, 133), (296, 110), (302, 90)),
    *((301, 82), (296, 58), (286, 38), (276, 31), (253, 20), (234, 15)),
)


@dataclass(frozen=True)
class Opening:
    """A mouth or an eye: its upper and lower edge, and how far around it the skin may move."""

    upper: Curve
    lower: Curve
    top: float
    bottom: float
    meeting: float  # where the edges meet, from the upper (0) to the lower (1)


# From the landmarks of the face mesh on the portrait; `top` and `bottom` are nose and chin, brow
# and cheek.
MOUTH = Opening(
    upper=(
        *((204.4, 139.9), (206.8, 140.4), (209.8, 141.0), (213.4, 141.6), (217.9, 142.6)),
        *((223.3, 143.3), (229.0, 143.1), (233.7, 142.5), (237.3, 142.0), (243.0, 141.5)),
    ),
    lower=(
        *((204.4, 139.9), (207.5, 143.2), (210.0, 145.4), (213.4, 147.5), (217.6, 148.9)),
        *((222.8, 149.8), (228.1, 149.6), (232.7, 148.4), (236.5, 146.6), (243.0, 141.5)),
    ),
    top=133,
    bottom=178,
    meeting=0.55,
)
EYES = (
    Opening(
        upper=(
            *((195.6, 100.7), (197.5, 99.2), (199.5, 98.3), (202.8, 97.9), (206.3, 98.4)),
            *((209.8, 100.1), (213.7, 103.6)),
        ),
        lower=(
            *((195.6, 100.7), (198.6, 103.0), (200.9, 103.9), (204.4, 104.3), (207.8, 104.1)),
            *((210.9, 103.8), (213.7, 103.6)),
        ),
        top=88,
        bottom=112,
        meeting=0.95,
    ),
    Opening(
        upper=(
            *((237.0, 104.9), (241.2, 101.7), (244.9, 100.3), (248.6, 100.3), (251.9, 101.1)),
            *((254.0, 102.3), (255.8, 103.9)),
        ),
        lower=(
            *((237.0, 104.9), (239.8, 105.5), (242.8, 106.1), (246.4, 106.6), (249.9, 106.5)),
            *((252.4, 105.9), (255.8, 103.9)),
        ),
        top=90,
        bottom=114,
        meeting=0.95,
    ),
)


@dataclass(frozen=True)
class Take:
    """How a photograph is made; the defaults are a good one.

    `place` is where the head comes to lie, as shares of the frame; `light` and `warmth` multiply
    the linear light, `warmth` that of red against that of blue.
    """

    seed: int
    people: tuple[tuple[float, float, float], ...] = ((0.5, 0.44, 1.0),)  # x, y, size
    turn: float = 0.0
    mirrored: bool = False
    mouth_open: bool = False
    eyes_open: bool = True
    light: float = 1.0
    warmth: float = 1.0
    backdrop: int = 232
    blur: float = 0.0


FAULTS: dict[str, dict[str, Any]] = {
    "blurred": {"blur": 6.0},
    "dark": {"light": 0.12},
    "bright": {"light": 3.0},
    "mouth_open": {"mouth_open": True},
    "eyes_closed": {"eyes_open": False},
    "two_faces": {"people": ((0.76, 0.57, 0.66), (0.36, 0.46, 0.9))},
    "tilted": {"turn": 22.0},
    "too_close": {"people": ((0.5, 0.42, 1.9),)},
    "too_far": {"people": ((0.5, 0.76, 0.35),)},
    "no_face": {"people": ()},
}
KINDS = tuple(FAULTS)


def good_take(portrait: bytes, seed: int) -> bytes:
    """Return a made photograph (JPEG) that meets the demands; `portrait` is astronaut.png."""
    return _photograph(portrait, _varied(seed))


def bad_take(portrait: bytes, kind: str, seed: int) -> bytes:
    """Return a made photograph (JPEG) with one fault of `KINDS`; `portrait` is astronaut.png."""
    return _photograph(portrait, replace(_varied(seed), **FAULTS[kind]))


def _varied(seed: int) -> Take:
    """Return a good take that differs a little from every other seed's."""
    random = np.random.default_rng(seed)
    x, y, size = random.uniform((0.48, 0.43, 0.95), (0.52, 0.46, 1.05))
    return Take(
        seed=seed,
        people=((float(x), float(y), float(size)),),
        turn=float(random.uniform(-3, 3)),
        mirrored=bool(random.integers(2)),
        light=float(random.uniform(0.85, 1.0)),
        warmth=float(random.uniform(0.96, 1.04)),
        backdrop=int(random.integers(222, 240)),
    )


def _photograph(portrait: bytes, take: Take) -> bytes:
    person = _person(portrait, mouth_open=take.mouth_open, eyes_open=take.eyes_open)
    scene = Image.new("RGB", FRAME, (take.backdrop, take.backdrop, take.backdrop))
    for place in take.people:
        _stand(scene, person, place, take.turn)
    if take.mirrored:
        scene = scene.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if take.blur:
        scene = scene.filter(ImageFilter.GaussianBlur(take.blur))
    buffer = BytesIO()
    _developed(scene, take).save(buffer, "JPEG", quality=93, subsampling="4:2:0")
    return buffer.getvalue()


@lru_cache(maxsize=4)
def _person(portrait: bytes, *, mouth_open: bool, eyes_open: bool) -> Image.Image:
    """Return the person cut out, enlarged and sharpened, as RGBA."""
    with Image.open(BytesIO(portrait)) as source:
        cut = source.convert("RGB").crop(PORTRAIT_BOX)
    large = cut.resize((cut.width * ENLARGED, cut.height * ENLARGED), Image.Resampling.LANCZOS)
    pixels = np.asarray(large, np.float64)
    for opening in (*(() if mouth_open else (MOUTH,)), *(() if eyes_open else EYES)):
        pixels = _closed(pixels, opening)
    person = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    for radius, percent in SHARPENING:
        person = person.filter(ImageFilter.UnsharpMask(radius, percent, threshold=0))
    person.putalpha(_silhouette(person.size))
    return person


def _silhouette(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    outline = [_enlarged(x, y) for x, y in OUTLINE]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(ENLARGED))


def _enlarged(x: float, y: float) -> tuple[float, float]:
    left, top = PORTRAIT_BOX[:2]
    return (x - left) * ENLARGED, (y - top) * ENLARGED


def _closed(pixels: Pixels, opening: Opening) -> Pixels:
    """Close an opening: column by column the skin above and below is stretched over it."""
    closed = pixels.copy()
    upper = np.array([_enlarged(*point) for point in opening.upper])
    lower = np.array([_enlarged(*point) for point in opening.lower])
    top, bottom = (int(_enlarged(0, y)[1]) for y in (opening.top, opening.bottom))
    for x in range(int(upper[0, 0]) + 1, int(upper[-1, 0])):
        high, low = np.interp(x, *upper.T), np.interp(x, *lower.T)
        edge = min(1.0, (low - high) / 16) * ENLARGED  # a pixel's width of shadow and teeth
        high, low = high - 0.7 * edge, low + edge
        seam = high + opening.meeting * (low - high)
        rows = np.arange(top, bottom)
        sources = np.where(
            rows < seam,
            np.interp(rows, (top, seam), (top, high)),
            np.interp(rows, (seam, bottom), (low, bottom)),
        )
        closed[top:bottom, x] = _between_rows(pixels[:, x], sources)
        closed[top:bottom, x] *= (1 - 0.3 * np.exp(-(((rows - seam) / 3) ** 2)))[:, None]
    return closed


def _between_rows(column: Pixels, rows: Pixels) -> Pixels:
    below = rows.astype(int)
    share = (rows - below)[:, None]
    blended: Pixels = column[below] * (1 - share) + column[below + 1] * share
    return blended


def _stand(
    scene: Image.Image, person: Image.Image, place: tuple[float, float, float], turn: float
) -> None:
    """Put the person into the scene, the head at a place and of a size, turned around it."""
    x, y, size = place
    head = _enlarged(*HEAD_AT)
    angle = np.radians(turn)
    along = np.array([np.cos(angle), np.sin(angle)]) / size
    down = np.array([-along[1], along[0]])
    origin = np.array(head) - along * x * FRAME[0] - down * y * FRAME[1]
    affine = (along[0], down[0], origin[0], along[1], down[1], origin[1])
    placed = person.transform(FRAME, Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC)
    scene.paste(placed, mask=placed.getchannel("A"))


def _developed(scene: Image.Image, take: Take) -> Image.Image:
    """Light the scene and add the grain of a sensor."""
    linear = (np.arange(256)[:, None] / 255) ** 2.2
    lit = linear * take.light * np.array([take.warmth, 1.0, 1 / take.warmth])
    curves = lit.clip(0, 1) ** (1 / 2.2) * 255
    grain = np.random.default_rng(take.seed).normal(0, 2.0, (*FRAME[::-1], 1))
    stored = curves[np.asarray(scene), range(3)] + grain
    return Image.fromarray(stored.clip(0, 255).astype(np.uint8))
