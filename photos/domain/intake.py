"""Whether uploaded bytes are a picture that may be opened, judged by their header alone."""

import contextlib
import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from photos.domain.findings import Parameter

MAX_BYTES = 15_000_000
MAX_PIXELS = 50_000_000

JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
FORMATS = {JPEG_START: "JPEG", PNG_START: "PNG"}

# First bytes of files that people take for photos, to call them by name: (offset, bytes, name).
KNOWN = (
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypavif", "AVIF"),
    (8, b"WEBP", "WebP"),
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
)

# JPEG markers, ITU-T T.81 table B.1.
MARKER, END_OF_IMAGE, START_OF_SCAN = 0xFF, 0xD9, 0xDA
STANDALONE = {0x01, *range(0xD0, 0xD8)}  # TEM and the restart markers carry no length
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # neither a stuffed byte nor a restart marker


class Refused(Exception):
    """The bytes are not a picture that can be judged: a code for `photos.advice`, and its values.

    Codes: empty, too_large, not_a_picture, wrong_format, trailing_bytes, broken, too_many_pixels,
    animated.
    """

    def __init__(self, code: str, params: Mapping[str, Parameter] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})


@dataclass(frozen=True)
class Upload:
    """A picture's format, JPEG or PNG, and its size in pixels as stored, before any turning."""

    format: str
    width: int
    height: int


def check_upload(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> Upload:
    """Return what the bytes are, without decoding them; raise `Refused` for what isn't taken."""
    if not data:
        raise Refused("empty")
    if len(data) > max_bytes:
        raise Refused("too_large", {"limit_mb": max_bytes // 1_000_000})
    kind = _kind(data)
    header = read_header(data, kind, max_pixels)
    if getattr(header, "is_animated", False) and kind == "PNG":
        raise Refused("animated")
    if data[_end(data, kind) :].strip(b"\0") and not _has_picture_index(header):
        raise Refused("trailing_bytes")
    return Upload(kind, header.width, header.height)


def _kind(data: bytes) -> str:
    for start, name in FORMATS.items():
        if data.startswith(start):
            return name
    for offset, start, name in KNOWN:
        if data.startswith(start, offset):
            raise Refused("wrong_format", {"format": name})
    raise Refused("not_a_picture")


def read_header(data: bytes, kind: str, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Open a picture, or raise `Refused`; Pillow decodes nothing before it is asked for pixels."""
    too_many = Refused("too_many_pixels", {"limit_mp": max_pixels // 1_000_000})
    try:
        with unwarned():
            header = Image.open(BytesIO(data), formats=[kind])
    except Image.DecompressionBombError as error:
        raise too_many from error
    except (OSError, SyntaxError, ValueError, LookupError, struct.error) as error:
        raise Refused("broken") from error
    if header.width * header.height > max_pixels:
        raise too_many
    return header


@contextlib.contextmanager
def unwarned() -> Iterator[None]:
    """Keep Pillow from warning of odd metadata: it is dropped, and what matters is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _has_picture_index(header: Image.Image) -> bool:
    """Say if a JPEG declares that smaller pictures follow it (CIPA DC-007), as many cameras do."""
    segments: list[tuple[str, bytes]] = getattr(header, "applist", [])
    return any(name == "APP2" and content.startswith(b"MPF\0") for name, content in segments)


def _end(data: bytes, kind: str) -> int:
    """Return where the picture ends; raise `Refused` if the bytes stop before it does."""
    try:
        return _jpeg_end(data) if kind == "JPEG" else _png_end(data)
    except IndexError as error:
        raise Refused("broken") from error


def _jpeg_end(data: bytes) -> int:
    """Walk the segments and scans of a JPEG to just after its end-of-image marker."""
    at = 2
    while True:
        if data[at] != MARKER:
            raise Refused("broken")
        marker = data[at + 1]
        if marker == MARKER:  # fill byte
            at += 1
        elif marker == END_OF_IMAGE:
            return at + 2
        elif marker in STANDALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
            at = _scan_end(data, at) if marker == START_OF_SCAN else at


def _scan_end(data: bytes, start: int) -> int:
    """Return where the next marker is after the entropy-coded bytes of a scan."""
    found = AFTER_SCAN.search(data, start)
    if found is None:
        raise Refused("broken")
    return found.start()


def _png_end(data: bytes) -> int:
    """Walk the chunks of a PNG (length, name, content, checksum) to just after IEND.

    The checksums are verified here, since Pillow takes damaged pixels for good ones.
    """
    at = len(PNG_START)
    while True:
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(
            data[end - 4 : end]
        ):
            raise Refused("broken")
        if data[at + 4 : at + 8] == b"IEND":
            return end
        at = end
