"""Portraits for tests: made takes of one public-domain portrait, and what can happen to a file.

All are made by `enrolment.desk.takes` out of NASA's portrait of an astronaut, which set-up puts
beside the face models. What is asked for twice is made once.
"""

import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import ExifTags, Image, ImageCms

from enrolment.desk import takes
from photos import weights
from photos.domain.face import FaceFinder
from photos.domain.intake import check_upload
from photos.domain.intake.decode import decode
from photos.domain.judgement import Judgement, judge
from photos.domain.picture import Picture
from photos.profiles import load_profile

WHOLE = 10_000  # as many pixels along the longer side as there are


def models_folder() -> Path:
    return settings.FOTORUNDAN_MODELS


@cache
def finder() -> FaceFinder:
    return FaceFinder(weights.load_models(models_folder()))


@cache
def portrait() -> bytes:
    return weights.load(models_folder(), weights.PORTRAIT)


@cache
def good(seed: int = 1) -> bytes:
    return takes.good_take(portrait(), seed)


@cache
def bad(kind: str, seed: int = 1) -> bytes:
    return takes.bad_take(portrait(), kind, seed)


@cache
def judged(data: bytes) -> Judgement:
    return judge(data, load_profile(), finder())


@cache
def cat() -> bytes:
    """An animal that looks into the camera: two eyes, a nose and a mouth."""
    return jpeg(image(weights.load(models_folder(), weights.CAT)).convert("RGB"))


@cache
def held_up(height: float) -> bytes:
    """A print of a portrait before a camera of 1920 × 1080, so much of its height and askew."""
    portrait = image(good(2))
    tall = round(1080 * height)
    small = portrait.resize((round(portrait.width * tall / portrait.height), tall))
    sheet = Image.new("RGB", (small.width + tall // 8, small.height + tall // 8), "white")
    sheet.paste(small, (tall // 16, tall // 16))
    edge = Image.new("L", sheet.size, 255).rotate(3, expand=True)
    turned = sheet.rotate(3, Image.Resampling.BICUBIC, expand=True)
    room = Image.new("RGB", (1920, 1080), (120, 85, 60))
    room.paste(turned, ((1920 - turned.width) // 2, (1080 - turned.height) // 2), edge)
    return jpeg(room)


def picture(data: bytes) -> Picture:
    return decode(data, check_upload(data), WHOLE)


def image(data: bytes) -> Image.Image:
    opened = Image.open(BytesIO(data))
    opened.load()
    return opened


def jpeg(of: Image.Image, **options) -> bytes:
    return saved(of, "JPEG", {"quality": 93} | options)


def png(of: Image.Image, **options) -> bytes:
    return saved(of, "PNG", {"compress_level": 1} | options)


def saved(of: Image.Image, kind: str, options: dict) -> bytes:
    buffer = BytesIO()
    of.save(buffer, kind, **options)
    return buffer.getvalue()


def stored_turned(data: bytes, orientation: int) -> bytes:
    """The same picture as a camera stores it that was held another way, with the EXIF value."""
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = image(data)
    if orientation in back:
        stored = stored.transpose(back[orientation])
    return png(stored, exif=exif)


def cmyk(data: bytes) -> bytes:
    return jpeg(image(data).convert("CMYK"))


def sixteen_bit_grey(data: bytes) -> bytes:
    grey = np.asarray(image(data).convert("L"), np.uint16) * 257
    return png(Image.fromarray(grey))


def with_profile(data: bytes) -> bytes:
    """The same pixels said to be CIE Lab by a profile that does not fit them."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return jpeg(image(data), icc_profile=lab)


def cut_with_end_pasted(data: bytes) -> bytes:
    """Half a JPEG that ends as a whole one does."""
    return data[: len(data) // 2] + b"\xff\xd9"


def png_bomb(side: int = 20_000) -> bytes:
    """A PNG of a few kB whose header promises 400 million pixels."""
    small = bytearray(png(Image.new("L", (1, 1))))
    small[16:24] = side.to_bytes(4) * 2
    header = bytes(small[12:29])
    small[29:33] = zlib.crc32(header).to_bytes(4)
    return bytes(small)
