"""What the API for card issuers speaks: its answers, its problems and how a list is asked for.

The OpenAPI document and docs/reference/issuer-api.md follow from what stands here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from enrolment.cards.domain.package_fields import (
    BATCH_ID,
    SHA256,
    UTC_TIME,
    Environment,
    Record,
    Rule,
)
from enrolment.cards.domain.receipt_fields import ReceiptKind
from enrolment.cards.domain.states import HANDED_OVER

BYTES: Rule = {"type": "integer", "minimum": 1}
RECEIPT_ID = "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
MOST_BATCHES = 100
BATCHES_A_PAGE = 50
HIGHEST_NUMBER = 999_999


class Problem(StrEnum):
    """Why a call was not done; each has its status and title in PROBLEMS."""

    BAD_QUERY = "bad_query"
    CUT_OFF = "cut_off"
    NO_TOKEN = "no_token"  # noqa: S105 a code
    TOKEN_NOT_VALID = "token_not_valid"  # noqa: S105 a code
    NOT_FOUND = "not_found"
    METHOD = "method"
    CONFLICT = "conflict"
    NOT_DELIVERED = "not_delivered"
    NO_LENGTH = "no_length"
    TOO_LARGE = "too_large"
    CONTENT_TYPE = "content_type"
    RANGE = "range"
    QUARANTINED = "quarantined"
    OTHER_ID = "other_id"
    TOO_MANY = "too_many"
    PACKAGE_GONE = "package_gone"


PROBLEMS: Mapping[Problem, tuple[int, str]] = {
    Problem.BAD_QUERY: (400, "The query has a parameter or a value that is not known."),
    Problem.CUT_OFF: (400, "The body was cut off on its way."),
    Problem.NO_TOKEN: (401, "A token is needed: send Authorization: Bearer."),
    Problem.TOKEN_NOT_VALID: (401, "The token is unknown, revoked or has run out."),
    Problem.NOT_FOUND: (404, "There is no such thing for this token."),
    Problem.METHOD: (405, "The method is not known here: the header Allow names those that are."),
    Problem.CONFLICT: (409, "Another receipt was taken under the same receipt id."),
    Problem.NOT_DELIVERED: (409, "The batch is not delivered yet: send the receipt later."),
    Problem.NO_LENGTH: (411, "The header Content-Length is needed."),
    Problem.TOO_LARGE: (413, "The body is larger than a receipt may be."),
    Problem.CONTENT_TYPE: (415, "The content type is none of those that are described."),
    Problem.RANGE: (416, "The range lies outside the file."),
    Problem.QUARANTINED: (422, "The receipt was kept in quarantine: `fault` says why."),
    Problem.OTHER_ID: (422, "The receipt names another receipt id or batch than the address."),
    Problem.TOO_MANY: (429, "The token has had its calls for this minute."),
    Problem.PACKAGE_GONE: (503, "The package is not in its place: try again later."),
}


@dataclass(frozen=True, kw_only=True)
class ApiBatch(Record):
    """A batch that was handed over to the issuer."""

    batch_id: Annotated[str, {"description": "Name of the batch.", **BATCH_ID}]
    batch_no: Annotated[
        int,
        {
            "description": "Number of the batch, without a gap per issuer.",
            "type": "integer",
            "minimum": 1,
            "maximum": HIGHEST_NUMBER,
        },
    ]
    status: Annotated[
        str,
        {
            "description": "What your receipts have said of it so far.",
            "type": "string",
            "enum": [status.value for status in HANDED_OVER],
        },
    ]
    environment: Annotated[
        str,
        {
            "description": "`prod` when the cards are to be made, else `test`.",
            "type": "string",
            "enum": [environment.value for environment in Environment],
        },
    ]
    sealed_at: Annotated[datetime, {"description": "When it was sealed, UTC.", **UTC_TIME}]
    delivered_at: Annotated[
        datetime, {"description": "When it could first be fetched, UTC.", **UTC_TIME}
    ]
    order_count: Annotated[
        int, {"description": "Orders in the batch.", "type": "integer", "minimum": 1}
    ]
    file_name: Annotated[
        str, {"description": "Name of the encrypted package.", "type": "string", "minLength": 1}
    ]
    encrypted_sha256: Annotated[
        str, {"description": "SHA-256 of the encrypted package, hex.", **SHA256}
    ]
    encrypted_bytes: Annotated[int, {"description": "Its size, bytes.", **BYTES}]
    package_sha256: Annotated[
        str,
        {"description": "SHA-256 of the ZIP inside it, hex: receipts repeat this one.", **SHA256},
    ]
    package_bytes: Annotated[int, {"description": "Size of the ZIP, bytes.", **BYTES}]


@dataclass(frozen=True, kw_only=True)
class ApiReceipt(Record):
    """A receipt as it was taken, or kept in quarantine."""

    receipt_id: Annotated[
        str, {"description": "Your own id of it; empty where it can't be read.", "type": "string"}
    ]
    kind: Annotated[
        str | None,
        {
            "description": "What it answers; null where it can't be read.",
            "type": ["string", "null"],
            "enum": [*(kind.value for kind in ReceiptKind), None],
        },
    ]
    batch_id: Annotated[
        str | None,
        {
            "description": "Name of the batch; null where it is not known.",
            **BATCH_ID,
            "type": ["string", "null"],
        },
    ]
    state: Annotated[
        str,
        {
            "description": "settled: it was in quarantine, and somebody has dealt with it.",
            "type": "string",
            "enum": ["taken", "quarantined", "settled"],
        },
    ]
    fault: Annotated[
        str | None,
        {"description": "Why it is not taken; null when it is.", "type": ["string", "null"]},
    ]
    sha256: Annotated[str, {"description": "SHA-256 of its bytes, hex.", **SHA256}]
    received_at: Annotated[datetime, {"description": "When it came, UTC.", **UTC_TIME}]


@dataclass(frozen=True)
class ListAsked:
    """Which part of the list is asked for: batches after a number, at most so many."""

    since: int = 0
    limit: int = BATCHES_A_PAGE


class BadQuery(ValueError):
    """The query has an unknown parameter, one twice, or a value that is none."""


def read_list_query(query: Mapping[str, list[str]]) -> ListAsked:
    """Return what the query of the list asks for. Raises BadQuery."""
    if any(name not in ("since", "limit") or len(query[name]) > 1 for name in query):
        raise BadQuery
    asked = {name: _whole(values[0]) for name, values in query.items()}
    page = ListAsked(**asked)
    if page.since > HIGHEST_NUMBER or not 1 <= page.limit <= MOST_BATCHES:
        raise BadQuery
    return page


def _whole(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise BadQuery
    return int(text)
