"""Faces are found where they are, whichever way the picture is shown."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from enrolment.desk import takes
from photos.domain.detector import without_repeats
from photos.domain.face import BLINKS, SAME_FACE, Face, frame_of_face
from photos.domain.frame import Frame
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


def poster(picture: Picture, size: float) -> Picture:
    """The same picture with its own head, reduced to `size`, pinned up behind at the top left."""
    (face,) = faces(picture)
    left, top, right, bottom = face.box
    side = (bottom - top) * 1.6
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    head = picture.raster.crop((int(x), int(y), int(x + side), int(y + side)))
    scene = picture.raster.copy()
    scene.paste(head.resize((int(side * size),) * 2, Image.Resampling.LANCZOS), (10, 10))
    return upright(scene)


def building(columns: int, height: int) -> Image.Image:
    """A light wall with three rows of dark windows, out of focus."""
    width, rows = 200, 3
    picture = Image.new("RGB", (480, 600), (110, 130, 150))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((100, 120, 100 + width, 120 + height), fill=(220, 220, 220))
    across, down = width / columns, height / rows
    for x in (100 + across * (column + 0.5) for column in range(columns)):
        for y in (120 + down * (row + 0.5) for row in range(rows)):
            window = (x - across / 4.5, y - down / 4.5, x + across / 4.5, y + down / 4.5)
            draw.rectangle(window, fill=(40, 50, 60))
    return picture.filter(ImageFilter.GaussianBlur(7))


def test_the_eyes_are_found_where_a_person_marked_them():
    (face,) = faces(portrait())
    for found, marked in ((face.eye_left, (203.5, 101.5)), (face.eye_right, (247.0, 103.5))):
        assert np.linalg.norm(found - marked) < 0.03 * inter_eye(face)


def test_a_mirrored_picture_has_mirrored_eyes_and_turn():
    picture = portrait()
    mirrored = upright(picture.raster.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    (face,), (other,) = faces(picture), faces(mirrored)
    for found, eye in ((other.eye_left, face.eye_right), (other.eye_right, face.eye_left)):
        assert np.linalg.norm(found - (512 - eye[0], eye[1])) < 0.01 * inter_eye(face)
    assert other.roll == pytest.approx(-face.roll, abs=0.5)
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


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("size", [0.2, 0.35])
def test_a_small_face_on_a_poster_behind_is_found(seed: int, size: float):
    """Of 4 and 12 % of the first one's area."""
    with_poster = poster(portraits.picture(portraits.good(seed)), size)
    found = faces(with_poster)
    assert len(found) == 2
    assert found[1].area / found[0].area == pytest.approx(size**2, rel=0.2)
    assert found[1].eye_right[0] < found[0].eye_left[0]


@pytest.mark.parametrize("seed", range(6))
def test_one_face_is_counted_once(seed: int):
    assert len(faces(portraits.picture(portraits.good(seed)))) == 1


@pytest.mark.parametrize(
    ("columns", "height", "frame"),
    [(4, 300, Frame(191, 279, 353, 353, -84)), (3, 220, Frame(200, 210, 320, 320))],
)
def test_a_building_that_the_landmark_model_takes_for_a_face_is_none(
    columns: int, height: int, frame: Frame
):
    picture = upright(building(columns, height))
    assert portraits.finder().look(picture, frame, 1.0).presence > 0.9
    assert faces(picture) == []


def test_a_face_in_a_reduced_raster_is_told_in_full_size():
    data = portraits.good()
    full = portraits.picture(data)
    half = Picture(full.raster.reduce(2), full.width, full.height)
    (one,), (other,) = faces(full), faces(half)
    assert np.linalg.norm(one.eye_left - other.eye_left) < 0.02 * inter_eye(one)


def test_the_same_picture_gives_the_same_numbers_whatever_was_seen_between():
    (one,) = faces(portrait())
    faces(portraits.picture(portraits.bad("two_faces")))
    (other,) = faces(portrait())
    assert (one.points == other.points).all()
    assert (one.score, one.presence) == (other.score, other.presence)


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
    assert without_repeats(boxes, [0.6, 0.9, 0.7], 0.5) == [1, 2]
    assert without_repeats(boxes, [0.6, 0.9, 0.7], 0.99) == [1, 2, 0]
    assert without_repeats([np.zeros(4), np.zeros(4)], [0.5, 0.6], 0.5) == [1, 0]
    assert without_repeats([], [], 0.5) == []


def test_a_box_within_another_shows_the_same_face_but_one_beside_it_does_not():
    head, nose, neighbour = (0, 0, 100, 100), (40, 40, 60, 60), (90, 0, 190, 100)
    boxes = [np.array(box, float) for box in (head, nose, neighbour)]
    assert without_repeats(boxes, [0.9, 0.8, 0.7], SAME_FACE) == [0, 2]
    assert without_repeats(boxes, [0.8, 0.9, 0.7], SAME_FACE) == [1, 2]


corner, length = st.integers(0, 100), st.integers(1, 60)
heaps = st.lists(st.tuples(corner, corner, length, length), max_size=12)


def box_of(drawn: tuple[int, int, int, int]) -> np.ndarray:
    left, top, width, height = drawn
    return np.array([left, top, left + width, top + height], float)


def shared(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the smaller box that two have in common, counted in unit squares."""
    covered = [np.zeros((160, 160), bool), np.zeros((160, 160), bool)]
    for plane, box in zip(covered, (one, other), strict=True):
        left, top, right, bottom = box.astype(int)
        plane[top:bottom, left:right] = True
    return (covered[0] & covered[1]).sum() / min(covered[0].sum(), covered[1].sum())


@given(heaps, st.data())
def test_every_box_left_out_lies_on_a_surer_one_that_is_kept(heap: list, data: st.DataObject):
    boxes = [box_of(drawn) for drawn in heap]
    scores = data.draw(st.permutations([(index + 1) / 20 for index in range(len(boxes))]))
    kept = without_repeats(boxes, scores, SAME_FACE)
    for index, box in enumerate(boxes):
        surer = [k for k in kept if scores[k] > scores[index]]
        lies_on = any(shared(box, boxes[k]) >= SAME_FACE for k in surer)
        assert lies_on == (index not in kept)


@given(heaps, st.randoms(use_true_random=False))
def test_the_order_of_the_boxes_does_not_matter(heap: list, random):
    pairs = [(box_of(drawn), (index + 1) / 20) for index, drawn in enumerate(heap)]
    shuffled = random.sample(pairs, len(pairs))
    one, other = (
        [scores[index] for index in without_repeats(boxes, scores, SAME_FACE)]
        for boxes, scores in (([b for b, _ in p], [s for _, s in p]) for p in (pairs, shuffled))
    )
    assert one == other


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
