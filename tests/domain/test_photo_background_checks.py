"""What is behind the person: clutter, darkness, shadow and tint are told; grey hair is not."""

from dataclasses import replace

import numpy as np
import pytest

from photos.domain.checks import background
from photos.domain.checks.background import BACKGROUND
from photos.domain.findings import Answer, Tier
from tests import subject_builders as subjects

pytestmark = pytest.mark.usefixtures("socket_disabled")

ALL_PASS = {check.component: Answer.PASS for check in BACKGROUND}
UNKNOWN = {check.component: Answer.UNMEASURABLE for check in BACKGROUND}
HEIGHT, WIDTH = 531, 413


def wall(colour: tuple[int, int, int] = (225, 225, 225)) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), colour, float)


def shelves() -> np.ndarray:
    scene = wall()
    scene[np.arange(HEIGHT) // 20 % 3 == 0] = (120, 60, 40)
    return scene


def half_in_shadow() -> np.ndarray:
    scene = wall()
    scene[:, WIDTH // 2 :] -= 35
    return scene


@pytest.mark.parametrize(
    ("scene", "component", "answer", "code"),
    [
        (shelves(), "background uniformity", Answer.FAIL, "plain_background"),
        (wall((60, 60, 60)), "background brightness", Answer.FAIL, "light_background"),
        (half_in_shadow(), "background shadow", Answer.WARN, "no_shadow"),
        (half_in_shadow()[:, ::-1], "background shadow", Answer.WARN, "no_shadow"),
        (wall((235, 220, 190)), "colour balance", Answer.WARN, "white_balance"),
        (wall((195, 215, 235)), "colour balance", Answer.WARN, "white_balance"),
    ],
)
def test_what_is_wrong_behind_is_told(scene, component: str, answer: Answer, code: str):
    finding = subjects.finding(subjects.before(subjects.good(), scene), component)
    assert finding.advice is not None
    assert (finding.answer, finding.advice.code) == (answer, code)


@pytest.mark.parametrize("level", [180, 225, 255])
def test_a_plain_wall_passes(level: int):
    subject = subjects.before(subjects.good(), wall((level, level, level)))
    assert subjects.findings(subject, BACKGROUND) == ALL_PASS


@pytest.mark.parametrize("ita", [60, 0, -60])
def test_the_skin_does_not_matter_to_the_background(ita: int):
    assert subjects.findings(subjects.of_tone(subjects.good(), ita), BACKGROUND) == ALL_PASS


@pytest.mark.parametrize("level", [140, 190, 230])
def test_grey_and_white_hair_before_a_light_wall_passes(level: int):
    subject = subjects.with_hair(1, level)
    assert subjects.findings(subject, BACKGROUND) == ALL_PASS
    share = subject.cells[1].mean()
    assert share == pytest.approx(subjects.good().cells[1].mean(), rel=0.15)


def test_the_grain_of_the_camera_is_not_clutter():
    subject = subjects.good()
    grain = np.random.default_rng(1).normal(0, 8, subject.rgb.shape)
    grainy = subjects.with_pixels(subject, subject.rgb + grain)
    assert subjects.finding(grainy, "background uniformity").answer == Answer.PASS


def test_nothing_is_said_where_hardly_any_background_is_seen():
    subject = subjects.good()
    filled = replace(subject, person=np.ones_like(subject.person))
    assert subjects.findings(filled, BACKGROUND) == UNKNOWN


def test_what_is_outside_the_picture_is_not_background():
    subject = subjects.good()
    crop = replace(subject.crop, y=subject.crop.y - subject.crop.height / 2)
    beyond = replace(subject, crop=crop, person=np.zeros_like(subject.person))
    rows = beyond.cells[1].any(axis=1)
    assert rows[-3:].all()
    assert not rows[:3].any()


def test_a_painted_wall_tells_nothing_of_the_light():
    painted = subjects.before(subjects.good(), wall((120, 190, 240)))
    assert subjects.finding(painted, "colour balance").answer == Answer.UNMEASURABLE
    cluttered = subjects.before(subjects.good(), shelves())
    assert subjects.finding(cluttered, "colour balance").answer == Answer.UNMEASURABLE


def test_colour_only_warns_and_shadow_is_only_a_hint():
    tiers = {check.component: check.tier for check in BACKGROUND}
    assert tiers["background shadow"] == Tier.C
    assert subjects.PROFILE.limits["colour_balance"].gravest == Answer.WARN


def test_unevenness_is_the_distance_that_two_in_a_hundred_exceed():
    colours = np.zeros((1000, 3), np.float32)
    colours[:10] = (40, 0, 0)
    assert background.unevenness(colours) == 0
    colours[:30] = (0, 30, 40)
    assert background.unevenness(colours) == pytest.approx(50)


def test_a_side_that_is_hidden_casts_no_shadow():
    lightness = np.full((10, 10), 90, np.float32)
    lightness[:, 5:] = 70
    everywhere = np.ones((10, 10), np.bool_)
    assert background.one_sided_drop(lightness, everywhere) == pytest.approx(20)
    left = everywhere.copy()
    left[:, 5:] = False
    assert background.one_sided_drop(lightness, left) is None


def test_tint_is_the_chroma_of_a_plain_wall():
    colours = np.tile(np.array([80, 3, 4], np.float32), (50, 1))
    assert background.tint(colours) == pytest.approx(5)
    assert background.tint(colours * (1, 6, 6)) is None
    colours[:25, 0] = 20
    assert background.tint(colours) is None
