"""How long the roads take by the model, and how the sources are laid one on the other."""

from itertools import combinations
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.travel import (
    PARKING_MINUTES,
    Factor,
    Leg,
    Place,
    Source,
    factor_for,
    learned_factors,
    make_matrix,
    modelled,
    nearest,
    road_km,
    road_minutes,
    straight_km,
)

LIDKOPING = Place("base:1", 58.5052, 13.1577)
TOWNS = {
    "Skara": (58.3866, 13.4387, 25),
    "Götene": (58.5281, 13.4920, 24),
    "Grästorp": (58.3320, 12.6800, 37),
    "Nossebro": (58.1886, 12.7192, 55),
    "Vara": (58.2620, 12.9540, 35),
}
LYCKSELE = Place("base:2", 64.5954, 18.6735)
NORTH = {
    "Storuman": (65.0957, 17.1122, 104),
    "Åsele": (64.1607, 17.3460, 95),
    "Vilhelmina": (64.6240, 16.6550, 121),
}

kilometres = st.floats(0, 1_500, allow_nan=False)
spots = st.builds(
    Place,
    st.uuids().map(lambda key: f"unit:{key}"),
    st.floats(55, 69.1),
    st.floats(10.5, 24.2),
)


def unit(key: str, latitude: float, longitude: float, km: float | None = None) -> Place:
    return Place(f"unit:{key}", latitude, longitude, km)


SKARA = unit("skara", *TOWNS["Skara"][:2])
VARA = unit("vara", *TOWNS["Vara"][:2])


# --- The model ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "town", "told"),
    [
        *((LIDKOPING, name, told) for name, told in TOWNS.items()),
        *((LYCKSELE, name, told) for name, told in NORTH.items()),
    ],
)
def test_the_road_is_a_little_longer_than_the_roads_we_know(base, town, told):
    latitude, longitude, km = told
    assert 1.0 <= road_km(base, unit(town, latitude, longitude)) / km <= 1.2


@pytest.mark.parametrize(
    ("km", "minutes"),
    [(0, 2), (3, 6.5), (20, 2 + 4.5 + 17 / 70 * 60), (105, 2 + 4.5 + 17 / 70 * 60 + 60)],
)
def test_each_kilometre_is_driven_at_its_bands_speed(km, minutes):
    assert road_minutes(km) == pytest.approx(minutes)


@given(kilometres, kilometres)
def test_a_longer_road_never_takes_less(one, other):
    near, far = sorted((one, other))
    assert road_minutes(near) <= road_minutes(far)


@given(kilometres)
def test_the_mean_speed_stays_between_that_in_town_and_that_on_main_roads(km):
    hours = (road_minutes(km) - PARKING_MINUTES) / 60
    assert 40 * hours - 1e-9 <= km <= 85 * hours + 1e-9


@given(spots, spots)
def test_both_ways_take_the_same(one, other):
    there, back = modelled(one, other), modelled(other, one)
    assert (there.minutes, there.km) == pytest.approx((back.minutes, back.km))


@given(spots, spots, spots)
def test_a_detour_is_never_shorter(one, between, other):
    direct = modelled(one, other)
    detour = [modelled(one, between), modelled(between, other)]
    assert direct.minutes <= sum(leg.minutes for leg in detour) + 1e-6
    assert direct.km <= sum(leg.km for leg in detour) + 1e-6


def test_the_straight_line_is_the_great_circle():
    """A degree of the meridian is 111.195 km on a sphere of the mean radius."""
    assert straight_km(Place("a", 58, 13), Place("b", 59, 13)) == pytest.approx(111.195, abs=0.001)
    assert straight_km(Place("a", 0, 0), Place("b", 0, 180)) == pytest.approx(20_015.1, abs=0.1)


def test_two_units_in_one_house_are_a_parking_apart_and_a_unit_is_nowhere_from_itself():
    upstairs, downstairs = unit("a", 58.5, 13.2), unit("b", 58.5, 13.2)
    assert modelled(upstairs, downstairs) == Leg(2.0, 0.0, Source.MODEL)
    assert modelled(upstairs, upstairs) == Leg(0.0, 0.0, Source.SAME)


# --- Sources ------------------------------------------------------------------------------------


def told(source: Source, minutes: float = 21.0, km: float = 26.0) -> dict[tuple[str, str], Leg]:
    return {(LIDKOPING.key, SKARA.key): Leg(minutes, km, source)}


def matrix_of(places, ways, factors=()):
    return make_matrix(places, ways, nearest(places, [LIDKOPING]), factors)


def test_a_matrix_has_whole_seconds_and_its_keys_in_order():
    found = matrix_of([LIDKOPING, SKARA, VARA], {})
    assert found.keys == (LIDKOPING.key, SKARA.key, VARA.key)
    assert [row[number] for number, row in enumerate(found.seconds)] == [0, 0, 0]
    assert found.seconds[0][1] == round(modelled(LIDKOPING, SKARA).minutes * 60)
    assert found.km[0][1] == round(modelled(LIDKOPING, SKARA).km, 1)
    assert found.sources[0] == (Source.SAME, Source.MODEL, Source.MODEL)


def test_a_way_told_in_one_direction_counts_for_both_and_the_rest_is_the_model():
    found = matrix_of([LIDKOPING, SKARA, VARA], told(Source.MATRIX))
    assert found.seconds[0][1] == found.seconds[1][0] == 21 * 60
    assert found.sources[1] == (Source.MATRIX, Source.SAME, Source.MODEL)


def test_each_direction_has_its_own_time_where_both_are_told():
    back = {(SKARA.key, LIDKOPING.key): Leg(25.0, 27.0, Source.OSRM)}
    found = matrix_of([LIDKOPING, SKARA], told(Source.OSRM) | back)
    assert (found.seconds[0][1], found.seconds[1][0]) == (21 * 60, 25 * 60)


def test_the_written_road_goes_before_the_models_and_keeps_a_routed_time():
    written = unit("skara", 58.3866, 13.4387, km=25)
    found = matrix_of([LIDKOPING, written], {})
    assert found.km[0][1] == found.km[1][0] == 25
    assert found.seconds[0][1] == round(road_minutes(25) * 60)
    assert found.sources[0][1] == Source.ROAD
    routed = matrix_of([LIDKOPING, written], told(Source.OSRM))
    assert (routed.seconds[0][1], routed.km[0][1]) == (21 * 60, 25)
    uploaded = matrix_of([LIDKOPING, written], told(Source.MATRIX))
    assert (uploaded.seconds[0][1], uploaded.km[0][1]) == (21 * 60, 26)


def test_the_written_road_counts_to_the_nearest_base_alone():
    written = unit("skara", 58.3866, 13.4387, km=25)
    same_house, far = Place("base:3", 58.5052, 13.1577), LYCKSELE
    places = [LIDKOPING, same_house, far, written]
    near = nearest(places, [LIDKOPING, same_house, far])
    found = make_matrix(places, {}, near)
    assert [found.sources[number][3] for number in range(3)] == ["road", "road", "model"]


def test_learned_factors_touch_every_source_but_the_uploaded():
    factors = [Factor(0, inf, 9, 1.5)]
    modelled_way = matrix_of([LIDKOPING, SKARA], {}, factors)
    assert modelled_way.seconds[0][1] == round(modelled(LIDKOPING, SKARA).minutes * 90)
    assert matrix_of([LIDKOPING, SKARA], told(Source.OSRM), factors).seconds[0][1] == 21 * 90
    assert matrix_of([LIDKOPING, SKARA], told(Source.MATRIX), factors).seconds[0][1] == 21 * 60


# --- Learned factors ----------------------------------------------------------------------------


def test_five_drives_of_a_band_teach_its_median_and_four_teach_nothing():
    five = [(20.0, 20.0, minutes) for minutes in (18, 22, 24, 26, 60)]
    four = [(50.0, 40.0, minutes) for minutes in (40, 44, 48, 50)]
    found = learned_factors([*five, *four])
    assert [(factor.drives, factor.factor) for factor in found] == [
        (0, None),
        (5, 1.2),
        (4, None),
        (0, None),
    ]
    assert factor_for(20, found) == 1.2
    assert factor_for(50, found) == 1.0


@pytest.mark.parametrize(("minutes", "factor"), [(1, 0.5), (9, 0.9), (500, 2.0)])
def test_a_factor_stays_between_half_and_double(minutes, factor):
    assert learned_factors([(5.0, 10.0, minutes)] * 5)[0].factor == factor


def test_the_latest_fifty_drives_of_a_band_count():
    drives = [(5.0, 10.0, 11.0)] * 50 + [(5.0, 10.0, 19.0)] * 60
    assert learned_factors(drives)[0] == Factor(0, 10, 50, 1.1)


@given(kilometres)
def test_every_distance_has_one_band(km):
    factors = learned_factors([])
    assert sum(factor.km_from <= km < factor.km_to for factor in factors) == 1
    assert all(one.km_to <= other.km_from for one, other in combinations(factors, 2))
