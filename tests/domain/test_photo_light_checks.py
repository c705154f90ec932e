"""Light and colour in the face: each fault is told, and no skin tone is one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photos.domain.checks import light
from photos.domain.checks.light import LIGHT
from photos.domain.findings import Answer, Tier
from photos.domain.subject import linear
from photos.evaluation.retone import ita_of, skin_of
from tests import subject_builders as subjects

pytestmark = pytest.mark.usefixtures("socket_disabled")

TONES = (60, 40, 20, 0, -20, -40, -60)
NONE = np.array([], np.float32)

ALL_PASS = {check.component: Answer.PASS for check in LIGHT}


def across(factor: float) -> np.ndarray:
    """Light that falls to a share of it from the left edge of the good take's face to the right."""
    subject = subjects.good()
    left, _, right, _ = subject.on_card.box
    way = ((np.arange(subject.card.width) - left) / (right - left)).clip(0, 1)
    return (factor**way)[None, :, None]


def faded(share: float) -> np.ndarray:
    pixels = subjects.good().rgb.astype(float)
    return (pixels - 128) * share + 128


def grey() -> np.ndarray:
    return np.asarray(subjects.good().luma.convert("RGB"), float)


@pytest.mark.parametrize(
    ("gain", "component", "answer", "code"),
    [
        (3.0, "over-exposure prevention", Answer.FAIL, "less_light"),
        (1 / 8, "under-exposure prevention", Answer.FAIL, "more_light"),
        (lambda: across(1 / 8), "illumination uniformity", Answer.WARN, "even_light"),
        (lambda: across(8.0) / 8, "illumination uniformity", Answer.WARN, "even_light"),
        (np.array([0.4, 0.8, 1.6]), "natural colour", Answer.FAIL, "natural_colour"),
        (np.array([1.5, 0.9, 0.3]), "natural colour", Answer.FAIL, "natural_colour"),
    ],
)
def test_bad_light_is_told_and_what_to_do(gain, component: str, answer: Answer, code: str):
    gain = gain() if callable(gain) else gain
    finding = subjects.finding(subjects.lit(subjects.good(), gain), component)
    assert finding.advice is not None
    assert (finding.answer, finding.advice.code) == (answer, code)


@pytest.mark.parametrize(
    ("pixels", "component", "code"),
    [(faded, "dynamic range", "flat_light"), (grey, "natural colour", "natural_colour")],
)
def test_fog_and_black_and_white_fail(pixels, component: str, code: str):
    changed = pixels(1 / 4) if pixels is faded else pixels()
    finding = subjects.finding(subjects.with_pixels(subjects.good(), changed), component)
    assert finding.advice is not None
    assert (finding.answer, finding.advice.code) == (Answer.FAIL, code)


@pytest.mark.parametrize("ita", TONES)
def test_a_well_lit_face_passes_whatever_its_skin_tone(ita: int):
    subject = subjects.of_tone(subjects.good(), ita)
    skin = skin_of(subject.on_card, subject.card.size) > 0.9
    assert ita_of(subject.rgb, skin) == pytest.approx(ita, abs=12)
    assert subjects.findings(subject, LIGHT) == ALL_PASS


@pytest.mark.parametrize("ita", TONES)
def test_too_little_light_is_told_whatever_the_skin_tone(ita: int):
    dim = subjects.lit(subjects.of_tone(subjects.good(), ita), 1 / 8)
    assert subjects.finding(dim, "under-exposure prevention").answer == Answer.FAIL


@pytest.mark.parametrize("ita", TONES)
def test_fog_is_told_whatever_the_skin_tone(ita: int):
    toned = subjects.of_tone(subjects.good(), ita)
    fog = subjects.with_pixels(toned, (toned.rgb.astype(float) - 128) / 4 + 128)
    assert subjects.finding(fog, "dynamic range").answer == Answer.FAIL


def test_uneven_light_is_only_a_hint():
    (check,) = (check for check in LIGHT if check.component == "illumination uniformity")
    assert check.tier == Tier.C


def test_nothing_is_said_of_cheeks_that_are_off_the_card():
    subject = subjects.good()
    aside = replace(subject.on_card, points=subject.on_card.points + np.array([2000, 0, 0]))
    away = replace(subject, on_card=aside)
    for component in ("illumination uniformity", "natural colour"):
        finding = subjects.finding(away, component)
        assert (finding.answer, finding.value) == (Answer.UNMEASURABLE, None)


@pytest.mark.parametrize("level", [5, 255])
def test_what_is_black_or_burnt_out_has_no_colour_to_judge(level: int):
    skin = np.full((100, 3), level, np.uint8)
    assert light.unnatural_colour(skin) is None
    skin[:60] = (205, 160, 140)
    assert light.unnatural_colour(skin) == 0


def test_luminance_is_linear_and_weighs_green_most():
    colours = Image.new("RGB", (4, 1))
    for at, colour in enumerate([(255, 255, 255), (188, 188, 188), (0, 255, 0), (0, 0, 255)]):
        colours.putpixel((at, 0), colour)
    assert linear(colours)[0] == pytest.approx([1, 0.5, 0.7152, 0.0722], abs=0.005)


def test_burnt_out_is_the_share_of_nearly_white():
    face = np.full(128, 0.96, np.float32)
    face[:32] = 0.97
    assert light.burnt_out(face) == pytest.approx(0.25)


def test_how_bright_it_was_is_told_by_the_sheen_or_the_whites_of_the_eyes():
    skin = np.full(1000, 0.05, np.float32)
    skin[:20] = 0.3
    assert light.highlight(skin, NONE) == pytest.approx(0.3)
    assert light.highlight(skin, np.full(50, 0.1, np.float32)) == pytest.approx(0.3)
    assert light.highlight(skin, np.full(50, 0.4, np.float32)) == pytest.approx(0.6)


@given(st.floats(0.1, 1))
def test_the_range_is_the_same_for_every_tone(reflectance: float):
    face = np.linspace(0.05, 0.9, 1000, dtype=np.float32)
    assert light.dynamic_range(face * reflectance) == pytest.approx(light.dynamic_range(face))
    assert light.dynamic_range(face) == pytest.approx(np.log2(0.8915 / 0.0585), abs=0.01)


def test_a_black_picture_has_no_range():
    assert light.dynamic_range(np.zeros(100, np.float32)) == 0


@given(st.floats(0.01, 1), st.floats(0.01, 1))
def test_evenness_is_the_darker_cheek_over_the_lighter(one: float, other: float):
    cheeks = (np.full(9, one, np.float32), np.full(9, other, np.float32))
    assert light.evenness(*cheeks) == pytest.approx(min(one, other) / max(one, other))
    assert light.evenness(cheeks[0], NONE) is None


@pytest.mark.parametrize(
    ("colour", "far"),
    [((205, 160, 140), 0), ((95, 62, 48), 0), ((128, 128, 128), 7.07), ((90, 90, 200), 60)],
)
def test_colour_is_natural_within_what_skin_can_have(colour: tuple[int, int, int], far: float):
    skin = np.full((20, 3), colour, np.uint8)
    assert light.unnatural_colour(skin) == pytest.approx(far, abs=max(0.05, far / 5))
