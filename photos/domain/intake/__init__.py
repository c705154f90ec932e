"""Whether uploaded bytes are a picture that may be opened, judged by their outline alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from photos.domain.findings import Parameter
from photos.domain.intake import heic, jpeg, png
from photos.domain.intake.outline import Broken, Outline

MAX_BYTES = 15_000_000
MAX_PIXELS = 50_000_000
# Encoders write at most about 10 of them; each costs a decoder a walk over all the pixels.
MAX_SCANS = 40

# First bytes of files that people take for photos, to call them by name: (offset, bytes, name).
KNOWN = (
    (0, b"GIF8", "GIF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"%PDF", "PDF"),
    (0, b"8BPS", "PSD"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"FUJIFILMCCD-RAW", "RAF"),
    (0, b"\x1aE\xdf\xa3", "WebM"),
    (0, b"PK\x03\x04", "ZIP"),
    (8, b"WEBP", "WebP"),
    (8, b"AVI ", "AVI"),
    (128, b"DICM", "DICOM"),
)

# Brands of files that begin with an `ftyp` box (the MP4 registration authority's list).
BOXES = b"ftyp"
STILL = {"heic", "heix", "heim", "heis"}
MOVING = {"hevc", "hevx", "hevm", "hevs", "msf1"}
AVIF = {"avif", "avis"}
GENERAL = {"mif1", "mif2", "miaf"}  # says nothing of how the pixels are coded
OTHER_BRANDS = {"qt  ": "MOV", "crx ": "CR3"}


class Refused(Exception):
    """The bytes are not a picture that can be judged: a code for `photos.advice`, and its values.

    Codes: empty, too_large, not_a_picture, wrong_format, trailing_bytes, broken, too_many_pixels,
    too_many_scans, animated.
    """

    def __init__(self, code: str, params: Mapping[str, Parameter] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})


@dataclass(frozen=True)
class Upload:
    """A picture's format, JPEG, PNG or HEIC, and its size in pixels as stored, before turning."""

    format: str
    width: int
    height: int


OUTLINES: dict[str, Callable[[bytes], Outline]] = {
    "JPEG": jpeg.outline,
    "PNG": png.outline,
    "HEIC": heic.outline,
}


def check_upload(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> Upload:
    """Return what the bytes are, without decoding them; raise `Refused` for what isn't taken."""
    if not data:
        raise Refused("empty")
    if len(data) > max_bytes:
        raise Refused("too_large", {"limit_mb": max_bytes // 1_000_000})
    kind = _kind(data)
    try:
        outline = OUTLINES[kind](data)
    except Broken as error:
        raise Refused("broken") from error
    _check_outline(outline, max_pixels)
    rest = data[outline.end :].strip(b"\0")
    if rest and not (outline.followed and rest.startswith(jpeg.START)):
        raise Refused("trailing_bytes")
    return Upload(kind, outline.width, outline.height)


def _check_outline(outline: Outline, max_pixels: int) -> None:
    if outline.moving:
        raise Refused("animated")
    if outline.largest > max_pixels:
        raise Refused("too_many_pixels", {"limit_mp": max_pixels // 1_000_000})
    if outline.scans > MAX_SCANS:
        raise Refused("too_many_scans")


def _kind(data: bytes) -> str:
    if data.startswith(jpeg.START):
        return "JPEG"
    if data.startswith(png.START):
        return "PNG"
    if data.startswith(BOXES, 4):
        return _kind_by_brand(heic.brands(data))
    for offset, start, name in KNOWN:
        if data.startswith(start, offset):
            raise Refused("wrong_format", {"format": name})
    raise Refused("not_a_picture")


def _kind_by_brand(brands: list[str]) -> str:
    """Return HEIC for a still one; the major brand decides, unless it says nothing."""
    major, *others = brands
    told = set(others) if major in GENERAL else {major, *AVIF.intersection(others)}
    if told & AVIF:
        raise Refused("wrong_format", {"format": "AVIF"})
    if told & STILL:
        return "HEIC"
    if told & MOVING:
        raise Refused("animated")
    unnamed = "HEIF" if major in GENERAL else "MP4"
    raise Refused("wrong_format", {"format": OTHER_BRANDS.get(major, unnamed)})
