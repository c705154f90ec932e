import io
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file import Fault, StaffFileError
from tests.staff_file_builders import (
    HEADINGS,
    ROW,
    STAFF,
    as_csv,
    as_xlsx,
    person,
    read,
    read_rows,
    refused,
    unzipped,
    zipped,
)

SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_whatever_its_delimiter_and_encoding(delimiter: str, encoding: str):
    table = read(as_csv([HEADINGS, ROW], delimiter, encoding))
    assert table.rows == (STAFF,)
    assert table.rows[0].number == 2
    assert table.faults == table.warnings == table.unknown_columns == ()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_rows_may_end_as_on_any_system(ending: str):
    text = ending.join([";".join(HEADINGS), ";".join(ROW)])
    assert read(text.encode()).rows == (STAFF,)


def test_xlsx_is_read_with_real_dates_and_numbers():
    row = [*ROW[:7], datetime(2027, 2, 28, 12), "nej", 196112122871]  # noqa: DTZ001
    assert read(as_xlsx([HEADINGS, row]), "Personal.XLSX").rows == (STAFF,)
    row = [*ROW[:7], date(2027, 2, 28), False, 196112122871.0]
    assert read(as_xlsx([HEADINGS, row]), "personal.xlsx").rows == (STAFF,)


def test_xlsx_numbers_may_stand_in_their_scientific_form():
    base = as_xlsx([HEADINGS, [*ROW[:7], date(2027, 2, 28), "nej", 196112122871]])
    sheet = unzipped(base)[SHEET].replace(b"196112122871", b"1.96112122871E+11")
    assert read(zipped({SHEET: sheet}, base), "a.xlsx").rows == (STAFF,)


def test_xlsx_gives_the_value_of_a_formula_never_the_formula():
    assert read(as_xlsx([HEADINGS, [*ROW[:3], "=1+1", *ROW[4:]]]), "a.xlsx").rows[0].title == ""


def test_xlsx_reads_the_first_sheet_that_shows():
    workbook, file = Workbook(), io.BytesIO()
    workbook.active.sheet_state = "hidden"
    sheet = workbook.create_sheet("Personal")
    sheet.append(HEADINGS)
    sheet.append(ROW)
    workbook.save(file)
    assert read(file.getvalue(), "a.xlsx").rows == (STAFF,)


def test_blank_rows_count_in_row_numbers_and_nowhere_else():
    blank: list[object] = []
    rows = [blank, HEADINGS, [""] * 10, [*ROW[:1], "", *ROW[2:]], blank, person(2)]
    for table in (read(as_csv(rows)), read(as_xlsx(rows), "a.xlsx")):
        assert [row.number for row in table.rows] == [6]
        assert [(fault.row, fault.column) for fault in table.faults] == [(4, "Förnamn")]


def test_a_quotation_mark_in_the_wrong_place_spoils_its_own_row():
    good, bad = ";".join(map(str, person(1))), '"SE"5560000000-P0002;Åsa'
    text = "\n".join([";".join(HEADINGS), good, bad, ";".join(map(str, person(3)))])
    table = read(text.encode())
    assert [row.number for row in table.rows] == [2, 4]
    assert table.faults == (Fault(3, "", Code.ROW_QUOTES, {}),)


def test_a_quotation_mark_that_swallows_the_rest_refuses_the_file():
    good = ";".join(map(str, person(1)))
    for swallowed in ([good], [good, good]):
        text = "\n".join([";".join(HEADINGS), good, '"Åsa;', *swallowed])
        refusal = refused(text.encode())
        assert (refusal.code, refusal.params) == (Code.FILE_QUOTES, {"row": 3})


def test_quoted_cells_hold_separators_and_quotation_marks():
    table = read(as_csv([HEADINGS, person(1, title='Chef; "dag", natt')]))
    assert table.rows[0].title == 'Chef; "dag", natt'


@pytest.mark.parametrize(
    "data", [b"", b"   \r\n\r\n", b"\t;\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf;;\n"]
)
def test_an_empty_file_is_refused(data: bytes):
    assert refused(data).code == Code.FILE_EMPTY


def test_an_empty_workbook_is_refused():
    assert refused(as_xlsx([]), "a.xlsx").code == Code.FILE_EMPTY


def test_a_file_of_headings_alone_is_refused():
    assert refused(as_csv([HEADINGS, [], [""] * 10])).code == Code.FILE_NO_ROWS
    assert refused(as_xlsx([HEADINGS]), "a.xlsx").code == Code.FILE_NO_ROWS


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n1 0 obj",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00",
        b"<html><table>",
        b"{\\rtf1",
        "HSA-id;Förnamn".encode("utf-16"),
        b"HSA-id;\x81\x8d",
    ],
)
def test_another_kind_of_file_is_refused_whatever_it_is_called(data: bytes):
    for name in ("personal.csv", "personal.xlsx"):
        assert refused(data, name).code == Code.FILE_TYPE


@pytest.mark.parametrize("name", ["personal.pdf", "personal", "personal.xlsm", "personal.csv.exe"])
def test_another_name_is_refused(name: str):
    assert refused(as_csv([HEADINGS, ROW]), name).code == Code.FILE_TYPE


def test_a_zip_that_is_no_workbook_is_refused():
    assert refused(zipped({"word/document.xml": b"<a/>"}), "a.xlsx").code == Code.FILE_TYPE


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = zipped({"xl/media/zeros": b"\0" * 70_000_000}, as_xlsx([HEADINGS, ROW]))
    assert len(bomb) < 200_000
    assert refused(bomb, "a.xlsx").code == Code.FILE_UNPACKS_TOO_LARGE


def test_a_workbook_of_very_many_parts_is_refused():
    base = as_xlsx([HEADINGS, ROW])
    most = {f"xl/{number}": b"" for number in range(500 - len(unzipped(base)))}
    assert read(zipped(most, base), "a.xlsx").rows == (STAFF,)
    many = zipped(most | {"xl/more": b""}, base)
    assert refused(many, "a.xlsx").code == Code.FILE_UNPACKS_TOO_LARGE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_with_entities_that_grow_is_refused(encoding: str):
    laughs = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE sst [<!ENTITY a "ha">'
        '<!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    )
    data = zipped({"xl/sharedStrings.xml": laughs.encode(encoding)}, as_xlsx([HEADINGS, ROW]))
    assert refused(data, "a.xlsx").code == Code.FILE_BROKEN


def test_a_sheet_that_claims_cells_far_away_stays_small():
    far = (
        b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    )
    base = as_xlsx([HEADINGS, ROW])
    sheet = unzipped(base)[SHEET].replace(b"</sheetData>", far)
    assert read(zipped({SHEET: sheet}, base), "a.xlsx").rows == (STAFF,)


def test_a_sheet_that_lies_about_its_size_is_read_whole():
    base = as_xlsx([HEADINGS, ROW, person(2)])
    sheet = unzipped(base)[SHEET].replace(b'ref="A1:J3"', b'ref="A1"')
    assert len(read(zipped({SHEET: sheet}, base), "a.xlsx").rows) == 2


def test_a_date_beyond_excel_is_a_fault_of_its_row_alone():
    base = as_xlsx([HEADINGS, person(1, card_expires=date(2027, 2, 28)), person(2)])
    sheet = unzipped(base)[SHEET].replace(b"46446", b"99999999999")
    table = read(zipped({SHEET: sheet}, base), "a.xlsx")
    assert [row.number for row in table.rows] == [3]
    assert [fault.code for fault in table.faults] == [Code.DATE]


WORKBOOK = as_xlsx([HEADINGS, ROW, person(2)])


@given(st.integers(4, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=40), st.booleans())
def test_a_damaged_workbook_is_read_or_refused_by_name(place: int, junk: bytes, cut: bool):
    data = WORKBOOK[:place] + junk + (b"" if cut else WORKBOOK[place + len(junk) :])
    with suppress(StaffFileError):
        table = read(data, "a.xlsx")
        assert len(table.rows) + len({fault.row for fault in table.faults}) <= 2


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused_by_name(data: bytes):
    assert refused(data).code in Code


def test_more_than_ten_megabytes_are_refused():
    assert refused(b"a" * 10_000_001).params == {"megabytes": 10}


def test_20000_rows_are_read_and_one_more_is_refused():
    rows = [person(number) for number in range(20_000)]
    assert len(read_rows(*rows).rows) == 20_000
    refusal = refused(as_csv([HEADINGS, *rows, person(20_000)]))
    assert (refusal.code, refusal.params) == (Code.FILE_TOO_MANY_ROWS, {"limit": 20_000})


def test_a_heading_made_to_take_long_is_unknown_at_once():
    odd = ["(" * 100_000, ")(" * 50_000, "(a" * 50_000]
    table = read(as_csv([[*HEADINGS, *odd], ROW]))
    assert len(table.unknown_columns) == 3
