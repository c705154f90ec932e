"""Faces are found where they are, whichever way the picture is shown."""

import math

import numpy as np
import pytest
from PIL import Image

from enrolment.desk import takes
from photos.domain.detector import without_repeats
from photos.domain.face import BLINKS, Face, frame_of_face
from photos.domain.picture import Picture
from photos.domain.pose import CANONICAL, LANDMARKS, PITCH_BIAS, yaw_and_pitch
from tests import portraits

pytestmark = pytest.mark.usefixtures("socket_disabled")


def upright(image: Image.Image) -> Picture:
    return Picture(image.convert("RGB"), image.width, image.height)


def portrait() -> Picture:
    return upright(portraits.image(portraits.portrait()))


def faces(picture: Picture) -> list[Face]:
    return portraits.finder().find(picture)


def inter_eye(face: Face) -> float:
    return float(np.linalg.norm(face.eye_right - face.eye_left))


def test_the_eyes_are_found_where_a_person_marked_them():
    (face,) = faces(portrait())
    for found, marked in ((face.eye_left, (203.5, 101.5)), (face.eye_right, (247.0, 103.5))):
        assert np.linalg.norm(found - marked) < 0.03 * inter_eye(face)


def test_a_mirrored_picture_has_mirrored_eyes_and_turn():
    picture = portrait()
    mirrored = upright(picture.raster.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    (face,), (other,) = faces(picture), faces(mirrored)
    assert np.linalg.norm(other.eye_left - (512 - face.eye_right[0], face.eye_right[1])) < 2
    assert other.roll == pytest.approx(-face.roll, abs=1.5)
    assert yaw_and_pitch(other.points)[0] == pytest.approx(-yaw_and_pitch(face.points)[0], abs=2.5)


@pytest.mark.parametrize("turn", [-25, -10, 10, 25])
def test_roll_follows_the_picture_clockwise(turn: int):
    raster = portrait().raster
    (face,), (turned,) = faces(portrait()), faces(upright(raster.rotate(-turn)))
    assert turned.roll - face.roll == pytest.approx(turn, abs=1.5)


def test_the_largest_of_two_faces_comes_first():
    two = faces(portraits.picture(portraits.bad("two_faces")))
    assert len(two) == 2
    assert two[0].area > 1.5 * two[1].area


def test_a_picture_of_nobody_has_no_face():
    assert faces(portraits.picture(portraits.bad("no_face"))) == []
    assert faces(upright(Image.effect_noise((640, 480), 80))) == []


def test_a_face_in_a_reduced_raster_is_told_in_full_size():
    data = portraits.good()
    full = portraits.picture(data)
    half = Picture(full.raster.reduce(2), full.width, full.height)
    (one,), (other,) = faces(full), faces(half)
    assert np.linalg.norm(one.eye_left - other.eye_left) < 0.02 * inter_eye(one)


def test_the_same_picture_gives_the_same_numbers():
    (one,), (other,) = faces(portrait()), faces(portrait())
    assert (one.points == other.points).all()


def test_only_closed_eyes_blink():
    def blink(data: bytes) -> float:
        picture = portraits.picture(data)
        return portraits.finder().blendshapes(faces(picture)[0])[BLINKS].max()

    assert blink(portraits.good()) < 0.4 < blink(portraits.bad("eyes_closed"))


def test_the_frame_of_a_face_is_level_and_holds_it():
    (face,) = faces(portrait())
    frame = frame_of_face(face)
    seen = frame.from_picture(face.points[:468, :2], (1, 1))
    assert frame.angle == face.roll
    assert seen.min() > 0.1
    assert seen.max() < 0.9


def test_of_overlapping_boxes_the_surest_is_kept():
    boxes = [np.array(box, float) for box in ((0, 0, 10, 10), (1, 1, 11, 11), (30, 0, 40, 10))]
    assert without_repeats(boxes, [0.6, 0.9, 0.7], 0.3) == [1, 2]
    assert without_repeats(boxes, [0.6, 0.9, 0.7], 0.99) == [1, 2, 0]
    assert without_repeats([np.zeros(4), np.zeros(4)], [0.5, 0.6], 0.3) == [1, 0]


def turned_canonical(yaw: float, pitch: float) -> np.ndarray:
    """The canonical face, turned to the picture's right and down, as landmarks are given."""
    right, down = math.radians(yaw), math.radians(pitch)
    about_y = np.array(
        [
            [math.cos(right), 0, math.sin(right)],
            [0, 1, 0],
            [-math.sin(right), 0, math.cos(right)],
        ]
    )
    about_x = np.array(
        [[1, 0, 0], [0, math.cos(down), -math.sin(down)], [0, math.sin(down), math.cos(down)]]
    )
    points = np.zeros((478, 3))
    points[LANDMARKS] = (CANONICAL @ (about_y @ about_x).T) * (1, -1, -1) * 20 + 300
    return points


@pytest.mark.parametrize(
    ("yaw", "pitch"), [(0, 0), (15, 0), (-30, 0), (0, 12), (0, -20), (10, 10), (-25, -8)]
)
def test_a_turned_canonical_face_gives_its_angles_back(yaw: float, pitch: float):
    found_yaw, found_pitch = yaw_and_pitch(turned_canonical(yaw, pitch))
    assert found_yaw == pytest.approx(yaw, abs=1e-6)
    assert found_pitch + PITCH_BIAS == pytest.approx(pitch, abs=1e-6)


def test_a_made_take_is_the_same_twice_and_another_seed_is_another_picture():
    made = [takes.good_take(portraits.portrait(), seed) for seed in (5, 5, 6)]
    assert made[0] == made[1] != made[2]
    assert len({takes.bad_take(portraits.portrait(), kind, 5) for kind in takes.KINDS}) == len(
        takes.KINDS
    )
