"""A receipt comes back as it was written, and bytes that are no receipt are refused by a code."""

import json
from dataclasses import replace
from datetime import UTC

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from enrolment.cards.domain.receipt import (
    COLUMNS,
    MOST_BYTES,
    ReadFault,
    ReceiptUnreadable,
    read_receipt,
)
from enrolment.cards.domain.receipt_fields import (
    BatchCode,
    Counts,
    OrderCode,
    ReceiptDocument,
    ReceiptLineDocument,
    receipt_schema,
    write_receipt,
)
from tests import receipt_builders as receipts

SCHEMA = jsonschema.Draft202012Validator(receipt_schema())
texts = some.text(
    some.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=200
).map(lambda text: text.strip(" "))
codes = some.sampled_from(OrderCode) | some.from_regex("DATA_[A-Z]{1,9}", fullmatch=True)
ids = some.integers(1, 99).map(receipts.order_id)
numbers = some.none() | some.from_regex("[A-Z0-9][A-Z0-9-]{0,39}", fullmatch=True)
days = some.none() | some.dates().map(lambda day: day.isoformat())
judged = some.builds(
    ReceiptLineDocument,
    order_id=ids,
    status=some.sampled_from(["accepted", "pending"]),
    text=texts,
) | some.builds(
    ReceiptLineDocument, order_id=ids, status=some.just("rejected"), code=codes, text=texts
)
made = some.builds(
    ReceiptLineDocument,
    order_id=ids,
    status=some.sampled_from(["produced", "posted", "returned"]),
    text=texts,
    card_number=numbers,
    date=days,
)
# A spreadsheet's time has whole seconds, as the format has.
moments = some.datetimes(timezones=some.just(UTC)).map(lambda at: at.replace(microsecond=0))
heads = {
    "receipt_id": some.from_regex("[A-Za-z0-9][A-Za-z0-9._-]{0,79}", fullmatch=True),
    "created_at": moments,
    "text": texts,
}
documents = (
    some.builds(receipts.technical, **heads)
    | some.builds(
        receipts.technical, some.just("REJECTED"), code=some.sampled_from(BatchCode), **heads
    )
    | some.tuples(some.lists(judged, min_size=1, max_size=5), some.fixed_dictionaries(heads)).map(
        lambda made: receipts.content(*made[0], **made[1])
    )
    | some.tuples(some.lists(made, min_size=1, max_size=5), some.fixed_dictionaries(heads)).map(
        lambda made: receipts.production(*made[0], **made[1])
    )
)


def fault(data: bytes, name: str = "r.json") -> tuple[str, dict]:
    with pytest.raises(ReceiptUnreadable) as caught:
        read_receipt(data, name, "kortverket")
    return caught.value.code, caught.value.params


def is_read_or_refused(data: bytes, name: str) -> bool:
    try:
        return read_receipt(data, name, "kortverket").faults() == {}
    except ReceiptUnreadable as refusal:
        return refusal.code in set(ReadFault)


def changed(document: ReceiptDocument, **changes: object) -> bytes:
    return json.dumps(document.tree() | changes).encode()


@given(documents)
def test_what_is_written_is_read_back_and_keeps_the_schema(document):
    written = write_receipt(document)
    assert read_receipt(written, "r.json") == document
    SCHEMA.validate(json.loads(written))


@given(documents, some.sampled_from(";,"))
def test_the_same_receipt_as_csv_is_the_same_receipt(document, separator):
    written = receipts.as_csv(document, separator)
    assert read_receipt(written, "R.CSV", "kortverket") == document


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("name", ["r.csv", "r.json"])
def test_a_byte_order_mark_does_no_harm(mark, name):
    document = receipts.content(receipts.line(text="Ö"))
    written = write_receipt(document) if name == "r.json" else receipts.as_csv(document)
    assert read_receipt(mark + written, name, "kortverket") == document


def test_a_csv_in_windows_1252_is_read():
    document = receipts.content(receipts.line(status="rejected", code="DATA_NAME", text="Åsa – €"))
    written = receipts.as_csv(document).decode().encode("cp1252")
    assert read_receipt(written, "kvittens.csv", "kortverket") == document


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "＝1"])
def test_a_formula_is_text_where_text_may_stand_and_refused_elsewhere(text):
    document = receipts.content(receipts.line(text=text))
    assert read_receipt(receipts.as_csv(document), "r.csv", "kortverket").lines[0].text == text
    for field in ("receipt_id", "batch_id", "package_sha256", "kind", "status"):
        assert fault(receipts.as_csv(replace(document, **{field: text})), "r.csv")[0] in (
            ReadFault.FIELD,
            ReadFault.KIND_FIELD,
        )
    for field in ("order_id", "status", "code", "card_number", "date"):
        bad = replace(document.lines[0], **{field: text})
        code, params = fault(receipts.as_csv(replace(document, lines=(bad,))), "r.csv")
        assert (code, params["line"], params["field"]) == (ReadFault.LINE_FIELD, 1, field)


def test_a_csv_repeats_the_batch_or_leaves_it_out():
    lines = [receipts.line(receipts.order_id(seq)) for seq in (1, 2)]
    document = receipts.content(*lines)
    heading, first, second, _end = receipts.as_csv(document).decode().split("\r\n")
    blank = ";" * 8 + ";".join(second.split(";")[8:])
    short = "\r\n".join([heading, first, blank]).encode()
    assert read_receipt(short, "r.csv", "kortverket") == document
    other = second.replace("KB-2026-000001", "KB-2026-000002")
    assert fault("\r\n".join([heading, first, other]).encode(), "r.csv") == (
        ReadFault.ROWS_DIFFER,
        {"line": 2, "field": "batch_id"},
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ReadFault.NOT_CSV),
        (b"\x81\xff", ReadFault.ENCODING),
        (b"a;b\r\n1;2", ReadFault.COLUMNS),
        (";".join(COLUMNS).encode(), ReadFault.NOT_CSV),
        ((";".join(COLUMNS) + "\r\n1;2").encode(), ReadFault.ROW),
        ((";".join(COLUMNS) + '\r\n"a"b').encode(), ReadFault.NOT_CSV),
        ((";".join([*COLUMNS, "more"])).encode(), ReadFault.COLUMNS),
        ((";".join(COLUMNS) + "\r\n" + "x" * 200_000).encode(), ReadFault.NOT_CSV),
    ],
)
def test_what_is_no_csv_receipt_is_refused(data, code):
    assert fault(data, "r.csv")[0] == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ReadFault.NOT_JSON),
        (b"\xff\xfe", ReadFault.ENCODING),
        (b"[]", ReadFault.NOT_JSON),
        (b"null", ReadFault.NOT_JSON),
        (b"[" * 500_000, ReadFault.NOT_JSON),
        (b'{"a":' * 300_000, ReadFault.NOT_JSON),
        (b"1" * 1_000_000, ReadFault.NOT_JSON),
        (b'{"schema": NaN}', ReadFault.NOT_JSON),
        (b'{"schema":1,"schema":1}', ReadFault.NOT_JSON),
        (b"{}", ReadFault.FIELDS),
    ],
)
def test_what_is_no_json_receipt_is_refused(data, code):
    assert fault(data)[0] == code


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 50_000_000])
@pytest.mark.parametrize("name", ["r.json", "r.csv"])
def test_a_receipt_that_is_too_large_is_never_parsed(size, name, monkeypatch):
    monkeypatch.setattr("enrolment.cards.domain.receipt._from_json", None)
    monkeypatch.setattr("enrolment.cards.domain.receipt._from_csv", None)
    assert fault(b" " * size, name) == (ReadFault.TOO_LARGE, {"most": MOST_BYTES})


def test_a_receipt_just_within_the_limit_is_read():
    document = receipts.technical()
    written = write_receipt(document)
    assert read_receipt(written + b" " * (MOST_BYTES - len(written)), "r.json") == document


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"schema": "kort-receipt/2"}, "schema"),
        ({"receipt_id": ""}, "receipt_id"),
        ({"receipt_id": "x" * 81}, "receipt_id"),
        ({"receipt_id": "a\x00"}, "receipt_id"),
        ({"kind": "other"}, "kind"),
        ({"batch_id": "KB-2026-1"}, "batch_id"),
        ({"package_sha256": "AB" * 32}, "package_sha256"),
        ({"created_at": "2026-05-14"}, "created_at"),
        ({"created_at": "2026-02-31T00:00:00Z"}, "created_at"),
        ({"created_at": "0000-01-01T00:00:00Z"}, "created_at"),
        ({"created_at": "2026-05-14T08:05:00+23:59"}, "created_at"),
        ({"created_at": [[]]}, "created_at"),
        ({"created_at": 10**400}, "created_at"),
        ({"status": "MAYBE"}, "status"),
        ({"status": True}, "status"),
        ({"code": "BATCH_OTHER"}, "code"),
        ({"text": "x" * 201}, "text"),
        ({"text": "a\u202eb"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": None}, "text"),
        ({"lines": {}}, "lines"),
    ],
)
def test_each_field_keeps_its_rule(changes, field):
    code, params = fault(changed(receipts.technical(), **changes))
    assert (code, params["field"]) == (ReadFault.FIELD, field)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"order_id": "1"}, "order_id"),
        ({"status": "lost"}, "status"),
        ({"code": "PHOTO_UGLY"}, "code"),
        ({"code": "DATA_" + "X" * 40}, "code"),
        ({"card_number": "=1"}, "card_number"),
        ({"date": "2026-13-01"}, "date"),
        ({"date": "14 maj"}, "date"),
    ],
)
def test_each_field_of_a_line_keeps_its_rule(changes, field):
    document = receipts.production(receipts.line(status="produced"))
    bad = document.lines[0].values() | changes
    code, params = fault(changed(document, lines=[document.lines[0].values(), bad]))
    assert (code, params["line"], params["field"]) == (ReadFault.LINE_FIELD, 2, field)


@pytest.mark.parametrize("extra", [{"more": 1}, {"counts": {"orders": 1}}, {"lines": [{}]}])
def test_missing_and_unknown_fields_are_refused(extra):
    assert fault(changed(receipts.content(), **extra))[0] == ReadFault.FIELDS


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (receipts.technical("accepted"), "status"),
        (receipts.technical("REJECTED"), "code"),
        (receipts.technical(code="BATCH_SCHEMA"), "code"),
        (receipts.technical(lines=(receipts.line(),)), "lines"),
        (receipts.technical(counts=Counts.of([receipts.line()])), "counts"),
        (receipts.content(status="RECEIVED"), "status"),
        (receipts.content(counts=None), "counts"),
        (receipts.production(), "lines"),
        (receipts.production(receipts.line(status="posted"), status="accepted"), "status"),
    ],
)
def test_each_kind_says_what_it_should_and_no_more(document, field):
    written = write_receipt(document)
    assert fault(written) == (ReadFault.KIND_FIELD, {"field": field})
    assert not SCHEMA.is_valid(json.loads(written))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (receipts.content(receipts.line(status="posted")), "status"),
        (receipts.content(receipts.line(status="rejected")), "code"),
        (receipts.content(receipts.line(code="DATA_NAME")), "code"),
        (receipts.content(receipts.line(card_number="1")), "card_number"),
        (receipts.content(receipts.line(date="2026-05-14")), "date"),
        (receipts.production(receipts.line()), "status"),
    ],
)
def test_each_line_says_what_it_should_and_no_more(document, field):
    written = write_receipt(document)
    assert fault(written) == (ReadFault.LINE_KIND_FIELD, {"line": 1, "field": field})
    assert not SCHEMA.is_valid(json.loads(written))


@settings(max_examples=300)
@given(some.binary(max_size=300), some.sampled_from(["r.json", "r.csv"]))
def test_no_bytes_make_it_fall(data, name):
    with pytest.raises(ReceiptUnreadable):
        read_receipt(data, name, "kortverket")


tree = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9),
    lambda more: some.lists(more, max_size=3) | some.dictionaries(some.text(max_size=5), more),
    max_leaves=9,
)


@settings(max_examples=300)
@given(documents, some.data())
def test_any_value_in_any_field_is_read_or_refused(document, data):
    found = document.tree()
    part = data.draw(some.sampled_from([found, *found["lines"]]))
    part[data.draw(some.sampled_from(sorted(part)))] = data.draw(tree)
    written = json.dumps(found).encode()
    assert is_read_or_refused(written, "r.json")


@settings(max_examples=300)
@given(documents, some.data())
def test_a_changed_byte_is_read_or_refused(document, data):
    name = data.draw(some.sampled_from(["r.json", "r.csv"]))
    written = bytearray(write_receipt(document) if name == "r.json" else receipts.as_csv(document))
    written[data.draw(some.integers(0, len(written) - 1))] = data.draw(some.integers(0, 255))
    assert is_read_or_refused(bytes(written), name)


@pytest.mark.parametrize(("name", "told"), [("colour", "colour"), ("Åsa Öberg", "?")])
def test_a_field_too_many_is_named_unless_its_name_may_tell_of_a_person(name, told):
    code, params = fault(changed(receipts.content(), **{name: "1"}))
    assert (code, params["field"]) == (ReadFault.FIELDS, told)
