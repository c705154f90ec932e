"""A frame looks at a turned rectangle of a picture; the picture itself is never turned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photos.domain.frame import Frame
from photos.domain.picture import Picture
from tests import portraits

number = st.floats(-5000, 5000)
length = st.floats(1, 5000)
frames = st.builds(Frame, number, number, length, length, st.floats(-180, 180))


@given(frames, st.tuples(number, number))
def test_a_point_comes_back_from_the_frame(frame: Frame, point: tuple[float, float]):
    size = (413, 531)
    there = frame.to_picture([point], size)
    assert frame.from_picture(there, size) == pytest.approx(np.array([point]), abs=1e-4)


@given(frames)
def test_the_corners_span_the_frame(frame: Frame):
    top_left, top_right, bottom_right, _ = frame.corners()
    assert np.linalg.norm(top_right - top_left) == pytest.approx(frame.width)
    assert np.linalg.norm(bottom_right - top_right) == pytest.approx(frame.height)
    assert (top_left + bottom_right) / 2 == pytest.approx(np.array([frame.x, frame.y]), abs=1e-6)


def test_a_frame_turned_clockwise_levels_what_is_turned_clockwise():
    along = np.diff(Frame(0, 0, 10, 10, 30).to_picture([[0, 0], [1, 0]], (1, 1)), axis=0)[0]
    assert np.degrees(np.arctan2(along[1], along[0])) == pytest.approx(30)


def test_a_view_shows_the_pixels_in_the_frame_and_black_outside():
    raster = Image.new("RGB", (100, 80), "black")
    raster.paste("white", (50, 20, 70, 40))
    picture = Picture(raster, 100, 80)
    seen = np.asarray(picture.view(Frame(60, 30, 20, 20), (20, 20)))
    assert seen.min() == 255
    beyond = np.asarray(picture.view(Frame(60, 30, 40, 40), (40, 40)))
    assert (beyond[:9].max(), beyond[11:29, 11:29].min()) == (0, 255)
    assert np.asarray(picture.view(Frame(500, 30, 20, 20), (20, 20))).max() == 0


def test_a_turned_view_levels_a_turned_square():
    square = Image.new("RGB", (200, 200), "black")
    square.paste("white", (60, 80, 140, 120))
    turned = square.rotate(-30, Image.Resampling.BICUBIC)
    seen = np.asarray(Picture(turned, 200, 200).view(Frame(100, 100, 80, 40, 30), (80, 40)))
    assert seen[3:-3, 3:-3].min() > 200


@pytest.mark.parametrize("oversample", [1, 2])
def test_a_reduced_view_averages_instead_of_skipping_pixels(oversample: int):
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    picture = Picture(Image.fromarray(stripes), 800, 800)
    seen = np.asarray(picture.view(Frame(400, 400, 600, 600), (100, 100), oversample=oversample))
    assert abs(seen.astype(int) - 127).max() <= 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_to_hold_a_camera_shows_the_same_upright_picture(orientation: int):
    upright = portraits.good()
    plain = portraits.picture(upright)
    turned = portraits.picture(portraits.stored_turned(upright, orientation))
    frame = Frame(500, 600, 300, 400, 12)
    assert (turned.width, turned.height) == (plain.width, plain.height)
    for one, other in (
        (plain.view(frame, (150, 200)), turned.view(frame, (150, 200))),
        (plain.thumbnail(300), turned.thumbnail(300)),
    ):
        difference = np.asarray(one, int) - np.asarray(other, int)
        assert one.size == other.size
        assert abs(difference).max() <= 6


def test_a_small_picture_is_not_enlarged_to_a_thumbnail():
    assert Picture(Image.new("RGB", (30, 20)), 30, 20).thumbnail(640).size == (30, 20)
