"""What isn't a still JPEG, PNG or HEIC of bearable size is refused by its outline, and says why."""

import contextlib
from random import Random
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photos.domain.intake import MAX_SCANS, Refused, Upload, check_upload
from tests import heic_builders, hostile_builders, portraits

SMALL = Image.new("RGB", (64, 96), "grey")
JPEG, PNG, HEIC = portraits.jpeg(SMALL), portraits.png(SMALL), heic_builders.saved(SMALL)
GOOD = {"JPEG": JPEG, "PNG": PNG, "HEIC": HEIC}
each_kind = pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)


def refusal(data: bytes, **limits) -> tuple[str, dict]:
    with pytest.raises(Refused) as caught:
        check_upload(data, **limits)
    return caught.value.code, caught.value.params


def saved_as(kind: str, **options) -> bytes:
    return portraits.saved(SMALL, kind, options)


@pytest.mark.parametrize(("kind", "data"), GOOD.items(), ids=GOOD)
def test_a_picture_is_told_by_its_first_bytes_and_measured(kind: str, data: bytes):
    assert check_upload(data) == Upload(kind, 64, 96)


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"restart_marker_rows": 1}, {"comment": b"\xff\xd9 inside"}]
)
def test_every_kind_of_jpeg_is_walked_to_its_end(options: dict):
    data = saved_as("JPEG", **options)
    assert check_upload(data).format == "JPEG"
    assert refusal(data + b"<?php")[0] == "trailing_bytes"


def test_fill_bytes_before_a_marker_belong_to_the_picture():
    assert check_upload(JPEG[:-2] + b"\xff\xff\xff\xd9").format == "JPEG"


def test_a_segment_that_lies_about_its_length_is_refused():
    assert refusal(JPEG[:-2] + b"\xff\xfe\0\x02AAAA\xff\xd9")[0] == "broken"


def test_an_empty_file_and_a_text_are_refused():
    assert refusal(b"") == ("empty", {})
    assert refusal("Detta är ingen bild.".encode()) == ("not_a_picture", {})


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "BMP", "TIFF", "AVIF", "PDF"])
def test_another_format_is_refused_by_its_name(kind: str):
    code, params = refusal(saved_as(kind))
    assert (code, params["format"].upper()) == ("wrong_format", kind)


FIRST_BYTES = {
    "PSD": b"8BPS\0\1",
    "JPEG XL": b"\xff\x0a\xfa",
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "DICOM": bytes(128) + b"DICM",
    "ZIP": b"PK\3\4",
    "ICO": b"\0\0\1\0",
    "MOV": b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
    "MP4": b"\0\0\0\x14ftypisom\0\0\0\0mp42",
    "CR3": b"\0\0\0\x14ftypcrx \0\0\0\0isom",
    "HEIF": b"\0\0\0\x14ftypmif1\0\0\0\0jpeg",
    "AVIF": b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif",
}


@pytest.mark.parametrize("kind", FIRST_BYTES)
def test_what_people_take_for_a_photo_is_refused_by_its_name(kind: str):
    assert refusal(FIRST_BYTES[kind]) == ("wrong_format", {"format": kind})


@pytest.mark.parametrize("text", [b"<?php echo 1;", b"<!doctype html>", b"<svg/>", b"name;hsa-id"])
def test_text_is_no_picture(text: bytes):
    assert refusal(text)[0] == "not_a_picture"


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_a_photo_from_a_phone_is_taken_whatever_its_first_brand(brand: bytes):
    data = HEIC.replace(b"ftypheic", b"ftyp" + brand, 1)
    assert check_upload(data) == Upload("HEIC", 64, 96)


@pytest.mark.parametrize("brand", [b"hevc", b"msf1"])
def test_a_row_of_pictures_from_a_phone_is_refused(brand: bytes):
    start = b"\0\0\0\x14ftyp" + brand + bytes(4) + b"hevc"
    assert refusal(start) == ("animated", {})
    assert refusal(HEIC + b"\0\0\0\x08moov") == ("animated", {})


@pytest.mark.parametrize("side", [0, 7_072, 2**31])
def test_a_heic_is_measured_by_the_largest_picture_it_promises(side: int):
    at = HEIC.index(b"ispe") + 8
    data = HEIC[:at] + side.to_bytes(4) * 2 + HEIC[at + 8 :]
    assert refusal(data)[0] == ("too_many_pixels" if side else "broken")


def test_a_heic_that_ends_nowhere_is_refused():
    at = HEIC.index(b"mdat") - 4
    assert refusal(HEIC[:at] + bytes(4) + HEIC[at + 4 :])[0] == "broken"


def test_a_heic_whose_pixels_have_a_long_length_is_walked():
    at = HEIC.index(b"mdat")
    long = b"\0\0\0\1mdat" + (len(HEIC) - at + 12).to_bytes(8)
    assert check_upload(HEIC[: at - 4] + long + HEIC[at + 4 :]).format == "HEIC"
    assert refusal(HEIC[: at - 4] + long + HEIC[at + 4 : -1])[0] == "broken"


def test_the_film_beside_a_still_is_let_be():
    assert check_upload(HEIC + b"\0\0\0\x0cmpvd0000").format == "HEIC"


def test_a_picture_of_many_passes_is_refused_before_it_is_decoded():
    rng = Random(1)
    assert check_upload(hostile_builders.with_scans(rng, MAX_SCANS)).format == "JPEG"
    assert refusal(hostile_builders.with_scans(rng, MAX_SCANS + 1)) == ("too_many_scans", {})


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff" * 1_000_000,
        b"\xff\xd8\xff\xd0" + b"\xff\xd0" * 1_000_000,
        PNG[:33] + (bytes(4) + b"aaAa" + crc32(b"aaAa").to_bytes(4)) * 500_000,
        HEIC + b"\0\0\0\x08free" * 1_000_000,
        HEIC[:28] + (8_000_012).to_bytes(4) + b"meta" + bytes(4) + b"\0\0\0\x08free" * 1_000_000,
    ],
    ids=["fill bytes", "restart markers", "chunks", "boxes", "boxes inside"],
)
def test_a_file_of_nothing_but_tiny_parts_is_refused_after_some(data: bytes):
    assert refusal(data)[0] == "broken"


def test_a_jpeg_needs_one_frame_and_a_scan():
    at = JPEG.index(b"\xff\xc0")
    frame = JPEG[at : at + 19]
    assert refusal(JPEG[:at] + frame + JPEG[at:])[0] == "broken"
    assert refusal(JPEG[:at] + JPEG[at + 19 :])[0] == "broken"
    assert refusal(JPEG[: JPEG.index(b"\xff\xda")] + b"\xff\xd9")[0] == "broken"


def test_too_many_bytes_are_refused_before_they_are_read():
    assert refusal(JPEG, max_bytes=len(JPEG) - 1)[0] == "too_large"
    assert refusal(b"x" * 15_000_001) == ("too_large", {"limit_mb": 15})


def test_a_bomb_is_refused_by_the_size_it_promises():
    assert len(portraits.png_bomb()) < 1000
    assert refusal(portraits.png_bomb(20_000)) == ("too_many_pixels", {"limit_mp": 50})
    assert refusal(portraits.png_bomb(9_999))[0] == "too_many_pixels"
    assert refusal(portraits.png_bomb(7_072))[0] == "too_many_pixels"
    assert check_upload(portraits.png_bomb(7_071)).width == 7_071


@each_kind
def test_something_after_the_picture_is_refused_but_padding_is_not(data: bytes):
    assert refusal(data + b"PK\x03\x04")[0] == "trailing_bytes"
    assert check_upload(data + bytes(7)) == check_upload(data)


def test_the_small_pictures_that_cameras_append_are_let_be():
    data = portraits.saved(SMALL, "MPO", {"save_all": True, "append_images": [SMALL]})
    assert check_upload(data).format == "JPEG"
    first = data.index(b"\xff\xd9") + 2
    assert refusal(data[:first] + b"PK\3\4")[0] == "trailing_bytes"


def test_a_moving_png_is_refused():
    other = Image.new("RGB", SMALL.size, "white")
    assert refusal(saved_as("PNG", save_all=True, append_images=[other]))[0] == "animated"


@each_kind
def test_a_cut_file_is_refused_wherever_it_is_cut(data: bytes):
    for length in range(12, len(data), 7):
        assert refusal(data[:length])[0] in {"broken", "trailing_bytes"}


def test_a_png_with_a_changed_byte_anywhere_is_refused():
    for at in range(8, len(PNG)):
        changed = bytearray(PNG)
        changed[at] ^= 1
        assert refusal(bytes(changed))[0] in {"broken", "too_many_pixels", "trailing_bytes"}


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", JPEG[:3], PNG[:8], JPEG[:200], PNG[:40], HEIC[:8], HEIC[:200]]),
)
def test_no_bytes_do_more_than_be_refused(tail: bytes, start: bytes):
    assert isinstance(refusal(start + tail)[0], str)


@given(st.sampled_from(["JPEG", "HEIC"]), st.integers(0), st.integers(0, 255))
def test_a_changed_byte_gives_a_picture_or_a_refusal(kind: str, at: int, value: int):
    changed = bytearray(GOOD[kind])
    changed[at % len(changed)] = value
    with contextlib.suppress(Refused):
        assert check_upload(bytes(changed)).format == kind
