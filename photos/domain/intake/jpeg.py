"""The outline of a JPEG: its segments and scans, ITU-T T.81 annex B."""

import re

from photos.domain.intake.outline import MOST_PARTS, Broken, Outline

START = b"\xff\xd8\xff"

# T.81 table B.1.
MARKER, END_OF_IMAGE, START_OF_SCAN, APP2 = 0xFF, 0xD9, 0xDA, 0xE2
STANDALONE = {0x01, *range(0xD0, 0xD8)}  # TEM and the restart markers carry no length
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15 without DHT, JPG and DAC
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # neither a stuffed byte nor a restart marker
PICTURE_INDEX = b"MPF\0"  # CIPA DC-007: smaller pictures follow, as many cameras append


def outline(data: bytes) -> Outline:
    """Walk the segments and scans to just after the end-of-image marker; raise `Broken`."""
    at, scans, followed = 2, 0, False
    sizes: list[tuple[int, int]] = []
    for _ in range(MOST_PARTS):
        marker, content, at = _segment(data, at)
        if marker == END_OF_IMAGE:
            if len(sizes) != 1 or not scans or not all(sizes[0]):
                raise Broken
            ((width, height),) = sizes
            return Outline(width, height, at, width * height, scans, followed=followed)
        scans += marker == START_OF_SCAN
        followed |= marker == APP2 and content.startswith(PICTURE_INDEX)
        if marker in FRAMES:
            sizes.append(_size(content))
    raise Broken


def _segment(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Return a segment's marker, its content and where the next one starts."""
    if len(data) < at + 2 or data[at] != MARKER:
        raise Broken
    marker = data[at + 1]
    if marker == MARKER:  # fill byte
        return marker, b"", at + 1
    if marker == END_OF_IMAGE or marker in STANDALONE:
        return marker, b"", at + 2
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
    content = data[at + 4 : end]
    return marker, content, _scan_end(data, end) if marker == START_OF_SCAN else end


def _scan_end(data: bytes, start: int) -> int:
    """Return where the next marker is after the entropy-coded bytes of a scan."""
    found = AFTER_SCAN.search(data, start)
    if found is None:
        raise Broken
    return found.start()


def _size(frame: bytes) -> tuple[int, int]:
    """Return width and height: after the precision, the height stands first."""
    return int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])
