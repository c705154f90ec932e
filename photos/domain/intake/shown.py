"""A picture for people's eyes: what was sent, made into a JPEG that every browser shows."""

from io import BytesIO

from photos.domain.intake import check_upload
from photos.domain.intake.decode import decode

QUALITY = 90


def shown(data: bytes, longest_side: int) -> bytes:
    """Return the picture upright and without metadata as a JPEG in sRGB.

    Its longer side is at most `longest_side` pixels; it is never enlarged. Raises
    `photos.domain.intake.Refused` for what can't be read as a picture.
    """
    picture = decode(data, check_upload(data), longest_side)
    buffer = BytesIO()
    picture.thumbnail(longest_side).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
