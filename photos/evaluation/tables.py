"""Tables of figures, to be read on a terminal or to stand in a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A title, what to know before reading, and cells; `head` names the columns.

    One that `names_files` is for who has the files, and no part of a page.
    """

    title: str
    head: Row
    rows: tuple[Row, ...]
    note: str = ""
    names_files: bool = False


def as_text(tables: Iterable[Table]) -> str:
    """Return tables with their columns aligned by spaces."""
    return "\n\n".join(_text(table) for table in tables) + "\n"


def as_markdown(tables: Iterable[Table]) -> str:
    """Return tables for a page as Markdown, each under a heading of the second level."""
    return "\n\n".join(_markdown(table) for table in tables if not table.names_files) + "\n"


def cells_as_markdown(table: Table) -> str:
    """Return a table as Markdown without its title and note."""
    rows = (table.head, ("---",) * len(table.head), *table.rows)
    return "\n".join(_line(row) for row in rows)


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with so many decimals, a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def plain(value: float | None) -> str:
    """Return a number in three digits that tell, a dash for none."""
    return "–" if value is None else f"{value:.3g}".replace("-", "−")


def of(part: int, whole: int) -> str:
    """Return "3 of 7", a dash when there are none."""
    return f"{part} of {whole}" if whole else "–"


def _text(table: Table) -> str:
    every = (table.head, *table.rows)
    widths = [max(len(row[at]) for row in every) for at in range(len(table.head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in every
    ]
    note = [table.note] if table.note else []
    return "\n".join([table.title.upper(), *note, *lines])


def _markdown(table: Table) -> str:
    note = f"{table.note}\n\n" if table.note else ""
    return f"## {table.title}\n\n{note}{cells_as_markdown(table)}"


def _line(cells: Sequence[str]) -> str:
    if set(cells) == {"---"}:
        return "|" + "|".join(cells) + "|"
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
