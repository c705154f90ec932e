"""The page about receipts names every field, column and code that there is."""

from pathlib import Path

from enrolment.cards.domain.receipt import COLUMNS
from enrolment.cards.domain.receipt_fields import (
    RECEIPT_FORMAT,
    BatchCode,
    Counts,
    OrderAnswer,
    OrderCode,
    ReceiptHead,
    ReceiptLineDocument,
)

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/receipts.md").read_text()


def test_each_field_has_its_row():
    rows = [line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    for field in [*ReceiptHead.rules(), *ReceiptLineDocument.rules(), "counts", "lines"]:
        assert field in rows


def test_each_code_and_answer_is_named():
    words = [RECEIPT_FORMAT, *Counts.rules(), *BatchCode, *OrderCode, *OrderAnswer]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_columns_are_those_of_the_csv():
    block = PAGE.partition("```\n")[2].partition("```")[0]
    assert tuple(block.split()) == COLUMNS
