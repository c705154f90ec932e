"""The first visible sheet of an XLSX workbook as rows of text: values, never formulas."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file.sheet import (
    MAX_COLUMNS,
    SheetRow,
    StaffFileError,
    filled_rows,
)

MAX_UNPACKED_BYTES = 60_000_000
MAX_PARTS = 500
MAX_SHEET_ROWS = 1_048_576  # what Excel holds; formatted but blank rows are passed over
# A document type can define entities that grow without end; no spreadsheet program writes one.
DOCTYPES = tuple("<!DOCTYPE".encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be"))


def read(data: bytes) -> list[SheetRow]:
    """Return the filled rows, dates as 2027-02-28. Raises StaffFileError."""
    try:
        _check_parts(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return filled_rows(_rows(data))
    except StaffFileError:
        raise
    except Exception as error:  # a damaged part may raise anything in openpyxl
        raise StaffFileError(Code.FILE_BROKEN) from error


def _check_parts(data: bytes) -> None:
    """Refuse what is no workbook, and what unpacks to more than a staff file can need."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise StaffFileError(Code.FILE_TYPE)
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
            raise StaffFileError(Code.FILE_UNPACKS_TOO_LARGE)
        for part in parts:
            content = archive.read(part)
            if any(doctype in content for doctype in DOCTYPES):
                raise StaffFileError(Code.FILE_BROKEN)


def _rows(data: bytes) -> Iterator[SheetRow]:
    # A fifth of a second that every program would wait for, and few read a workbook.
    from openpyxl import load_workbook

    with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True)) as workbook:
        sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        rows = sheets[0].iter_rows(
            min_row=1, max_row=MAX_SHEET_ROWS, max_col=MAX_COLUMNS, values_only=True
        )
        for number, cells in enumerate(rows, 1):
            if cells.count(None) < len(cells):
                yield SheetRow(number, tuple(_text(cell) for cell in cells))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
