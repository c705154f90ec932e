"""What a laptop sends: the sealed container, whom it is bound to, and what lies within.

A container is `FRS1 | length of the wrapped key (2 bytes) | wrapped key | nonce (12) | ciphertext
and tag`: a key of its own by AES-256-GCM, wrapped by RSA-OAEP with SHA-256 (RFC 8017). What is
sealed is `length of the header (4 bytes) | header, JSON | picture`. Lengths are big-endian.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from booking.domain.states import VOUCHED, IdDocument
from photos.domain.findings import Answer

MAGIC = b"FRS1"
NONCE_BYTES, TAG_BYTES = 12, 16
# Own choice: a header is a few kB; a note and fifty findings do not come near.
LONGEST_HEADER = 65_536
SCHEMA = "station-record/1"
DOCUMENTS = {VOUCHED, *(document.value for document in IdDocument)}
SOURCES = {"camera", "folder", "file"}
ANYWAY = {"", "body", "covering", "glasses", "room"}
VERDICTS = {"", *(answer.value for answer in Answer)}


class Kind(StrEnum):
    """What a record tells: a photo, that somebody did not come, or a note."""

    PHOTO = "photo"
    NO_SHOW = "no_show"
    NOTE = "note"


class NotARecord(ValueError):
    """The bytes are no record that can be taken in.

    Codes: not_sealed, cut_short (the container), no_header, bad_header (`place` names the field),
    other_record (the header is of somebody or something else), other_picture (not the hash told).
    """

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(f"{code} {place}".strip())
        self.code = code
        self.place = place


@dataclass(frozen=True)
class Container:
    """The parts of a sealed record."""

    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True)
class Bound:
    """Whom and what a record is of; the seal is bound to it."""

    visit: UUID
    subject: UUID
    record: UUID

    @property
    def associated_data(self) -> bytes:
        """What is authenticated beside the ciphertext."""
        return f"fotorundan/1:{self.visit}:{self.subject}:{self.record}".encode("ascii")


@dataclass(frozen=True)
class WalkIn:
    """Somebody without a time, as the technician wrote it down."""

    given_name: str
    family_name: str
    contact: str


@dataclass(frozen=True)
class Header:
    """What the laptop says of a record; `told` is all of it, fit to be kept as JSON.

    `seconds` and `machine_ms` are None where the laptop's clock told nothing sensible.
    """

    kind: Kind
    user: str
    device: UUID
    made_at: datetime
    document: str
    vouched_by: str
    taken_at: datetime
    source: str
    tries: int
    seconds: int | None
    machine_ms: int | None
    verdict: str
    findings: list[Any]
    accepted_anyway: str
    note: str
    without_model: bool
    walk_in: WalkIn | None
    told: Mapping[str, Any] = field(repr=False)


def read_container(data: bytes) -> Container:
    """Take a sealed record apart; raise NotARecord."""
    if data[: len(MAGIC)] != MAGIC:
        raise NotARecord("not_sealed")
    begin = len(MAGIC) + 2
    length = int.from_bytes(data[len(MAGIC) : begin])
    nonce_at, text_at = begin + length, begin + length + NONCE_BYTES
    if length == 0 or len(data) < text_at + TAG_BYTES:
        raise NotARecord("cut_short")
    return Container(data[begin:nonce_at], data[nonce_at:text_at], data[text_at:])


def read_plain(plain: bytes, bound: Bound) -> tuple[Header, bytes]:
    """Split what was sealed into header and picture (empty but for a photo); raise NotARecord."""
    length = int.from_bytes(plain[:4])
    if len(plain) < 4 + length or not 0 < length <= LONGEST_HEADER:
        raise NotARecord("no_header")
    told = _json(plain[4 : 4 + length])
    header, picture = read_header(told), plain[4 + length :]
    named = Bound(_id(told, "visit"), _id(told, "subject"), _id(told, "record"))
    if named != bound:
        raise NotARecord("other_record")
    digest = hashlib.sha256(picture).hexdigest() if picture else ""
    if bool(picture) != (header.kind is Kind.PHOTO) or digest != _text(told, "sha256"):
        raise NotARecord("other_picture")
    return header, picture


def read_header(told: Mapping[str, Any]) -> Header:
    """Read a header from its JSON; raise NotARecord."""
    if told.get("schema") != SCHEMA:
        raise NotARecord("bad_header", "schema")
    is_photo = told.get("kind") == Kind.PHOTO
    made_at = _moment(told, "made_at")
    return Header(
        kind=Kind(_word(told, "kind", set(Kind))),
        user=_text(told, "user"),
        device=_id(told, "device"),
        made_at=made_at,
        document=_document(told) if is_photo else "",
        vouched_by=_text(told, "vouched_by").strip() if is_photo else "",
        taken_at=_moment(told, "taken_at") if is_photo else made_at,
        source=_word(told, "source", SOURCES) if is_photo else "",
        tries=_count(told, "tries", 1, 1_000) or 1,
        seconds=_count(told, "seconds", 0, 86_400),
        machine_ms=_count(told, "machine_ms", 0, 3_600_000),
        verdict=_word(told, "verdict", VERDICTS),
        findings=_list(told, "findings"),
        accepted_anyway=_word(told, "accepted_anyway", ANYWAY),
        note=_text(told, "note"),
        without_model=told.get("without_model") is True,
        walk_in=_walk_in(told.get("walk_in")),
        told=told,
    )


def _json(text: bytes) -> Mapping[str, Any]:
    """Read the header; what no database keeps as JSON is refused: NUL, half a character, NaN."""
    try:
        told = json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotARecord("bad_header", "json") from error
    if not isinstance(told, dict) or not _keepable(told):
        raise NotARecord("bad_header", "json")
    return told


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _keepable(value: object, depth: int = 0) -> bool:
    """Say whether a database keeps the value; nothing true is deep, long or endless."""
    if depth > 8:
        return False
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)
        case float():
            return math.isfinite(value)
        case dict():
            parts = (*value, *value.values())
            return all(_keepable(part, depth + 1) for part in parts)
        case list():
            return all(_keepable(part, depth + 1) for part in value)
    return not isinstance(value, int) or abs(value) < 2**63


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise NotARecord("bad_header", name)
    return value


def _word(told: Mapping[str, Any], name: str, words: set[Any]) -> str:
    value = _text(told, name)
    if value not in words:
        raise NotARecord("bad_header", name)
    return value


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    value = told.get(name, [])
    if not isinstance(value, list):
        raise NotARecord("bad_header", name)
    return value


def _id(told: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(_text(told, name))
    except ValueError as error:
        raise NotARecord("bad_header", name) from error


def _moment(told: Mapping[str, Any], name: str) -> datetime:
    """Read a moment with its zone, as ISO 8601; a clock may be wrong, but not without a zone."""
    text = _text(told, name)
    try:
        moment = datetime.fromisoformat(text)
        in_utc = moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError) as error:
        raise NotARecord("bad_header", name) from error
    if in_utc is None or not MINYEAR < in_utc.year < MAXYEAR:  # can't be shown in another zone
        raise NotARecord("bad_header", name)
    return in_utc


def _count(told: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if least <= value <= most else None


def _document(told: Mapping[str, Any]) -> str:
    document = _word(told, "document", DOCUMENTS)
    if (document == VOUCHED) != bool(_text(told, "vouched_by").strip()):
        raise NotARecord("bad_header", "vouched_by")
    return document


def _walk_in(told: object) -> WalkIn | None:
    if told is None:
        return None
    if not isinstance(told, dict):
        raise NotARecord("bad_header", "walk_in")
    return WalkIn(*(_text(told, name) for name in ("given_name", "family_name", "contact")))
