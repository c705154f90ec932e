"""Pictures as phones of today save them: HEIC, turned or not."""

from functools import cache
from io import BytesIO

import pillow_heif
from PIL import ExifTags, Image

from tests import portraits


def saved(of: Image.Image, **options) -> bytes:
    """The picture as HEIC; the options are pillow_heif's."""
    buffer = BytesIO()
    fast = {"quality": 80, "enc_params": {"preset": "ultrafast"}}
    pillow_heif.from_pillow(of).save(buffer, **fast | options)
    return buffer.getvalue()


@cache
def heic(data: bytes, orientation: int = 1) -> bytes:
    """A picture as HEIC, lying as a phone stores it that was held another way.

    The file says so twice, by the box that counts and in its EXIF.
    """
    stored = portraits.image(portraits.stored_turned(data, orientation))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored.info = {}
    return saved(stored, exif=exif.tobytes())
