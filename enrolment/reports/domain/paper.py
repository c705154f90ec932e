"""What a document is made of, whether it becomes a page or a PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


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
    """A heading inside a document, with a sentence below it."""

    kind: ClassVar[str] = "section"
    heading: str
    lead: str = ""


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
class Listing:
    """A table: a row has a text for each of `columns`, then a box to tick for each of `ticks`."""

    kind: ClassVar[str] = "listing"
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    ticks: Sequence[Column] = ()


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


type Part = Section | Facts | Listing | Checklist | Signatures


@dataclass(frozen=True)
class Paper:
    """A whole document.

    `over` is the small line above the title, `author` the organisation, `page_words` says "Page
    %(page)s of %(pages)s" in the reader's language.
    """

    title: str
    author: str
    over: str
    page_words: str
    parts: Sequence[Part]
    lead: str = ""
