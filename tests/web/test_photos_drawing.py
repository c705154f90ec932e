"""What is drawn over a picture and beside a value, and in which words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.domain.checks import Area
from photos.domain.findings import Answer
from photos.domain.profile import Limit
from photos.models import Capture, Finding
from photos.queries.drawing import AREAS, Drawing, drawing, needs_drawing
from photos.queries.gauges import WIDTH, gauge
from photos.queries.readings import reading
from tests import photo_builders

BEYOND_LEFT = {"x": 150.0, "y": 265.5, "width": 413.0, "height": 531.0, "angle": 3.0}


def capture(**facts) -> Capture:
    """A judged capture that is in no database."""
    whole = {"geometry": photo_builders.GEOMETRY, "card_stored_as": "name", "verdict": "fail"}
    return Capture(**whole | facts)


def drawn(**facts) -> Drawing:
    shown = drawing(capture(**facts))
    assert shown is not None
    return shown


def kinds(shown: Drawing) -> list[str]:
    return [mark.kind for mark in shown.marks]


def deciding(area: Area) -> str:
    return next(component for component, own in AREAS.items() if own == area)


# --- The drawing --------------------------------------------------------------------------------


def test_a_good_card_shows_the_face_the_eye_line_and_the_head():
    shown = drawn(verdict="pass", decided_by="")
    assert not shown.whole
    assert shown.view == "0 0 413 531"
    assert kinds(shown) == ["outline", "eyes", "head"]
    assert [kind for kind, _words in shown.legend] == kinds(shown)


@pytest.mark.parametrize(
    ("component", "kind"),
    [("eyes open", "area"), ("mouth closed", "area"), ("background uniformity", "ground")],
)
def test_the_part_that_decided_is_marked_and_named_first(component, kind):
    shown = drawn(decided_by=component)
    assert kinds(shown) == [kind, "outline", "eyes", "head"]
    first, words = shown.legend[0]
    assert (first, bool(str(words))) == (kind, True)


def test_the_face_is_ringed_along_its_own_outline_drawn_once():
    assert kinds(drawn(decided_by="under-exposure prevention")) == ["ring", "eyes", "head"]


def test_the_eyes_are_marked_where_they_are():
    [first, second] = re.findall(r"M([\d.]+) ([\d.]+)", drawn(decided_by="eyes open").marks[0].path)
    assert float(first[0]) < 0.4 * 413 < float(second[0]) < 0.6 * 413
    assert float(first[1]) == pytest.approx(0.47 * 531, abs=0.1)


def test_without_a_card_the_whole_picture_shows_the_frame_and_what_is_missing():
    geometry = photo_builders.GEOMETRY | {"crop": BEYOND_LEFT}
    shown = drawn(geometry=geometry, card_stored_as="", decided_by=deciding(Area.LEFT))
    assert shown.whole
    assert kinds(shown) == ["crop"]
    assert [mark.kind for mark in shown.behind] == ["missing"]
    left, _top, width, _height = map(float, shown.view.split())
    assert left < -50
    assert left + width >= 413
    assert shown.picture == ("0", "0", "413", "531")


def test_other_faces_are_boxed_in_the_whole_picture_if_they_decided():
    geometry = photo_builders.GEOMETRY | {"others": [[10, 20, 60, 80]]}
    shown = drawn(geometry=geometry, decided_by="single face present")
    assert shown.whole
    assert kinds(shown) == ["crop", "other"]
    assert shown.marks[1].path == "M10 20 L60 20 L60 80 L10 80 Z"
    assert not drawn(geometry=geometry, decided_by="eyes open").whole


def test_a_picture_of_nobody_is_shown_whole_and_bare():
    geometry = {"faces": 0, "size": [640, 480], "crop": None, "marks": None, "others": []}
    shown = drawn(geometry=geometry, card_stored_as="", decided_by="single face present")
    assert (shown.whole, shown.marks, shown.legend) == (True, [], [])


def test_of_a_picture_never_measured_nothing_is_drawn():
    assert drawing(capture(geometry={})) is None


@pytest.mark.parametrize(("verdict", "shown"), [("fail", True), ("warn", True), ("pass", False)])
def test_the_lines_are_shown_at_once_when_something_is_to_be_put_right(verdict, shown):
    assert needs_drawing(capture(verdict=verdict)) is shown


@pytest.mark.parametrize("area", [area for area in Area if area in AREAS.values()])
def test_every_area_of_a_check_can_be_drawn(area):
    shown = drawn(decided_by=deciding(area))
    pointed = {mark.kind for mark in shown.marks} & {"area", "ring", "ground"}
    beyond = area in {Area.LEFT, Area.RIGHT, Area.ABOVE, Area.BELOW}
    assert bool(pointed) is not beyond


# --- The gauge ----------------------------------------------------------------------------------


def finding(value: float | None, bounds: list[float | None], **facts) -> Finding:
    return Finding(value=value, bounds=bounds, **{"answer": "pass", "unit": "ratio"} | facts)


def zones(of: Finding) -> list[str]:
    made = gauge(of)
    assert made is not None
    return [zone.answer for zone in made.zones]


@pytest.mark.parametrize(
    ("bounds", "answers"),
    [
        ([0.042, None, 0.036, None], ["fail", "warn", "pass"]),
        ([None, 0.05, None, 0.1], ["pass", "warn", "fail"]),
        ([-5, 5, -10, 10], ["fail", "warn", "pass", "warn", "fail"]),
        ([90, None, None, None], ["fail", "pass"]),
        ([0, None, None, None], ["fail", "pass"]),
    ],
)
def test_the_scale_shows_what_passes_warns_and_fails(bounds, answers):
    value = next(bound for bound in bounds if bound is not None)
    assert zones(finding(value, bounds)) == answers


def test_a_hint_or_a_mild_limit_never_shows_a_zone_that_fails():
    bounds = [None, 0.5, None, 0.7]
    assert zones(finding(0.9, bounds, answer="warn", tier="C")) == ["pass", "warn", "warn"]
    assert zones(finding(0.9, bounds, answer="warn")) == ["pass", "warn", "warn"]
    assert zones(finding(0.9, bounds, answer="fail")) == ["pass", "warn", "fail"]


@pytest.mark.parametrize("of", [finding(None, [1, None, None, None]), finding(1.0, [])])
def test_without_a_value_or_numbers_there_is_no_gauge(of):
    assert gauge(of) is None


numbers = st.floats(-1e4, 1e4).map(lambda number: round(number, 3))


@given(value=numbers, bounds=st.lists(numbers, min_size=4, max_size=4, unique=True))
def test_the_needle_stands_in_the_zone_of_its_answer_or_at_an_end(value, bounds):
    warn_min, pass_min, pass_max, warn_max = sorted(bounds)
    limit = Limit(pass_min, pass_max, warn_min, warn_max, "", None)
    made = gauge(finding(value, list(limit.bounds), answer=limit.answer(value)))
    needle = float(made.needle)
    assert 0 <= needle <= WIDTH
    assert sum(float(zone.width) for zone in made.zones) == pytest.approx(WIDTH, abs=0.3)
    under = [
        zone.answer
        for zone in made.zones
        if float(zone.x) - 0.2 <= needle <= float(zone.x) + float(zone.width) + 0.2
    ]
    assert limit.answer(value) in under


# --- In words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "bounds", "said", "limit"),
    [
        (0.7512, "share of the height", [0.7, 0.8, None, None], "75,1 %", "70 – 80 %"),
        (-3.26, "°", [-8, 8, -15, 15], "−3,3°", "±8°"),
        (177.4, "px", [90, None, None, None], "177 px", "≥ 90 px"),
        (0.0321, "eye-to-chin distance", [None, 0.045, None, None], "0,032", "≤ 0,045"),
    ],
)
def test_value_and_limit_are_in_the_same_unit(value, unit, bounds, said, limit):
    row = finding(value, bounds, unit=unit, component="head size", answer=Answer.PASS)
    shown = reading(row, capture())
    assert (shown.value, shown.limit) == (said, limit)


def test_a_finding_kept_without_numbers_shows_its_limit_as_it_was_written():
    row = finding(0.5, [], limit="≥ 0.042", component="head size")
    assert reading(row, capture()).limit == "≥ 0,042"
