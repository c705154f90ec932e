"""Profiles are data that is checked: every limit is there, in order, with its source and date."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.domain.findings import Answer
from photos.domain.profile import LIMITS, Limit, ProfileError, parse_profile, with_overrides
from photos.profiles import PROFILE_KEYS, load_profile

DAY = datetime.date(2026, 11, 21)


@pytest.mark.parametrize("key", PROFILE_KEYS)
def test_every_profile_that_ships_states_every_limit_with_its_source(key: str):
    profile = load_profile(key)
    assert profile.key == key
    assert list(profile.limits) == list(LIMITS)
    assert all(limit.source and limit.date for limit in profile.limits.values())


def test_a_profile_that_is_based_on_another_keeps_what_it_does_not_change():
    base, passport = load_profile(), load_profile("icao-portrait")
    assert (passport.card.width_px, passport.card.height_px, passport.card.dpi) == (827, 1063, 600)
    assert passport.limits["roll"].answer(9) == Answer.FAIL
    assert base.limits["roll"].answer(9) == Answer.WARN
    assert passport.limits["sharpness"] == base.limits["sharpness"]


def test_an_unknown_profile_is_refused_by_name():
    with pytest.raises(ProfileError, match="no profile körkort"):
        load_profile("körkort")


def test_a_limit_can_be_overridden_when_the_override_says_why():
    changed = with_overrides(
        load_profile(), {"limits": {"yaw": {"pass_max": 7, "source": "Styrelsen § 12"}}}
    )
    assert changed.limits["yaw"].answer(6.5) == Answer.PASS
    assert changed.limits["yaw"].source == "Styrelsen § 12"
    assert load_profile().limits["yaw"].answer(6.5) == Answer.WARN


def test_an_override_without_a_source_is_refused():
    with pytest.raises(ProfileError, match=r"overrides\.limits\.yaw: source"):
        with_overrides(load_profile(), {"limits": {"yaw": {"pass_max": 7}}})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"title": "x"}, "unknown title"),
        ({"card": {"width": 3}}, "card: unknown width"),
        ({"card": {"width_px": 0}}, "positive whole number"),
        ({"card": {"dpi": 300.5}}, "positive whole number"),
        ({"card": {"head_height": "big"}}, "not a number"),
        ({"card": {"head_height": 1.2}}, "shares of the height"),
        ({"card": []}, "card is not a table"),
        ({"limits": {"age": {"source": "x"}}}, "unknown age"),
        ({"limits": {"yaw": {"source": "x", "pass_max": -6}}}, "out of order"),
        ({"limits": {"yaw": {"source": "x", "warn_max": 4}}}, "out of order"),
        ({"limits": {"yaw": {"source": "x", "pass_max": float("nan")}}}, "not a number"),
        ({"limits": {"yaw": {"source": "x", "date": "31/2"}}}, "date"),
        ({"limits": {"yaw": {"source": " "}}}, "source is missing"),
        ({"limits": {"yaw": 5}}, "limits.yaw: not a table"),
    ],
)
def test_a_faulty_override_is_refused_with_its_place(overrides: dict, message: str):
    with pytest.raises(ProfileError, match=message):
        with_overrides(load_profile(), overrides)


def test_a_profile_without_a_limit_or_with_neither_bound_is_refused():
    data = dict(load_profile().data)
    limits = dict(data["limits"])
    missing = {name: limits[name] for name in LIMITS if name != "roll"}
    with pytest.raises(ProfileError, match="roll is not a table"):
        parse_profile({**data, "limits": missing})
    unbound = {**limits, "roll": {"source": "x", "date": DAY}}
    with pytest.raises(ProfileError, match="neither pass_min nor pass_max"):
        parse_profile({**data, "limits": unbound})


def test_a_profile_survives_json_where_dates_are_text():
    profile = load_profile()
    assert parse_profile(json.loads(json.dumps(profile.data, default=str))) == profile


@given(st.floats(-100, 100), st.lists(st.floats(-50, 50), min_size=4, max_size=4))
def test_a_value_passes_inside_warns_around_and_fails_beyond(value: float, bounds: list[float]):
    warn_min, pass_min, pass_max, warn_max = sorted(bounds)
    answer = Limit(pass_min, pass_max, warn_min, warn_max, "test", DAY).answer(value)
    assert (answer == Answer.PASS) == (pass_min <= value <= pass_max)
    assert (answer == Answer.FAIL) == (not warn_min <= value <= warn_max)


def test_without_a_warning_bound_what_does_not_pass_fails():
    limit = Limit(10, None, None, None, "test", DAY)
    assert [limit.answer(value) for value in (9.9, 10, 1e9)] == ["fail", "pass", "pass"]


@pytest.mark.parametrize(
    ("bounds", "text"), [((90, None), "≥ 90"), ((None, 0.05), "≤ 0.05"), ((0.7, 0.8), "0.7 – 0.8")]
)
def test_a_limit_reads_as_the_interval_that_passes(bounds: tuple, text: str):
    assert str(Limit(*bounds, None, None, "test", DAY)) == text
