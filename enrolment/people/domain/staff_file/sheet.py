"""A staff file as numbered rows of text, whichever kind of file it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from enrolment.people.domain.refusal import Code, Refusal

MAX_ROWS = 20_000
MAX_COLUMNS = 60


class StaffFileError(Refusal):
    """The file as a whole can't be read."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of the file: `number` counts from 1 as a spreadsheet does, cells are stripped.

    A broken row is one whose cells can't be told apart; it has none.
    """

    number: int
    cells: tuple[str, ...]
    broken: bool = False


def filled_rows(rows: Iterable[SheetRow]) -> list[SheetRow]:
    """Leave blank rows out. Raises StaffFileError above MAX_ROWS, the headings not counted."""
    filled = (row for row in rows if row.broken or any(row.cells))
    taken = list(islice(filled, MAX_ROWS + 2))
    if len(taken) > MAX_ROWS + 1:
        raise StaffFileError(Code.FILE_TOO_MANY_ROWS, limit=MAX_ROWS)
    return taken
