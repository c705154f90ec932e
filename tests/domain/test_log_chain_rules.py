"""The chain by itself: a known hash, and no single change to a list of rows goes unseen."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from enrolment.audit.domain.chain import (
    GENESIS,
    Finding,
    Flaw,
    Mark,
    Row,
    content_digest,
    link,
    verify,
)

OURS = UUID("5f0f4f2e-1c5b-4c37-8c0c-8d1f2c9b7a10")
AT = datetime(2026, 5, 12, 8, 0, 0, 123456, tzinfo=UTC)
DETAILS = st.dictionaries(
    st.text(max_size=5),
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3)),
    max_size=3,
)


def chain(contents: list[dict], federation_id: UUID | None = OURS) -> list[Row]:
    rows, hash_ = [], GENESIS
    for sequence, details in enumerate(contents, start=1):
        content = (AT + timedelta(seconds=sequence), "user:1", "people.log_in", "user:1", details)
        digest = content_digest(federation_id, *content)
        previous, hash_ = hash_, link(hash_, sequence, digest)
        rows.append(Row(100 + sequence, sequence, *content, digest, previous, hash_))
    return rows


def findings(rows: list[Row], *marks: Mark, federation_id: UUID | None = OURS) -> list[Finding]:
    found = list(verify(federation_id, rows, marks))
    assert isinstance(found[-1], Mark)
    return [each for each in found if isinstance(each, Finding)]


def head(rows: list[Row]) -> Mark:
    return Mark(len(rows), rows[-1].hash, "head")


def test_the_documented_form_can_be_worked_out_by_hand():
    content = (
        f'["{OURS}","2026-05-12T08:00:00.123456+00:00","user:1","photos.look","capture:2",'
        '{"a":["å"],"b":1,"c":true,"d":null}]'
    )
    details = {"b": 1, "a": ["å"], "d": None, "c": True}
    digest = content_digest(OURS, AT, "user:1", "photos.look", "capture:2", details)
    assert digest == hashlib.sha256(content.encode()).hexdigest()
    line = f"{GENESIS}:1:{digest}"
    assert link(GENESIS, 1, digest) == hashlib.sha256(line.encode()).hexdigest()


def test_the_same_moment_in_another_zone_and_no_federation():
    stockholm = AT.astimezone(timezone(timedelta(hours=2)))
    assert content_digest(None, AT, "a", "b", "c", {}) == content_digest(
        None, stockholm, "a", "b", "c", {}
    )
    assert content_digest(None, AT, "a", "b", "c", {}) != content_digest(
        OURS, AT, "a", "b", "c", {}
    )


@given(st.lists(DETAILS, min_size=1, max_size=6))
def test_a_whole_chain_has_no_findings_after_a_trip_through_json(contents):
    rows = [row._replace(details=json.loads(json.dumps(row.details))) for row in chain(contents)]
    assert findings(rows, head(rows)) == []


@given(st.lists(DETAILS, min_size=2, max_size=6), st.data())
def test_no_change_deletion_swap_or_copy_goes_unseen(contents, data):
    whole = chain(contents)
    place = data.draw(st.integers(0, len(whole) - 2))
    row, after = whole[place], whole[place + 1]
    tampered = {
        "changed": [*whole[:place], row._replace(actor="user:2"), *whole[place + 1 :]],
        "deleted": [*whole[:place], *whole[place + 1 :]],
        "swapped": [
            *whole[:place],
            after._replace(sequence=row.sequence),
            row._replace(sequence=after.sequence),
            *whole[place + 2 :],
        ],
        "copied": [*whole[: place + 1], row._replace(row_id=999), *whole[place + 1 :]],
        "cut": whole[: place + 1],
    }
    how = data.draw(st.sampled_from(sorted(tampered)))
    first = findings(tampered[how], head(whole))[0]
    expected = {
        "changed": (Flaw.CHANGED, row.row_id),
        "deleted": (Flaw.GAP, after.row_id),
        "swapped": (Flaw.CHANGED, after.row_id),
        "copied": (Flaw.REPEATED, 999),
        "cut": (Flaw.CUT_TAIL, None),
    }
    assert (first.flaw, first.row_id) == expected[how]


def test_marks_of_one_line_are_each_held_against_it():
    rows = chain([{}, {}, {}])
    right, wrong = Mark(2, rows[1].hash, "right"), Mark(2, "0" * 64, "wrong")
    (found,) = findings(rows, right, wrong)
    assert (found.flaw, found.row_id, found.place) == (Flaw.OTHER_CHAIN, 102, "wrong")


def test_an_empty_chain_is_whole_until_somebody_remembers_a_line():
    assert list(verify(OURS, [], [])) == [Mark(0, GENESIS, "")]
    (found,) = findings([], Mark(7, "ab", "anchors.jsonl:1"))
    assert (found.flaw, found.sequence, found.expected) == (Flaw.CUT_TAIL, 0, 7)
