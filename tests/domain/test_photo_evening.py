"""Evening lightens what is behind the person, never the person, and only where it is asked for."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from photos.domain.evening import evened
from photos.domain.judgement import judge
from photos.domain.profile import ProfileError, with_overrides
from photos.profiles import load_profile
from tests import portraits

COLOUR = "#f0f0f0"
EVENED = with_overrides(load_profile(), {"card": {"background": COLOUR, "even_background": True}})


def scene() -> tuple[Image.Image, np.ndarray]:
    """A wall that falls off from 225 to 175, and a dark person with one strand of hair beside."""
    pixels = np.empty((532, 416, 3), np.uint8)
    pixels[:] = np.linspace(225, 175, 416).astype(np.uint8)[None, :, None]
    person = np.zeros((532, 416), np.float32)
    person[200:, 120:300] = 1
    pixels[200:, 120:300] = (90, 70, 60)
    pixels[100:200, 150:152] = 30
    return Image.fromarray(pixels), person


def test_the_wall_becomes_even_and_as_light_as_asked():
    card, person = scene()
    before, after = np.asarray(card, int), np.asarray(evened(card, person, COLOUR), int)
    wall = np.s_[:90, 8:-8]
    assert np.ptp(before[wall]) > 40
    assert np.ptp(after[wall]) <= 6
    assert after[wall].mean() == pytest.approx(240, abs=2)


def test_the_person_is_not_touched_and_hair_stays_dark():
    card, person = scene()
    before, after = np.asarray(card, int), np.asarray(evened(card, person, COLOUR), int)
    assert (after[person == 1] == before[person == 1]).all()
    assert after[100:195, 150:152].max() <= 45


def test_nothing_becomes_darker_nor_lighter_than_the_colour():
    card, person = scene()
    bright = card.point(lambda value: min(255, value + 25))
    for each in (card, bright):
        before, after = np.asarray(each, int), np.asarray(evened(each, person, COLOUR), int)
        assert (after >= before).all()
        assert (after <= np.maximum(before, 240)).all()


def test_a_dark_wall_is_not_made_white_and_keeps_its_colour():
    card = Image.new("RGB", (416, 532), (40, 80, 60))
    after = np.asarray(evened(card, np.zeros((532, 416), np.float32), COLOUR), int)
    assert after.max() <= 120
    assert (after[..., 1] > after[..., 0]).all()


def test_without_any_background_nothing_changes():
    card, person = scene()
    same = evened(card, np.ones_like(person), COLOUR)
    assert (np.asarray(same) == np.asarray(card)).all()


def test_evening_is_off_unless_the_profile_asks_for_it_and_is_told():
    dim = portraits.image(portraits.good()).point(lambda value: value * 9 // 10)
    data = portraits.jpeg(dim)
    plain = judge(data, load_profile(), portraits.finder())
    lit = judge(data, EVENED, portraits.finder())
    assert (plain.evened, lit.evened) == (False, True)
    corner = [
        np.asarray(Image.open(BytesIO(each.card_jpeg)), int)[:60, :60].mean()
        for each in (plain, lit)
    ]
    assert corner[1] == pytest.approx(240, abs=3)
    assert corner[0] < 230
    assert [f for f in plain.findings if f.component != "image file"] == [
        f for f in lit.findings if f.component != "image file"
    ]


def test_what_gets_no_card_is_not_evened():
    judgement = judge(portraits.bad("too_close"), EVENED, portraits.finder())
    assert (judgement.card_jpeg, judgement.evened) == (None, False)


@pytest.mark.parametrize(
    "card", [{"background": "grey"}, {"background": "#f0f0"}, {"even_background": "no"}]
)
def test_a_profile_says_colour_and_choice_plainly_or_is_refused(card: dict):
    with pytest.raises(ProfileError, match="card: "):
        with_overrides(load_profile(), {"card": card})
