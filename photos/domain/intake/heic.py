"""The outline of a HEIC file: its boxes, its brands, the sizes it promises.

Boxes are those of ISO/IEC 14496-12; items and their properties those of ISO/IEC 23008-12.
"""

import struct
from collections.abc import Iterator

from photos.domain.intake.outline import MOST_PARTS, Broken, Outline

HEADER, LARGE_HEADER = 8, 16  # length and type; with a length of 64 bits
# What may lie beside each other in a file. `mpvd` is the film that some phones put beside a still.
TOP = {b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"wide", b"uuid", b"mpvd"}

Box = tuple[bytes, bytes]  # its type and its content


def brands(data: bytes) -> list[str]:
    """Return the brands of a file that begins with an `ftyp` box, the major one first."""
    end = min(int.from_bytes(data[:4]), 256)
    each = [data[8:12], *(data[at : at + 4] for at in range(16, end, 4))]
    return [brand.decode("latin-1") for brand in each]


def outline(data: bytes) -> Outline:
    """Walk a file's boxes up to the first that no such file has; raise `Broken`."""
    top, end = _top(data)
    try:
        meta = _main_boxes(top)
        properties = dict(boxes(meta[b"iprp"]))
        sizes = _sizes(properties[b"ipco"])
        held = _properties_of(_main_item(meta[b"pitm"]), properties[b"ipma"])
        width, height = next(sizes[number] for number in held if number in sizes)
    except (KeyError, StopIteration, struct.error) as error:
        raise Broken from error
    largest = max(w * h for w, h in sizes.values())
    if not width * height or (b"mdat" not in top and b"idat" not in meta):
        raise Broken
    return Outline(width, height, end, largest, moving=b"moov" in top)


def main_boxes(data: bytes) -> dict[bytes, bytes]:
    """Return the boxes that describe the file's pictures; KeyError if there are none."""
    return _main_boxes(_top(data)[0])


def _main_boxes(top: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return dict(boxes(top[b"meta"][4:]))


def _top(data: bytes) -> tuple[dict[bytes, bytes], int]:
    """Return the boxes of the file itself and where the last of them ends."""
    found: dict[bytes, bytes] = {}
    at = 0
    for _ in range(MOST_PARTS):
        if data[at + 4 : at + HEADER] not in TOP:
            return found, at
        (kind, content), at = _box(data, at)
        found.setdefault(kind, content)
    raise Broken


def boxes(data: bytes) -> Iterator[Box]:
    """Walk boxes that fill the data; raise `Broken` if they don't."""
    at = 0
    for _ in range(MOST_PARTS):
        if at == len(data):
            return
        box, at = _box(data, at)
        yield box
    raise Broken


def _box(data: bytes, at: int) -> tuple[Box, int]:
    """Return a box and where it ends. One that is open-ended is `Broken`: no camera writes it."""
    length, header = int.from_bytes(data[at : at + 4]), HEADER
    if length == 1:
        length, header = int.from_bytes(data[at + HEADER : at + LARGE_HEADER]), LARGE_HEADER
    end = at + length
    if length < header or end > len(data):
        raise Broken
    return (data[at + 4 : at + HEADER], data[at + header : end]), end


def _sizes(content: bytes) -> dict[int, tuple[int, int]]:
    """Return width and height of every `ispe` property, by its number from 1."""
    return {
        number: struct.unpack_from(">II", size, 4)
        for number, (kind, size) in enumerate(boxes(content), 1)
        if kind == b"ispe"
    }


def _main_item(content: bytes) -> int:
    """Return the primary item's number, of 16 bits or, in a later version, of 32."""
    item: int = struct.unpack_from(">I" if content[:1] != b"\0" else ">H", content, 4)[0]
    return item


def _properties_of(item: int, content: bytes) -> list[int]:
    """Return the numbers of the properties that the `ipma` box ties to an item."""
    version, flags, count = struct.unpack_from(">BxxBI", content)
    wide = flags & 1
    entry = struct.Struct(">IB" if version else ">HB")
    at = HEADER
    for _ in range(min(count, MOST_PARTS)):
        number, held = entry.unpack_from(content, at)
        links = struct.unpack_from(f">{held}{'H' if wide else 'B'}", content, at + entry.size)
        if number == item:
            return [link & (0x7FFF if wide else 0x7F) for link in links]
        at += entry.size + held * (2 if wide else 1)
    raise Broken
