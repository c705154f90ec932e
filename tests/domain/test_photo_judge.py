"""From bytes to a judgement, the whole way, without a network."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from photos.domain.findings import Answer
from photos.domain.intake import Refused
from photos.domain.judgement import Judgement, judge
from photos.profiles import load_profile
from tests import portraits

pytestmark = pytest.mark.usefixtures("socket_disabled")

PROFILE = load_profile()


def judged(data: bytes, **options) -> Judgement:
    return judge(data, PROFILE, portraits.finder(), **options)


def card(judgement: Judgement) -> np.ndarray:
    assert judgement.card_jpeg is not None
    return np.asarray(Image.open(BytesIO(judgement.card_jpeg)), int)


def test_a_good_picture_gets_a_card_and_its_geometry():
    judgement = judged(portraits.good())
    assert (judgement.verdict, judgement.faces) == (Answer.PASS, 1)
    assert (judgement.width, judgement.height) == (1120, 1400)
    assert judgement.eye_left[0] < judgement.eye_right[0]
    assert card(judgement).shape == (531, 413, 3)
    assert judgement.annotated_jpeg is None


def test_the_same_bytes_get_the_same_judgement():
    assert judged(portraits.good()) == judged(portraits.good())


def test_a_turned_camera_gets_the_same_card():
    plain = judged(portraits.png(portraits.image(portraits.good())))
    for orientation in (3, 6, 8):
        turned = judged(portraits.stored_turned(portraits.good(), orientation))
        assert (turned.width, turned.height) == (1120, 1400)
        assert turned.eye_left == pytest.approx(plain.eye_left, abs=2)
        assert abs(card(turned) - card(plain)).mean() < 4


@pytest.mark.parametrize("change", [portraits.cmyk, portraits.with_profile])
def test_printers_colours_and_odd_profiles_still_pass(change):
    assert judged(change(portraits.good())).verdict == Answer.PASS


def test_sixteen_bits_of_grey_are_judged():
    judgement = judged(portraits.sixteen_bit_grey(portraits.good()))
    assert (judgement.faces, judgement.verdict) == (1, Answer.PASS)


def test_a_narrow_picture_is_judged_and_fails_for_its_few_pixels():
    small = portraits.image(portraits.good()).resize((200, 250), Image.Resampling.LANCZOS)
    judgement = judged(portraits.jpeg(small))
    failed = {f.component for f in judgement.findings if f.answer == Answer.FAIL}
    assert {"inter-eye distance", "spatial sampling rate"} <= failed


def test_no_face_gives_no_card_and_no_geometry():
    judgement = judged(portraits.bad("no_face"), annotate=True)
    assert (judgement.verdict, judgement.faces, judgement.card_jpeg) == (Answer.FAIL, 0, None)
    assert (judgement.eye_left, judgement.roll, judgement.crop) == (None, None, None)
    assert Image.open(BytesIO(judgement.annotated_jpeg)).size == (800, 1000)


def test_without_margin_there_is_no_card():
    judgement = judged(portraits.bad("too_close"))
    assert (judgement.card_jpeg, judgement.faces) == (None, 1)


def test_a_face_far_off_in_a_large_picture_is_decoded_again_in_full():
    large = Image.new("RGB", (4480, 5600), "lightgrey")
    large.paste(portraits.image(portraits.good()), (1700, 2200))
    judgement = judged(portraits.jpeg(large))
    values = {f.component: f for f in judgement.findings}
    near = {f.component: f for f in portraits.judged(portraits.good()).findings}
    assert values["spatial sampling rate"].value == pytest.approx(
        near["spatial sampling rate"].value, rel=0.02
    )
    assert values["sharpness"].value == pytest.approx(near["sharpness"].value, rel=0.1)


def test_the_annotated_picture_marks_what_was_found():
    judgement = judged(portraits.good(), annotate=True)
    marked = np.asarray(Image.open(BytesIO(judgement.annotated_jpeg)), int)
    plain = np.asarray(portraits.image(portraits.good()).resize((800, 1000)), int)
    changed = (abs(marked - plain).max(axis=2) > 60).mean()
    assert 0.003 < changed < 0.03
    left, top = judgement.crop.corners()[0] * (800 / 1120)
    red, green, _ = marked[round(top), round(left)]
    assert green > red + 40


def test_what_is_no_picture_is_refused():
    for data in (
        b"",
        b"Hej",
        portraits.png_bomb(),
        portraits.cut_with_end_pasted(portraits.good()),
    ):
        with pytest.raises(Refused):
            judged(data)
