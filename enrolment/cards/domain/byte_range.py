"""Which part of a file a client asks for: one range of bytes (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII)


class RangeOutside(ValueError):
    """The range begins after the end of the file."""


@dataclass(frozen=True)
class ByteRange:
    """The bytes from `first` to `last`, both counted, of a file of `size` bytes."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        """Return how many bytes that is."""
        return self.last - self.first + 1

    @property
    def header(self) -> str:
        """Return the value of Content-Range."""
        return f"bytes {self.first}-{self.last}/{self.size}"


def read_range(header: str, size: int) -> ByteRange | None:
    """Return the range that the header Range names in a file of `size` bytes.

    None means the whole file: there is no header, it is of no form we know, or it names several
    ranges, which a server need not serve. Raises RangeOutside when no byte of the file is in it.
    """
    match = _SINGLE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None
    begin, end = match.groups()
    if not begin:
        return _last_bytes(int(end), size)
    first, last = int(begin), min(int(end or size), size - 1)
    if end and int(end) < first:
        return None
    if first >= size:
        raise RangeOutside
    return ByteRange(first, last, size)


def _last_bytes(count: int, size: int) -> ByteRange:
    if count == 0 or size == 0:
        raise RangeOutside
    return ByteRange(max(size - count, 0), size - 1, size)
