"""Decoding is strict, no finer than asked for, and ends in upright 8-bit sRGB."""

import contextlib
import zlib
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from photos.domain.intake import Refused, check_upload
from photos.domain.intake.decode import decode
from photos.domain.intake.heic_items import check_whole
from photos.domain.intake.outline import Broken
from tests import heic_builders, portraits

SMALL_HEIC = heic_builders.saved(Image.new("RGB", (64, 64), "teal"))


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


def test_a_png_that_changes_its_mind_about_its_size_is_refused():
    data = portraits.png(Image.new("L", (8, 8)))
    header = b"IHDR" + (9_000).to_bytes(4) * 2 + data[24:29]
    again = (13).to_bytes(4) + header + zlib.crc32(header).to_bytes(4)
    twice = data[:33] + again + data[33:]
    assert check_upload(twice).width == 8
    with pytest.raises(Refused, match="broken"):
        raster(twice)


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


@pytest.mark.parametrize("save", [portraits.png, heic_builders.saved], ids=["png", "heic"])
@pytest.mark.parametrize(("least_side", "size"), [(701, 1400), (700, 700), (1, 175)])
def test_what_has_no_smaller_scale_is_averaged_down_to_the_same(save, least_side: int, size: int):
    data = save(portraits.image(portraits.good()))
    picture = decode(data, check_upload(data), least_side)
    assert (picture.width, picture.height, picture.raster.height) == (1120, 1400, size)
    wanted = portraits.image(portraits.good()).resize(picture.raster.size, Image.Resampling.BOX)
    assert abs(np.asarray(picture.raster, int) - np.asarray(wanted, int)).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_once(orientation: int):
    corner = Image.new("RGB", (64, 96), "white")
    corner.paste("red", (0, 0, 32, 32))
    data = heic_builders.heic(portraits.png(corner), orientation)
    picture = decode(data, check_upload(data), portraits.WHOLE)
    assert (picture.width, picture.height, picture.orientation) == (64, 96, 1)
    assert abs(np.asarray(picture.raster, int) - np.asarray(corner, int)).mean() < 4


def test_what_the_exif_of_a_heic_says_of_turning_is_passed_over():
    data = heic_builders.heic(portraits.png(Image.new("RGB", (64, 96), "teal")), 6)
    straight = data.replace(b"irot", b"free")
    assert check_upload(data).width == 96
    assert raster(data).size == (64, 96)
    assert raster(straight).size == (96, 64)


@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16"])
def test_every_mode_of_heic_becomes_rgb(mode: str):
    assert raster(heic_builders.saved(Image.new(mode, (64, 64)))).mode == "RGB"


def test_the_main_picture_of_several_is_decoded():
    first, second = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (96, 96), "blue")
    held = pillow_heif.from_pillow(first)
    held.add_from_pillow(second)
    for index, size in enumerate([(64, 64), (96, 96)]):
        buffer = BytesIO()
        held.save(buffer, primary_index=index)
        assert raster(buffer.getvalue()).size == size


def test_a_heic_without_all_its_pixels_is_refused():
    data = heic_builders.saved(portraits.image(portraits.good()).resize((200, 250)))
    start = data.index(b"mdat") + 8
    for end in range(start, len(data) - 2, 997):
        emptied = data[:end] + bytes(len(data) - end)
        assert check_upload(emptied).format == "HEIC"
        with pytest.raises(Refused, match="broken"):
            raster(emptied)


@pytest.mark.parametrize("counts", [b"\0\0\xff\xff", b"\0\1" + bytes(6) + b"\xff\xff"])
def test_a_heic_with_more_parts_than_any_camera_writes_is_not_walked(counts: bytes):
    def box(kind: bytes, content: bytes) -> bytes:
        return (len(content) + 8).to_bytes(4) + kind + content

    places = b"\2" + bytes(5) + counts  # lengths and offsets of no bytes at all
    meta = box(b"meta", bytes(4) + box(b"iinf", bytes(6)) + box(b"iloc", places))
    with pytest.raises(Broken):
        check_whole(meta)


def test_a_heic_of_another_size_than_it_promises_is_refused():
    data = heic_builders.saved(Image.new("RGB", (64, 64), "teal"))
    at = data.index(b"ispe") + 8
    with pytest.raises(Refused, match="broken"):
        raster(data[:at] + (128).to_bytes(4) * 2 + data[at + 8 :])


@given(st.integers(0), st.integers(0, 255))
def test_a_changed_byte_in_a_heic_gives_a_picture_or_a_refusal(at: int, value: int):
    changed = bytearray(SMALL_HEIC)
    changed[at % len(changed)] = value
    with contextlib.suppress(Refused):
        assert raster(bytes(changed)).mode == "RGB"


@pytest.mark.parametrize("save", [portraits.jpeg, portraits.png, heic_builders.saved])
def test_nothing_comes_along_with_the_pixels(save):
    carried = {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0", "comment": b"secret"}
    data = save(Image.new("CMYK" if save is portraits.jpeg else "RGB", (64, 64)), **carried)
    assert raster(data).info == {}


@given(st.binary(max_size=60), st.sampled_from([b"", b"II*\0\x08\0\0\0\x01\0\x12\x01"]))
def test_whatever_the_exif_says_there_is_a_picture(tail: bytes, start: bytes):
    exif = b"Exif\0\0" + start + tail
    for save in (portraits.jpeg, portraits.png):
        picture = portraits.picture(save(Image.new("RGB", (9, 5)), exif=exif))
        assert picture.orientation in range(1, 9)
        assert sorted((picture.width, picture.height)) == [5, 9]
