"""From checked bytes to an sRGB raster: decoded once, strictly, and no finer than needed."""

import contextlib
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pi_heif
import simplejpeg
from PIL import ExifTags, Image

from photos.domain.intake import Refused, Upload
from photos.domain.intake.colour import flat, profile_of, to_srgb
from photos.domain.intake.heic_items import check_whole
from photos.domain.picture import TRANSPOSED, UPRIGHT_TO_STORED, Picture

DCT_STEPS = (8, 4, 2, 1)

UNREADABLE = (
    *(OSError, SyntaxError, ValueError, LookupError, TypeError, RuntimeError),
    *(StopIteration, struct.error),
)


@dataclass(frozen=True)
class Stored:
    """A raster as a file holds it, maybe reduced; its full size, colour profile and orientation."""

    raster: Image.Image
    size: tuple[int, int]
    profile: bytes | None
    orientation: int = 1


def decode(data: bytes, upload: Upload, least_side: int) -> Picture:
    """Return the picture with at least `least_side` pixels along its longer side, if it has them.

    JPEGs are decoded by libjpeg-turbo at the smallest DCT scale (1/8, 1/4, 1/2, 1) that gives so
    many, the others in full and averaged down to the same scale. Whatever a decoder would have to
    guess in a JPEG or a PNG raises `Refused("broken")`.
    """
    try:
        stored = READERS[upload.format](data, upload, _step(upload, least_side))
    except UNREADABLE as error:
        raise Refused("broken") from error
    size = stored.size[::-1] if stored.orientation in TRANSPOSED else stored.size
    return Picture(to_srgb(stored.raster, stored.profile), *size, stored.orientation)


def _step(upload: Upload, least_side: int) -> int:
    longest = max(upload.width, upload.height)
    return next((step for step in DCT_STEPS if longest // step >= least_side), 1)


def _read_jpeg(data: bytes, upload: Upload, step: int) -> Stored:
    """Decode with every recoverable error refused; Pillow's reader lets them pass."""
    header = _header(data, upload)
    space = {"L": "GRAY", "CMYK": "CMYK"}.get(header.mode, "RGB")
    pixels = simplejpeg.decode_jpeg(
        data,
        colorspace=space,
        min_height=-(-header.height // step),
        min_width=-(-header.width // step),
    )
    size, profile, orientation = header.size, header.info.get("icc_profile"), _orientation(header)
    if space == "CMYK":  # Pillow knows whether Adobe stored the inks inverted
        return Stored(_reduced(header, step), size, profile, orientation)
    raster = Image.fromarray(pixels[:, :, 0] if space == "GRAY" else pixels)
    return Stored(raster, size, profile, orientation)


def _read_png(data: bytes, upload: Upload, step: int) -> Stored:
    header = _header(data, upload)
    header.load()
    profile = header.info.get("icc_profile")
    # The orientation comes last: reading a PNG's EXIF decodes it carelessly.
    return Stored(_reduced(header, step), header.size, profile, _orientation(header))


def _read_heic(data: bytes, _upload: Upload, step: int) -> Stored:
    """Decode the main picture. libheif turns it upright; what its EXIF says of that is for show."""
    check_whole(data)
    # pi_heif's own `open_heif` also reads the metadata, where damaged files end the whole process.
    images = pi_heif.heif._pi_heif.load_file(data, *HEIC_OPTIONS)
    main = next(image for image in images if image is not None and image.primary)
    pixels = main.data  # first: decoding settles size and mode
    size, mode = main.size_mode
    raster = Image.frombytes(mode, size, pixels, "raw", mode, main.stride)
    return Stored(_reduced(raster, step), size, _heic_profile(main.color_profile))


# Threads, reduce to 8 bits, BGR, without padding, 16 bits for what is deep, decoder, no limits.
HEIC_OPTIONS = (1, True, False, True, True, "", False)


def _heic_profile(told: dict[str, Any]) -> bytes | None:
    """Return the ICC profile in the file, or one for the number of the colour space it names."""
    if told.get("type") in ("rICC", "prof"):
        return bytes(told["data"])
    return profile_of(told["data"]["color_primaries"]) if told else None


READERS: dict[str, Callable[[bytes, Upload, int], Stored]] = {
    "JPEG": _read_jpeg,
    "PNG": _read_png,
    "HEIC": _read_heic,
}


def _header(data: bytes, upload: Upload) -> Image.Image:
    """Open a picture; Pillow decodes nothing before it is asked for pixels."""
    with _unwarned():
        header = Image.open(BytesIO(data), formats=[upload.format])
    if header.size != (upload.width, upload.height):
        raise Refused("broken")
    return header


def _reduced(raster: Image.Image, step: int) -> Image.Image:
    """Return it flat and averaged over `step` pixels, as early as that can be: it saves memory."""
    raster.load()
    thinned = raster if raster.mode in ("LA", "RGBA") else flat(raster)
    return flat(thinned if step == 1 else thinned.reduce(step))


def _orientation(header: Image.Image) -> int:
    try:
        with _unwarned():
            value = header.getexif().get(ExifTags.Base.Orientation)
            return value if value in UPRIGHT_TO_STORED else 1
    except UNREADABLE:
        return 1


@contextlib.contextmanager
def _unwarned() -> Iterator[None]:
    """Keep Pillow from warning of odd metadata: it is dropped, and what matters is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
