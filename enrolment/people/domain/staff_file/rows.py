"""Read a staff file into good rows and faults; a bad row never stops the good ones."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from enrolment.people.domain import hsa_id, personnummer
from enrolment.people.domain.refusal import Code, Refusal
from enrolment.people.domain.staff_file import cells
from enrolment.people.domain.staff_file.columns import Headings
from enrolment.people.domain.staff_file.files import read_rows
from enrolment.people.domain.staff_file.headings import MANDATORY, Field, find_staff_headings
from enrolment.people.domain.staff_file.sheet import SheetRow, StaffFileError
from enrolment.people.domain.staff_file.table import Fault, StaffRow, StaffTable

# As wide as the columns of the register.
NAME_LENGTH = 80
TITLE_LENGTH = 80
EMAIL_LENGTH = 254
PHONE_LENGTH = 30


def read_staff_file(data: bytes, name: str, *, units: Collection[str], today: date) -> StaffTable:
    """Read the bytes of a CSV or XLSX file called `name`.

    `units` are the HSA-ids of the units that staff may be put in; `today` settles the century of a
    ten-digit personnummer. Raises StaffFileError for a file that can't be read at all: empty, too
    large, of another type, damaged, without rows or without a mandatory heading.
    """
    sheet = read_rows(data, name)
    headings = find_staff_headings(sheet[0].cells)
    if len(sheet) == 1:
        raise StaffFileError(Code.FILE_NO_ROWS)
    file = _File(headings, frozenset(units), today)
    good = [row for sheet_row in sheet[1:] if (row := file.read_row(sheet_row))]
    return StaffTable(
        rows=tuple(good),
        faults=tuple(file.faults),
        warnings=tuple(file.warnings),
        unknown_columns=headings.unknown,
        mentioned=frozenset(file.first_rows),
        unsure_units=frozenset(file.unsure_units),
    )


@dataclass(slots=True)
class _File:
    """What is known while the rows are read one after the other."""

    headings: Headings[Field]
    units: frozenset[str]
    today: date
    first_rows: dict[str, int] = field(default_factory=dict)
    unsure_units: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def read_row(self, sheet_row: SheetRow) -> StaffRow | None:
        """Read one row and gather its faults; None where it has any."""
        reader = _Row(self, sheet_row)
        row = reader.staff_row()
        if not reader.person and row.unit:
            self.unsure_units.add(row.unit)
        if faults := reader.whole_row_faults() or reader.faults:
            self.faults += faults
            return None
        self.warnings += reader.warnings
        return row


class _Row:
    """Reads the cells of one row."""

    def __init__(self, file: _File, row: SheetRow) -> None:
        self.file = file
        self.row = row
        self.person = ""
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def staff_row(self) -> StaffRow:
        today = self.file.today
        name = partial(cells.read_text, limit=NAME_LENGTH)
        return StaffRow(
            number=self.row.number,
            hsa_id=self.take(Field.HSA_ID, self.read_person, ""),
            given_name=self.take(Field.GIVEN_NAME, name, ""),
            family_name=self.take(Field.FAMILY_NAME, name, ""),
            title=self.take(Field.TITLE, partial(cells.read_text, limit=TITLE_LENGTH), ""),
            email=self.take(Field.EMAIL, partial(cells.read_email, limit=EMAIL_LENGTH), ""),
            phone=self.take(Field.PHONE, partial(cells.read_phone, limit=PHONE_LENGTH), ""),
            unit=self.take(Field.UNIT, self.read_unit, ""),
            card_expires=self.take(Field.CARD_EXPIRES, cells.read_date, None),
            protected=self.take(Field.PROTECTED, cells.read_yes_or_no, None),
            personnummer=self.take(
                Field.PERSONNUMMER, partial(personnummer.parse, today=today), None
            ),
        )

    def take[Value, Empty](
        self, wanted: Field, read: Callable[[str], Value], empty: Empty
    ) -> Value | Empty:
        """Return a cell as `read` reads it; `empty` where it is blank, or wrong: then a fault."""
        text = self.cell(wanted)
        if not text and wanted not in MANDATORY:
            return empty
        try:
            if not text:
                raise Refusal(Code.VALUE_MISSING)
            return read(text)
        except Refusal as refusal:
            self.faults.append(self.fault(wanted, refusal))
            return empty

    def cell(self, wanted: Field) -> str:
        column = self.file.headings.columns.get(wanted, len(self.row.cells))
        return self.row.cells[column] if column < len(self.row.cells) else ""

    def fault(self, wanted: Field, refusal: Refusal) -> Fault:
        heading = self.file.headings.names[self.file.headings.columns[wanted]]
        return Fault(self.row.number, heading, refusal.code, refusal.params)

    def whole_row_faults(self) -> list[Fault]:
        """Return the fault of a row whose cells stand in the wrong columns, if it is one."""
        if self.row.broken:
            return [Fault(self.row.number, "", Code.ROW_QUOTES, {})]
        columns = len(self.file.headings.names)
        if any(self.row.cells[columns:]):
            return [Fault(self.row.number, "", Code.ROW_TOO_LONG, {"columns": columns})]
        return []

    def read_person(self, text: str) -> str:
        person = hsa_id.parse(text)
        self.person = person.text
        first_row = self.file.first_rows.setdefault(person.text, self.row.number)
        if first_row != self.row.number:
            raise Refusal(Code.HSA_ID_TWICE, first_row=first_row)
        for code in person.warnings:
            self.warnings.append(self.fault(Field.HSA_ID, Refusal(code)))
        return person.text

    def read_unit(self, text: str) -> str:
        unit = hsa_id.parse(text).text
        if unit not in self.file.units:
            raise Refusal(Code.UNIT_UNKNOWN, value=unit)
        return unit
