"""A file of travel times: what is taken, what is refused by row, what is odd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.matrix_file import (
    HEADINGS,
    Column,
    MatrixCode,
    Way,
    read_matrix_file,
    write_matrix_file,
)
from booking.domain.travel import Leg, Place, Source
from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file import StaffFileError
from tests import staff_file_builders as files

HERE = Place("base:1", 58.5052, 13.1577)
COLLEAGUE = Place("base:2", 58.5052, 13.1577)
SKARA = Place("unit:SE5560000000-SKARA", 58.3866, 13.4387)
VARA = Place("unit:SE5560000000-VARA", 58.2620, 12.9540)
KNOWN = {
    "Lidköping": [HERE, COLLEAGUE],
    "SE5560000000-SKARA": [SKARA],
    "SE5560000000-VARA": [VARA],
}
HEAD = ["Från", "Till", "Minuter", "Km"]


def read(*rows, name="tider.csv", data=None):
    return read_matrix_file(data or files.as_csv([HEAD, *rows]), name, KNOWN)


def codes(found):
    return [(fault.row, fault.code) for fault in found]


def test_a_way_is_read_with_comma_or_point_in_any_letter_case():
    file = read(
        ["SE5560000000-SKARA", "se5560000000-vara", "24,5", "31.2"],
        ["SE5560000000-VARA", "SE5560000000-SKARA", "25", ""],
    )
    assert file.faults == file.warnings == ()
    assert file.ways == (
        Way(SKARA.key, VARA.key, 24.5, 31.2),
        Way(VARA.key, SKARA.key, 25.0, None),
    )


def test_a_base_stands_for_all_technicians_who_start_there():
    file = read(["lidköping", "SE5560000000-SKARA", "25", ""])
    assert [way.origin for way in file.ways] == ["base:1", "base:2"]
    assert file.rows == 1


@pytest.mark.parametrize("head", [["From", "To", "Minutes"], ["TILL", "från:", "restid (min)"]])
def test_headings_may_be_swedish_or_english_in_any_order(head):
    ends = ["Lidköping", "SE5560000000-SKARA"]
    table = files.as_csv([head, [*ends, "25"]])
    assert len(read(data=table).ways) == 2
    assert set(HEADINGS) == set(Column)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_any_usual_delimiter_and_encoding_is_read(delimiter, encoding):
    rows = [["Från", "Till", "Minuter"], ["Lidköping", "SE5560000000-SKARA", "25"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    assert len(read(data=text.encode(encoding)).ways) == 2


def test_a_workbook_is_read():
    data = files.as_xlsx([HEAD, ["Lidköping", "SE5560000000-VARA", 35.5, 36]])
    assert read(data=data, name="tider.xlsx").ways[0] == Way("base:1", VARA.key, 35.5, 36.0)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["Lidköping", "SE5560000000-SKARA", "-25", ""], MatrixCode.NEGATIVE),
        (["Lidköping", "SE5560000000-SKARA", "25", "-1"], MatrixCode.NEGATIVE),
        (["Lidköping", "SE5560000000-SKARA", "0", ""], MatrixCode.ZERO),
        (["Lidköping", "SE5560000000-SKARA", "1441", ""], MatrixCode.TOO_LONG),
        (["Lidköping", "SE5560000000-SKARA", "en halvtimme", ""], MatrixCode.NUMBER),
        (["Lidköping", "SE5560000000-SKARA", "nan", ""], MatrixCode.NUMBER),
        (["Lidköping", "SE5560000000-SKARA", "inf", ""], MatrixCode.NUMBER),
        (["Lidköping", "SE5560000000-SKARA", "", ""], MatrixCode.EMPTY),
        (["", "SE5560000000-SKARA", "25", ""], MatrixCode.EMPTY),
        (["Lidköping", "Månen", "25", ""], MatrixCode.UNKNOWN_PLACE),
        (["Lidköping", "Lidköping", "5", ""], MatrixCode.SAME_PLACE),
    ],
)
def test_a_wrong_row_is_refused_by_its_number_beside_a_right_one(row, code):
    right = ["Lidköping", "SE5560000000-VARA", "35", ""]
    file = read(right, row)
    assert codes(file.faults) == [(3, code)]
    assert len(file.ways) == 2


def test_a_day_and_a_night_is_the_limit():
    assert read(["Lidköping", "SE5560000000-SKARA", "1440", ""]).faults == ()


def test_the_zero_of_a_place_to_itself_is_passed_over():
    file = read(["Lidköping", "Lidköping", "0", "0"])
    assert (file.ways, file.faults) == ((), ())


def test_a_way_twice_is_refused_and_names_the_first_row():
    row = ["Lidköping", "SE5560000000-SKARA", "25", ""]
    (fault,) = read(row, row).faults
    assert (fault.row, fault.code, fault.params) == (3, MatrixCode.TWICE, {"first_row": 2})


@pytest.mark.parametrize(
    ("there", "back", "odd"),
    [
        ("30", "60", False),
        ("30", "61", True),
        ("10", "30", False),
        ("10", "31", True),
        ("1", "4", False),
        ("300", "331", True),
    ],
)
def test_ways_that_differ_oddly_are_taken_with_a_warning(there, back, odd):
    file = read(
        ["SE5560000000-SKARA", "SE5560000000-VARA", there, ""],
        ["SE5560000000-VARA", "SE5560000000-SKARA", back, ""],
    )
    assert len(file.ways) == 2
    told = [fault for fault in file.warnings if fault.code == MatrixCode.ODD_WAYS]
    assert [fault.params["back_row"] for fault in told] == ([3] if odd else [])


def test_a_way_faster_than_anybody_drives_is_taken_with_a_warning():
    """35 km in a minute: hours were written for minutes."""
    file = read(["Lidköping", "SE5560000000-VARA", "1", ""])
    assert codes(file.warnings) == [(2, MatrixCode.TOO_FAST)]
    assert read(["Lidköping", "SE5560000000-VARA", "35", ""]).warnings == ()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "tider.csv", Code.FILE_EMPTY),
        (b"Fr\xc3\xa5n;Till;Minuter\r\n", "tider.csv", Code.FILE_NO_ROWS),
        (b"Till;Minuter\r\nA;5\r\n", "tider.csv", MatrixCode.HEADINGS),
        (b"Fr\xc3\xa5n;Till;Minuter;From\r\nA;B;5;C\r\n", "tider.csv", Code.HEADING_TWICE),
        (b"%PDF-1.7", "tider.csv", Code.FILE_TYPE),
        (b"Fr\xc3\xa5n;Till;Minuter\r\nA;B;5\r\n", "tider.pdf", Code.FILE_TYPE),
        (b"PK\x03\x04trasig", "tider.xlsx", Code.FILE_BROKEN),
        (b"x" * 10_000_001, "tider.csv", Code.FILE_TOO_LARGE),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(data, name, code):
    with pytest.raises(StaffFileError) as refusal:
        read_matrix_file(data, name, KNOWN)
    assert refusal.value.code == code


@given(st.integers(10, 14_400), st.integers(0, 9_999))
def test_what_is_written_is_read_again(tenths, km_tenths):
    leg = Leg(tenths / 10, km_tenths / 10, Source.MODEL)
    data = write_matrix_file([("SE5560000000-SKARA", "SE5560000000-VARA", leg)])
    file = read_matrix_file(data, "tider.csv", KNOWN)
    assert file.ways == (Way(SKARA.key, VARA.key, leg.minutes, leg.km),)
