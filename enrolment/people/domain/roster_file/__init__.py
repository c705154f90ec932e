"""Read a roster file, one row per shift, into shifts and faults. Nothing is saved here."""

from enrolment.people.domain.roster_file.headings import HEADINGS, MANDATORY, RosterField
from enrolment.people.domain.roster_file.rows import read_roster_file
from enrolment.people.domain.roster_file.table import (
    Kind,
    Roster,
    RosterCode,
    RosterFault,
    ShiftRow,
)

__all__ = [
    "HEADINGS",
    "MANDATORY",
    "Kind",
    "Roster",
    "RosterCode",
    "RosterFault",
    "RosterField",
    "ShiftRow",
    "read_roster_file",
]
