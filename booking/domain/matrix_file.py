"""Read and write a file of travel times: one row for each way, CSV or XLSX.

Columns: from and to (a unit's HSA-id or a base's name), minutes, and kilometres if they are known.
The file is taken whole or not at all: a wrong minute among thousands is found nowhere else.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from booking.domain.travel import Leg, Place, straight_km
from enrolment.people.domain import csv_for_people
from enrolment.people.domain.refusal import Code, Param, Refusal
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.domain.staff_file.columns import (
    by_heading,
    find_headings,
    known_headings,
)
from enrolment.people.domain.staff_file.files import read_rows
from enrolment.people.domain.staff_file.sheet import SheetRow

MOST_MINUTES = 24 * 60
# The two ways differ oddly: by half an hour, or threefold when that is no mere minute or two.
ODD_MINUTES, ODD_RATIO, FEW_MINUTES = 30.0, 3.0, 5.0
# Nobody drives this fast as the crow flies: hours were written for minutes, or a place is wrong.
FASTEST_KMH = 130.0
SHOWN_LENGTH = 60


class Column(StrEnum):
    """What a column holds."""

    ORIGIN = "origin"
    DESTINATION = "destination"
    MINUTES = "minutes"
    KM = "km"


MANDATORY = (Column.ORIGIN, Column.DESTINATION, Column.MINUTES)
# Letter case, accents, spaces, punctuation and anything in brackets don't matter.
HEADINGS: Mapping[Column, tuple[str, ...]] = {
    Column.ORIGIN: ("Från", "Från HSA-id", "From", "From HSA-id", "Origin"),
    Column.DESTINATION: ("Till", "Till HSA-id", "To", "To HSA-id", "Destination"),
    Column.MINUTES: ("Minuter", "Restid", "Minutes", "Travel time"),
    Column.KM: ("Km", "Kilometer", "Väglängd", "Kilometres", "Distance"),
}


class MatrixCode(StrEnum):
    """What is wrong, or odd, in a row; `booking.faults` has a sentence for each."""

    EMPTY = "matrix_empty"
    NUMBER = "matrix_number"
    NEGATIVE = "matrix_negative"
    ZERO = "matrix_zero"
    TOO_LONG = "matrix_too_long"
    UNKNOWN_PLACE = "matrix_unknown_place"
    SAME_PLACE = "matrix_same_place"
    TWICE = "matrix_twice"
    BROKEN = "matrix_broken_row"
    HEADINGS = "matrix_headings"
    ODD_WAYS = "matrix_odd_ways"
    TOO_FAST = "matrix_too_fast"


@dataclass(frozen=True, slots=True)
class MatrixFault:
    """What is wrong, or odd, in a row, numbered from 1 as a spreadsheet does."""

    row: int
    code: MatrixCode
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Way:
    """One way as the file has it, by the keys of its places; `km` None where not told."""

    origin: str
    destination: str
    minutes: float
    km: float | None


@dataclass(frozen=True, slots=True)
class MatrixFile:
    """A file as read: with any fault nothing of it may be taken; warnings are told alone.

    `rows` counts the rows with a way: one from a base that technicians share gives several ways.
    """

    rows: int
    ways: tuple[Way, ...]
    faults: tuple[MatrixFault, ...]
    warnings: tuple[MatrixFault, ...]


def read_matrix_file(data: bytes, name: str, known: Mapping[str, Sequence[Place]]) -> MatrixFile:
    """Read the bytes of the file called `name`.

    `known` are the places by what the file may call them: HSA-id, or the name of a base, which
    several technicians may share. Raises StaffFileError for a file that can't be read at all.
    """
    sheet = read_rows(data, name, _known_headings)
    columns = _find_columns(sheet[0].cells)
    if len(sheet) == 1:
        raise StaffFileError(Code.FILE_NO_ROWS)
    reader = _Reader(columns, {_name(text): tuple(found) for text, found in known.items()})
    for row in sheet[1:]:
        reader.take(row)
    return MatrixFile(
        rows=len(reader.rows),
        ways=tuple(reader.ways.values()),
        faults=tuple(reader.faults),
        warnings=(*reader.odd, *reader.odd_ways()),
    )


def write_matrix_file(ways: Iterable[tuple[str, str, Leg]]) -> bytes:
    """Return a file, that can be read again, of ways between names of places."""
    rows: list[tuple[str, str, str, str]] = [("Från", "Till", "Minuter", "Km")]
    for origin, destination, leg in ways:
        rows.append((origin, destination, _swedish(leg.minutes), _swedish(leg.km)))
    return csv_for_people.write_csv(rows)


class _Reader:
    """Takes one row after the other."""

    def __init__(
        self, columns: Mapping[Column, int], known: Mapping[str, tuple[Place, ...]]
    ) -> None:
        self.columns = columns
        self.known = known
        self.rows: dict[tuple[str, str], int] = {}
        self.ways: dict[tuple[str, str], Way] = {}
        self.faults: list[MatrixFault] = []
        self.odd: list[MatrixFault] = []

    def take(self, row: SheetRow) -> None:
        """Read a row into ways, or note what is wrong with it."""
        try:
            if row.broken:
                raise Refusal(MatrixCode.BROKEN)
            self._take(row)
        except Refusal as refusal:
            code = MatrixCode(refusal.code)
            self.faults.append(MatrixFault(row.number, code, refusal.params))

    def _take(self, row: SheetRow) -> None:
        origins = self._places(self._cell(row, Column.ORIGIN))
        destinations = self._places(self._cell(row, Column.DESTINATION))
        minutes = _number(self._cell(row, Column.MINUTES))
        km_text = self._cell(row, Column.KM)
        km = _number(km_text) if km_text else None
        if minutes > MOST_MINUTES:
            raise Refusal(MatrixCode.TOO_LONG, minutes=round(minutes))
        if origins == destinations:
            if minutes > 0:
                raise Refusal(MatrixCode.SAME_PLACE)
            return
        if minutes == 0:
            raise Refusal(MatrixCode.ZERO)
        self._keep(row.number, origins, destinations, minutes, km)

    def _keep(
        self,
        number: int,
        origins: Sequence[Place],
        destinations: Sequence[Place],
        minutes: float,
        km: float | None,
    ) -> None:
        pair = (origins[0].key, destinations[0].key)
        first_row = self.rows.setdefault(pair, number)
        if first_row != number:
            raise Refusal(MatrixCode.TWICE, first_row=first_row)
        for one in origins:
            for other in destinations:
                self.ways[one.key, other.key] = Way(one.key, other.key, minutes, km)
        straight = straight_km(origins[0], destinations[0])
        if straight > FASTEST_KMH * minutes / 60:
            told: dict[str, Param] = {"minutes": round(minutes), "km": round(straight)}
            self.odd.append(MatrixFault(number, MatrixCode.TOO_FAST, told))

    def odd_ways(self) -> list[MatrixFault]:
        """Return a warning for each way whose way back takes oddly much longer or shorter."""
        found: list[MatrixFault] = []
        for (origin, destination), number in self.rows.items():
            back = self.rows.get((destination, origin), 0)
            if back > number:
                there, home = (
                    self.ways[pair].minutes
                    for pair in ((origin, destination), (destination, origin))
                )
                if _odd(there, home):
                    told: dict[str, Param] = {
                        "back_row": back,
                        "minutes": round(there),
                        "back": round(home),
                    }
                    found.append(MatrixFault(number, MatrixCode.ODD_WAYS, told))
        return found

    def _cell(self, row: SheetRow, column: Column) -> str:
        index = self.columns.get(column, len(row.cells))
        return row.cells[index] if index < len(row.cells) else ""

    def _places(self, text: str) -> tuple[Place, ...]:
        if not text:
            raise Refusal(MatrixCode.EMPTY)
        if found := self.known.get(_name(text)):
            return found
        raise Refusal(MatrixCode.UNKNOWN_PLACE, place=text[:SHOWN_LENGTH])


def _known_headings(cells: Sequence[str]) -> int:
    return known_headings(cells, _COLUMNS)


def _find_columns(cells: Sequence[str]) -> Mapping[Column, int]:
    columns = find_headings(cells, _COLUMNS).columns
    if missing := [HEADINGS[column][0] for column in MANDATORY if column not in columns]:
        raise StaffFileError(MatrixCode.HEADINGS, headings=", ".join(missing))
    return columns


def _name(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split())).casefold()


def _number(text: str) -> float:
    if not text:
        raise Refusal(MatrixCode.EMPTY)
    try:
        number = float(re.sub(r"[ \u00a0\u202f]", "", text).replace(",", "."))
    except ValueError:
        raise Refusal(MatrixCode.NUMBER, value=text[:SHOWN_LENGTH]) from None
    if not isfinite(number):
        raise Refusal(MatrixCode.NUMBER, value=text[:SHOWN_LENGTH])
    if number < 0:
        raise Refusal(MatrixCode.NEGATIVE)
    return number


def _odd(there: float, home: float) -> bool:
    apart = abs(there - home)
    return apart > ODD_MINUTES or (
        apart > FEW_MINUTES and max(there, home) > ODD_RATIO * min(there, home)
    )


def _swedish(number: float) -> str:
    return f"{number:.1f}".replace(".", ",")


_COLUMNS = by_heading(HEADINGS)
