"""Read a receipt as it comes: JSON by the schema, or CSV from somebody's spreadsheet.

Whatever the bytes are, the answer is a document that keeps every rule, or ReceiptUnreadable.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from enrolment.cards.domain.package import HARD_STOP
from enrolment.cards.domain.package_fields import UTC_TIME, FieldFault, Record
from enrolment.cards.domain.receipt_fields import (
    JUDGED,
    MADE,
    RECEIPT_FORMAT,
    ContentStatus,
    Counts,
    OrderAnswer,
    ReceiptDocument,
    ReceiptHead,
    ReceiptKind,
    ReceiptLineDocument,
    Technical,
)
from enrolment.people.domain.refusal import Refusal

# A content receipt for 2,000 orders takes about 0.4 MB.
MOST_BYTES = 2_000_000

HEAD_COLUMNS = (
    "receipt_id",
    "kind",
    "batch_id",
    "package_sha256",
    "created_at",
    "status",
    "code",
    "text",
)
LINE_COLUMNS: Mapping[str, str] = {
    "order_id": "order_id",
    "order_status": "status",
    "order_code": "code",
    "order_text": "text",
    "card_number": "card_number",
    "date": "date",
}
COLUMNS = (*HEAD_COLUMNS, *LINE_COLUMNS)

type Row = Mapping[str, str]


class ReadFault(StrEnum):
    """Why a receipt can't be read; the parameters of each stand beside it."""

    TOO_LARGE = "too_large"  # most (bytes)
    ENCODING = "encoding"
    NOT_JSON = "not_json"
    FIELDS = "fields"  # field: the first that is missing, or one that should not be there
    FIELD = "field"  # field, fault (a FieldFault)
    LINE_FIELD = "line_field"  # line (from 1), field, fault (a FieldFault)
    KIND_FIELD = "kind_field"  # field that does not go with the kind of receipt
    LINE_KIND_FIELD = "line_kind_field"  # line (from 1), field that does not go with the answer
    COLUMNS = "columns"  # field: a column that is missing or should not be there
    ROW = "row"  # line (from 1): too many or too few cells
    NOT_CSV = "not_csv"
    ROWS_DIFFER = "rows_differ"  # line (from 1), field that differs from the first row's


class ReceiptUnreadable(Refusal):
    """The bytes are no receipt: `code` is a ReadFault. The parameters hold nothing of the file."""


def read_receipt(data: bytes, name: str, issuer: str = "") -> ReceiptDocument:
    """Return the receipt in the bytes: CSV where the file is named so, else JSON.

    `issuer` is the code of the issuer that sends it: a CSV does not say. At most MOST_BYTES are
    looked at. Raises ReceiptUnreadable.
    """
    if len(data) > MOST_BYTES:
        raise ReceiptUnreadable(ReadFault.TOO_LARGE, most=MOST_BYTES)
    is_csv = name.lower().endswith(".csv")
    document = _from_csv(data, issuer) if is_csv else _from_json(data)
    _check_kind(document)
    return document


def _from_json(data: bytes) -> ReceiptDocument:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReceiptUnreadable(ReadFault.ENCODING) from error
    try:
        tree = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ReceiptUnreadable(ReadFault.NOT_JSON) from error
    fields = _fields(tree, [*ReceiptHead.rules(), "counts", "lines"])
    lines = fields.pop("lines")
    counts = fields.pop("counts")
    head = _record(ReceiptHead, fields)
    if not isinstance(lines, list) or len(lines) > HARD_STOP.orders:
        raise ReceiptUnreadable(ReadFault.FIELD, field="lines", fault=FieldFault.WRONG_TYPE)
    return ReceiptDocument(
        **vars(head),
        counts=None if counts is None else _record(Counts, _fields(counts, Counts.rules())),
        lines=tuple(_line(number, line) for number, line in enumerate(lines, start=1)),
    )


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _fields(found: Any, wanted: Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields when they are just those wanted."""
    if not isinstance(found, dict):
        raise ReceiptUnreadable(ReadFault.NOT_JSON)
    missing = [name for name in wanted if name not in found]
    strange = [name for name in found if name not in wanted]
    for name in missing + strange:
        plain = re.fullmatch("[a-z0-9_]{1,40}", name)
        raise ReceiptUnreadable(ReadFault.FIELDS, field=name if plain else "?")
    return dict(found)


def _record[R: Record](kind: type[R], found: Mapping[str, Any], line: int = 0) -> R:
    """Make the record, every field by its rule; `line` is where it stands among the lines."""
    if not _are_times(kind, found):
        raise _field_fault(line, "created_at", FieldFault.WRONG_FORM)
    try:
        record = kind.from_values(found)
    except ValueError as error:
        raise _field_fault(line, "created_at", FieldFault.WRONG_FORM) from error
    for name, fault in record.faults().items():
        raise _field_fault(line, name, fault)
    return record


def _are_times(kind: type[Record], found: Mapping[str, Any]) -> bool:
    """Say whether the times have the form of times, which `from_values` takes for granted."""
    names = [name for name, rule in kind.rules().items() if rule.get("format") == "date-time"]
    return all(
        isinstance(found[name], str) and re.fullmatch(UTC_TIME["pattern"], found[name])
        for name in names
    )


def _field_fault(line: int, name: str, fault: FieldFault) -> ReceiptUnreadable:
    if line:
        return ReceiptUnreadable(ReadFault.LINE_FIELD, line=line, field=name, fault=fault)
    return ReceiptUnreadable(ReadFault.FIELD, field=name, fault=fault)


def _line(number: int, found: Any) -> ReceiptLineDocument:
    line = _record(ReceiptLineDocument, _fields(found, ReceiptLineDocument.rules()), number)
    try:
        date.fromisoformat(line.date or "2026-01-01")
    except ValueError as error:
        raise _field_fault(number, "date", FieldFault.WRONG_FORM) from error
    return line


def _from_csv(data: bytes, issuer: str) -> ReceiptDocument:
    numbered = _rows(_text(data))
    first = numbered[0][1]
    for number, row in numbered:
        _check_same(number, row, first)
    lines = tuple(_csv_line(number, row) for number, row in numbered if _says_order(row))
    head = {name: first[name] or None for name in HEAD_COLUMNS}
    head |= {"text": first["text"], "schema": RECEIPT_FORMAT, "issuer": issuer}
    return ReceiptDocument(
        **vars(_record(ReceiptHead, head)),
        counts=Counts.of(lines) if first["kind"] == ReceiptKind.CONTENT else None,
        lines=lines,
    )


def _text(data: bytes) -> str:
    """Decode what spreadsheets write: UTF-8 with or without a mark, else Windows-1252."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReceiptUnreadable(ReadFault.ENCODING)


def _rows(text: str) -> list[tuple[int, Row]]:
    """Return the rows that hold anything, each by its columns and with its number from 1."""
    heading = text.partition("\n")[0]
    separator = ";" if heading.count(";") > heading.count(",") else ","
    try:
        names, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    except (csv.Error, ValueError) as error:
        raise ReceiptUnreadable(ReadFault.NOT_CSV) from error
    names = [name.strip() for name in names]
    strange = [name for name in COLUMNS if names.count(name) != 1]
    if strange or len(names) > len(COLUMNS):
        raise ReceiptUnreadable(ReadFault.COLUMNS, field=strange[0] if strange else "")
    found = [
        (number, _row(number, names, row)) for number, row in enumerate(rows, start=1) if any(row)
    ]
    if not found:
        raise ReceiptUnreadable(ReadFault.NOT_CSV)
    return found


def _row(number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(names):
        raise ReceiptUnreadable(ReadFault.ROW, line=number)
    return {name: cell.strip(" ") for name, cell in zip(names, cells, strict=True)}


def _check_same(number: int, row: Row, first: Row) -> None:
    """Let each row say the same of the batch as the first one, or nothing."""
    for name in HEAD_COLUMNS:
        if row[name] not in ("", first[name]):
            raise ReceiptUnreadable(ReadFault.ROWS_DIFFER, line=number, field=name)


def _says_order(row: Row) -> bool:
    return any(row[column] for column in LINE_COLUMNS)


def _csv_line(number: int, row: Row) -> ReceiptLineDocument:
    found = {name: row[column] or None for column, name in LINE_COLUMNS.items()}
    return _line(number, found | {"text": row["order_text"]})


def _check_kind(document: ReceiptDocument) -> None:
    """Hold the fields together: what each kind of receipt says, and what it leaves out."""
    technical, content = (
        document.kind == kind for kind in (ReceiptKind.TECHNICAL, ReceiptKind.CONTENT)
    )
    statuses = set(Technical) if technical else set(ContentStatus) if content else {None}
    agree = {
        "status": document.status in statuses,
        "code": (document.code is not None) == (document.status == Technical.REJECTED),
        "counts": (document.counts is not None) == content,
        "lines": bool(document.lines) != technical,
    }
    for field, agrees in agree.items():
        if not agrees:
            raise ReceiptUnreadable(ReadFault.KIND_FIELD, field=field)
    for number, line in enumerate(document.lines, start=1):
        _check_line_kind(number, line, JUDGED if content else MADE)


def _check_line_kind(
    number: int, line: ReceiptLineDocument, answers: frozenset[OrderAnswer]
) -> None:
    agree = {
        "status": line.status in answers,
        "code": (line.code is not None) == (line.status == OrderAnswer.REJECTED),
        "card_number": line.card_number is None or line.status in MADE,
        "date": line.date is None or line.status in MADE,
    }
    for field, agrees in agree.items():
        if not agrees:
            raise ReceiptUnreadable(ReadFault.LINE_KIND_FIELD, line=number, field=field)
