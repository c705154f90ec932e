"""The outline of a PNG: its chunks, each of length, name, content and checksum (ISO/IEC 15948)."""

import zlib

from photos.domain.intake.outline import MOST_PARTS, Broken, Outline

START = b"\x89PNG\r\n\x1a\n"


def outline(data: bytes) -> Outline:
    """Walk the chunks to just after IEND; raise `Broken`.

    The checksums are verified here, since Pillow takes damaged pixels for good ones.
    """
    at, names = len(START), []
    width, height = (int.from_bytes(data[start : start + 4]) for start in (16, 20))
    for _ in range(MOST_PARTS):
        name, at = _chunk(data, at)
        names.append(name)
        if name == b"IEND":
            break
    if names[0] != b"IHDR" or b"IDAT" not in names or name != b"IEND" or not width * height:
        raise Broken
    return Outline(width, height, at, width * height, moving=b"acTL" in names)


def _chunk(data: bytes, at: int) -> tuple[bytes, int]:
    """Return a chunk's name and where it ends."""
    end = at + 12 + int.from_bytes(data[at : at + 4])
    told = int.from_bytes(data[end - 4 : end])
    if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != told:
        raise Broken
    return data[at + 4 : at + 8], end
