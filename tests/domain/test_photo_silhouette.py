"""The person's outline around the card: how high the hair is, and what is background."""

import numpy as np
import pytest

from photos.domain.crop import Nudge
from photos.domain.face import CHIN, MESH_POINTS, PUPIL_LEFT, PUPIL_RIGHT, SURFACE_POINTS, Face
from photos.domain.frame import Frame
from photos.domain.silhouette import Silhouette
from photos.domain.subject import Subject, subject_of
from photos.profiles import load_profile
from tests import portraits

FRAME = Frame(500, 500, 512, 1024)  # two and four pixels to a cell


def face() -> Face:
    """Eyes at y = 500, chin at 600, the face 100 pixels wide."""
    points = np.full((MESH_POINTS, 3), 500.0)
    points[:SURFACE_POINTS, 0] = np.linspace(450, 550, SURFACE_POINTS)
    points[PUPIL_LEFT, :2], points[PUPIL_RIGHT, :2] = (475, 500), (525, 500)
    points[CHIN, :2] = (500, 600)
    return Face(points, 1, 1)


def mask(top: float, left: float = 440, right: float = 560) -> Silhouette:
    """A person seen from `top` down, in pixels of the picture."""
    person = np.zeros((256, 256), np.float32)
    corners = FRAME.from_picture([(left, top), (right, 1012)], (256, 256))
    (x0, y0), (x1, y1) = corners.astype(int)
    person[y0:y1, x0:x1] = 1
    return Silhouette(FRAME, person)


def test_the_crown_is_where_the_hair_ends():
    assert mask(380).chin_to_crown(face()) == pytest.approx(220, abs=4)
    assert mask(340).chin_to_crown(face()) == pytest.approx(260, abs=4)


def test_somebody_behind_the_shoulder_is_no_hair():
    seen = mask(380)
    seen.person[:40, :100] = 1
    assert seen.chin_to_crown(face()) == pytest.approx(220, abs=4)


def test_what_hangs_above_the_head_is_no_hair():
    seen = mask(380)
    seen.person[:10] = 1
    assert seen.chin_to_crown(face()) == pytest.approx(220, abs=4)


def test_hair_above_the_view_ends_there():
    seen = Silhouette(FRAME, np.ones((256, 256), np.float32))
    assert seen.chin_to_crown(face()) == pytest.approx(100 + 500 - (500 - 512))


def test_without_a_head_in_the_mask_nothing_is_said_of_the_crown():
    assert Silhouette(FRAME, np.zeros((256, 256), np.float32)).chin_to_crown(face()) is None
    assert mask(490).chin_to_crown(face()) is None


def test_a_crop_sees_its_own_part_of_the_person():
    seen = mask(380).on(Frame(500, 500, 200, 400), (100, 200))
    assert seen.shape == (200, 100)
    assert (seen[10:35].max(), seen[45:, 25:75].min()) == (0, 1)
    assert seen[45:, :15].max() == 0


def test_a_crop_moved_out_of_the_view_sees_its_edge_repeated():
    seen = mask(380).on(Frame(500, 1000, 100, 200), (50, 100))
    assert (seen.shape, seen.min()) == ((100, 50), 1)


def subject(nudge: Nudge) -> Subject:
    picture, finder = portraits.picture(portraits.good()), portraits.finder()
    return subject_of(picture, finder.find(picture), load_profile(), finder, nudge)


def test_the_outline_follows_a_nudged_card():
    plain, moved = subject(Nudge()), subject(Nudge(down=-0.02))
    assert moved.crown - plain.crown == pytest.approx(0.02, abs=0.002)
    rows = round(0.02 * 531)
    assert abs(moved.person[rows:] - plain.person[:-rows]).mean() < 0.005
    assert moved.nudge.down == pytest.approx(-0.02)


def test_a_real_person_stands_out_from_the_background():
    found = subject(Nudge())
    above = int(found.crown * 531)
    assert found.person[: above - 6].max() < 0.5
    assert found.person[found.inside].mean() > 0.99
    assert found.person[60:120, :30].max() < 0.1
