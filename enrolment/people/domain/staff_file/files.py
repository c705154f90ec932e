"""Tell by its content what kind of file a staff file is, and get its rows."""

from collections.abc import Callable
from pathlib import PurePath

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file import csv_sheet, xlsx_sheet
from enrolment.people.domain.staff_file.headings import known_staff_headings
from enrolment.people.domain.staff_file.sheet import SheetRow, StaffFileError

MAX_BYTES = 10_000_000
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
ZIP_START = b"PK\x03\x04"


def read_rows(
    data: bytes, name: str, score: Callable[[tuple[str, ...]], int] = known_staff_headings
) -> list[SheetRow]:
    """Return the filled rows of the file called `name`, headings first. Raises StaffFileError.

    `score` counts the headings known in a row.
    """
    if not data.strip():
        raise StaffFileError(Code.FILE_EMPTY)
    if len(data) > MAX_BYTES:
        raise StaffFileError(Code.FILE_TOO_LARGE, megabytes=MAX_BYTES // 1_000_000)
    if PurePath(name.lower()).suffix not in SUFFIXES:
        raise StaffFileError(Code.FILE_TYPE)
    is_workbook = data.startswith(ZIP_START)
    rows = xlsx_sheet.read(data) if is_workbook else csv_sheet.read(data, score)
    if not rows:
        raise StaffFileError(Code.FILE_EMPTY)
    return rows
