"""The card is cut out level, as the profile asks, and never reaches outside the picture."""

from functools import cache
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photos.domain.crop import (
    SLACK,
    Nudge,
    card_crop,
    crown_down,
    encode_card,
    head_height,
    margins,
    nudged,
    smallest_crop,
)
from photos.domain.face import CHIN, MESH_POINTS, PUPIL_LEFT, PUPIL_RIGHT, Face
from photos.domain.frame import Frame
from photos.domain.picture import Picture
from photos.domain.profile import with_overrides
from photos.profiles import load_profile
from tests import portraits

PROFILE = load_profile()


def face(x: float, y: float, roll: float = 0, chin: float = 200) -> Face:
    """A face whose eyes lie around (x, y), the chin straight below them."""
    frame = Frame(x, y, 100, 100, roll)
    points = np.zeros((MESH_POINTS, 3))
    marks = {PUPIL_LEFT: (-60, 0), PUPIL_RIGHT: (60, 0), CHIN: (0, chin)}
    for landmark, offset in marks.items():
        points[landmark, :2] = frame.to_picture([np.add(offset, 50)], (100, 100))[0]
    return Face(points, 1, 1)


@cache
def paper(width: int, height: int) -> Picture:
    return Picture(Image.new("RGB", (width, height)), width, height)


def eyes(person: Face, crop: Frame) -> tuple[float, float]:
    """How far across and down the crop the eyes are."""
    ((across, down),) = crop.from_picture([person.eye_middle], (1, 1))
    return float(across), float(down)


@pytest.mark.parametrize("roll", [-20, 0, 7])
def test_with_room_the_head_is_as_large_and_high_as_the_profile_asks(roll: float):
    person = face(1000, 1000, roll)
    crop = card_crop(person, paper(2000, 2200), PROFILE)
    across, down = eyes(person, crop)
    assert crop.angle == pytest.approx(roll)
    assert head_height(person) / crop.height == pytest.approx(0.75)
    assert (across, down) == (pytest.approx(0.5), pytest.approx(0.47))
    assert crop.width / crop.height == pytest.approx(413 / 531)


def test_a_crop_that_hardly_fits_is_moved_within_the_limits():
    person = face(1000, 245)
    crop = card_crop(person, paper(2000, 2200), PROFILE)
    _, down = eyes(person, crop)
    assert 0.3 < down < 0.47
    assert min(margins(crop, paper(2000, 2200))) >= 0


def test_limits_too_narrow_for_slack_still_let_the_crop_move_inside():
    narrow = {"pass_min": 0.745, "pass_max": 0.755, "source": "test", "date": "2026-11-22"}
    profile = with_overrides(PROFILE, {"limits": {"head_size": narrow}})
    person, picture = face(1000, 245), paper(2000, 2200)
    crop = card_crop(person, picture, profile)
    assert head_height(person) / crop.height == pytest.approx(0.75)
    assert min(margins(crop, picture)) >= 0


def test_a_head_that_fills_the_picture_is_made_as_large_as_the_limits_allow():
    person = face(300, 245)
    picture = paper(600, 530)
    crop = card_crop(person, picture, PROFILE)
    assert 0.75 < head_height(person) / crop.height <= 0.79
    assert min(margins(crop, picture)) >= 0


@pytest.mark.parametrize(
    ("x", "y", "short"), [(100, 1000, 0), (1900, 1000, 1), (1000, 60, 2), (1000, 2100, 3)]
)
def test_without_room_the_crop_reaches_outside_where_it_is_missing(x: int, y: int, short: int):
    picture = paper(2000, 2200)
    room = margins(card_crop(face(x, y), picture, PROFILE), picture)
    assert [side < 0 for side in room] == [number == short for number in range(4)]


def test_hair_is_kept_inside_by_moving_first_and_then_by_a_smaller_head():
    person, picture = face(1000, 1000), paper(2000, 2200)
    plain = card_crop(person, picture, PROFILE)
    for hair_in_t, smaller in ((2.15, False), (2.25, False), (2.35, True)):
        hair = hair_in_t * person.eye_to_chin
        crop = card_crop(person, picture, PROFILE, hair)
        _, down = eyes(person, crop)
        assert crown_down(person, crop, hair) >= 0.0195
        assert (crop.height > plain.height) is smaller
        assert 0.7 < head_height(person) / crop.height <= 0.75 + 1e-9
        assert 0.47 <= down + 1e-9 <= 0.5
    assert card_crop(person, picture, PROFILE, 2.15 * person.eye_to_chin) == plain


def test_hair_too_high_for_the_limits_gets_as_much_room_as_they_allow():
    person, picture = face(1000, 1000), paper(2000, 2200)
    crop = card_crop(person, picture, PROFILE, 3 * person.eye_to_chin)
    _, down = eyes(person, crop)
    assert head_height(person) / crop.height == pytest.approx(0.72)
    assert down == pytest.approx(0.495)


def test_hair_that_the_picture_cuts_off_changes_nothing():
    person, picture = face(1000, 230), paper(2000, 2200)
    crop = card_crop(person, picture, PROFILE, 430)
    assert crop == card_crop(person, picture, PROFILE)


wishes = st.builds(Nudge, st.floats(-2, 2), st.floats(-2, 2), st.floats(0.2, 5))
places = st.builds(
    face, st.floats(0, 2000), st.floats(0, 2200), st.floats(-15, 15), st.floats(60, 700)
)


@given(places, wishes)
def test_any_nudge_gives_a_crop_within_the_limits_or_no_worse(person: Face, wish: Nudge):
    picture = paper(2000, 2200)
    automatic = card_crop(person, picture, PROFILE)
    crop, _ = nudged(automatic, wish, person, picture, PROFILE)
    tolerance = 1e-6
    limits = PROFILE.limits
    for name, share, before in (
        ("head_size", *(head_height(person) / each.height for each in (crop, automatic))),
        ("eyes_across", *(eyes(person, each)[0] for each in (crop, automatic))),
        ("eyes_down", *(eyes(person, each)[1] for each in (crop, automatic))),
    ):
        low, high = limits[name].pass_min + SLACK[name][0], limits[name].pass_max - SLACK[name][1]
        assert min(low, before) - tolerance <= share <= max(high, before) + tolerance
    for room, before in zip(margins(crop, picture), margins(automatic, picture), strict=True):
        assert room * crop.height >= min(0, before * automatic.height) - 0.01
    assert crop.width / crop.height == pytest.approx(413 / 531)
    assert crop.angle == automatic.angle


@given(places, wishes)
def test_what_was_granted_is_granted_again(person: Face, wish: Nudge):
    picture = paper(2000, 2200)
    automatic = card_crop(person, picture, PROFILE)
    crop, granted = nudged(automatic, wish, person, picture, PROFILE)
    again, same = nudged(automatic, granted, person, picture, PROFILE)
    for one, other in ((crop, again), (granted, same)):
        assert list(vars(one).values()) == pytest.approx(list(vars(other).values()), abs=1e-4)


@given(places)
def test_no_nudge_is_the_automatic_crop(person: Face):
    picture = paper(2000, 2200)
    automatic = card_crop(person, picture, PROFILE)
    assert nudged(automatic, Nudge(), person, picture, PROFILE) == (automatic, Nudge())


def test_a_nudge_with_room_is_granted_whole():
    person, picture = face(1000, 1000, 5), paper(2000, 2200)
    automatic = card_crop(person, picture, PROFILE)
    wish = Nudge(0.02, -0.01, 1.04)
    crop, granted = nudged(automatic, wish, person, picture, PROFILE)
    assert vars(granted) == pytest.approx(vars(wish))
    assert head_height(person) / crop.height == pytest.approx(0.75 * 1.04)
    across, _ = eyes(person, crop)
    assert across == pytest.approx(0.5 - 0.02 * 1.04)


def test_a_step_too_far_aside_leaves_the_other_wishes_alone():
    person, picture = face(1000, 1000), paper(2000, 2200)
    automatic = card_crop(person, picture, PROFILE)
    _, granted = nudged(automatic, Nudge(9, 0.015, 1.02), person, picture, PROFILE)
    assert granted.across == pytest.approx(0.045 / 1.02)
    assert (granted.down, granted.zoom) == (pytest.approx(0.015), pytest.approx(1.02))


def test_the_smallest_crop_has_the_largest_head():
    assert head_height(face(0, 0)) / smallest_crop(face(0, 0), PROFILE) == pytest.approx(0.79)


def test_the_card_file_is_what_a_card_file_must_be():
    noise = Image.effect_noise((413, 531), 60).convert("RGB")
    data = encode_card(noise, PROFILE)
    card = Image.open(BytesIO(data))
    assert (card.format, card.mode, card.size) == ("JPEG", "RGB", (413, 531))
    assert card.info["dpi"] == (300, 300)
    assert [sampling[1:3] for sampling in card.layer] == [(1, 1)] * 3
    assert set(card.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    assert [name for name, _ in card.applist] == ["APP0"]
    assert len(data) <= 500_000


def test_quality_gives_way_to_the_size_cap_and_no_further():
    noise = Image.effect_noise((413, 531), 60).convert("RGB")
    free = len(encode_card(noise, PROFILE))
    cap = {
        "limits": {
            "file_size": {"pass_max": free / 1000 - 20, "source": "test", "date": "2026-01-01"}
        }
    }
    assert free - 60_000 < len(encode_card(noise, with_overrides(PROFILE, cap))) <= free - 20_000
    hopeless = {"limits": {"file_size": {"pass_max": 1, "source": "test", "date": "2026-01-01"}}}
    assert len(encode_card(noise, with_overrides(PROFILE, hopeless))) > 1000


def test_a_real_card_is_level_and_shows_the_head_as_asked():
    for seed in range(3):
        values = {
            found.component: found.value
            for found in portraits.judged(portraits.good(seed)).findings
        }
        assert abs(values["head pose roll on the card"]) < 1
        assert values["head size"] == pytest.approx(0.75, abs=0.02)
        assert values["head position down"] == pytest.approx(0.47, abs=0.01)
