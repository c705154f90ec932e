"""Whether all of a HEIC's coded pixels are there: its decoder guesses what is missing.

`iinf` says what kind each item is, `iloc` where it lies (ISO/IEC 14496-12, 8.11).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from photos.domain.intake.heic import boxes, main_boxes
from photos.domain.intake.outline import MOST_PARTS, Broken

CODED = b"hvc1"
LENGTH = 4  # bytes before each unit of HEVC that tell how long it is
IN_FILE = 0  # iloc's construction method for what lies in the file itself


@dataclass
class Reader:
    """Big-endian numbers, one after the other; what is beyond the end reads as 0."""

    data: bytes
    at: int = 0

    def number(self, size: int) -> int:
        """Return the next number of so many bytes; 0 for a size of 0."""
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at])


def check_whole(data: bytes) -> None:
    """Raise `Broken` unless every coded picture is a row of whole units.

    A unit of HEVC never ends in a zero byte (ITU-T H.265, 7.3.1.1), as it does in a file whose
    rest has not been downloaded.
    """
    meta = main_boxes(data)
    coded = _coded_items(meta[b"iinf"])
    for item, extents in _places(meta[b"iloc"]):
        if item in coded:
            _check_units(b"".join(data[start : start + length] for start, length in extents))


def _coded_items(content: bytes) -> set[int]:
    """Return the numbers of the items that are pixels coded by HEVC."""
    count_size = 2 if content[0] == 0 else 4
    entries = (entry for kind, entry in boxes(content[4 + count_size :]) if kind == b"infe")
    found = set()
    for entry in entries:
        reader = Reader(entry, 4)
        number = reader.number(2 if entry[0] == 2 else 4)
        if entry[reader.at + 2 : reader.at + 6] == CODED:  # after the protection index
            found.add(number)
    return found


def _places(content: bytes) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield each item's number and where its parts lie in the file: start and length."""
    version, reader = content[0], Reader(content, 4)
    sizes = reader.number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide, left = 4 if version == 2 else 2, MOST_PARTS
    for _ in range(reader.number(wide)):
        item = reader.number(wide)
        method = reader.number(2) & 15 if version else IN_FILE
        reader.number(2)  # which file: this one
        start, count, parts = reader.number(base), reader.number(2), []
        left -= 1 + count
        if left < 0:
            raise Broken
        for _ in range(count):
            reader.number(index if version else 0)
            parts.append((start + reader.number(offset), reader.number(length)))
        if method == IN_FILE:
            yield item, parts


def _check_units(coded: bytes) -> None:
    at = 0
    while at < len(coded):
        at += LENGTH + int.from_bytes(coded[at : at + LENGTH])
        if at > len(coded) or coded[at - 1] == 0:
            raise Broken
