"""QR codes as paper draws them: the modules, and the path of the SVG."""

import re

import segno
from hypothesis import given
from hypothesis import strategies as st

from enrolment.reports.domain.paper import Code, Column, Listing

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


def drawn(path: str, size: int) -> list[list[int]]:
    """Draw what a path says."""
    field = [[0] * size for _ in range(size)]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        for column in range(int(x), int(x) + int(run)):
            field[int(y)][column] += 1
    return field


@given(TEXTS)
def test_the_path_draws_each_dark_module_once(text):
    code = Code(text)
    assert drawn(code.path, code.size) == [list(row) for row in code.modules]


def test_a_code_is_an_ordinary_one_of_middling_strength():
    address = "https://fotorundan.example/min-tid/"
    made = segno.make(address, error="m", micro=False)
    assert Code(address).modules == made.matrix
    assert Code(address).size == made.symbol_size(border=0)[0]


def test_a_table_without_codes_has_none_in_its_rows():
    plain = Listing("Tider", [Column("Tid", 1)], [["09.00"], ["09.04"]])
    assert plain.coded_rows == [(["09.00"], None), (["09.04"], None)]
    coded = Listing("Tider", [Column("Tid", 1)], [["09.00"]], codes=[Code("A")])
    assert coded.coded_rows == [(["09.00"], Code("A"))]
