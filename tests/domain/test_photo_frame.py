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


@pytest.mark.parametrize("sharp", [False, True])
def test_a_reduced_view_averages_instead_of_skipping_pixels(sharp: bool):
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    picture = Picture(Image.fromarray(stripes), 800, 800)
    seen = np.asarray(picture.view(Frame(400, 400, 600, 600), (100, 100), sharp=sharp))
    assert abs(seen.astype(int) - 127).max() <= 12


@pytest.mark.parametrize("height", [480, 560, 800, 1100, 1300])
def test_a_sharp_view_is_as_sharp_as_a_slow_and_careful_one(height: int):
    picture, size = portraits.picture(portraits.good()), (310, 400)
    frame = Frame(560, 680, height * 31 / 40, height, 4)
    seen = np.asarray(picture.view(frame, size, sharp=True).convert("L"), float)[4:-4, 4:-4]
    careful = np.asarray(_read_carefully(picture, frame, size).convert("L"), float)[4:-4, 4:-4]
    error = ((seen - careful) ** 2).mean()
    assert 10 * np.log10(255**2 / error) > 38
    energy, wanted = (sum((g**2).mean() for g in np.gradient(each)) for each in (seen, careful))
    assert energy == pytest.approx(wanted, rel=0.12)


def _read_carefully(picture: Picture, frame: Frame, size: tuple[int, int]) -> Image.Image:
    """Bicubic on a grid four times as fine, filtered down."""
    fine = (size[0] * 4, size[1] * 4)
    origin, along, _, down = frame.corners()
    across, below = (along - origin) / fine[0], (down - origin) / fine[1]
    affine = (across[0], below[0], origin[0], across[1], below[1], origin[1])
    warped = picture.raster.transform(
        fine, Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC
    )
    return warped.resize(size, Image.Resampling.LANCZOS)


def test_a_sharp_view_of_what_is_enlarged_is_smooth():
    step = Image.new("RGB", (40, 40), "black")
    step.paste("white", (20, 0, 40, 40))
    seen = np.asarray(Picture(step, 40, 40).view(Frame(20, 20, 20, 20), (80, 80), sharp=True), int)
    middle = seen[40, :, 0]
    assert (np.diff(middle)[4:-4] >= -40).all()
    assert np.abs(np.diff(middle)).max() < 110


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
