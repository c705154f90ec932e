"""A JPEG's size is read from its header, as Pillow reads it, and noise has none."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from enrolment.cards.domain.jpeg_size import jpeg_size


def jpeg(width: int, height: int, **options: object) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (width, height)).save(sink, "JPEG", **options)
    return sink.getvalue()


@given(width=st.integers(1, 300), height=st.integers(1, 300), progressive=st.booleans())
def test_the_size_is_the_one_that_was_written(width, height, progressive):
    assert jpeg_size(jpeg(width, height, progressive=progressive)) == (width, height)


def test_what_stands_before_the_frame_is_passed_over():
    picture = jpeg(30, 40, comment=b"\xff\xc0" * 500, exif=b"Exif\0\0" + b"\xff\xc2" * 500)
    assert jpeg_size(picture) == (30, 40)
    assert jpeg_size(picture[:2] + b"\xff\xff\xff" + picture[2:]) == (30, 40)


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff\xe0\0\0" * 9,
        b"\x89PNG" * 9,
    ],
)
def test_noise_has_no_size(noise):
    assert jpeg_size(noise) is None


@given(cut=st.integers(0, 150))
def test_a_header_cut_short_has_no_size(cut):
    picture = jpeg(30, 40)
    frame = picture.index(b"\xff\xc0")
    assert jpeg_size(picture[:cut]) in ((None,) if cut < frame + 9 else ((30, 40),))


@given(noise=st.binary(max_size=200))
def test_whatever_the_bytes_there_is_an_answer(noise):
    size = jpeg_size(b"\xff\xd8\xff" + noise)
    assert size is None or all(0 <= side <= 65535 for side in size)


def test_a_scan_before_any_frame_has_no_size():
    picture = jpeg(30, 40)
    scan = picture[picture.index(b"\xff\xda") :]
    assert jpeg_size(picture[:2] + scan) is None
    assert jpeg_size(picture[:2] + b"\xff\xda\0\2" + picture[2:]) is None


def test_a_segment_without_a_length_has_no_size():
    picture = jpeg(30, 40)
    assert jpeg_size(picture[:2] + b"\xff\xe0\0\0" + picture[2:]) is None
    assert jpeg_size(picture[:2] + b"\xff\xe0\0\2" + picture[2:]) == (30, 40)
