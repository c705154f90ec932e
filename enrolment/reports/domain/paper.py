"""What a document is made of, whether it becomes a page or a PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import ClassVar

import segno


@dataclass(frozen=True)
class Fact:
    """One thing we know; `code` marks what is compared letter by letter.

    The value may have several lines.
    """

    label: str
    value: str
    code: bool = False


@dataclass(frozen=True)
class Section:
    """A heading inside a document, with a sentence below it.

    On paper it begins a new page where less than `room` millimetres are left.
    """

    kind: ClassVar[str] = "section"
    heading: str
    lead: str = ""
    room: int = 60


@dataclass(frozen=True)
class Facts:
    """What we know, as labels and values."""

    kind: ClassVar[str] = "facts"
    rows: Sequence[Fact]


@dataclass(frozen=True)
class Column:
    """A column's heading and its share of the width."""

    heading: str
    share: float


@dataclass(frozen=True)
class Code:
    """A text as a QR code (ISO/IEC 18004), readable with up to 15 % of it dirty (level M)."""

    text: str

    @cached_property
    def modules(self) -> tuple[bytearray, ...]:
        """Return rows of modules, 1 for dark; the quiet zone of 4 around it is the page's."""
        return segno.make(self.text, error="m", micro=False).matrix

    @property
    def size(self) -> int:
        """Return how many modules wide and high it is."""
        return len(self.modules)

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield each run of dark modules as column, row and length, from the top left."""
        for row, modules in enumerate(self.modules):
            column = 0
            for dark, run in groupby(modules):
                length = len(list(run))
                if dark:
                    yield column, row, length
                column += length

    @property
    def path(self) -> str:
        """Return the dark modules as the path of an SVG."""
        return "".join(f"M{column} {row}h{run}v1h-{run}z" for column, row, run in self.runs())


@dataclass(frozen=True)
class Listing:
    """A table: a row has a text for each of `columns`, then a box to tick for each of `ticks`.

    With `codes`, one for each row or None, a last column has them to scan. A `roomy` table has
    rows to write in by hand.
    """

    kind: ClassVar[str] = "listing"
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    ticks: Sequence[Column] = ()
    codes: Sequence[Code | None] = ()
    code_column: Column = Column("", 0.14)
    roomy: bool = False

    @property
    def coded_rows(self) -> list[tuple[Sequence[str], Code | None]]:
        """Return each row with its code."""
        return list(zip(self.rows, self.codes or [None] * len(self.rows), strict=True))


@dataclass(frozen=True)
class Scan:
    """Something to do with one's telephone: what, how, and the code to scan."""

    kind: ClassVar[str] = "scan"
    heading: str
    text: str
    code: Code


@dataclass(frozen=True)
class Slip:
    """What one person is given on paper: the name, lines of text, the code and a way to scan."""

    name: str
    facts: Sequence[Fact]
    code: Code


@dataclass(frozen=True)
class Slips:
    """Slips to cut out, on sheets of their own."""

    kind: ClassVar[str] = "slips"
    heading: str
    lead: str
    slips: Sequence[Slip]


@dataclass(frozen=True)
class Checklist:
    """Things to tick off."""

    kind: ClassVar[str] = "checklist"
    heading: str
    items: Sequence[str]


@dataclass(frozen=True)
class Signatures:
    """Lines to sign on, one for each who signs; `fields` is what each fills in."""

    kind: ClassVar[str] = "signatures"
    people: Sequence[str]
    fields: Sequence[str]


type Part = Section | Facts | Listing | Checklist | Signatures | Scan | Slips


@dataclass(frozen=True)
class Paper:
    """A whole document.

    `over` is the small line above the title, `author` the organisation, `page_words` says "Page
    %(page)s of %(pages)s" in the reader's language. A `large` one is read from across a room.
    """

    title: str
    author: str
    over: str
    page_words: str
    parts: Sequence[Part]
    lead: str = ""
    large: bool = False
