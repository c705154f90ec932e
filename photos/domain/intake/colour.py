"""Every colour space that a camera writes becomes sRGB in 8 bits."""

import struct
from io import BytesIO

from PIL import Image, ImageCms

DEEP_GREY = ("I;16", "I;16B", "I;16L", "I")

# Red, green and blue as seen under D50, from each space's white and primaries in ITU-T H.273
# table 2 by the Bradford adaptation of ICC.1: SMPTE EG 432-1 (Display P3) and ITU-R BT.2020.
WIDE = {
    12: ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    9: ((0.67348, 0.27904, -0.00194), (0.16566, 0.67534, 0.02998), (0.12505, 0.04561, 0.79686)),
}
RED_GREEN_BLUE = (b"rXYZ", b"gXYZ", b"bXYZ")


def flat(raster: Image.Image) -> Image.Image:
    """Return 8 bits of grey, RGB or CMYK; transparency lies on white, 16 bits of grey become 8."""
    if raster.mode in DEEP_GREY:
        raster = raster.point(lambda value: value / 256).convert("L")
    if raster.has_transparency_data:
        white = Image.new("RGBA", raster.size, "white")
        raster = Image.alpha_composite(white, raster.convert("RGBA")).convert("RGB")
    return raster if raster.mode in ("RGB", "L", "CMYK") else raster.convert("RGB")


def to_srgb(raster: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a flat raster as sRGB by its ICC profile, and nothing that came along with it."""
    converted = _by_profile(raster, profile) if profile else None
    plain = converted or raster.convert("RGB")
    plain.info = {}
    return plain


def _by_profile(raster: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert by the embedded ICC profile; None if it can't be used or is sRGB already."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in (source.profile.profile_description or ""):
            return None
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(raster, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def profile_of(primaries: int) -> bytes | None:
    """Return an ICC profile with sRGB's curve for a number of ITU-T H.273 table 2, if it is wide.

    It is LittleCMS's own sRGB profile with the three colours replaced.
    """
    if primaries not in WIDE:
        return None
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for name, colour in zip(RED_GREEN_BLUE, WIDE[primaries], strict=True):
        place = int.from_bytes(profile[(at := profile.index(name) + 4) : at + 4])
        numbers = struct.pack(">3i", *(round(value * 65536) for value in colour))
        profile[place + 8 : place + 20] = numbers
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))
