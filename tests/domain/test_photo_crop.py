"""The card is cut out level, as the profile asks, and never reaches outside the picture."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from photos.domain.crop import card_crop, encode_card, head_height, margins
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


def paper(width: int, height: int) -> Picture:
    return Picture(Image.new("RGB", (width, height)), width, height)


@pytest.mark.parametrize("roll", [-20, 0, 7])
def test_with_room_the_head_is_as_large_and_high_as_the_profile_asks(roll: float):
    person = face(1000, 1000, roll)
    crop = card_crop(person, paper(2000, 2200), PROFILE)
    ((across, down),) = crop.from_picture([person.eye_middle], (1, 1))
    assert crop.angle == pytest.approx(roll)
    assert head_height(person) / crop.height == pytest.approx(0.75)
    assert (across, down) == (pytest.approx(0.5), pytest.approx(0.47))
    assert crop.width / crop.height == pytest.approx(413 / 531)


def test_a_crop_that_hardly_fits_is_moved_within_the_limits():
    person = face(1000, 245)
    crop = card_crop(person, paper(2000, 2200), PROFILE)
    ((_, down),) = crop.from_picture([person.eye_middle], (1, 1))
    assert 0.3 < down < 0.47
    assert min(margins(crop, paper(2000, 2200))) >= 0


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
    cap = {"limits": {"file_size": {"pass_max": free / 1000 - 20, "source": "test"}}}
    assert free - 60_000 < len(encode_card(noise, with_overrides(PROFILE, cap))) <= free - 20_000
    hopeless = {"limits": {"file_size": {"pass_max": 1, "source": "test"}}}
    assert len(encode_card(noise, with_overrides(PROFILE, hopeless))) > 1000


def test_a_real_card_is_level_and_shows_the_head_as_asked():
    for seed in range(3):
        values = {
            found.component: found.value
            for found in portraits.judged(portraits.good(seed)).findings
        }
        assert abs(values["head pose roll on the card"]) < 1
        assert values["head size"] == pytest.approx(0.75, abs=0.01)
        assert values["head position down"] == pytest.approx(0.47, abs=0.01)
