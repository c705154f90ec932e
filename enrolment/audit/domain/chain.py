"""The chain of the log: each line carries a hash of itself and of the line before it.

    content digest = SHA-256 of the canonical JSON of the line's content, hex
    hash           = SHA-256 of `previous hash:sequence:content digest`, hex

The first line follows on GENESIS. One chain per federation, and one for what belongs to none. The
second formula is plain text, so that a database can work it out too.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

GENESIS = "0" * 64
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Row(NamedTuple):
    """A line as it is stored; `sequence` is None and the hashes empty where it is unchained."""

    row_id: int
    sequence: int | None
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    digest: str
    previous_hash: str
    hash: str


class Mark(NamedTuple):
    """What a chain came to once: its last line's sequence and hash, and where that is written."""

    sequence: int
    hash: str
    place: str


class Flaw(StrEnum):
    """What is wrong with a chain."""

    CHANGED = "changed"  # the line does not fit its own hash
    GAP = "gap"  # lines are missing before this one
    REPEATED = "repeated"  # two lines have the same number
    WRONG_LINK = "wrong_link"  # the line does not follow on the one before it
    UNCHAINED = "unchained"  # the line was never linked
    CUT_TAIL = "cut_tail"  # the chain was longer once, as `place` tells
    BEYOND_HEAD = "beyond_head"  # the line was added past the head
    OTHER_CHAIN = "other_chain"  # the line had another hash once, as `place` tells


@dataclass(frozen=True)
class Finding:
    """One flaw: the line's sequence, its row and time, where there is such a row.

    `expected` is the sequence that should have stood there, or the one that the mark tells.
    """

    flaw: Flaw
    sequence: int | None
    row_id: int | None = None
    at: datetime | None = None
    expected: int | None = None
    place: str = ""


def content_digest(
    federation_id: UUID | None,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: dict[str, Any],
) -> str:
    """Return SHA-256, hex, of a line's content.

    Hashed is a JSON array in UTF-8 of federation (or null), time in UTC with six decimals, actor,
    action, subject and details: no spaces, keys sorted, nothing escaped that need not be.
    """
    federation = str(federation_id) if federation_id else None
    time = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = _canonical([federation, time, actor, action, subject, details])
    return sha256(content.encode()).hexdigest()


def link(previous_hash: str, sequence: int, digest: str) -> str:
    """Return the hash of the line, 64 hex digits: SHA-256 of `previous:sequence:digest`."""
    return sha256(f"{previous_hash}:{sequence}:{digest}".encode()).hexdigest()


def verify(
    federation_id: UUID | None, rows: Iterable[Row], marks: Sequence[Mark]
) -> Iterator[Finding | Mark]:
    """Go through a chain's linked rows in order of sequence; yield each finding, last its tail.

    `marks` are what is known of the chain from other places. A row is named once, by the first
    thing that is wrong with it, and the next is judged by what stands in it.
    """
    told: dict[int, list[Mark]] = {}
    for mark in marks:
        told.setdefault(mark.sequence, []).append(mark)
    sequence, hash_ = 0, GENESIS
    for row in rows:
        flaw = _flaw(federation_id, row, sequence, hash_)
        if flaw:
            yield Finding(flaw, row.sequence, row.row_id, row.at, sequence + 1)
        sequence, hash_ = row.sequence or 0, row.hash
        for mark in told.pop(sequence, ()):
            if mark.hash != hash_:
                yield Finding(Flaw.OTHER_CHAIN, sequence, row.row_id, row.at, sequence, mark.place)
    yield from _cut(told, sequence)
    yield Mark(sequence, hash_, "")


def _flaw(federation_id: UUID | None, row: Row, sequence: int, hash_: str) -> Flaw | None:
    """Return what is wrong with the row after the one with this sequence and hash."""
    digest = content_digest(federation_id, row.at, row.actor, row.action, row.subject, row.details)
    if digest != row.digest or link(row.previous_hash, row.sequence or 0, digest) != row.hash:
        return Flaw.CHANGED
    if row.sequence != sequence + 1:
        return Flaw.REPEATED if row.sequence == sequence else Flaw.GAP
    return None if row.previous_hash == hash_ else Flaw.WRONG_LINK


def _cut(told: dict[int, list[Mark]], sequence: int) -> Iterator[Finding]:
    """Yield the marks past the tail, and those of lines that are not there."""
    for marked, marks in sorted(told.items()):
        if marked > sequence:
            for mark in marks:
                yield Finding(Flaw.CUT_TAIL, sequence, expected=marked, place=mark.place)
