"""The fields of a receipt: what the card issuer answers about a batch and its orders.

Each field carries its rule as a JSON Schema fragment. The schema for issuers, the check of what
comes in and docs/reference/receipts.md all follow from these rules.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Self

from enrolment.cards.domain.package import HARD_STOP, canonical_json
from enrolment.cards.domain.package_fields import (
    BATCH_ID,
    CODE,
    SHA256,
    TEXT,
    UTC_TIME,
    UUID,
    Record,
    Rule,
)

RECEIPT_FORMAT = "kort-receipt/1"


class ReceiptKind(StrEnum):
    """What a receipt answers: is the package whole, are the orders good, are the cards made."""

    TECHNICAL = "technical"
    CONTENT = "content"
    PRODUCTION = "production"


class Technical(StrEnum):
    """The status of a technical receipt."""

    RECEIVED = "RECEIVED"
    REJECTED = "REJECTED"


class ContentStatus(StrEnum):
    """The status of a content receipt; partly where the orders' answers differ."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"
    PENDING = "pending"


class BatchCode(StrEnum):
    """Why a whole package was rejected: each is for operations."""

    DECRYPT = "BATCH_DECRYPT"
    SIGNATURE = "BATCH_SIGNATURE"
    MANIFEST = "BATCH_MANIFEST"
    SCHEMA = "BATCH_SCHEMA"
    CONFLICT = "BATCH_CONFLICT"


class OrderAnswer(StrEnum):
    """What a receipt says of one order: the first three in content, the others in production."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDING = "pending"
    PRODUCED = "produced"
    POSTED = "posted"
    RETURNED = "returned"


JUDGED = frozenset({OrderAnswer.ACCEPTED, OrderAnswer.REJECTED, OrderAnswer.PENDING})
MADE = frozenset({OrderAnswer.PRODUCED, OrderAnswer.POSTED, OrderAnswer.RETURNED})


class OrderCode(StrEnum):
    """Why an order was rejected. Besides these: DATA_ and a word for the field that is wrong."""

    PHOTO_BLUR = "PHOTO_BLUR"
    PHOTO_GLARE = "PHOTO_GLARE"
    PHOTO_POSE = "PHOTO_POSE"
    PHOTO_BACKGROUND = "PHOTO_BACKGROUND"
    PHOTO_CROP = "PHOTO_CROP"
    PHOTO_EYES = "PHOTO_EYES"
    PHOTO_SIZE = "PHOTO_SIZE"
    PHOTO_DECODE = "PHOTO_DECODE"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"


DATA_CODE = "DATA_[A-Z]+(_[A-Z]+)*"
ORDER_CODE = f"^({'|'.join(OrderCode)}|{DATA_CODE})$"
SCREEN_TEXT: Rule = {**TEXT, "maxLength": 200}
OR_NULL: Rule = {"type": ["string", "null"]}


def _values(of: type[StrEnum]) -> list[str]:
    return [member.value for member in of]


@dataclass(frozen=True, kw_only=True)
class Counts(Record):
    """How many orders a content receipt is about, and how they were answered."""

    orders: Annotated[int, {"description": "Orders.", "type": "integer", "minimum": 1}]
    accepted: Annotated[int, {"description": "Accepted.", "type": "integer", "minimum": 0}]
    rejected: Annotated[int, {"description": "Rejected.", "type": "integer", "minimum": 0}]
    pending: Annotated[int, {"description": "Not judged.", "type": "integer", "minimum": 0}]

    @classmethod
    def of(cls, lines: Sequence["ReceiptLineDocument"]) -> Self:
        """Count the answers of content lines."""
        found = Counter(line.status for line in lines)
        return cls(
            orders=len(lines),
            accepted=found[OrderAnswer.ACCEPTED],
            rejected=found[OrderAnswer.REJECTED],
            pending=found[OrderAnswer.PENDING],
        )

    @property
    def status(self) -> ContentStatus:
        """Return the status of the whole that these counts make."""
        for status in (ContentStatus.ACCEPTED, ContentStatus.REJECTED, ContentStatus.PENDING):
            if getattr(self, status) == self.orders:
                return status
        return ContentStatus.PARTLY


@dataclass(frozen=True, kw_only=True)
class ReceiptLineDocument(Record):
    """What a receipt says of one order."""

    order_id: Annotated[str, {"description": "The order's UUID.", **UUID}]
    status: Annotated[
        str,
        {
            "description": "content: accepted, rejected or pending; production: the others.",
            **TEXT,
            "enum": _values(OrderAnswer),
        },
    ]
    code: Annotated[
        str | None,
        {
            "description": "Why the order was rejected; null for all other answers.",
            **TEXT,
            **OR_NULL,
            "maxLength": 40,
            "pattern": ORDER_CODE,
        },
    ] = None
    text: Annotated[str, {"description": "The same in words, for people.", **SCREEN_TEXT}] = ""
    card_number: Annotated[
        str | None,
        {
            "description": "The card's number, in production.",
            **CODE,
            **OR_NULL,
            "maxLength": 40,
        },
    ] = None
    date: Annotated[
        str | None,
        {
            "description": "The day it was produced, posted or returned.",
            **TEXT,
            **OR_NULL,
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        },
    ] = None


@dataclass(frozen=True, kw_only=True)
class ReceiptHead(Record):
    """What a receipt says of itself and of the whole batch."""

    receipt_id: Annotated[
        str, {"description": "The issuer's own id; used once.", **CODE, "maxLength": 80}
    ]
    kind: Annotated[str, {"description": "What is answered.", **TEXT, "enum": _values(ReceiptKind)}]
    issuer: Annotated[str, {"description": "The card issuer, as batch.json says.", **CODE}]
    batch_id: Annotated[str, {"description": "The batch.", **BATCH_ID}]
    package_sha256: Annotated[
        str, {"description": "SHA-256 of the ZIP that was received, hex.", **SHA256}
    ]
    created_at: Annotated[datetime, {"description": "When it was written, UTC.", **UTC_TIME}]
    status: Annotated[
        str | None,
        {
            "description": "technical: RECEIVED or REJECTED; content: of the whole; else null.",
            **TEXT,
            **OR_NULL,
            "enum": [*_values(Technical), *_values(ContentStatus), None],
        },
    ] = None
    code: Annotated[
        str | None,
        {
            "description": "Why the package was rejected, in a technical receipt; else null.",
            **TEXT,
            **OR_NULL,
            "enum": [*_values(BatchCode), None],
        },
    ] = None
    text: Annotated[str, {"description": "The same in words, for people.", **SCREEN_TEXT}] = ""
    schema: Annotated[str, {"description": "The format.", **TEXT, "const": RECEIPT_FORMAT}] = (
        RECEIPT_FORMAT
    )


@dataclass(frozen=True, kw_only=True)
class ReceiptDocument(ReceiptHead):
    """A whole receipt. `values`, `rules` and `faults` are those of its head."""

    counts: Counts | None = None
    lines: tuple[ReceiptLineDocument, ...] = ()

    @classmethod
    @cache
    def rules(cls) -> Mapping[str, Rule]:
        """Return the rules of the head."""
        return ReceiptHead.rules()

    def tree(self) -> dict[str, Any]:
        """Return all of the receipt as JSON values."""
        counts = self.counts.values() if self.counts else None
        return {**self.values(), "counts": counts, "lines": [line.values() for line in self.lines]}


def write_receipt(document: ReceiptDocument) -> bytes:
    """Return the receipt as canonical JSON; `read_receipt` gives the same document back."""
    return canonical_json(document.tree())


def is_data_code(code: str) -> bool:
    """Say whether the code is one of DATA_*: something in the order line is wrong."""
    return re.fullmatch(DATA_CODE, code) is not None


def receipt_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a receipt."""
    parts = {
        "counts": {"anyOf": [{"type": "null"}, _schema_of(Counts)]},
        "lines": {"type": "array", "maxItems": HARD_STOP.orders, "items": _line_schema()},
    }
    head = _schema_of(ReceiptHead)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:kort-receipt:1:receipt",
        "title": f"Receipt for a batch, {RECEIPT_FORMAT}",
        **head,
        "properties": head["properties"] | parts,
        "required": [*head["required"], *parts],
        "allOf": [_when("kind", kind, then) for kind, then in _kinds().items()]
        + [_when("status", Technical.REJECTED, {"code": {"type": "string"}}, {"code": NULL})],
    }


NULL: Rule = {"type": "null"}


def _schema_of(record: type[Record]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(record.rules()),
        "required": list(record.rules()),
        "additionalProperties": False,
    }


def _line_schema() -> dict[str, Any]:
    rejected = _when("status", OrderAnswer.REJECTED, {"code": {"type": "string"}}, {"code": NULL})
    judged = {
        "if": {"properties": {"status": {"enum": sorted(JUDGED)}}},
        "then": {"properties": {"card_number": NULL, "date": NULL}},
    }
    return _schema_of(ReceiptLineDocument) | {"allOf": [rejected, judged]}


def _kinds() -> dict[str, dict[str, Any]]:
    """Return what each kind of receipt asks of the other fields."""
    return {
        ReceiptKind.TECHNICAL: {
            "status": {"enum": _values(Technical)},
            "counts": NULL,
            "lines": {"maxItems": 0},
        },
        ReceiptKind.CONTENT: {
            "status": {"enum": _values(ContentStatus)},
            "counts": {"type": "object"},
            "lines": {
                "minItems": 1,
                "items": {"properties": {"status": {"enum": sorted(JUDGED)}}},
            },
        },
        ReceiptKind.PRODUCTION: {
            "status": NULL,
            "counts": NULL,
            "lines": {
                "minItems": 1,
                "items": {"properties": {"status": {"enum": sorted(MADE)}}},
            },
        },
    }


def _when(
    field: str, value: str, then: dict[str, Any], otherwise: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a schema: where the field has the value the first properties hold, else the others."""
    rule: dict[str, Any] = {
        "if": {"properties": {field: {"const": value}}},
        "then": {"properties": then},
    }
    return rule if otherwise is None else rule | {"else": {"properties": otherwise}}
