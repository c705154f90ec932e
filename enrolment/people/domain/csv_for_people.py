"""CSV that a person opens in a spreadsheet program, safe from cells that begin as formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

# What spreadsheet programs take for a formula (OWASP, CSV injection), full width forms too.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_csv(rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return the rows as UTF-8 with a byte order mark and semicolons, as Swedish Excel expects."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str | int) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
