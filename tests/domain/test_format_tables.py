"""The pages about package and receipt hold what the code says of the formats."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from enrolment.cards.domain.exchange import QUARANTINE, RECEIPTS, TAKEN, Sentinel
from enrolment.cards.domain.format_tables import BATCH_CODES, format_tables, leads_to
from enrolment.cards.domain.receipt import MOST_BYTES
from enrolment.cards.domain.receipt_fields import BatchCode, OrderCode, ReceiptKind

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PACKAGE, RECEIPT = ((FOLDER / name).read_text() for name in ("package.md", "receipts.md"))


def test_every_table_stands_in_one_of_the_pages():
    told = re.findall(r"<!-- table: ([\w .]+) -->", PACKAGE + RECEIPT)
    assert sorted(told) == sorted(format_tables({}))
    assert (PACKAGE + RECEIPT).count("<!-- end of table -->") == len(told)


def test_the_sentinel_is_told_field_by_field():
    part = PACKAGE.partition("one line of canonical JSON")[2].partition("## Inside")[0]
    told = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
    assert told == [field.name for field in fields(Sentinel)]
    assert all(f"`{RECEIPTS}/{name}/`" in PACKAGE for name in (TAKEN, QUARANTINE))


def test_every_kind_and_the_size_of_a_receipt_are_told():
    assert all(RECEIPT.count(f"| `{kind}` |") == 2 for kind in ReceiptKind)
    assert f"{MOST_BYTES:,} bytes" in RECEIPT


def test_a_code_for_a_package_says_what_happens():
    assert set(BATCH_CODES) == set(BatchCode)
    table = format_tables({})["batch codes"]
    assert all(f"| `{code}` |" in table for code in BatchCode)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("PHOTO_BLUR", "new time"),
        ("DATA_NAME", "ID administrator"),
        ("NOT_ELIGIBLE", "ID administrator"),
        ("DUPLICATE_ORDER", "Nothing"),
    ],
)
def test_a_code_for_an_order_says_what_it_leads_to(code, says):
    assert says in leads_to(code)
    assert f"| `{code}` | why | {leads_to(code)} |" in format_tables({code: "why"})["order codes"]


def test_every_code_for_an_order_stands_in_the_page():
    assert [code for code in OrderCode if f"| `{code}` |" not in RECEIPT] == []
