"""Each number moves with the fault it is named for."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from photos.domain.checks import detail, light
from photos.domain.checks import face as face_checks
from photos.domain.face import Face
from photos.domain.subject import linear
from tests import portraits

EVERYWHERE = np.ones((128, 128), np.bool_)


def scene() -> Image.Image:
    """A piece of the portrait with fine detail: hair and face."""
    return portraits.image(portraits.good()).convert("L").crop((400, 400, 656, 656))


def plane(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32)


def test_sharpness_falls_with_every_blur():
    inside = np.ones((256, 256), np.bool_)
    blurred = [scene().filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 4)]
    sharp = [detail.sharpness(image, inside) for image in blurred]
    assert sharp == sorted(sharp, reverse=True)
    assert sharp[0] > 1.9 > 1.6 > sharp[2]
    assert detail.sharpness(Image.new("L", (256, 256)), inside) == 0


def test_sharpness_counts_only_what_is_inside():
    image = Image.new("L", (128, 128), 100)
    image.paste(Image.effect_noise((64, 128), 90), (64, 0))
    left = np.zeros((128, 128), np.bool_)
    left[:, :48] = True
    assert detail.sharpness(image, left) == 0
    assert detail.sharpness(image, ~left) > 3


def test_entropy_counts_the_shades_in_use():
    shades = np.arange(128 * 128).reshape(128, 128)
    assert light.entropy((shades % 256).astype(np.float32), EVERYWHERE) == pytest.approx(8)
    assert light.entropy((shades % 16).astype(np.float32), EVERYWHERE) == pytest.approx(4)
    assert light.entropy(np.zeros((128, 128), np.float32), EVERYWHERE) == 0


def test_luminance_is_linear_and_weighs_green_most():
    colours = Image.new("RGB", (4, 1))
    for at, colour in enumerate([(255, 255, 255), (188, 188, 188), (0, 255, 0), (0, 0, 255)]):
        colours.putpixel((at, 0), colour)
    assert linear(colours)[0] == pytest.approx([1, 0.5, 0.7152, 0.0722], abs=0.005)


def test_little_light_is_told_by_the_highlights_and_not_by_dark_skin():
    skin = np.full((128, 128), 0.05, np.float32)
    skin[:3] = 0.4  # sheen and whites of the eyes
    assert light.highlight(skin, EVERYWHERE) == pytest.approx(0.4)
    assert light.highlight(skin / 4, EVERYWHERE) == pytest.approx(0.1)
    assert light.highlight(np.full_like(skin, 0.12), EVERYWHERE) == pytest.approx(0.12)


def test_burnt_out_is_the_share_of_nearly_white():
    face = np.full((128, 128), 0.96, np.float32)
    face[:32] = 0.97
    assert light.burnt_out(face, EVERYWHERE) == pytest.approx(0.25)


def jpeg_luma(quality: int) -> np.ndarray:
    buffer = BytesIO(portraits.jpeg(scene(), quality=quality))
    return plane(Image.open(buffer))


def test_blockiness_grows_with_compression():
    block = [detail.blockiness(jpeg_luma(quality), 8) for quality in (95, 60, 20, 8)]
    assert block == sorted(block)
    assert block[0] < 1.2 < 2 < block[-1]
    assert detail.blockiness(plane(scene()), 8) == pytest.approx(1, abs=0.1)


def test_blockiness_off_the_grid_is_not_counted():
    assert detail.blockiness(jpeg_luma(20)[4:, 4:], 8) < 1.1


@given(st.floats(0, 40), st.floats(0, 40), st.floats(0.2, 5))
def test_openings_are_told_in_eye_to_chin_distances(eye: float, mouth: float, scale: float):
    points = np.zeros((478, 3))
    points[468], points[473], points[152] = (-60, 0, 0), (60, 0, 0), (0, 200, 0)
    for one, other in face_checks.LIDS_LEFT:
        points[one], points[other] = (-60, -eye / 2, 0), (-60, eye / 2, 0)
    for one, other in face_checks.LIDS_RIGHT:
        points[one], points[other] = (60, -30, 0), (60, 30, 0)
    for one, other in face_checks.LIPS:
        points[one], points[other] = (0, 150, 0), (0, 150 + mouth, 0)
    face = Face(points * scale, 1, 1)
    assert face_checks.eye_opening(face) == pytest.approx(eye / 200)
    assert face_checks.mouth_opening(face) == pytest.approx(mouth / 200)
