import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.people.domain.csv_for_people import FORMULA_STARTS, write_csv

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_swedish_excel_opens_it():
    content = write_csv([("Rad", "Gör så här"), (2, "Fyll i; spara")])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == 'Rad;Gör så här\r\n2;"Fyll i; spara"\r\n'


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_cell_that_begins_as_a_formula_becomes_text(start):
    assert read(write_csv([(f"{start}1+1",)])) == [[f"'{start}1+1"]]


def test_a_sign_further_in_is_left_alone():
    assert read(write_csv([("a=1", "1-1", 7)])) == [["a=1", "1-1", "7"]]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_every_cell_comes_back_and_none_begins_as_a_formula(rows):
    back = read(write_csv(rows))
    assert len(back) == len(rows)
    for row, found in zip(rows, back, strict=True):
        assert [cell.removeprefix("'") for cell in found] == [
            cell.removeprefix("'") for cell in row
        ]
        assert not any(cell.startswith(FORMULA_STARTS) for cell in found)
