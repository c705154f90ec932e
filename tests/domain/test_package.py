"""The package for the card issuer: the same batch, the same bytes, and all accounted for."""

import csv
import hashlib
import io
import json
import typing
import uuid
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import package, package_fields
from enrolment.cards.domain.package_fields import BatchHeader, OrderLine
from tests.package_builders import facts, order, photo_of, signature_of, without_photo, zipped

GOLDEN = Path(__file__).parents[1] / "golden" / "kort-batch-1"
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "package.md"


def golden_lines() -> list[OrderLine]:
    return [
        order(1, personnummer="196112122871", order_type="new"),
        without_photo(2),
        order(
            3, title="", name_on_card='Zoë "Zo" d\'Été; =1+1', supersedes_order_id=order(1).order_id
        ),
    ]


def test_every_byte_is_as_on_file():
    bag = package.make_bag(facts(), golden_lines())
    for path, content in bag.files.items():
        assert content == (GOLDEN / path).read_bytes(), path
    on_file = {str(p.relative_to(GOLDEN)) for p in GOLDEN.rglob("*") if p.is_file()}
    assert on_file == {*bag.files, "package.sha256"}
    expected = (GOLDEN / "package.sha256").read_text().strip()
    assert hashlib.sha256(zipped(bag)).hexdigest() == expected


def test_a_batch_rebuilt_from_its_stored_values_gives_the_same_zip():
    sealed = facts(sealed_at=datetime(2026, 5, 13, 10, 5, 7, 999_999, timezone(timedelta(hours=2))))
    first = package.make_bag(sealed, golden_lines())
    stored = json.loads(json.dumps([line.values() for line in golden_lines()]))
    lines = [OrderLine.from_values(values) for values in stored]
    header = BatchHeader.from_values(json.loads(first.files["data/batch.json"]))
    again = package.make_bag(header, lines)
    assert zipped(again) == zipped(first)
    assert again.header.sealed_at == datetime(2026, 5, 13, 8, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize("change", [{"seq": None}, {"colour": "red"}])
def test_stored_values_with_other_fields_are_not_taken(change):
    values = {**order().values(), **change}
    if values["seq"] is None:
        del values["seq"]
    with pytest.raises(ValueError, match=r"seq|colour"):
        OrderLine.from_values(values)
    assert OrderLine.from_values(order().values()) == order()


def test_a_photo_is_asked_for_when_the_one_before_is_written():
    lines = [order(seq) for seq in (1, 2, 3)]
    bag = package.make_bag(facts(), lines)
    events: list[str] = []

    class Sink:
        def write(self, data: bytes) -> None:
            events.extend(line.order_id for line in lines if data == photo_of(line.order_id))

    def read(order_id: str) -> bytes:
        events.append(f"read {order_id}")
        return photo_of(order_id)

    package.write_zip(Sink(), bag, signature_of(bag), read)
    wanted = [line.order_id for line in sorted(lines, key=lambda line: line.order_id)]
    assert events == [event for order_id in wanted for event in (f"read {order_id}", order_id)]


def test_the_zip_holds_the_bag_sorted_stored_and_timeless():
    bag = package.make_bag(facts(), golden_lines())
    with zipfile.ZipFile(io.BytesIO(zipped(bag))) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        names = [entry.filename.removeprefix("KB-2026-000123/") for entry in entries]
        assert archive.read(f"KB-2026-000123/{package.SIGNATURE}") == signature_of(bag)
    assert all(before < after for before, after in pairwise(names))
    assert set(names) == {*bag.files, *bag.photos, package.SIGNATURE}
    assert {(e.date_time, e.compress_type, e.create_system, e.flag_bits) for e in entries} == {
        ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3, 0)
    }


def test_manifests_cover_every_file_with_its_hash():
    bag = package.make_bag(facts(), golden_lines())
    photos = {path: photo_of(line.order_id) for path, line in bag.photos.items()}
    payload = photos | {path: file for path, file in bag.files.items() if path.startswith("data/")}
    assert listed(bag, "manifest-sha256.txt") == hashes(payload)
    tags = {path: bag.files[path] for path in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt")}
    assert listed(bag, package.TAG_MANIFEST) == hashes(tags)
    total = sum(len(content) for content in payload.values())
    assert f"Payload-Oxum: {total}.{len(payload)}\n".encode() in bag.files["bag-info.txt"]
    assert bag.header.payload_bytes == total - len(payload["data/batch.json"])
    assert (bag.header.order_count, bag.header.photo_count) == (3, 2)


def listed(bag: package.Bag, manifest: str) -> dict[str, str]:
    lines = bag.files[manifest].decode().splitlines()
    return {path: digest for digest, path in (line.split("  ") for line in lines)}


def hashes(files: dict[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


def test_schema_names_the_fields_and_types_of_the_dataclass():
    schema = package_fields.order_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    json_names = {str: "string", int: "integer", bool: "boolean", datetime: "string"}
    json_names[type(None)] = "null"
    expected = {}
    for name, hint in typing.get_type_hints(OrderLine).items():
        kinds = [json_names[kind] for kind in typing.get_args(hint) or (hint,)]
        expected[name] = kinds if len(kinds) > 1 else kinds[0]
    assert {name: rule["type"] for name, rule in schema["properties"].items()} == expected
    assert schema["required"] == list(expected)


ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70_000),
    st.text(max_size=40),
    st.text("ab\n\u200b\u202e é", max_size=4),
    st.sampled_from(["", " ", "a" * 51, "a" * 101, "a" * 201, "renewal\n", "photos/x.jpg", "new"]),
    st.sampled_from(["SE5560000000-A\n", "SE5560000000-", "SE5560000000-" + "A" * 19, "home"]),
    st.sampled_from(["196112122871", "2026-05-12T08:05:00Z", "ef" * 32, str(uuid.UUID(int=1))]),
)


@given(name=st.sampled_from(sorted(OrderLine.rules())), value=ODD_VALUES)
def test_own_check_and_json_schema_agree(name, value):
    line = replace(order(), **{name: value})
    validator = jsonschema.Draft202012Validator(package_fields.order_schema())
    complete = len({getattr(line, f) is None for f in package_fields.PHOTO_FIELDS}) == 1
    assert validator.is_valid(line.values()) == (not line.faults() and complete)


@pytest.mark.parametrize("record", [OrderLine, BatchHeader])
def test_reference_has_a_row_for_every_field(record):
    reference = REFERENCE.read_text()
    for name, rule in record.rules().items():
        kinds = " or ".join([rule["type"]] if isinstance(rule["type"], str) else rule["type"])
        assert f"| `{name}` | {kinds} | {rule['description']} |\n" in reference


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@given(names=st.lists(PRINTABLE.filter(lambda name: len(name) <= 200), min_size=1, max_size=5))
def test_both_order_files_read_back_as_the_orders(names):
    lines = [order(seq, name_on_card=name) for seq, name in enumerate(names, start=1)]
    files = package.make_bag(facts(), lines).files
    from_json = [json.loads(row) for row in files["data/orders.jsonl"].decode().splitlines()]
    assert [OrderLine.from_values(values) for values in from_json] == lines
    rows = csv.DictReader(io.StringIO(files["data/orders.csv"].decode(), newline=""))
    assert [row["name_on_card"] for row in rows] == names
    assert files["data/orders.csv"].count(b"\r\n") == len(lines) + 1
