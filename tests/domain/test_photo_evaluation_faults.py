"""Every made fault makes the very value worse that it is made for."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from photos.domain.checks import CHECKS
from photos.evaluation.bench import Bench
from photos.evaluation.examine import ORIGINAL, fault_names, read
from photos.evaluation.faults import FAULTS, LEVEL, made
from photos.evaluation.metrics import badness
from photos.evaluation.portrait import SAMPLING, Portrait, portrait_in, portrait_of
from photos.evaluation.quantities import QUANTITIES
from photos.evaluation.retone import ita_of
from photos.evaluation.tone import BINS, TONES, bin_of, toned
from photos.evaluation.trials import QUESTIONS
from photos.profiles import load_profile
from tests import portraits

COMPONENTS = {check.component for check in CHECKS}


@cache
def bench() -> Bench:
    return Bench(portraits.finder(), load_profile())


@cache
def portrait():
    data = portraits.good()
    return portrait_of(data, portraits.judged(data), load_profile(), portraits.finder())


@cache
def reading(name: str):
    return read(bench(), "good.jpg", name, made(portrait(), name))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_worse_than_none(fault):
    for component in fault.components:
        with_fault = reading(fault.name).finding(component)
        without = reading(fault.base).finding(component)
        passes = without.bounds[:2]
        assert badness(with_fault.value, passes) > badness(without.value, passes)


def test_faults_and_questions_are_for_checks_that_there_are():
    named = {name for fault in FAULTS for name in fault.components}
    asked = {name for question in QUESTIONS for name in question.components}
    assert (named | asked) - COMPONENTS == set()


def test_every_check_has_a_line_on_what_it_measures():
    assert set(QUANTITIES) == COMPONENTS


def test_every_base_is_made_once():
    names = fault_names()
    assert len(names) == len(set(names))
    assert {fault.base for fault in FAULTS} <= set(names)
    assert LEVEL in names


def test_a_fault_is_the_same_bytes_every_time():
    chance = ("patches behind", "shadow behind the head", "white spots on both eyes")
    assert all(made(portrait(), name) == made(portrait(), name) for name in chance)


def test_a_portrait_is_reduced_to_the_same_pixels_a_card_pixel():
    judgement = reading("as it is").judgement
    assert judgement.crop.height / load_profile().card.height_px == pytest.approx(
        SAMPLING, rel=0.02
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_face_that_reaches_out_of_the_picture_can_be_faulty(fault):
    left, top, right, bottom = portrait().face.box
    middle = ((left + right) / 2, (top + bottom) / 2)
    box = (round(middle[0]), round(middle[1] - 40), round(right), round(bottom))
    part = portrait_in(portrait().image, portraits.finder(), scale=SAMPLING)
    moved = replace(part.face, points=np.subtract(part.face.points, (box[0], box[1], 0)))
    person = part.person[box[1] : box[3], box[0] : box[2]]
    cut = Portrait(part.image.crop(box), moved, person, SAMPLING)
    assert portraits.image(made(cut, fault.name)).width > 0


def test_a_portrait_of_too_few_pixels_or_none_is_left_out():
    small = portraits.jpeg(portraits.image(portraits.good()).resize((280, 350)))
    nobody = portraits.bad("no_face")
    for data in (small, nobody):
        judgement = read(bench(), "x", ORIGINAL, data).judgement
        assert portrait_of(data, judgement, load_profile(), portraits.finder()) is None
    assert portrait_in(Image.new("RGB", (200, 200)), portraits.finder(), scale=1) is None


def test_skin_gets_its_tone_in_order():
    seen = [ita_of(np.asarray(toned(portrait(), tone)), portrait().cheeks) for tone in TONES]
    assert seen == pytest.approx(TONES, abs=12)
    assert seen == sorted(seen, reverse=True)


def test_nothing_but_skin_gets_another_tone():
    left, top = (round(at) for at in portrait().face.box[:2])
    was, now = portrait().pixels, np.asarray(toned(portrait(), TONES[-1]))
    assert (was[: top - 30] == now[: top - 30]).all()
    assert (was[:, : left - 30] == now[:, : left - 30]).all()


@pytest.mark.parametrize(
    ("ita", "name"), [(70, "very light"), (55, "light"), (30, "intermediate"), (11, "tan")]
)
def test_an_angle_has_its_class(ita, name):
    assert bin_of(ita) == name


def test_the_darkest_have_a_class_too():
    assert [bin_of(-30), bin_of(-89), bin_of(-90)] == ["dark"] * 3
    assert bin_of(-29.9) == "brown"
    assert len({name for name, _ in BINS}) == 6
