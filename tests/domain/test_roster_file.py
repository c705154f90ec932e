"""A roster file is read row by row: what can be used is, and the rest is told by row and column."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.roster_file import (
    HEADINGS,
    Kind,
    Roster,
    RosterCode,
    read_roster_file,
)
from enrolment.people.domain.roster_file.times import end_of, read_clock, start_of
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.faults import ROSTER_SENTENCES, sentence
from tests.staff_file_builders import as_csv, as_xlsx

HEAD = ["HSA-id", "E-post", "Datum", "Start", "Slut", "Typ", "Frånvaro", "Upptagen"]
ANNA, BO = "SE5560000000-P001", "SE5560000000-P002"
PEOPLE = {ANNA: "anna", BO: "bo"}
EMAILS = {"anna@example.org": ["anna"], "bo@example.org": ["bo"], "shared@example.org": ["x", "y"]}


def row(who: str = ANNA, day: str = "2027-05-11", start: str = "07:00", end: str = "16:00", **more):
    told = {"email": "", "kind": "", "absence": "", "busy": ""} | more
    return [who, told["email"], day, start, end, told["kind"], told["absence"], told["busy"]]


def read(*rows, head=HEAD, make=as_csv, name="schema.csv") -> Roster:
    return read_roster_file(make([head, *rows]), name, people=PEOPLE, emails=EMAILS)


def times(roster: Roster) -> list[tuple[str, str, str]]:
    return [(r.person, f"{r.starts_at:%d %H:%M}", f"{r.ends_at:%d %H:%M}") for r in roster.shifts]


def faults(roster: Roster) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in roster.faults]


@pytest.mark.parametrize(("make", "name"), [(as_csv, "schema.csv"), (as_xlsx, "schema.xlsx")])
def test_a_row_is_a_shift_in_both_kinds_of_file(make, name):
    roster = read(row(), row(BO, end="12.30"), make=make, name=name)
    assert times(roster) == [("anna", "11 05:00", "11 14:00"), ("bo", "11 05:00", "11 10:30")]
    assert roster.days == (date(2027, 5, 11), date(2027, 5, 11))


def test_english_headings_in_another_order_and_an_email_do_as_well():
    head = ["End", "Start time", "Date", "E-mail"]
    roster = read(["16", "7", "2027-05-11", "BO@example.org"], head=head)
    assert times(roster) == [("bo", "11 05:00", "11 14:00")]


def test_a_night_goes_on_into_the_next_day():
    roster = read(
        row(start="21:00", end="07:00"), row(day="2027-05-14", start="00:00", end="24:00")
    )
    assert times(roster) == [
        ("anna", "11 19:00", "12 05:00"),
        ("anna", "13 22:00", "14 22:00"),
    ]


def test_the_two_odd_nights_are_as_long_as_they_are():
    roster = read(
        row(day="2027-03-27", start="21:00", end="07:00"),
        row(day="2027-10-30", start="21:00", end="07:00"),
        row(BO, day="2027-10-30", start="21:00", end="02:30"),
        row(BO, day="2027-03-28", start="02:30", end="07:00"),
    )
    hours = [(r.ends_at - r.starts_at) / timedelta(hours=1) for r in roster.shifts]
    assert hours == [9, 11, 6.5]
    assert faults(roster) == [(5, "Start", RosterCode.TIME_SKIPPED)]


def test_absent_and_busy_are_told_in_three_ways():
    roster = read(
        row(kind="Semester"),
        row(day="2027-05-12", absence="Sjuk", start="", end=""),
        row(day="2027-05-13", absence="nej"),
        row(day="2027-05-14", kind="Möte", start="09:00", end="10:00"),
        row(day="2027-05-14", busy="ja", start="13:00", end="14:00"),
        row(day="2027-05-14", kind="arbetspass"),
    )
    assert [r.day.day for r in roster.absences] == [11, 12]
    assert [r.kind for r in roster.shifts] == [Kind.WORK, Kind.BUSY, Kind.BUSY, Kind.WORK]
    assert roster.faults == ()
    assert roster.people == {"anna"}


def test_a_shift_that_overlaps_an_earlier_one_is_refused_and_both_rows_are_named():
    roster = read(
        row(start="21:00", end="07:00"),
        row(day="2027-05-12", start="06:00", end="15:00"),
        row(day="2027-05-12", start="07:00", end="15:00"),
        row(BO, day="2027-05-12", start="06:00"),
    )
    assert faults(roster) == [(3, "", RosterCode.SHIFTS_OVERLAP)]
    assert roster.faults[0].params == {"first_row": 2}
    assert len(roster.shifts) == 3


@given(
    st.lists(
        st.tuples(st.integers(1, 28), st.integers(0, 23), st.integers(1, 23)),
        min_size=1,
        max_size=30,
    )
)
def test_the_same_rows_are_refused_as_by_comparing_each_with_all(shifts):
    clocks = [(day, f"{hour}:00", f"{(hour + hours) % 24}:00") for day, hour, hours in shifts]
    roster = read(*(row(day=f"2027-05-{day:02}", start=s, end=e) for day, s, e in clocks))
    kept, refused = [], []
    for number, (day, hour, hours) in enumerate(shifts, 2):
        begins, ends = day * 24 + hour, day * 24 + hour + hours
        clash = [first for first, b, e in kept if b < ends and begins < e]
        if clash:
            refused.append((number, {"first_row": min(clash)}))
        else:
            kept.append((number, begins, ends))
    assert [(fault.row, fault.params) for fault in roster.faults] == refused
    assert [shift.number for shift in roster.shifts] == [number for number, _b, _e in kept]


WRONG = {
    RosterCode.TIME: (row(start="25:00"), "Start"),
    RosterCode.SHIFT_KIND: (row(kind="kanske"), "Typ"),
    RosterCode.PERSON_MISSING: (row(""), ""),
    RosterCode.PERSON_UNKNOWN: (row("SE5560000000-P009"), "HSA-id"),
    RosterCode.EMAIL_SHARED: (row("", email="shared@example.org"), "E-post"),
    RosterCode.PERSONS_DIFFER: (row(email="bo@example.org"), "E-post"),
    Code.HSA_ID_FORM: (row("P001"), "HSA-id"),
    Code.DATE: (row(day="31/2"), "Datum"),
    Code.VALUE_MISSING: (row(end=""), "Slut"),
    Code.ROW_TOO_LONG: ([*row(), "mer"], ""),
    Code.EMAIL: (row("", email="100 % fel"), "E-post"),
}


def test_an_unknown_address_an_odd_start_and_quotes_are_told_too():
    roster = read(row("", email="ingen@example.org"), row(start="24:00", end="07:00"))
    assert faults(roster) == [
        (2, "E-post", RosterCode.PERSON_UNKNOWN),
        (3, "Start", RosterCode.TIME),
    ]
    quotes = as_csv([HEAD]) + b'"SE"5560000000-P001;;2027-05-11;7;8;;;\n'
    roster = read_roster_file(quotes, "schema.csv", people=PEOPLE, emails=EMAILS)
    assert faults(roster) == [(2, "", Code.ROW_QUOTES)]


def test_an_address_that_two_people_share_does_where_the_hsa_id_tells_who():
    assert times(read(row(email="shared@example.org"))) == [("anna", "11 05:00", "11 14:00")]


@pytest.mark.parametrize("code", WRONG)
def test_what_is_wrong_is_told_by_row_and_column_and_stops_nobody_else(code):
    wrong, column = WRONG[code]
    roster = read(wrong, row(BO))
    assert faults(roster) == [(2, column, code)]
    assert [r.person for r in roster.shifts] == ["bo"]
    with translation.override("en"):
        assert "%(" not in sentence(roster.faults[0])


def test_every_code_of_a_roster_has_a_sentence():
    assert set(ROSTER_SENTENCES) == set(RosterCode)


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (["Datum", "Start", "Slut"], Code.HEADINGS_MISSING),
        (["HSA-id", "Datum", "Start"], Code.HEADINGS_MISSING),
        (["HSA-id", "Datum", "Start", "Slut", "Till"], Code.HEADING_TWICE),
    ],
)
def test_a_file_without_its_headings_is_refused(head, code):
    with pytest.raises(StaffFileError) as refused:
        read(row()[: len(head)], head=head)
    assert refused.value.code == code
    with translation.override("en"):
        assert "%(" not in sentence(refused.value)


def test_a_file_without_rows_or_of_another_kind_is_refused():
    for data, code in ((as_csv([HEAD]), Code.FILE_NO_ROWS), (b"%PDF", Code.FILE_TYPE)):
        with pytest.raises(StaffFileError) as refused:
            read_roster_file(data, "schema.csv", people={}, emails={})
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *(("7", 420), ("7.05", 425), ("07:05", 425), ("0705", 425), ("kl. 7.05", 425)),
        *(("07:05:00", 425), ("24:00", 1440), ("0.5", 720), ("0:00", 0)),
    ],
)
def test_times_are_written_in_many_ways(text, minutes):
    assert read_clock(text) == minutes


@given(
    day=st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    start=st.integers(0, 23).map(lambda hour: hour * 60),
    end=st.integers(0, 23).map(lambda hour: hour * 60),
)
def test_a_shift_always_ends_after_it_starts_within_a_day_and_an_hour(day, start, end):
    def skipped(minutes: int) -> bool:
        return minutes == 120

    if not skipped(start) and not skipped(end):
        length = end_of(day, start, end) - start_of(day, start)
        assert timedelta() < length <= timedelta(hours=25)


@given(st.text(max_size=40), st.text(max_size=12), st.text(max_size=8), st.text(max_size=8))
def test_whatever_stands_in_a_row_it_is_a_shift_or_a_fault(who, day, start, end):
    cells = [text.replace("\0", "").replace('"', "") for text in (who, day, start, end)]
    head = ["HSA-id", "Datum", "Start", "Slut"]
    try:
        roster = read([ANNA, "2027-05-11", "7", "8"], cells, head=head)
    except StaffFileError:
        return
    assert len(roster.shifts) + len(roster.absences) + len(roster.faults) in {1, 2}
    assert roster.shifts[0].starts_at == datetime(2027, 5, 11, 5, tzinfo=UTC)


def test_five_thousand_rows_are_read_in_less_than_two_seconds():
    days = [f"2027-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 26)]
    people = {f"SE5560000000-P{number:03}": str(number) for number in range(20)}
    rows = [row(who, day) for who in people for day in days]
    data = as_csv([HEAD, *rows])
    roster = read_roster_file(data, "schema.csv", people=people, emails={})
    assert len(roster.shifts) == 5000


def test_as_many_rows_as_a_file_holds_are_read_though_all_are_one_persons():
    days = [f"{date(2001, 1, 1) + timedelta(days=20_000 - day)}" for day in range(20_000)]
    roster = read(*([ANNA, day, "7", "15"] for day in days), head=["HSA-id", *HEAD[2:5]])
    assert len(roster.shifts) == 20_000


def test_the_page_about_the_file_names_every_heading():
    page = Path(__file__).resolve().parents[2] / "docs/reference/roster-file.md"
    told = page.read_text()
    assert [names for names in HEADINGS.values() if ", ".join(names) not in told] == []
