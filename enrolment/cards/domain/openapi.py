"""The OpenAPI document (3.1) of the API for card issuers, made from what the API speaks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from enrolment.cards.domain.issuer_api import (
    BATCHES_A_PAGE,
    HIGHEST_NUMBER,
    MOST_BATCHES,
    PROBLEMS,
    RECEIPT_ID,
    ApiBatch,
    ApiReceipt,
    Problem,
)
from enrolment.cards.domain.package_fields import BATCH_ID, Record
from enrolment.cards.domain.receipt import MOST_BYTES
from enrolment.cards.domain.receipt_fields import receipt_schema

type Node = dict[str, Any]

PROBLEM_TYPE = "application/problem+json"
# What every call with a token can be answered with.
ALWAYS = (
    Problem.NO_TOKEN,
    Problem.TOKEN_NOT_VALID,
    Problem.NOT_FOUND,
    Problem.METHOD,
    Problem.TOO_MANY,
)
BODY = (
    Problem.CUT_OFF,
    Problem.NO_LENGTH,
    Problem.TOO_LARGE,
    Problem.CONTENT_TYPE,
    Problem.CONFLICT,
    Problem.NOT_DELIVERED,
    Problem.QUARANTINED,
    Problem.OTHER_ID,
)
TEXT_HEADER: Node = {"schema": {"type": "string"}}
HEADERS: Mapping[int, Node] = {
    401: {"WWW-Authenticate": {"description": "Bearer.", **TEXT_HEADER}},
    405: {"Allow": {"description": "The methods that are known here.", **TEXT_HEADER}},
    416: {"Content-Range": {"description": "The size of the file.", **TEXT_HEADER}},
    429: {
        "Retry-After": {
            "description": "Seconds to wait.",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
}


def openapi_document(*, version: str, server: str, calls: int) -> Node:
    """Return the document; `server` is where the API lies, a token has so many calls a minute."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fotorundan for card issuers",
            "version": version,
            "summary": "Fetch batches and answer them with receipts.",
            "description": (
                "Every call but `GET /openapi.json` needs the token of a card issuer and reaches "
                "the batches of that issuer alone. Every fetch and every receipt leaves "
                f"a line in the sender's log. A token has {calls} calls a minute, and a receipt "
                f"may hold {MOST_BYTES} bytes."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _paths() -> Node:
    batch = _in_path("batch_id", "Name of the batch.", dict(BATCH_ID))
    receipt = _in_path("receipt_id", "Your own id of the receipt.", _receipt_id())
    return {
        "/batches": {"get": _list_batches()},
        "/batches/{batch_id}": {"parameters": [batch], "get": _show_batch()},
        "/batches/{batch_id}/package": {"parameters": [batch], "get": _fetch_package()},
        "/batches/{batch_id}/receipts": {"parameters": [batch], "post": _post_receipt()},
        "/receipts/{receipt_id}": {
            "parameters": [receipt],
            "get": _show_receipt(),
            "put": _put_receipt(),
        },
        "/openapi.json": {"get": _show_document()},
    }


def _list_batches() -> Node:
    parameters = [
        _in_query("since", "Only batches with a higher number.", 0, least=0, most=HIGHEST_NUMBER),
        _in_query("limit", "At most so many.", BATCHES_A_PAGE, least=1, most=MOST_BATCHES),
    ]
    return _operation(
        "listBatches",
        "List the batches, lowest number first",
        {200: _json("A page of batches.", _ref("BatchPage"))},
        [*ALWAYS, Problem.BAD_QUERY],
        parameters=parameters,
    )


def _show_batch() -> Node:
    answers = {200: _json("The batch, and your receipts for it.", _ref("BatchWithReceipts"))}
    return _operation("showBatch", "Show one batch", answers, ALWAYS)


def _fetch_package() -> Node:
    file = {"application/cms": {"schema": {"type": "string", "format": "binary"}}}
    headers = {
        "ETag": {"description": "The SHA-256 of the whole file, quoted.", **TEXT_HEADER},
        "Accept-Ranges": {"description": "bytes", **TEXT_HEADER},
    }
    part = {"Content-Range": {"description": "Which bytes of how many.", **TEXT_HEADER}}
    answers = {
        200: {"description": "The whole package.", "headers": headers, "content": file},
        206: {"description": "The range asked for.", "headers": headers | part, "content": file},
    }
    return _operation(
        "fetchPackage",
        "Fetch the encrypted package, or the rest of it after a cut",
        answers,
        [*ALWAYS, Problem.RANGE, Problem.PACKAGE_GONE],
        parameters=[
            _in_header("Range", "One range of bytes, as bytes=FIRST-LAST or bytes=FIRST-."),
            _in_header("If-Range", "The ETag: the range is served only of that same file."),
        ],
    )


def _show_receipt() -> Node:
    answers = {200: _json("The receipt.", _ref("ReceiptState"))}
    return _operation("showReceipt", "Show what became of a receipt", answers, ALWAYS)


def _put_receipt() -> Node:
    return _operation(
        "putReceipt",
        "Answer a batch; the same bytes again give the same answer",
        _received(),
        [*ALWAYS, *BODY],
        requestBody={"required": True, "content": _json_body()},
    )


def _post_receipt() -> Node:
    csv = {"text/csv": {"schema": {"type": "string", "minLength": 1}}}
    return _operation(
        "postReceipt",
        "Answer a batch with a file, JSON or CSV",
        _received(),
        [*ALWAYS, *BODY],
        requestBody={"required": True, "content": _json_body() | csv},
    )


def _show_document() -> Node:
    answers = {200: _json("This document.", {"type": "object"})}
    operation = _operation("showDocument", "Show this document", answers, [Problem.METHOD])
    return operation | {"security": []}


def _operation(
    name: str, summary: str, answers: Mapping[int, Node], problems: Iterable[Problem], **more: Any
) -> Node:
    found: dict[int, list[Problem]] = {}
    for problem in problems:
        found.setdefault(PROBLEMS[problem][0], []).append(problem)
    told = {status: _problem(status, codes) for status, codes in found.items()}
    responses = {str(status): node for status, node in sorted({**answers, **told}.items())}
    return {"operationId": name, "summary": summary, **more, "responses": responses}


def _problem(status: int, codes: Sequence[Problem]) -> Node:
    description = " Or: ".join(f"`{code.value}` {PROBLEMS[code][1]}" for code in codes)
    schema = {
        "allOf": [
            _ref("Problem"),
            {
                "properties": {
                    "code": {"enum": [code.value for code in codes]},
                    "status": {"const": status},
                }
            },
        ]
    }
    answer: Node = {"description": description, "content": {PROBLEM_TYPE: {"schema": schema}}}
    return answer | ({"headers": HEADERS[status]} if status in HEADERS else {})


def _received() -> dict[int, Node]:
    location = {"Location": {"description": "Where to ask for the receipt.", **TEXT_HEADER}}
    return {
        200: _json("The same receipt came before: the answer is the same.", _ref("ReceiptState")),
        201: _json("The receipt is taken.", _ref("ReceiptState")) | {"headers": location},
    }


def _schemas() -> Node:
    receipt = {name: rule for name, rule in receipt_schema().items() if name[0] != "$"}
    batch, state = _schema_of(ApiBatch), _schema_of(ApiReceipt)
    receipts = {"receipts": {"type": "array", "items": _ref("ReceiptState")}}
    return {
        "Batch": batch,
        "BatchWithReceipts": {
            **batch,
            "properties": batch["properties"] | receipts,
            "required": [*batch["required"], "receipts"],
        },
        "BatchPage": _batch_page(),
        "Receipt": receipt,
        "ReceiptState": state,
        "Problem": _problem_schema(),
    }


def _batch_page() -> Node:
    return {
        "type": "object",
        "properties": {
            "batches": {"type": "array", "maxItems": MOST_BATCHES, "items": _ref("Batch")},
            "next_since": {
                "description": "Ask with this as `since` for the next page; null on the last.",
                "type": ["integer", "null"],
            },
        },
        "required": ["batches", "next_since"],
        "additionalProperties": False,
    }


def _problem_schema() -> Node:
    return {
        "description": "A problem as RFC 9457 describes it.",
        "type": "object",
        "properties": {
            "type": {"description": "urn:kort-problem: and the code.", "type": "string"},
            "title": {"description": "What is wrong, in English.", "type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": [code.value for code in Problem]},
            "detail": {"description": "What to do, in Swedish.", "type": "string"},
            "fault": {"description": "Why a receipt is in quarantine.", "type": "string"},
        },
        "required": ["type", "title", "status", "code", "detail"],
        "additionalProperties": False,
    }


def _schema_of(record: type[Record]) -> Node:
    return {
        "type": "object",
        "properties": {name: dict(rule) for name, rule in record.rules().items()},
        "required": list(record.rules()),
        "additionalProperties": False,
    }


def _json_body() -> Node:
    return {"application/json": {"schema": _ref("Receipt")}}


def _json(description: str, schema: Node) -> Node:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _receipt_id() -> Node:
    return {"type": "string", "pattern": RECEIPT_ID}


def _in_path(name: str, description: str, schema: Node) -> Node:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def _in_query(name: str, description: str, default: int, *, least: int, most: int) -> Node:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _in_header(name: str, description: str) -> Node:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
