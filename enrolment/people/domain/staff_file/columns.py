"""Find the columns of a file by their headings, in any order."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file.cells import SHOWN_LENGTH
from enrolment.people.domain.staff_file.sheet import StaffFileError

_IN_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Headings[Field: StrEnum]:
    """Where each field's column is, what the file calls it, and the columns nobody knows."""

    columns: Mapping[Field, int]
    names: tuple[str, ...]
    unknown: tuple[str, ...]


def by_heading[Field: StrEnum](headings: Mapping[Field, Sequence[str]]) -> dict[str, Field]:
    """Return the fields by what matters of their headings."""
    return {plain(text): field for field, texts in headings.items() for text in texts}


def known_headings(cells: Sequence[str], fields: Mapping[str, StrEnum]) -> int:
    """Count the cells that are headings of these fields."""
    return sum(plain(cell) in fields for cell in cells)


def find_headings[Field: StrEnum](
    cells: Sequence[str], fields: Mapping[str, Field]
) -> Headings[Field]:
    """Find the columns of the fields, as `by_heading` has them.

    Raises StaffFileError for one that is there twice.
    """
    columns: dict[Field, int] = {}
    for column, cell in enumerate(cells):
        field = fields.get(plain(cell))
        if field in columns:
            raise StaffFileError(Code.HEADING_TWICE, heading=cell[:SHOWN_LENGTH])
        if field:
            columns[field] = column
    unknown = tuple(cell for cell in cells if cell and plain(cell) not in fields)
    return Headings(columns, tuple(cells), unknown)


def plain(heading: str) -> str:
    """Return the heading without case, accents, spaces, punctuation and what is in brackets."""
    decomposed = unicodedata.normalize("NFKD", _IN_BRACKETS.sub("", heading).casefold())
    return re.sub(r"[^a-z0-9]", "", decomposed)
