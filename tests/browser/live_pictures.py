"""Pictures for the agreement of browser and server: one public-domain portrait in many makings."""

from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from enrolment.desk import takes
from photos import weights
from tests import portraits

Made = Image.Image
CAMERA = (1920, 1080)
WALL = (226, 228, 230)


@cache
def good(seed: int = 1) -> Made:
    return portraits.image(portraits.good(seed)).convert("RGB")


def original() -> Made:
    """NASA's portrait as it is: a smile, and a flag and a model behind."""
    return portraits.image(weights.load(portraits.models_folder(), weights.PORTRAIT)).convert("RGB")


def in_camera(picture: Made, share: float = 1.0, at: float = 0.5) -> Made:
    """The picture in a wide frame: how much of the height it takes, and where its middle is."""
    height = round(CAMERA[1] * share)
    small = picture.resize((round(picture.width * height / picture.height), height))
    frame = Image.new("RGB", CAMERA, small.getpixel((5, 5)))
    frame.paste(small, (round(CAMERA[0] * at - small.width / 2), CAMERA[1] - height))
    return frame


def lit(picture: Made, factor: float | np.ndarray) -> Made:
    """The light multiplied, everywhere alike or for each column."""
    light = (np.asarray(picture, np.float64) / 255) ** 2.2
    across = np.broadcast_to(factor, (picture.width,))[None, :, None]
    return Image.fromarray(((light * across).clip(0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8))


def lit_from_the_left(picture: Made) -> Made:
    return lit(picture, np.linspace(1, 0.08, picture.width))


def right_half_in_shade(picture: Made) -> Made:
    """The person's alone; the wall behind is lit evenly."""
    wall = np.asarray(picture.getpixel((5, 5)))
    person = np.abs(np.asarray(picture, np.int16) - wall).max(axis=2) > 25
    mask = Image.fromarray(person).filter(ImageFilter.MedianFilter(5))
    shade = np.interp(np.linspace(0, 1, picture.width), (0.47, 0.53), (1, 0.2))
    return Image.composite(lit(picture, shade), picture, mask)


def turned(picture: Made, degrees: float) -> Made:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=picture.getpixel((5, 5)))


def blurred(picture: Made, radius: float) -> Made:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def scaled(picture: Made, share: float) -> Made:
    return picture.resize((round(picture.width * share), round(picture.height * share)))


def cut(picture: Made, left: float, top: float, right: float, bottom: float) -> Made:
    width, height = picture.size
    return picture.crop(
        (round(left * width), round(top * height), round(right * width), round(bottom * height))
    )


def beside(picture: Made, other: Made) -> Made:
    both = Image.new("RGB", (picture.width + other.width, picture.height), WALL)
    both.paste(picture, (0, 0))
    both.paste(other, (picture.width, picture.height - other.height))
    return both


def noisy(picture: Made, deviation: float) -> Made:
    noise = np.random.default_rng(1).normal(0, deviation, (*picture.size[::-1], 1))
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))


def masked(picture: Made) -> Made:
    """A blue cloth before mouth and chin."""
    cloth = Image.new("RGB", (picture.width // 4, picture.height // 7), (70, 110, 170))
    covered = picture.copy()
    covered.paste(cloth, (picture.width * 3 // 8, picture.height // 2))
    return covered


def patched(picture: Made) -> Made:
    """Dark patches on the wall."""
    wall = picture.copy()
    for place in ((40, 60), (40, 700), (picture.width - 260, 300)):
        wall.paste((60, 40, 30), (*place, place[0] + 200, place[1] + 260))
    return wall


MADE: dict[str, Callable[[], Made]] = {
    **{f"good {seed}": lambda seed=seed: good(seed) for seed in range(1, 7)},
    **{
        f"fault {kind}": lambda kind=kind: portraits.image(portraits.bad(kind)).convert("RGB")
        for kind in takes.KINDS
    },
    "as NASA took it": original,
    "in a camera of 1920 × 1080": lambda: in_camera(good(2)),
    "far away in the camera": lambda: in_camera(good(3), 0.45),
    "at the camera's edge": lambda: in_camera(good(4), 0.9, 0.12),
    "in a camera of 3840 × 2160": lambda: scaled(in_camera(good(5)), 2),
    "24 megapixels": lambda: scaled(good(6), 3.9),
    "as small as the card": lambda: scaled(good(1), 0.38),
    "200 pixels": lambda: scaled(good(2), 0.15),
    "twice the light": lambda: lit(good(1), 2),
    "half the light": lambda: lit(good(2), 0.5),
    "an eighth of the light": lambda: lit(good(3), 0.125),
    "light from one side": lambda: lit_from_the_left(good(4)),
    "half the face in shade": lambda: right_half_in_shade(good(4)),
    "turned by 6 degrees": lambda: turned(good(5), 6),
    "turned by 11 degrees": lambda: turned(good(6), -11),
    "turned by 25 degrees": lambda: turned(good(1), 25),
    "slightly blurred": lambda: blurred(good(2), 1.5),
    "blurred": lambda: blurred(good(3), 4),
    "noisy": lambda: noisy(good(4), 12),
    "mirrored": lambda: good(5).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "in black and white": lambda: good(6).convert("L").convert("RGB"),
    "little contrast": lambda: ImageEnhance.Contrast(good(1)).enhance(0.35),
    "strong colours": lambda: ImageEnhance.Color(good(2)).enhance(2.2),
    "cut above the eyes": lambda: cut(good(3), 0, 0.4, 1, 1),
    "cut at the left": lambda: cut(good(4), 0.42, 0, 1, 1),
    "cut below the mouth": lambda: cut(good(5), 0, 0, 1, 0.55),
    "the face alone": lambda: cut(good(6), 0.3, 0.25, 0.7, 0.7),
    "two people": lambda: beside(good(1), good(2)),
    "somebody small behind": lambda: beside(good(3), scaled(good(4), 0.4)),
    "a cloth before the mouth": lambda: masked(good(5)),
    "patches behind": lambda: patched(good(6)),
    "a black frame": lambda: Image.new("RGB", CAMERA),
    "a white wall": lambda: Image.new("RGB", CAMERA, WALL),
    "nothing but noise": lambda: noisy(Image.new("RGB", (640, 480), (128, 128, 128)), 60),
}


@cache
def jpeg(name: str) -> bytes:
    """A picture as a camera's file: fine, 4:4:4."""
    buffer = BytesIO()
    MADE[name]().save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()
