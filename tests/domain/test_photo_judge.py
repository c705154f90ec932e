"""From bytes to a judgement, the whole way, without a network."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from photos.domain import judgement as judgement_module
from photos.domain.crop import Nudge
from photos.domain.findings import Answer
from photos.domain.intake import Refused
from photos.domain.intake.decode import decode
from photos.domain.judgement import Judgement, judge
from photos.domain.profile import with_overrides
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


def test_sixteen_bits_of_grey_are_judged_and_fail_for_their_colour_alone():
    judgement = judged(portraits.sixteen_bit_grey(portraits.good()))
    failed = {f.component for f in judgement.findings if f.answer == Answer.FAIL}
    assert (judgement.faces, failed) == (1, {"natural colour"})


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


def test_an_animal_is_nobody():
    judgement = portraits.judged(portraits.cat())
    assert (judgement.verdict, judgement.faces, judgement.card_jpeg) == (Answer.FAIL, 0, None)
    assert [advice.code for advice in judgement.advice] == ["no_face"]


@pytest.mark.parametrize("height", [0.35, 0.5, 0.7])
def test_a_picture_of_a_picture_leaves_too_few_pixels_for_the_card(height):
    judgement = portraits.judged(portraits.held_up(height))
    assert judgement.verdict == Answer.FAIL
    assert judgement.advice[0].code == "come_closer"


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
        near["spatial sampling rate"].value, rel=0.03
    )
    assert values["sharpness"].value == pytest.approx(near["sharpness"].value, rel=0.1)


@pytest.mark.parametrize(("size", "scales"), [(1, [1 / 4, 1]), (2, [1 / 4, 1 / 2]), (4, [1 / 4])])
def test_a_large_picture_is_decoded_no_finer_than_the_card_needs(size, scales, monkeypatch):
    portrait = portraits.image(portraits.good())
    large = Image.new("RGB", (4480, 5600), "lightgrey")
    large.paste(portrait.resize((1120 * size, 1400 * size), Image.Resampling.LANCZOS), (0, 0))
    decoded = []

    def spied(*arguments):
        decoded.append(decode(*arguments))
        return decoded[-1]

    monkeypatch.setattr(judgement_module, "decode", spied)
    judgement = judged(portraits.jpeg(large))
    assert [picture.scale for picture in decoded] == scales
    assert judgement.crop.height * scales[-1] >= 531


def test_the_annotated_picture_marks_what_was_found():
    judgement = judged(portraits.good(), annotate=True)
    marked = np.asarray(Image.open(BytesIO(judgement.annotated_jpeg)), int)
    plain = np.asarray(portraits.image(portraits.good()).resize((800, 1000)), int)
    changed = (abs(marked - plain).max(axis=2) > 60).mean()
    assert 0.003 < changed < 0.03
    left, top = judgement.crop.corners()[0] * (800 / 1120)
    red, green, _ = marked[round(top), round(left)]
    assert green > red + 40


def test_the_annotated_picture_marks_the_side_without_room_and_other_faces():
    beheaded = portraits.image(portraits.good()).crop((0, 400, 1120, 1400))
    judgement = judged(portraits.jpeg(beheaded), annotate=True)
    marked = np.asarray(Image.open(BytesIO(judgement.annotated_jpeg)), int)
    assert judgement.card_jpeg is None
    wrong = abs(marked - (255, 79, 79)).max(axis=2) < 30
    assert wrong[3].mean() > 0.95
    assert max(wrong[-3].mean(), wrong[:, 3].mean(), wrong[:, -3].mean()) < 0.1
    two = judged(portraits.bad("two_faces"), annotate=True)
    (box,) = two.others
    drawn = np.asarray(Image.open(BytesIO(two.annotated_jpeg)), int)
    left, middle = round(box[0] * 800 / 1120), round((box[1] + box[3]) / 2 * 800 / 1120)
    red, green, _ = drawn[middle, left + 1]
    assert red > green + 60


def test_the_marks_are_where_the_head_is_on_the_card():
    marks = judged(portraits.good()).marks
    assert marks.eye_left[0] < 0.5 < marks.eye_right[0]
    assert marks.eye_left[1] == pytest.approx(0.47, abs=0.005)
    assert 0.02 <= marks.crown < 0.08
    assert marks.chin == pytest.approx(0.836, abs=0.02)


def test_a_nudge_moves_the_card_and_is_told():
    plain = judged(portraits.good())
    moved = judged(portraits.good(), nudge=Nudge(across=0.01, down=-0.01, zoom=1.02))
    assert (moved.nudge.across, moved.nudge.down) == (pytest.approx(0.01), pytest.approx(-0.01))
    assert moved.nudge.zoom == pytest.approx(1.02)
    assert moved.crop.height == pytest.approx(plain.crop.height / 1.02)
    assert moved.marks.chin > plain.marks.chin
    far = judged(portraits.good(), nudge=Nudge(down=-5))
    again = judged(portraits.good(), nudge=far.nudge)
    values = {f.component: f for f in far.findings}
    assert values["head position down"].answer == Answer.PASS
    assert abs(card(again) - card(far)).max() <= 2


def test_six_hundred_dots_per_inch_are_cut_from_the_same_place():
    fine = {"card": {"width_px": 827, "height_px": 1063, "dpi": 600}}
    large = portraits.image(portraits.good()).resize((2240, 2800), Image.Resampling.LANCZOS)
    data = portraits.jpeg(large)
    judgement = judge(data, with_overrides(PROFILE, fine), portraits.finder())
    plain = judged(data)
    assert Image.open(BytesIO(judgement.card_jpeg)).info["dpi"] == (600, 600)
    assert card(judgement).shape == (1063, 827, 3)
    halved = Image.open(BytesIO(judgement.card_jpeg)).resize((413, 531), Image.Resampling.BOX)
    assert abs(np.asarray(halved, int) - card(plain)).mean() < 6


def test_what_is_no_picture_is_refused():
    for data in (
        b"",
        b"Hej",
        portraits.png_bomb(),
        portraits.cut_with_end_pasted(portraits.good()),
    ):
        with pytest.raises(Refused):
            judged(data)
