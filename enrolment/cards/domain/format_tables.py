"""The tables of docs/reference/package.md and receipts.md, made from the rules of the fields."""

from collections.abc import Iterable, Mapping

from enrolment.cards.domain.package_fields import BatchHeader, OrderLine, Record
from enrolment.cards.domain.receipt import COLUMNS, HEAD_COLUMNS
from enrolment.cards.domain.receipt_fields import (
    BatchCode,
    Counts,
    OrderCode,
    ReceiptHead,
    ReceiptLineDocument,
)

# What each code of a technical receipt says, and what the sender's operations do about it.
BATCH_CODES: Mapping[BatchCode, tuple[str, str]] = {
    BatchCode.DECRYPT: (
        "The file can't be opened: changed, cut short, or encrypted to another key.",
        "The certificate is compared, then the same package is encrypted and sent again.",
    ),
    BatchCode.SIGNATURE: (
        "The signature is not by a trusted signer, or its certificate has run out.",
        "The signer's certificate is sent on another way, then the package again.",
    ),
    BatchCode.MANIFEST: (
        "A file is changed, missing or too much.",
        "The same package is sent again.",
    ),
    BatchCode.SCHEMA: (
        "The content does not follow the format.",
        "A fault of the software: the sender calls.",
    ),
    BatchCode.CONFLICT: (
        "The number came before with another content.",
        "Somebody looks at both logs before anything is sent.",
    ),
}
NEW_PHOTO = "The person gets a new time, or a manager gives one; the new order names this one."
MEND = "An ID administrator corrects it and orders again, or ends the card need."
DUPLICATE = "Nothing where the order is accepted already; else an ID administrator looks at it."
WHOLE = (
    (
        "`counts`",
        "object or null",
        "How the orders were answered, in a content receipt; else null.",
    ),
    ("`lines`", "list", "One object for each order; none in a technical receipt."),
)


def format_tables(meanings: Mapping[str, str]) -> dict[str, str]:
    """Return each table of the two pages by its name, in Markdown.

    `meanings` say in words what each code for an order means.
    """
    return {
        "batch.json": _fields(BatchHeader),
        "orders": _fields(OrderLine),
        "receipt": _fields(ReceiptHead, *WHOLE),
        "counts": _fields(Counts),
        "lines": _fields(ReceiptLineDocument),
        "columns": "\n".join(
            ("```", " ".join(HEAD_COLUMNS), " ".join(COLUMNS[len(HEAD_COLUMNS) :]), "```")
        ),
        "batch codes": _table(
            ("Code", "Meaning", "What the sender does"),
            ((f"`{code}`", *BATCH_CODES[code]) for code in BatchCode),
        ),
        "order codes": _table(
            ("Code", "Meaning", "What it leads to"),
            ((f"`{code}`", meaning, leads_to(code)) for code, meaning in meanings.items()),
        ),
    }


def leads_to(code: str) -> str:
    """Return what an order rejected with the code leads to."""
    if code.startswith("PHOTO_"):
        return NEW_PHOTO
    return DUPLICATE if code == OrderCode.DUPLICATE_ORDER else MEND


def _fields(record: type[Record], *more: tuple[str, ...]) -> str:
    rows = [
        (f"`{name}`", _kinds(rule["type"]), rule["description"])
        for name, rule in record.rules().items()
    ]
    return _table(("Field", "Type", "Meaning"), [*rows, *more])


def _kinds(kinds: str | list[str]) -> str:
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        f"|{'|'.join(line)}|" if line[0] == "---" else f"| {' | '.join(line)} |" for line in lines
    )
