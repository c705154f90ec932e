"""Another skin tone under the same light: only the skin changes, and as much as was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.domain.checks.light import CHEEKS, EYES
from photos.domain.subject import linear
from photos.evaluation.retone import ita_of, retoned, skin_of
from tests import subject_builders as subjects

pytestmark = pytest.mark.usefixtures("socket_disabled")

SIDE = 32
EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


def face(colour: tuple[int, int, int] = (205, 160, 140)) -> np.ndarray:
    pixels = np.full((SIDE, SIDE, 3), colour, float)
    shade = np.linspace(0.9, 1.1, SIDE)[:, None, None]
    return (pixels * shade).clip(0, 255).astype(np.uint8)


def test_the_typology_angle_is_that_of_lightness_and_yellow():
    """sRGB (205, 160, 140) is L* 69.3, b* 17.0: atan(19.3 / 17.0)."""
    even = np.full((SIDE, SIDE, 3), (205, 160, 140), np.uint8)
    assert ita_of(even, EVERYWHERE > 0) == pytest.approx(48.5, abs=0.7)


@given(st.integers(-60, 60), st.sampled_from([(205, 160, 140), (120, 80, 62), (240, 205, 190)]))
def test_skin_of_any_tone_gets_the_tone_that_was_asked_for(ita: int, colour):
    toned = retoned(face(colour), EVERYWHERE, ita)
    assert ita_of(toned, EVERYWHERE > 0) == pytest.approx(ita, abs=8)


def test_what_is_no_skin_stays_as_it_was():
    pixels = face()
    skin = EVERYWHERE.copy()
    skin[:, : SIDE // 2] = 0
    toned = retoned(pixels, skin, -60)
    assert (toned[:, : SIDE // 2] == pixels[:, : SIDE // 2]).all()
    assert (toned[:, SIDE // 2 :] < pixels[:, SIDE // 2 :]).all()


def test_sheen_stays_as_much_brighter_than_the_skin_as_it_was():
    pixels = face()
    pixels[:1] = 250
    before, after = linear(pixels), linear(retoned(pixels, EVERYWHERE, -60))
    lit = np.percentile(before, 90), np.percentile(after, 90)
    assert after[0].mean() - lit[1] == pytest.approx(before[0].mean() - lit[0], abs=0.03)


def test_the_eyes_are_no_skin_and_the_cheeks_are():
    subject = subjects.good()
    skin = skin_of(subject.on_card, subject.card.size)
    for outline, share in ((EYES[0], 0), (EYES[1], 0), (CHEEKS[0], 1), (CHEEKS[1], 1)):
        x, y = subject.on_card.points[list(outline), :2].mean(axis=0).astype(int)
        assert skin[y, x] == pytest.approx(share, abs=0.02)
    assert skin[0, 0] == 0
