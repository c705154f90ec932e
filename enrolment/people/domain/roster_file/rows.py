"""Read a roster file into good rows and faults; a bad row never stops the good ones."""

from bisect import bisect, bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from enrolment.people.domain import hsa_id
from enrolment.people.domain.refusal import Code, Refusal
from enrolment.people.domain.roster_file.headings import (
    RosterField,
    find_roster_headings,
    known_roster_headings,
)
from enrolment.people.domain.roster_file.table import (
    AbsenceRow,
    Kind,
    Roster,
    RosterCode,
    RosterFault,
    ShiftRow,
)
from enrolment.people.domain.roster_file.times import (
    end_of,
    read_clock,
    read_kind,
    read_mark,
    start_of,
)
from enrolment.people.domain.staff_file import cells
from enrolment.people.domain.staff_file.columns import Headings
from enrolment.people.domain.staff_file.files import read_rows
from enrolment.people.domain.staff_file.sheet import SheetRow, StaffFileError

EMAIL_LENGTH = 254


def read_roster_file(
    data: bytes, name: str, *, people: Mapping[str, str], emails: Mapping[str, Sequence[str]]
) -> Roster:
    """Read the bytes of a CSV or XLSX file called `name`, one row per shift.

    `people` are the keys of those whose shifts may be taken, by HSA-id; `emails` the keys by
    e-mail address in small letters. Raises StaffFileError for a file that can't be read at all.
    """
    sheet = read_rows(data, name, known_roster_headings)
    headings = find_roster_headings(sheet[0].cells)
    if len(sheet) == 1:
        raise StaffFileError(Code.FILE_NO_ROWS)
    read = [_Row(row, headings, people, emails).read() for row in sheet[1:]]
    good = [row for row in read if isinstance(row, ShiftRow)]
    faults = [fault for fault in read if isinstance(fault, RosterFault)]
    overlapping = _overlaps(good)
    twice = {fault.row for fault in overlapping}
    return Roster(
        shifts=tuple(row for row in good if row.number not in twice),
        absences=tuple(row for row in read if isinstance(row, AbsenceRow)),
        faults=tuple(sorted([*faults, *overlapping], key=lambda fault: fault.row)),
        unknown_columns=headings.unknown,
    )


class _Row:
    """Reads the cells of one row."""

    def __init__(
        self,
        row: SheetRow,
        headings: Headings[RosterField],
        people: Mapping[str, str],
        emails: Mapping[str, Sequence[str]],
    ) -> None:
        self.row = row
        self.headings = headings
        self.people = people
        self.emails = emails
        self.person = ""
        self.field: RosterField | None = None

    def read(self) -> ShiftRow | AbsenceRow | RosterFault:
        """Return the shift, or the first fault of the row."""
        try:
            self._check_whole()
            self.person = self._read_person()
            return self._shift()
        except Refusal as refusal:
            column = self.headings.names[self.headings.columns[self.field]] if self.field else ""
            return RosterFault(self.row.number, column, refusal.code, refusal.params, self.person)

    def _shift(self) -> ShiftRow | AbsenceRow:
        day = self.take(RosterField.DATE, cells.read_date)
        kind = self._kind()
        if kind == Kind.ABSENT:
            return AbsenceRow(self.row.number, self.person, day)
        start = self.take(RosterField.START, read_clock)
        end = self.take(RosterField.END, read_clock)
        begins = self.take(RosterField.START, lambda _text: start_of(day, start))
        ends = self.take(RosterField.END, lambda _text: end_of(day, start, end))
        return ShiftRow(self.row.number, self.person, day, kind, begins, ends)

    def _kind(self) -> Kind:
        if self.take(RosterField.ABSENCE, read_mark, empty=False):
            return Kind.ABSENT
        if self.take(RosterField.BUSY, read_mark, empty=False):
            return Kind.BUSY
        return self.take(RosterField.KIND, read_kind, empty=Kind.WORK)

    def take[Value](
        self, wanted: RosterField, read: Callable[[str], Value], empty: Value | None = None
    ) -> Value:
        """Return a cell as `read` reads it, `empty` where it is blank. Raises Refusal."""
        self.field = wanted if wanted in self.headings.columns else None
        if text := self.cell(wanted):
            return read(text)
        if empty is None:
            raise Refusal(Code.VALUE_MISSING)
        return empty

    def cell(self, wanted: RosterField) -> str:
        column = self.headings.columns.get(wanted, len(self.row.cells))
        return self.row.cells[column] if column < len(self.row.cells) else ""

    def _check_whole(self) -> None:
        if self.row.broken:
            raise Refusal(Code.ROW_QUOTES)
        columns = len(self.headings.names)
        if any(self.row.cells[columns:]):
            raise Refusal(Code.ROW_TOO_LONG, columns=columns)

    def _read_person(self) -> str:
        """Return the key of the person that HSA-id and e-mail address tell. Raises Refusal."""
        by_id = self.take(RosterField.HSA_ID, self._by_hsa_id, empty="")
        by_email = self.take(RosterField.EMAIL, self._by_email, empty="")
        if not (by_id or by_email):
            self.field = None
            raise Refusal(RosterCode.PERSON_MISSING)
        if by_id and by_email and by_id != by_email:
            raise Refusal(RosterCode.PERSONS_DIFFER)
        return by_id or by_email

    def _by_hsa_id(self, text: str) -> str:
        wanted = hsa_id.parse(text).text
        if wanted not in self.people:
            raise Refusal(RosterCode.PERSON_UNKNOWN, value=wanted)
        return self.people[wanted]

    def _by_email(self, text: str) -> str:
        found = self.emails.get(cells.read_email(text, EMAIL_LENGTH).casefold(), ())
        if len(found) > 1 and self.cell(RosterField.HSA_ID):
            return ""
        if len(found) > 1:
            raise Refusal(RosterCode.EMAIL_SHARED, value=text)
        if not found:
            raise Refusal(RosterCode.PERSON_UNKNOWN, value=text)
        return found[0]


def _overlaps(rows: Sequence[ShiftRow]) -> list[RosterFault]:
    """Return a fault for each row that overlaps an earlier row of the same person and kind."""
    kept: dict[tuple[str, Kind], list[ShiftRow]] = defaultdict(list)
    faults = []
    for row in rows:
        others = kept[row.person, row.kind]
        place = bisect(others, row.starts_at, key=_start)
        near = others[max(0, place - 1) : bisect_left(others, row.ends_at, key=_start)]
        clash = min((other.number for other in near if row.starts_at < other.ends_at), default=0)
        if clash:
            params: dict[str, str | int | tuple[str, ...]] = {"first_row": clash}
            code = RosterCode.SHIFTS_OVERLAP
            faults.append(RosterFault(row.number, "", code, params, row.person))
        else:
            others.insert(place, row)
    return faults


def _start(row: ShiftRow) -> datetime:
    return row.starts_at
