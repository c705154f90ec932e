"""Coordinates that can't be right are found, and those of Swedish towns are not."""

import pytest

from booking.domain.travel import Place
from booking.domain.whereabouts import Oddity, in_sweden, oddity

TOWNS = {
    "Lidköping": (58.5052, 13.1577),
    "Grästorp": (58.3320, 12.6800),
    "Lycksele": (64.5954, 18.6735),
    "Vilhelmina": (64.6240, 16.6550),
    "Umeå": (63.8258, 20.2630),
    "Stockholm": (59.3293, 18.0686),
    "Göteborg": (57.7089, 11.9746),
    "Malmö": (55.6050, 13.0038),
    "Visby": (57.6348, 18.2948),
    "Fårösund": (57.8620, 19.0560),
    "Borgholm": (56.8790, 16.6560),
    "Kiruna": (67.8558, 20.2253),
    "Riksgränsen": (68.4290, 18.1270),
    "Haparanda": (65.8355, 24.1370),
    "Karesuando": (68.4410, 22.4800),
    "Storlien": (63.3160, 12.1010),
    "Tärnaby": (65.7130, 15.2630),
    "Idre": (61.8580, 12.7180),
    "Strömstad": (58.9390, 11.1710),
    "Ystad": (55.4290, 13.8200),
    "Karlskrona": (56.1612, 15.5869),
    "Norrtälje": (59.7580, 18.7050),
}
ELSEWHERE = {
    "the Baltic": (58.0, 18.0),
    "the Baltic south": (55.6, 16.5),
    "the Bothnian Sea": (61.5, 19.0),
    "the Bothnian Bay": (65.0, 23.0),
    "Kattegat": (57.0, 11.5),
    "Skagerrak": (58.3, 10.2),
    "Oslo": (59.9139, 10.7522),
    "Köpenhamn": (55.6761, 12.5683),
    "Helsingfors": (60.1699, 24.9384),
    "Trondheim": (63.4305, 10.3951),
    "nowhere": (0.0, 0.0),
    "swapped": (13.1577, 58.5052),
}
BASE = Place("base:1", 58.5052, 13.1577)
NEAR = [Place("unit:a", 58.51, 13.16), Place("unit:b", 58.40, 13.40)]


@pytest.mark.parametrize("town", TOWNS)
def test_a_swedish_town_is_in_sweden(town):
    assert in_sweden(*TOWNS[town])


@pytest.mark.parametrize("place", ELSEWHERE)
def test_the_sea_and_other_countries_are_not(place):
    assert not in_sweden(*ELSEWHERE[place])


@pytest.mark.parametrize(
    ("spot", "km", "odd"),
    [
        ((58.3866, 13.4387), None, None),
        ((58.3866, 13.4387), 25, None),
        ((0.0, 0.0), None, Oddity.MISSING),
        ((58.0, 18.0), None, Oddity.OUTSIDE),
        ((63.8258, 20.2630), None, Oddity.FAR),
        ((58.3866, 13.4387), 12, Oddity.SHORT_ROAD),
        ((58.3866, 13.4387), 250, Oddity.LONG_ROAD),
        ((58.5060, 13.1580), 15, None),
    ],
)
def test_what_is_odd_about_a_unit_is_told(spot, km, odd):
    assert oddity(Place("unit:x", *spot, km), NEAR, BASE) == odd


def test_a_lone_unit_has_no_neighbours_to_be_far_from():
    assert oddity(Place("unit:x", 63.8258, 20.2630), NEAR[:1], BASE) is None
