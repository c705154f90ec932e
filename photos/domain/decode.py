"""From checked bytes to an sRGB raster: decoded once, strictly, and no finer than needed."""

import struct
from io import BytesIO

import simplejpeg
from PIL import ExifTags, Image, ImageCms

from photos.domain.intake import Refused, Upload, read_header, unwarned
from photos.domain.picture import TRANSPOSED, UPRIGHT_TO_STORED, Picture

DCT_STEPS = (8, 4, 2, 1)
DEEP_GREY = ("I;16", "I;16B", "I;16L", "I")


def decode(data: bytes, upload: Upload, least_side: int) -> Picture:
    """Return the picture with at least `least_side` pixels along its longer side, if it has them.

    JPEGs are decoded by libjpeg-turbo at the smallest DCT scale (1/8, 1/4, 1/2, 1) that gives so
    many, and strictly: what Pillow would fill with grey raises `Refused("broken")`.
    """
    header = read_header(data, upload.format)
    profile = header.info.get("icc_profile")
    if upload.format == "JPEG":
        raster = _decode_jpeg(data, header, _step(upload, least_side))
    else:
        raster = _decode_png(header)
    orientation = _orientation(header)  # afterwards: reading a PNG's EXIF decodes it carelessly
    size = (upload.width, upload.height)
    width, height = size[::-1] if orientation in TRANSPOSED else size
    return Picture(_to_srgb(raster, profile), width, height, orientation)


def _step(upload: Upload, least_side: int) -> int:
    longest = max(upload.width, upload.height)
    return next((step for step in DCT_STEPS if longest // step >= least_side), 1)


def _decode_jpeg(data: bytes, header: Image.Image, step: int) -> Image.Image:
    """Decode with every recoverable error refused; Pillow's reader lets them pass."""
    space = {"L": "GRAY", "CMYK": "CMYK"}.get(header.mode, "RGB")
    try:
        pixels = simplejpeg.decode_jpeg(
            data,
            colorspace=space,
            min_height=-(-header.height // step),
            min_width=-(-header.width // step),
        )
    except ValueError as error:
        raise Refused("broken") from error
    if space == "CMYK":  # Pillow knows whether Adobe stored the inks inverted
        header.load()
        return header
    return Image.fromarray(pixels[:, :, 0] if space == "GRAY" else pixels)


def _decode_png(header: Image.Image) -> Image.Image:
    try:
        header.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise Refused("broken") from error
    return header


def _orientation(header: Image.Image) -> int:
    try:
        with unwarned():
            value = header.getexif().get(ExifTags.Base.Orientation)
            return value if value in UPRIGHT_TO_STORED else 1
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, struct.error):
        return 1


def _to_srgb(raster: Image.Image, profile: bytes | None) -> Image.Image:
    """Return 8-bit sRGB; transparency lies on white, 16 bits of grey become 8."""
    if raster.mode in DEEP_GREY:
        raster = raster.point(lambda value: value / 256).convert("L")
    if raster.has_transparency_data:
        white = Image.new("RGBA", raster.size, "white")
        raster = Image.alpha_composite(white, raster.convert("RGBA")).convert("RGB")
    if raster.mode not in ("RGB", "L", "CMYK"):
        raster = raster.convert("RGB")
    converted = _by_profile(raster, profile) if profile else None
    return converted or raster.convert("RGB")


def _by_profile(raster: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert by the embedded ICC profile; None if it can't be used or is sRGB already."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(raster, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
