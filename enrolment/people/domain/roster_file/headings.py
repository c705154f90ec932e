"""Find the columns of a roster file by their Swedish or English headings, in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file.headings import plain
from enrolment.people.domain.staff_file.sheet import StaffFileError


class RosterField(StrEnum):
    """What a column can hold."""

    HSA_ID = "hsa_id"
    EMAIL = "email"
    DATE = "date"
    START = "start"
    END = "end"
    KIND = "kind"
    ABSENCE = "absence"
    BUSY = "busy"


# Besides these one of HSA-id and e-mail address.
MANDATORY = (RosterField.DATE, RosterField.START, RosterField.END)

# Letter case, accents, spaces, punctuation and anything in brackets don't matter.
HEADINGS: Mapping[RosterField, tuple[str, ...]] = {
    RosterField.HSA_ID: ("HSA-id", "HSA-id person", "HSA-id medarbetare", "Staff HSA-id"),
    RosterField.EMAIL: ("E-post", "E-postadress", "Mejl", "Mail", "E-mail", "E-mail address"),
    RosterField.DATE: ("Datum", "Dag", "Startdatum", "Date", "Day", "Start date"),
    RosterField.START: (
        *("Start", "Starttid", "Från", "Fr o m", "Börjar", "Klockan från"),
        *("Start time", "From", "Begins"),
    ),
    RosterField.END: (
        *("Slut", "Sluttid", "Till", "T o m", "Slutar", "Klockan till"),
        *("End", "End time", "To", "Until", "Ends"),
    ),
    RosterField.KIND: (
        *("Typ", "Pass", "Passtyp", "Aktivitet"),
        *("Kind", "Type", "Shift type", "Activity"),
    ),
    RosterField.ABSENCE: ("Frånvaro", "Frånvaroorsak", "Absence"),
    RosterField.BUSY: ("Upptagen", "Busy"),
}


@dataclass(frozen=True, slots=True)
class RosterHeadings:
    """Where each field's column is, what the file calls it, and the columns nobody knows."""

    columns: Mapping[RosterField, int]
    names: tuple[str, ...]
    unknown: tuple[str, ...]


def known_roster_headings(cells: Sequence[str]) -> int:
    """Count the cells that are headings of a roster file."""
    return sum(plain(cell) in _FIELDS for cell in cells)


def find_roster_headings(cells: Sequence[str]) -> RosterHeadings:
    """Find the columns. Raises StaffFileError for a mandatory column missing or one twice."""
    columns: dict[RosterField, int] = {}
    for column, cell in enumerate(cells):
        field = _FIELDS.get(plain(cell))
        if field in columns:
            raise StaffFileError(Code.HEADING_TWICE, heading=cell[:60])
        if field:
            columns[field] = column
    missing = [field.value for field in MANDATORY if field not in columns]
    if not {RosterField.HSA_ID, RosterField.EMAIL} & columns.keys():
        missing.insert(0, RosterField.HSA_ID.value)
    if missing:
        raise StaffFileError(Code.HEADINGS_MISSING, fields=tuple(missing))
    unknown = tuple(cell for cell in cells if cell and plain(cell) not in _FIELDS)
    return RosterHeadings(columns, tuple(cells), unknown)


_FIELDS = {plain(text): field for field, texts in HEADINGS.items() for text in texts}
