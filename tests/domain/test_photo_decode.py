"""Decoding is strict, no finer than asked for, and ends in upright 8-bit sRGB."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from photos.domain.decode import decode
from photos.domain.intake import Refused, check_upload
from tests import portraits


def raster(data: bytes, least_side: int = portraits.WHOLE) -> Image.Image:
    return decode(data, check_upload(data), least_side).raster


@pytest.mark.parametrize(
    ("least_side", "scale"), [(1, 1 / 8), (175, 1 / 8), (176, 1 / 4), (700, 1 / 2), (701, 1)]
)
def test_the_smallest_scale_that_suffices_is_decoded(least_side: int, scale: float):
    data = portraits.good()
    picture = decode(data, check_upload(data), least_side)
    assert (picture.width, picture.height, picture.scale) == (1120, 1400, scale)
    assert picture.raster.size == (1120 * scale, 1400 * scale)


def test_half_a_jpeg_with_an_end_pasted_on_is_refused():
    cut = portraits.cut_with_end_pasted(portraits.good())
    assert check_upload(cut).format == "JPEG"
    portraits.image(cut)  # Pillow fills the lower half with grey and says nothing
    with pytest.raises(Refused, match="broken"):
        raster(cut)
    assert raster(portraits.good()).size == (1120, 1400)


def test_a_png_whose_pixels_do_not_decode_is_refused():
    data = portraits.png(Image.effect_noise((64, 64), 50).convert("RGB"))
    at = data.index(b"IDAT")
    content = bytes(len(data) - at - 4 - 16)
    chunk = b"IDAT" + content
    damaged = data[:at] + chunk + zlib.crc32(chunk).to_bytes(4) + data[-12:]
    assert check_upload(damaged).format == "PNG"
    with pytest.raises(Refused, match="broken"):
        raster(damaged)


def test_a_cmyk_jpeg_becomes_the_same_colours_as_rgb():
    plain = np.asarray(raster(portraits.good()), int)
    printed = np.asarray(raster(portraits.cmyk(portraits.good())), int)
    assert abs(plain - printed).mean() < 2


def test_a_cut_cmyk_jpeg_is_refused():
    with pytest.raises(Refused, match="broken"):
        raster(portraits.cut_with_end_pasted(portraits.cmyk(portraits.good())))


def test_sixteen_bits_of_grey_become_eight():
    deep = np.asarray(raster(portraits.sixteen_bit_grey(portraits.good())), int)
    grey = np.asarray(portraits.image(portraits.good()).convert("L"), int)
    assert deep.shape == (1400, 1120, 3)
    assert abs(deep - grey[..., None]).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_mode_of_png_becomes_rgb(mode: str):
    assert raster(portraits.png(Image.new(mode, (8, 8)))).mode == "RGB"


def test_what_is_transparent_lies_on_white():
    clear = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    clear.putpixel((3, 4), (200, 0, 0, 255))
    seen = raster(portraits.png(clear))
    assert (seen.getpixel((0, 0)), seen.getpixel((3, 4))) == ((255, 255, 255), (200, 0, 0))


def test_an_embedded_profile_is_applied():
    """A grey profile with the brightness of Lab: the same bytes, other colours on the screen."""
    grey = Image.new("L", (8, 8), 100)
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = wide.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "XRGB".encode("utf-16-be"))
    red = Image.new("RGB", (8, 8), (200, 30, 30))
    assert raster(portraits.png(red)).getpixel((4, 4)) == (200, 30, 30)
    converted = raster(portraits.png(red, icc_profile=swapped)).getpixel((4, 4))
    assert converted[2] > 150 > converted[0]
    assert raster(portraits.png(grey, icc_profile=wide)).getpixel((4, 4)) == (100, 100, 100)


def test_a_profile_that_does_not_fit_is_passed_over():
    plain = raster(portraits.jpeg(portraits.image(portraits.good())))
    odd = raster(portraits.with_profile(portraits.good()))
    junk = raster(portraits.jpeg(portraits.image(portraits.good()), icc_profile=b"no profile"))
    assert plain.tobytes() == odd.tobytes() == junk.tobytes()


@given(st.binary(max_size=60), st.sampled_from([b"", b"II*\0\x08\0\0\0\x01\0\x12\x01"]))
def test_whatever_the_exif_says_there_is_a_picture(tail: bytes, start: bytes):
    exif = b"Exif\0\0" + start + tail
    for save in (portraits.jpeg, portraits.png):
        picture = portraits.picture(save(Image.new("RGB", (9, 5)), exif=exif))
        assert picture.orientation in range(1, 9)
        assert sorted((picture.width, picture.height)) == [5, 9]
