from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.people.domain.personnummer import Personnummer
from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file import HEADINGS as KNOWN_HEADINGS
from enrolment.people.domain.staff_file import Fault, Field, StaffRow
from tests.staff_file_builders import (
    HEADINGS,
    OTHER_UNIT,
    ROW,
    STAFF,
    SWEDISH,
    UNIT,
    as_csv,
    as_xlsx,
    person,
    read,
    read_rows,
    refused,
)


@pytest.mark.parametrize(
    ("field", "heading"), [(f, text) for f, texts in KNOWN_HEADINGS.items() for text in texts]
)
def test_every_heading_is_known_in_any_case_and_spacing(field: Field, heading: str):
    shown = f"  {heading.upper().replace('-', ' - ').replace(' ', '  ')} (se anvisning) "
    table = read_rows(ROW, headings=list((SWEDISH | {field: shown}).values()))
    assert table.rows == (STAFF,)
    assert table.unknown_columns == ()


def test_accents_do_not_matter_in_headings():
    assert read_rows(ROW, headings=["hsaid", "Fornamn", *HEADINGS[2:]]).rows == (STAFF,)


@given(st.permutations(list(zip(HEADINGS, ROW, strict=True))))
def test_columns_stand_in_any_order(columns: list[tuple[str, str]]):
    headings, cells = zip(*columns, strict=True)
    assert read_rows(cells, headings=headings).rows == (STAFF,)


def test_unknown_columns_are_told_and_passed_over():
    table = read_rows([*ROW, "12", "x"], headings=[*HEADINGS, "Lön", ""])
    assert table.rows == (STAFF,)
    assert table.unknown_columns == ("Lön",)


def test_only_four_columns_are_needed():
    table = read_rows(
        ["SE5560000000-P001", "Åsa", "Öberg", UNIT],
        headings=["HSA-id", "Förnamn", "Efternamn", "Enhet"],
    )
    assert table.rows == (StaffRow("SE5560000000-P001", "Åsa", "Öberg", UNIT),)


def test_missing_headings_are_named():
    refusal = refused(as_csv([["HSA-id", "Förnamn", "Lön"], ["", "", ""]]))
    assert refusal.code == Code.HEADINGS_MISSING
    assert refusal.params == {"fields": ("family_name", "unit")}


def test_sixty_columns_are_read_and_no_more():
    blank = [""] * (60 - len(HEADINGS))
    assert read_rows([*blank, *ROW], headings=[*blank, *HEADINGS]).rows == (STAFF,)
    table = read_rows(["", *blank, *ROW], headings=["", *blank, *HEADINGS])
    assert table.rows[0].personnummer is None


def test_two_headings_for_the_same_are_refused():
    refusal = refused(as_csv([[*HEADINGS, "Mobil"], [*ROW, ""]]))
    assert (refusal.code, refusal.params) == (Code.HEADING_TWICE, {"heading": "Mobil"})


FAULTS = [
    ("hsa_id", "", Code.VALUE_MISSING),
    ("hsa_id", "P001", Code.HSA_ID_FORM),
    ("hsa_id", "SE5560000000-" + "A" * 19, Code.HSA_ID_TOO_LONG),
    ("given_name", "", Code.VALUE_MISSING),
    ("given_name", "=cmd|'/c calc'!A0", Code.FORMULA),
    ("given_name", "＝1", Code.FORMULA),
    ("given_name", "#N/A", Code.FORMULA),
    ("given_name", "Å\tsa", Code.UNREADABLE_CHARACTERS),
    ("given_name", "Å\nsa", Code.UNREADABLE_CHARACTERS),
    ("given_name", "Å\u202esa", Code.UNREADABLE_CHARACTERS),
    ("given_name", "\ufffdsa", Code.UNREADABLE_CHARACTERS),
    ("given_name", "Å" * 81, Code.VALUE_TOO_LONG),
    ("family_name", "", Code.VALUE_MISSING),
    ("family_name", "@SUM(1)", Code.FORMULA),
    ("family_name", "-Öberg", Code.FORMULA),
    ("title", "+1", Code.FORMULA),
    ("title", "S" * 81, Code.VALUE_TOO_LONG),
    ("email", "asa@", Code.EMAIL),
    ("email", "asa@example", Code.EMAIL),
    ("email", "asa.example.org", Code.EMAIL),
    ("email", "asa@example..org", Code.EMAIL),
    ("email", "åsa@example.org", Code.EMAIL),
    ("email", "asa@example.org, bo@example.org", Code.EMAIL),
    ("email", "=asa@example.org", Code.EMAIL),
    ("email", "a" * 243 + "@example.org", Code.VALUE_TOO_LONG),
    ("phone", "=46510123456", Code.FORMULA),
    ("phone", "+cmd", Code.FORMULA),
    ("phone", "0" * 31, Code.VALUE_TOO_LONG),
    ("unit", "", Code.VALUE_MISSING),
    ("unit", "Solgården", Code.HSA_ID_FORM),
    ("unit", "SE5560000000-E999", Code.UNIT_UNKNOWN),
    ("card_expires", "31/2", Code.DATE),
    ("card_expires", "31/2 2027", Code.DATE),
    ("card_expires", "2027-02-29", Code.DATE),
    ("card_expires", "20270230", Code.DATE),
    ("card_expires", "02/28/2027", Code.DATE),
    ("card_expires", "28/2/27", Code.DATE),
    ("card_expires", "202722", Code.DATE),
    ("card_expires", "1999-12-31", Code.DATE),
    ("card_expires", "2100-01-01", Code.DATE),
    ("card_expires", "0000-00-00", Code.DATE),
    ("card_expires", "00001", Code.DATE),
    ("card_expires", "nästa år", Code.DATE),
    ("protected", "kanske", Code.YES_OR_NO),
    ("personnummer", "611212-2872", Code.PERSONNUMMER_CHECK_DIGIT),
    ("personnummer", "611312-287", Code.PERSONNUMMER_FORM),
]


@pytest.mark.parametrize(("field", "text", "code"), FAULTS)
def test_a_fault_names_its_row_and_column_and_the_good_rows_are_taken(
    field: str, text: str, code: Code
):
    table = read_rows(person(1), person(2, **{field: text}), person(3))
    assert [row.number for row in table.rows] == [2, 4]
    (fault,) = table.faults
    assert (fault.row, fault.column, fault.code) == (3, SWEDISH[Field(field)], code)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("given_name", "Anna  Maria", "Anna Maria"),
        ("given_name", "A\u030asa", "Åsa"),
        ("family_name", "\u00a0Af\u00a0Öberg ", "Af Öberg"),
        ("family_name", "O'Brien-Åberg", "O'Brien-Åberg"),
        ("given_name", "Å" * 80, "Å" * 80),
        ("email", "", ""),
        ("email", "asa.oberg+kort@sub.example.org", "asa.oberg+kort@sub.example.org"),
        ("phone", "+46 510 12 34 56", "+46 510 12 34 56"),
        ("phone", "0510-123 45, ankn. 12", "0510-123 45, ankn. 12"),
        ("unit", "se5560000000-e002", OTHER_UNIT),
        ("card_expires", "", None),
        ("card_expires", "2028-02-29", date(2028, 2, 29)),
        ("card_expires", "2027-02-28 00:00:00", date(2027, 2, 28)),
        ("card_expires", "2027/2/28", date(2027, 2, 28)),
        ("card_expires", "20270228", date(2027, 2, 28)),
        ("card_expires", "28/2 2027", date(2027, 2, 28)),
        ("card_expires", "28/2-2027", date(2027, 2, 28)),
        ("card_expires", "28.2.2027", date(2027, 2, 28)),
        ("card_expires", "46446", date(2027, 2, 28)),
        ("card_expires", "46446.5", date(2027, 2, 28)),
        ("protected", "", None),
        ("protected", "JA", True),
        ("protected", "x", True),
        ("protected", "No", False),
        ("personnummer", "", None),
    ],
)
def test_a_cell_is_read_as_people_write_it(field: str, text: str, value: object):
    table = read_rows(person(1, **{field: text}))
    assert table.faults == ()
    assert getattr(table.rows[0], field) == value


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_date_is_read_in_every_form_and_kind_of_file(day: date):
    count = (day - date(1899, 12, 30)).days
    forms = [f"{day}", f"{day:%Y%m%d}", f"{day.day}/{day.month} {day.year}", str(count)]
    rows = [person(number, card_expires=form) for number, form in enumerate(forms)]
    assert {row.card_expires for row in read_rows(*rows).rows} == {day}
    workbook = as_xlsx([HEADINGS, person(1, card_expires=day), person(2, card_expires=count)])
    assert [row.card_expires for row in read(workbook, "a.xlsx").rows] == [day, day]


@pytest.mark.parametrize(
    ("field", "text", "params"),
    [
        ("given_name", "=1+1", {"sign": "="}),
        ("title", "S" * 81, {"limit": 80, "length": 81}),
        ("unit", "se5560000000-e999", {"value": "SE5560000000-E999"}),
        ("card_expires", "31/2", {"value": "31/2"}),
        ("card_expires", "nej " * 50, {"value": ("nej " * 50)[:60]}),
        ("email", "x" * 100, {"value": "x" * 60}),
        ("protected", "x" * 100, {"value": "x" * 60}),
        ("personnummer", "611212-2872", {}),
    ],
)
def test_a_fault_holds_what_its_sentence_needs_and_no_more(
    field: str, text: str, params: dict[str, object]
):
    (fault,) = read_rows(person(1, **{field: text})).faults
    assert fault.params == params


def test_a_number_from_abroad_may_be_as_long_as_any():
    longest = "+" + "4" * 29
    assert read_rows(person(1, phone=longest)).rows[0].phone == longest
    (fault,) = read_rows(person(1, phone=longest + "4")).faults
    assert fault.code == Code.VALUE_TOO_LONG


def test_a_row_with_several_faults_tells_them_all():
    table = read_rows(person(1, given_name="", email="x", card_expires="31/2"))
    assert [fault.column for fault in table.faults] == ["Förnamn", "E-post", "Kort giltigt till"]
    assert table.rows == ()


def test_the_second_row_with_an_hsa_id_is_at_fault_and_names_the_first():
    table = read_rows(person(1), person(2), [ROW[0].lower(), *person(1)[1:]], person(1))
    assert [row.number for row in table.rows] == [2, 3, 4]
    assert table.faults == (Fault(5, "HSA-id", Code.HSA_ID_TWICE, {"first_row": 2}),)


def test_an_odd_hsa_id_is_taken_with_a_warning_and_a_faulty_row_gives_none():
    odd = "SE5560000000-P.1"
    table = read_rows(person(1, hsa_id=odd), person(2, hsa_id=odd + "2", email="x"))
    assert [row.hsa_id for row in table.rows] == [odd]
    assert table.warnings == (Fault(2, "HSA-id", Code.HSA_ID_ODD_CHARACTERS, {}),)


def test_300_faults_stop_none_of_the_good_rows_between():
    wrong = [(field, text, code) for field, text, code in FAULTS if field != "hsa_id"]
    rows, expected = [], []
    for number in range(300):
        field, text, code = wrong[number % len(wrong)]
        rows += [person(2 * number), person(2 * number + 1, **{field: text})]
        expected.append((2 * number + 3, code))
    for table in (read_rows(*rows), read(as_xlsx([HEADINGS, *_as_text(rows)]), "a.xlsx")):
        assert len(table.rows) == 300
        assert [row.number for row in table.rows] == list(range(2, 602, 2))
        assert [(fault.row, fault.code) for fault in table.faults] == expected


def _as_text(rows: list[list[object]]) -> list[list[object]]:
    """Write as text what a workbook would take for a formula."""
    return [[f" {cell}" if str(cell).startswith("=") else cell for cell in row] for row in rows]


def test_a_row_with_too_many_cells_is_at_fault_as_a_whole():
    table = read_rows(person(1), [*person(2), "Öberg"], person(3))
    assert [row.number for row in table.rows] == [2, 4]
    assert table.faults == (Fault(3, "", Code.ROW_TOO_LONG, {"columns": 10}),)
    assert "SE5560000000-P0002" in table.mentioned


letters = st.characters(codec="cp1252", categories=["L"])
names = st.text(letters, min_size=1, max_size=20)
staff_rows = st.builds(
    StaffRow,
    hsa_id=st.integers(0, 10**9).map("SE5560000000-{:010}".format),
    given_name=names,
    family_name=st.tuples(names, st.sampled_from(["-", " ", "'"]), names).map("".join),
    unit=st.sampled_from([UNIT, OTHER_UNIT]),
    title=names | st.just(""),
    email=st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}\.se", fullmatch=True) | st.just(""),
    phone=st.from_regex(r"\+?[0-9]{5,12}", fullmatch=True) | st.just(""),
    card_expires=st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    protected=st.sampled_from([None, True, False]),
    personnummer=st.none() | st.sampled_from([Personnummer("196112122871")]),
)
staff_lists = st.lists(staff_rows, min_size=1, max_size=8, unique_by=lambda row: row.hsa_id)


def cells_of(row: StaffRow) -> list[object]:
    protected = {None: "", True: "ja", False: "nej"}[row.protected]
    number = row.personnummer.digits if row.personnummer else ""
    return [
        *(row.hsa_id, row.given_name, row.family_name, row.title, row.email, row.phone),
        *(row.unit, row.card_expires or "", protected, number),
    ]


@given(
    staff_lists,
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_what_is_written_as_csv_is_read_back(rows: list[StaffRow], delimiter: str, encoding: str):
    table = read(as_csv([HEADINGS, *map(cells_of, rows)], delimiter, encoding))
    assert (table.rows, table.faults) == (tuple(rows), ())
    assert table.mentioned == {row.hsa_id for row in rows}


@given(staff_lists)
def test_what_is_written_as_xlsx_is_read_back(rows: list[StaffRow]):
    table = read(as_xlsx([HEADINGS, *map(cells_of, rows)]), "a.xlsx")
    assert (table.rows, table.faults) == (tuple(rows), ())
