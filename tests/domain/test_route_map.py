"""The map of rounds: places keep their bearings, everything fits, names do not cover each other."""

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain import route_map
from booking.domain.route_map import DOT, LETTER, WIDTH, Spot, draw

LIDKOPING = Spot("base", 58.5052, 13.1577, "Lidköping", base=True)
SKARA = Spot("skara", 58.3866, 13.4387, "Skara", "1")
VARA = Spot("vara", 58.2620, 12.9540, "Vara", "2")
TOWNS = (LIDKOPING, SKARA, VARA)

spots = st.lists(
    st.builds(
        Spot,
        key=st.uuids().map(str),
        latitude=st.floats(55, 69),
        longitude=st.floats(11, 24),
        name=st.text("abcåäö", min_size=1, max_size=12),
        number=st.sampled_from(["", "1", "2"]),
    ),
    max_size=12,
    unique_by=lambda spot: spot.key,
)


def at(drawing: route_map.Drawing, key: str) -> tuple[float, float]:
    return next((dot.x, dot.y) for dot in drawing.dots if dot.spot.key == key)


def test_north_is_up_and_east_is_right():
    drawing = draw(TOWNS, [])
    base, skara, vara = (at(drawing, spot.key) for spot in TOWNS)
    assert skara[0] > base[0] > vara[0]
    assert base[1] < skara[1] < vara[1]


def test_a_kilometre_is_as_long_each_way():
    north = Spot("north", 58.09, 13.0, "Norr")
    here = Spot("here", 58.0, 13.0, "Här")
    east = Spot("east", 58.0, 13.0 + 0.09 / 0.5299, "Öst")  # as far, by the cosine of 58 degrees
    drawing = draw([north, here, east], [])
    up = at(drawing, "here")[1] - at(drawing, "north")[1]
    aside = at(drawing, "east")[0] - at(drawing, "here")[0]
    assert aside == pytest.approx(up, rel=0.01)


def test_a_route_is_a_line_along_its_places_in_order():
    drawing = draw(TOWNS, [(["base", "skara", "vara", "base"], 2)])
    corners = [at(drawing, key) for key in ("base", "skara", "vara", "base")]
    [line] = drawing.lines
    assert line.path == "M" + " L".join(f"{x:g} {y:g}" for x, y in corners)
    assert line.style == 2


def test_a_route_to_a_place_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        draw(TOWNS, [(["base", "nowhere"], 0)])


def test_a_numbered_place_has_its_name_and_one_too_close_to_read_goes_without():
    close = [Spot(f"k{n}", 58.5 + n / 10_000, 13.1, f"Enhet {n}") for n in range(12)]
    far = Spot("far", 58.9, 13.9, "Långt bort")
    names = {name.text for name in draw([*close, far], []).names}
    assert "Långt bort" in names
    assert len(names) < 13
    numbered = [Spot(spot.key, spot.latitude, spot.longitude, spot.name, "1") for spot in close]
    assert {name.text for name in draw(numbered, []).names} == {spot.name for spot in close}


def test_a_long_name_at_the_edge_slides_in_rather_than_cover_a_dot():
    edge = Spot("edge", 58.3, 12.0, "Hemtjänst i ytterkanten", "1")
    drawing = draw([edge, Spot("near", 58.3, 12.2, "Hemtjänst", "2"), SKARA], [])
    name = next(name for name in drawing.names if name.text == edge.name)
    x, y = at(drawing, "near")
    assert box(name)[0] >= 0
    assert not overlap(box(name), (x - DOT, y - DOT, x + DOT, y + DOT))


def test_a_place_named_twice_is_drawn_once():
    assert len(draw([LIDKOPING, LIDKOPING, SKARA], []).dots) == 2


def test_nothing_to_draw_is_an_empty_map():
    drawing = draw([], [])
    assert (drawing.dots, drawing.names, drawing.lines) == ((), (), ())
    assert drawing.height > 0


@given(spots)
def test_every_dot_lies_within_the_drawing(found):
    drawing = draw(found, [])
    assert len(drawing.dots) == len(found)
    for dot in drawing.dots:
        assert 0 <= dot.x <= WIDTH
        assert 0 <= dot.y <= drawing.height


@given(spots)
def test_every_number_can_be_read(found):
    numbered = [Spot(s.key, s.latitude, s.longitude, s.name, "1") for s in found]
    for one, other in combinations(draw(numbered, []).dots, 2):
        assert math.hypot(one.x - other.x, one.y - other.y) >= 2 * DOT


def test_a_dozen_places_in_one_house_are_drawn_beside_each_other():
    house = [Spot(str(n), 58.5, 13.1, f"Enhet {n}", str(n)) for n in range(12)]
    dots = draw([*house, SKARA], []).dots
    assert min(math.dist((a.x, a.y), (b.x, b.y)) for a, b in combinations(dots, 2)) >= 2 * DOT


@given(spots)
def test_names_of_places_without_number_cover_nothing(found):
    plain = [Spot(spot.key, spot.latitude, spot.longitude, spot.name) for spot in found]
    drawing = draw(plain, [])
    boxes = [box(name) for name in drawing.names]
    dots = [(dot.x - 5, dot.y - 5, dot.x + 5, dot.y + 5) for dot in drawing.dots]
    for index, one in enumerate(boxes):
        assert not any(overlap(one, other) for other in [*boxes[:index], *dots])


def box(name: route_map.Name) -> tuple[float, float, float, float]:
    wide = LETTER * len(name.text)
    left = {"start": name.x, "end": name.x - wide, "middle": name.x - wide / 2}[name.anchor]
    return left, name.y - 11, left + wide, name.y + 3


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > 0.2 and high > 0.2
