"""Find the columns of a roster file by their Swedish or English headings, in any order."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file.columns import (
    Headings,
    by_heading,
    find_headings,
    known_headings,
)
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


def known_roster_headings(cells: Sequence[str]) -> int:
    """Count the cells that are headings of a roster file."""
    return known_headings(cells, _FIELDS)


def find_roster_headings(cells: Sequence[str]) -> Headings[RosterField]:
    """Find the columns. Raises StaffFileError for a mandatory column missing or one twice."""
    found = find_headings(cells, _FIELDS)
    missing = [field.value for field in MANDATORY if field not in found.columns]
    if not {RosterField.HSA_ID, RosterField.EMAIL} & found.columns.keys():
        missing.insert(0, RosterField.HSA_ID.value)
    if missing:
        raise StaffFileError(Code.HEADINGS_MISSING, fields=tuple(missing))
    return found


_FIELDS = by_heading(HEADINGS)
