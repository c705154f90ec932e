from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from enrolment.people.domain.personnummer import Personnummer
from enrolment.people.domain.staff_file import Field, FieldChange, StaffRow, StaffTable, compare
from tests.staff_file_builders import OTHER_UNIT, STAFF, UNIT, person, read_rows


def known(*people: StaffRow) -> dict[str, StaffRow]:
    return {person.hsa_id: person for person in people}


def somebody(number: int, **facts: object) -> StaffRow:
    return replace(STAFF, hsa_id=f"SE5560000000-P{number:04}", **facts)


def table_of(*rows: StaffRow, mentioned: frozenset[str] = frozenset()) -> StaffTable:
    named = mentioned | {row.hsa_id for row in rows}
    return StaffTable(rows, (), (), (), named, frozenset())


def test_new_changed_gone_and_unchanged_are_told_apart():
    register = known(somebody(1), somebody(2), somebody(3))
    changes = compare(read_rows(person(1), person(2, title="Chef"), person(4)), register)
    assert [row.hsa_id[-4:] for row in changes.new] == ["0004"]
    assert [change.row.hsa_id[-4:] for change in changes.changed] == ["0002"]
    assert [row.hsa_id[-4:] for row in changes.gone] == ["0003"]
    assert [row.hsa_id[-4:] for row in changes.unchanged] == ["0001"]


def test_a_change_names_each_field_with_its_old_and_new_value():
    row = person(1, title="Chef", card_expires="2028-01-31", unit=OTHER_UNIT, protected="ja")
    (change,) = compare(read_rows(row), known(somebody(1))).changed
    assert set(change.fields) == {
        FieldChange(Field.TITLE, "Undersköterska", "Chef"),
        FieldChange(Field.CARD_EXPIRES, date(2027, 2, 28), date(2028, 1, 31)),
        FieldChange(Field.UNIT, UNIT, OTHER_UNIT),
        FieldChange(Field.PROTECTED, False, True),
    }


def test_an_empty_cell_and_a_missing_column_erase_nothing():
    protected = somebody(1, protected=True)
    empty = person(1, title="", email="", phone="", card_expires="", protected="", personnummer="")
    assert compare(read_rows(empty), known(protected)).unchanged == (
        StaffRow("SE5560000000-P0001", "Åsa", "Öberg", UNIT),
    )
    four = ["SE5560000000-P0001", "Åsa", "Öberg", UNIT]
    headings = ["HSA-id", "Förnamn", "Efternamn", "Enhet"]
    assert compare(read_rows(four, headings=headings), known(protected)).changed == ()


def test_no_takes_the_protected_flag_away_as_a_change_to_be_seen():
    (change,) = compare(read_rows(person(1)), known(somebody(1, protected=True))).changed
    assert change.fields == (FieldChange(Field.PROTECTED, True, False),)


def test_a_change_of_personnummer_shows_no_number():
    old = somebody(1, personnummer=Personnummer("196208132834"))
    (change,) = compare(read_rows(person(1)), known(old)).changed
    assert "2834" not in repr(change.fields)
    assert "2871" not in repr(change.fields)


def test_a_file_of_one_unit_leaves_the_other_units_alone():
    register = known(somebody(1), somebody(2, unit=OTHER_UNIT))
    assert compare(read_rows(person(3)), register).gone == (somebody(1),)


def test_somebody_who_moves_is_changed_and_not_gone():
    register = known(somebody(1), somebody(2))
    changes = compare(read_rows(person(1, unit=OTHER_UNIT), person(2)), register)
    assert changes.gone == ()
    assert [change.row.unit for change in changes.changed] == [OTHER_UNIT]


def test_nobody_named_in_a_faulty_row_is_gone():
    register = known(somebody(1), somebody(2), somebody(3))
    changes = compare(read_rows(person(1), person(2, email="x")), register)
    assert changes.gone == (somebody(3),)


def test_nobody_is_gone_from_a_unit_where_a_person_can_not_be_told():
    register = known(somebody(1), somebody(2), somebody(3, unit=OTHER_UNIT))
    unreadable = person(2, hsa_id="P2")
    changes = compare(read_rows(person(1), unreadable, person(4, unit=OTHER_UNIT)), register)
    assert changes.gone == (somebody(3, unit=OTHER_UNIT),)


people = st.builds(
    somebody,
    st.integers(0, 12),
    unit=st.sampled_from([UNIT, OTHER_UNIT]),
    title=st.sampled_from(["", "Chef", "Undersköterska"]),
)
registers = st.lists(people, max_size=8, unique_by=lambda row: row.hsa_id)


@given(registers, registers)
def test_every_row_and_every_known_person_falls_in_one_place(
    rows: list[StaffRow], register: list[StaffRow]
):
    changes = compare(table_of(*rows), known(*register))
    changed = [change.row for change in changes.changed]
    told = [*changes.new, *changed, *changes.unchanged]
    assert sorted(row.hsa_id for row in told) == sorted(row.hsa_id for row in rows)
    left = {row.hsa_id for row in register} - {row.hsa_id for row in rows}
    assert {row.hsa_id for row in changes.gone} <= left
    assert {row.unit for row in changes.gone} <= {row.unit for row in rows}


@given(registers)
def test_the_register_compared_with_itself_has_nothing_new(register: list[StaffRow]):
    changes = compare(table_of(*register), known(*register))
    assert (changes.new, changes.changed, changes.gone) == ((), (), ())
    assert changes.unchanged == tuple(register)
