"""Read a staff file; tell new, changed, gone and wrong. Nothing is saved here."""

from enrolment.people.domain.staff_file.changes import Change, Changes, FieldChange, compare
from enrolment.people.domain.staff_file.files import MAX_BYTES
from enrolment.people.domain.staff_file.headings import HEADINGS, MANDATORY, Field
from enrolment.people.domain.staff_file.rows import read_staff_file
from enrolment.people.domain.staff_file.sheet import MAX_ROWS, StaffFileError
from enrolment.people.domain.staff_file.table import Fault, StaffRow, StaffTable

__all__ = [
    "HEADINGS",
    "MANDATORY",
    "MAX_BYTES",
    "MAX_ROWS",
    "Change",
    "Changes",
    "Fault",
    "Field",
    "FieldChange",
    "StaffFileError",
    "StaffRow",
    "StaffTable",
    "compare",
    "read_staff_file",
]
