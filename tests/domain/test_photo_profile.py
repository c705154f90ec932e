"""Profiles are data that is checked: every limit is there, in order, with its source and date."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.domain.findings import SEVERITY, Answer
from photos.domain.profile import LIMITS, Limit, ProfileError, parse_profile, with_overrides
from photos.domain.profile_diff import differences
from photos.profiles import PROFILE_KEYS, load_profile

DAY = datetime.date(2026, 11, 21)
SOURCED = {"source": "x", "date": DAY}


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
        load_profile(),
        {"limits": {"yaw": {"pass_max": 7, "source": "Styrelsen § 12", "date": "2026-10-01"}}},
    )
    assert changed.limits["yaw"].answer(6.5) == Answer.PASS
    assert changed.limits["yaw"].source == "Styrelsen § 12"
    assert changed.limits["yaw"].date == datetime.date(2026, 10, 1)
    assert load_profile().limits["yaw"].answer(6.5) == Answer.WARN


@pytest.mark.parametrize(
    ("overrides", "place"),
    [
        ({"limits": {"yaw": {"pass_max": 7, "date": DAY}}}, r"overrides\.limits\.yaw: source"),
        ({"limits": {"yaw": {"pass_max": 7, "source": "x"}}}, r"overrides\.limits\.yaw: date"),
        ({"policy": {"maximum_age_months": 3, "date": DAY}}, r"overrides\.policy: source"),
    ],
)
def test_an_override_without_a_source_and_its_date_is_refused(overrides: dict, place: str):
    with pytest.raises(ProfileError, match=place):
        with_overrides(load_profile(), overrides)


def test_the_policy_can_be_overridden_too():
    told = {"maximum_age_months": 3, "glasses": "forbidden", "source": "Styrelsen", "date": DAY}
    policy = with_overrides(load_profile(), {"policy": told}).policy
    assert (policy.maximum_age_months, policy.glasses, policy.date) == (3, "forbidden", DAY)
    assert policy.head_covering == load_profile().policy.head_covering


def test_the_profiles_differ_where_their_issuers_do():
    profiles = {key: load_profile(key) for key in PROFILE_KEYS}
    places = {
        key: {each.new.place for each in differences(profiles["siths-default"], profile)}
        for key, profile in profiles.items()
    }
    assert places["siths-default"] == set()
    assert {"policy.head_covering", "limits.head_size"} <= places["nexus"]
    assert {"card.width_px", "card.height_px", "policy.formats"} <= places["id06"]
    assert {"card.dpi", "limits.yaw", "limits.pitch", "limits.roll"} <= places["icao-portrait"]


@pytest.mark.parametrize("name", ["roll", "yaw", "pitch"])
def test_a_passport_portrait_is_never_more_lenient_about_the_pose(name: str):
    strict, base = (load_profile(key).limits[name] for key in ("icao-portrait", "siths-default"))
    degrees = [degree / 2 for degree in range(-50, 51)]
    pairs = [(strict.answer(degree), base.answer(degree)) for degree in degrees]
    assert all(SEVERITY.index(one) >= SEVERITY.index(other) for one, other in pairs)
    assert any(one != other for one, other in pairs)


def test_a_difference_brings_both_limits_with_their_sources():
    changed = with_overrides(
        load_profile(), {"limits": {"yaw": {"pass_max": 7, "source": "Styrelsen", "date": DAY}}}
    )
    [difference] = differences(load_profile(), changed)
    assert difference.old.value == load_profile().limits["yaw"]
    assert difference.new.value == changed.limits["yaw"]


@pytest.mark.parametrize(
    ("limit", "warns"),
    [
        (Limit(-5, 5, -10, 10, "x", DAY), "-10 – 10"),
        (Limit(-5, 5, -5, 5, "x", DAY), ""),
        (Limit(90, None, 60, None, "x", DAY), "≥ 60"),
        (Limit(None, 1, None, 2, "x", DAY), "≤ 2"),
        (Limit(None, 1, None, None, "x", DAY), ""),
    ],
)
def test_a_limit_says_what_warns_if_anything_does(limit: Limit, warns: str):
    assert limit.warns == warns


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
        ({"card": {"width_px": 99}}, "sides are 100 to 3000 px"),
        ({"card": {"height_px": 3001}}, "sides are 100 to 3000 px"),
        ({"card": {"dpi": 65_536}}, "dpi is at most 65535"),
        ({"card": {"head_height": 0.6}}, r"limits\.head_size: the crop aims at 0\.6"),
        ({"card": {"eye_line": 0.55}}, r"limits\.eyes_down: the crop aims at 0\.55"),
        ({"limits": {"eyes_across": {**SOURCED, "pass_min": 0.51}}}, "the crop aims at 0.5,"),
        ({"limits": {"age": SOURCED}}, "unknown age"),
        ({"limits": {"yaw": {**SOURCED, "pass_max": -6}}}, "out of order"),
        ({"limits": {"yaw": {**SOURCED, "warn_max": 4}}}, "out of order"),
        ({"limits": {"yaw": {**SOURCED, "pass_max": float("nan")}}}, "not a number"),
        ({"limits": {"yaw": {**SOURCED, "gravest": "unmeasurable"}}}, "gravest"),
        ({"limits": {"yaw": {**SOURCED, "date": "31/2"}}}, "date"),
        ({"limits": {"yaw": {**SOURCED, "source": " "}}}, "source is missing"),
        ({"limits": {"yaw": {**SOURCED, "source": "x" * 201}}}, "more than 200 characters"),
        ({"policy": {**SOURCED, "glasses": "sometimes"}}, "glasses is none of allowed, "),
        ({"policy": {**SOURCED, "head_covering": 1}}, "head_covering is none of"),
        ({"policy": {**SOURCED, "maximum_age_months": 0}}, "positive whole number"),
        ({"policy": {**SOURCED, "formats": ["PNG"]}}, "lack JPEG"),
        ({"policy": {**SOURCED, "formats": ["JPEG", "TIFF"]}}, "formats are none of"),
        ({"policy": {**SOURCED, "formats": "JPEG"}}, "formats are none of"),
        ({"policy": {**SOURCED, "age": 6}}, "unknown age"),
        ("nothing", "overrides: not a table"),
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
