"""CSV as rows of text: semicolon, comma or tab, UTF-8 or Windows-1252, quoted as in RFC 4180."""

import csv
import io
from collections.abc import Callable, Iterator

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file.sheet import (
    MAX_COLUMNS,
    SheetRow,
    StaffFileError,
    filled_rows,
)

DELIMITERS = (";", ",", "\t")
# A PDF, an RTF, a web page or other XML; pictures, archives and old Excel files hold null bytes.
OTHER_STARTS = (b"%PDF", b"{\\rtf", b"<")


def read(data: bytes, score: Callable[[tuple[str, ...]], int]) -> list[SheetRow]:
    """Return the filled rows. Raises StaffFileError.

    `score` counts the headings it knows in a row: the delimiter that gives most is the right one.
    """
    text = _decoded(data)
    delimiter = max(DELIMITERS, key=lambda mark: score(_first_cells(text, mark)))
    return filled_rows(_rows(text, delimiter))


def _decoded(data: bytes) -> str:
    if b"\0" in data or data.lstrip().startswith(OTHER_STARTS):
        raise StaffFileError(Code.FILE_TYPE)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StaffFileError(Code.FILE_TYPE)


def _first_cells(text: str, delimiter: str) -> tuple[str, ...]:
    return next((row.cells for row in _rows(text, delimiter) if any(row.cells)), ())


def _rows(text: str, delimiter: str) -> Iterator[SheetRow]:
    """Yield each record; one with a quotation mark in the wrong place is yielded as broken.

    A quotation mark that is never closed swallows the rows after it: that refuses the file.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number, lines_before = number + 1, reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if reader.line_num - lines_before > 1:
                raise StaffFileError(Code.FILE_QUOTES, row=number) from None
            yield SheetRow(number, (), broken=True)
        else:
            yield SheetRow(number, tuple(cell.strip() for cell in cells[:MAX_COLUMNS]))
