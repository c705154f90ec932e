"""The container a laptop sends is read to the byte, or refused by a name."""

import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from photos.domain.sealed import (
    LONGEST_HEADER,
    Bound,
    Container,
    Header,
    Kind,
    NotARecord,
    WalkIn,
    read_container,
    read_plain,
)

BOUND = Bound(UUID(int=1), UUID(int=2), UUID(int=3))
PICTURE = b"\xff\xd8 a picture \xff\xd9"
TOLD = {
    "schema": "station-record/1",
    "kind": "photo",
    "visit": str(BOUND.visit),
    "subject": str(BOUND.subject),
    "record": str(BOUND.record),
    "user": str(UUID(int=4)),
    "device": str(UUID(int=5)),
    "made_at": "2026-05-12T08:05:00.000Z",
    "document": "passport",
    "vouched_by": "",
    "checked_in_at": "2026-05-12T08:04:00.000Z",
    "taken_at": "2026-05-12T10:04:30+02:00",
    "source": "camera",
    "tries": 2,
    "seconds": 41,
    "machine_ms": 430,
    "verdict": "pass",
    "findings": [{"component": "sharpness", "answer": "pass", "value": 0.5}],
    "accepted_anyway": "",
    "note": "",
    "without_model": False,
    "width": 1920,
    "height": 1080,
    "sha256": hashlib.sha256(PICTURE).hexdigest(),
    "walk_in": None,
}
NOTE = {**TOLD, "kind": "note", "note": "Vänta 👵", "sha256": "", "taken_at": None}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def plain(told: object, picture: bytes = b"") -> bytes:
    text = json.dumps(told).encode()
    return len(text).to_bytes(4) + text + picture


def header(**changed: object) -> Header:
    return read_plain(plain(TOLD | changed, PICTURE), BOUND)[0]


def fault(told: object, picture: bytes = PICTURE) -> tuple[str, str]:
    with pytest.raises(NotARecord) as refused:
        read_plain(plain(told, picture), BOUND)
    return refused.value.code, refused.value.place


# --- The container --------------------------------------------------------------------------------


def test_a_container_comes_apart_where_it_was_put_together():
    data = b"FRS1" + (3).to_bytes(2) + b"key" + b"n" * 12 + b"c" * 40
    assert read_container(data) == Container(b"key", b"n" * 12, b"c" * 40)


def test_the_seal_is_bound_to_visit_person_and_record_in_lower_case():
    bound = Bound(UUID("ABCDEF01-0000-4000-8000-000000000000"), BOUND.subject, BOUND.record)
    assert bound.associated_data == (
        b"fotorundan/1:abcdef01-0000-4000-8000-000000000000:"
        b"00000000-0000-0000-0000-000000000002:00000000-0000-0000-0000-000000000003"
    )


@given(st.binary(max_size=600) | st.binary(max_size=600).map(lambda rest: b"FRS1" + rest))
@example(b"")
@example(b"FRS1")
@example(b"FRS1\xff\xff")
@example(b"FRS1\0\0" + b"0" * 100)
def test_any_bytes_are_a_container_or_refused_by_name(data):
    try:
        found = read_container(data)
    except NotARecord as refused:
        code = refused.code
    else:
        code = ""
        parts = found.wrapped_key + found.nonce + found.ciphertext
        assert data == b"FRS1" + len(found.wrapped_key).to_bytes(2) + parts
        assert (len(found.nonce), len(found.ciphertext) >= 16) == (12, True)
    assert code in {"", "not_sealed", "cut_short"}


# --- What is in it --------------------------------------------------------------------------------


def test_a_photo_is_told_from_its_header():
    read, picture = read_plain(plain(TOLD, PICTURE), BOUND)
    assert picture == PICTURE
    assert (read.kind, read.document, read.tries, read.seconds) == (Kind.PHOTO, "passport", 2, 41)
    assert read.taken_at == datetime(2026, 5, 12, 8, 4, 30, tzinfo=UTC)
    assert read.told == TOLD


def test_a_note_has_no_picture_and_no_id_document():
    read, picture = read_plain(plain(NOTE), BOUND)
    assert (read.kind, read.note, picture, read.document) == (Kind.NOTE, "Vänta 👵", b"", "")


def test_somebody_who_walked_in_is_told_by_name():
    told = {"given_name": "Åsa", "family_name": "Ny", "contact": "SE5560000000-A1"}
    assert header(walk_in=told).walk_in == WalkIn("Åsa", "Ny", "SE5560000000-A1")


def test_somebody_is_vouched_for_by_name_and_only_then():
    assert header(document="vouched", vouched_by=" Eva Chef ").vouched_by == "Eva Chef"
    for wrong in ({"document": "vouched", "vouched_by": "  "}, {"vouched_by": "Eva Chef"}):
        assert fault(TOLD | wrong) == ("bad_header", "vouched_by")


@pytest.mark.parametrize("wrong", [-86_400, 10**9, None, "41", True, 1e300])
def test_a_clock_gone_wrong_never_loses_a_photo(wrong):
    assert header(seconds=wrong, machine_ms=wrong).seconds is None
    assert header(tries=wrong).tries == 1


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("schema", "station-record/2"),
        ("kind", "selfie"),
        ("visit", "x"),
        ("device", ""),
        ("made_at", "yesterday"),
        ("made_at", "2026-05-12T08:05:00"),
        ("made_at", "9999-12-31T23:30:00Z"),
        ("made_at", "0001-01-01T00:30:00Z"),
        ("taken_at", None),
        ("taken_at", "0001-01-01T00:00:00+14:00"),
        ("document", "library_card"),
        ("source", "internet"),
        ("verdict", "fine"),
        ("findings", "none"),
        ("accepted_anyway", "because"),
        ("note", ["a"]),
        ("walk_in", "Nora"),
        ("user", 5),
    ],
)
def test_a_header_with_a_wrong_field_is_refused_and_the_field_named(name, wrong):
    assert fault(TOLD | {name: wrong}) == ("bad_header", name)


@pytest.mark.parametrize("wrong", ["a\0b", "\ud83d", float("nan"), float("inf"), 2**63])
def test_what_no_database_keeps_is_refused(wrong):
    assert fault(TOLD | {"more": [{"deep": wrong}]}) == ("bad_header", "json")


def test_a_header_that_is_too_deep_is_refused():
    text = b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    with pytest.raises(NotARecord):
        read_plain(len(text).to_bytes(4) + text, BOUND)


@pytest.mark.parametrize("name", ["visit", "subject", "record"])
def test_a_header_of_something_else_is_refused(name):
    assert fault(TOLD | {name: str(UUID(int=9))}) == ("other_record", "")


@pytest.mark.parametrize(
    ("told", "picture"),
    [(TOLD, PICTURE + b"x"), (TOLD, b""), (NOTE, PICTURE), ({**TOLD, "kind": "note"}, b"")],
)
def test_another_picture_than_the_header_tells_is_refused(told, picture):
    assert fault(told, picture) == ("other_picture", "")


@pytest.mark.parametrize("length", [0, 5000, LONGEST_HEADER + 1, 2**32 - 1])
def test_a_header_that_is_not_there_is_refused(length):
    with pytest.raises(NotARecord) as refused:
        read_plain(length.to_bytes(4) + b"{}" + bytes(LONGEST_HEADER // 20), BOUND)
    assert refused.value.code in {"no_header", "bad_header"}


@given(st.binary(max_size=300))
def test_any_plain_bytes_are_refused_by_name(data):
    with pytest.raises(NotARecord):
        read_plain(data, BOUND)


@given(st.dictionaries(st.sampled_from([*TOLD]) | st.text(max_size=5), JSON, max_size=4))
def test_any_header_is_read_or_refused_by_name(changed):
    try:
        read, _picture = read_plain(plain(TOLD | changed, PICTURE), BOUND)
    except NotARecord:
        return
    kept = json.dumps(read.told, allow_nan=False, ensure_ascii=False)
    assert "\0" not in kept.encode().decode()
