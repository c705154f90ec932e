"""Write a ZIP whose bytes depend on names and contents alone, in one pass, to any stream.

Entries are stored, not deflated: photos are compressed already, and a deflater's bytes change with
its version. Sizes and checksums stand in front of each entry and nothing is written twice, so the
stream may hash, encrypt or send as it goes, and readers that never seek can open the file too.
Layout: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16, without ZIP64.
"""

import struct
import zlib
from collections.abc import Iterable
from typing import Protocol

# The earliest time a ZIP can say. It has no time zone, so a real time would differ by place;
# when the batch was sealed stands in batch.json.
TIME, DATE = 0, (1 << 5) | 1
NEEDS_VERSION = 20
MADE_ON_UNIX = (3 << 8) | NEEDS_VERSION
PLAIN_FILE_0644 = 0o100644 << 16
MAX_ENTRIES = 0xFFFF
MAX_BYTES = 0xFFFFFFFF

_COMMON = struct.Struct("<5H3I2H")
_CENTRAL_TAIL = struct.Struct("<3H2I")
_END = struct.Struct("<4s4H2IH")


class ByteSink(Protocol):
    """What takes the bytes: a file, a hash, an encryptor, a connection."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`, or raise."""


def write_stored_zip(sink: ByteSink, entries: Iterable[tuple[str, bytes]]) -> None:
    """Write `(name, content)` entries, drawn one at a time, as a ZIP.

    Names are ASCII and strictly ascending, which also rules out the same name twice. Raises
    ValueError for other names and beyond 65,535 entries or 4 GiB.
    """
    offset, previous = 0, ""
    directory: list[bytes] = []
    for name, content in entries:
        if not name.isascii() or name <= previous or len(directory) == MAX_ENTRIES:
            raise ValueError(f"ZIP entry {len(directory) + 1} is not ASCII, in order, or too many")
        common = _common_fields(name, content)
        local = b"PK\3\4" + common + name.encode("ascii")
        directory.append(_central_header(name, common, offset))
        offset, previous = offset + len(local) + len(content), name
        if offset > MAX_BYTES:
            raise ValueError("The ZIP grows past 4 GiB")
        sink.write(local)
        sink.write(content)
    central = b"".join(directory)
    count = len(directory)
    sink.write(central)
    sink.write(_END.pack(b"PK\5\6", 0, 0, count, count, len(central), offset, 0))


def _common_fields(name: str, content: bytes) -> bytes:
    """Return the 26 bytes that the header before an entry and its line in the directory share."""
    size = len(content)
    flags, stored, extra = 0, 0, 0
    fields = (NEEDS_VERSION, flags, stored, TIME, DATE, zlib.crc32(content), size, size)
    return _COMMON.pack(*fields, len(name), extra)


def _central_header(name: str, common: bytes, offset: int) -> bytes:
    comment, disk, internal = 0, 0, 0
    made_by = MADE_ON_UNIX.to_bytes(2, "little")
    tail = _CENTRAL_TAIL.pack(comment, disk, internal, PLAIN_FILE_0644, offset)
    return b"PK\1\2" + made_by + common + tail + name.encode("ascii")
