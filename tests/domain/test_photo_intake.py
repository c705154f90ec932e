"""What isn't a still JPEG or PNG of bearable size is refused by its header, and says why."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photos.domain.intake import Refused, Upload, check_upload
from tests import portraits

SMALL = Image.new("RGB", (48, 64), "grey")
JPEG, PNG = portraits.jpeg(SMALL), portraits.png(SMALL)


def refusal(data: bytes, **limits) -> tuple[str, dict]:
    with pytest.raises(Refused) as caught:
        check_upload(data, **limits)
    return caught.value.code, caught.value.params


def saved_as(kind: str, **options) -> bytes:
    return portraits.saved(SMALL, kind, options)


@pytest.mark.parametrize(("data", "kind"), [(JPEG, "JPEG"), (PNG, "PNG")])
def test_a_picture_is_told_by_its_first_bytes_and_measured(data: bytes, kind: str):
    assert check_upload(data) == Upload(kind, 48, 64)


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


def test_a_photo_from_a_phone_is_refused_as_heic():
    assert refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == ("wrong_format", {"format": "HEIC"})


def test_too_many_bytes_are_refused_before_they_are_read():
    assert refusal(JPEG, max_bytes=len(JPEG) - 1)[0] == "too_large"
    assert refusal(b"x" * 15_000_001) == ("too_large", {"limit_mb": 15})


def test_a_bomb_is_refused_by_the_size_it_promises():
    assert len(portraits.png_bomb()) < 1000
    assert refusal(portraits.png_bomb(20_000)) == ("too_many_pixels", {"limit_mp": 50})
    assert refusal(portraits.png_bomb(9_999))[0] == "too_many_pixels"
    assert refusal(portraits.png_bomb(7_072))[0] == "too_many_pixels"
    assert check_upload(portraits.png_bomb(7_071)).width == 7_071


@pytest.mark.parametrize("data", [JPEG, PNG])
def test_something_after_the_picture_is_refused_but_padding_is_not(data: bytes):
    assert refusal(data + b"PK\x03\x04")[0] == "trailing_bytes"
    assert check_upload(data + bytes(7)) == check_upload(data)


def test_the_small_pictures_that_cameras_append_are_let_be():
    buffer = portraits.saved(SMALL, "MPO", {"save_all": True, "append_images": [SMALL]})
    assert check_upload(buffer).format == "JPEG"


def test_a_moving_png_is_refused():
    other = Image.new("RGB", SMALL.size, "white")
    assert refusal(saved_as("PNG", save_all=True, append_images=[other]))[0] == "animated"


@pytest.mark.parametrize("data", [JPEG, PNG])
def test_a_cut_file_is_refused_wherever_it_is_cut(data: bytes):
    for length in range(12, len(data), 7):
        assert refusal(data[:length])[0] in {"broken", "trailing_bytes"}


def test_a_png_with_a_changed_byte_anywhere_is_refused():
    for at in range(8, len(PNG)):
        changed = bytearray(PNG)
        changed[at] ^= 1
        assert refusal(bytes(changed))[0] in {"broken", "too_many_pixels", "trailing_bytes"}


@given(st.binary(max_size=200), st.sampled_from([b"", JPEG[:3], PNG[:8], JPEG[:200], PNG[:40]]))
def test_no_bytes_do_more_than_be_refused(tail: bytes, start: bytes):
    assert isinstance(refusal(start + tail)[0], str)


@given(st.integers(0, len(JPEG) - 1), st.integers(0, 255))
def test_a_changed_byte_gives_a_picture_or_a_refusal(at: int, value: int):
    changed = bytearray(JPEG)
    changed[at] = value
    with contextlib.suppress(Refused):
        assert check_upload(bytes(changed)).format == "JPEG"
