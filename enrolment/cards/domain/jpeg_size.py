"""Read how large a JPEG says it is, without decoding it."""

# Start-of-frame markers (ITU-T T.81, table B.1): all of C0–CF but the three that define tables.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START, _FILL, _SCAN = b"\xff\xd8", 0xFF, 0xDA


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels from the frame's header; None where there is none."""
    if not data.startswith(_START):
        return None
    at = len(_START)
    while at + 9 <= len(data) and data[at] == _FILL:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if marker in _FRAMES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        if marker == _SCAN or length < 2:
            return None
        at += 1 if marker == _FILL else 2 + length
    return None
