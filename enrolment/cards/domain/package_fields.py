"""The fields of the package: an order line, and the header in batch.json.

Each field carries its rule as a JSON Schema fragment. The schema that lies in the package, the
check before sealing and docs/reference/package.md all follow from these rules.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, Self, get_type_hints

from enrolment.people.domain.stages import Reason

FORMAT = "kort-batch/1"

type Rule = Mapping[str, Any]
type JsonValue = str | int | bool | None


class Environment(StrEnum):
    """Whether the cards are to be made (prod) or the batch is a test."""

    TEST = "test"
    PRODUCTION = "prod"


class FieldFault(StrEnum):
    """What is wrong with a field's value."""

    WRONG_TYPE = "wrong_type"
    UNKNOWN_VALUE = "unknown_value"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    CONTROL_CHARACTER = "control_character"
    WRONG_FORM = "wrong_form"


# C0 and C1 controls, zero-width and direction marks, line and paragraph separators.
CONTROL = "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
TEXT: Rule = {"type": "string", "not": {"type": "string", "pattern": CONTROL}}
NAME: Rule = {**TEXT, "minLength": 1, "maxLength": 200, "pattern": "[^ ]"}
CODE: Rule = {**TEXT, "maxLength": 50, "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$"}
UUID: Rule = {**TEXT, "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
SHA256: Rule = {**TEXT, "pattern": "^[0-9a-f]{64}$"}
HSA_ID: Rule = {**TEXT, "maxLength": 31, "pattern": "^SE[0-9]{10}-[^ ]+$"}
BATCH_ID: Rule = {**TEXT, "pattern": "^KB-[0-9]{4}-[0-9]{6}$"}
UTC_TIME: Rule = {
    **TEXT,
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
}
BOOLEAN: Rule = {"type": "boolean"}


def _whole(*, least: int, most: int | None = None) -> Rule:
    return {"type": "integer", "minimum": least} | ({} if most is None else {"maximum": most})


def _one_of(values: type[StrEnum]) -> Rule:
    return {**TEXT, "enum": [value.value for value in values]}


def _or_null(rule: Rule) -> Rule:
    return {**rule, "type": [rule["type"], "null"]}


def _rule(description: str, rule: Rule) -> Rule:
    return {"description": description, **rule}


PIXELS = _whole(least=1, most=65535)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record of the package, whose fields carry their rules."""

    @classmethod
    @cache
    def rules(cls) -> Mapping[str, Rule]:
        """Return the rule of each field, as JSON Schema fragments in the fields' order."""
        hints = get_type_hints(cls, include_extras=True)
        return {f.name: hints[f.name].__metadata__[0] for f in fields(cls)}

    @classmethod
    def from_values(cls, found: Mapping[str, Any]) -> Self:
        """Make the record back from what `values` gave.

        Raises ValueError when fields are missing or unknown, or a time is none.
        """
        rules = cls.rules()
        if strange := set(found) ^ set(rules):
            raise ValueError(f"{cls.__name__}: missing or unknown fields {sorted(strange)}")
        return cls(**{name: _parsed(found[name], rule) for name, rule in rules.items()})

    def values(self) -> dict[str, JsonValue]:
        """Return the fields as JSON values; times as `2026-05-12T08:05:00Z`."""
        return {name: _plain(getattr(self, name)) for name in self.rules()}

    def faults(self) -> dict[str, FieldFault]:
        """Return the fault of each field that breaks its rule; empty when all hold."""
        values = self.values()
        found = {name: _fault(values[name], checks) for name, checks in self._checks().items()}
        return {name: fault for name, fault in found.items() if fault}

    @classmethod
    @cache
    def _checks(cls) -> "Mapping[str, Checks]":
        return {name: _checks_of(rule) for name, rule in cls.rules().items()}


@dataclass(frozen=True, kw_only=True)
class OrderLine(Record):
    """One card order, as a line of orders.jsonl and a row of orders.csv."""

    seq: Annotated[int, _rule("Place in the batch, from 1 without a gap.", _whole(least=1))]
    order_id: Annotated[str, _rule("The order's UUID; says nothing about the person.", UUID)]
    order_type: Annotated[str, _rule("Why the card is ordered.", _one_of(Reason))]
    organisation: Annotated[str, _rule("Organisation that employs the card holder.", NAME)]
    hsa_id: Annotated[str, _rule("The card holder's HSA-id.", HSA_ID)]
    personnummer: Annotated[
        str | None,
        _rule(
            "Twelve digits, only where the agreement with the issuer needs it.",
            _or_null({**TEXT, "pattern": "^[0-9]{12}$"}),
        ),
    ]
    name_on_card: Annotated[str, _rule("Name as printed on the card.", NAME)]
    title: Annotated[
        str, _rule("Title as printed on the card; may be empty.", {**TEXT, "maxLength": 100})
    ]
    card_type: Annotated[str, _rule("Kind of card, by the issuer's own code.", CODE)]
    delivery: Annotated[str, _rule("Where the card is sent, by the code agreed on.", CODE)]
    photo: Annotated[
        str | None,
        _rule(
            "Path of the photo from the folder of this file; null for a card without a photo.",
            _or_null({**TEXT, "pattern": r"^photos/[0-9a-f-]{36}\.jpg$"}),
        ),
    ]
    photo_sha256: Annotated[str | None, _rule("SHA-256 of the photo file, hex.", _or_null(SHA256))]
    photo_width: Annotated[int | None, _rule("Pixels across.", _or_null(PIXELS))]
    photo_height: Annotated[int | None, _rule("Pixels down.", _or_null(PIXELS))]
    photo_bytes: Annotated[
        int | None, _rule("Size of the photo file, bytes.", _or_null(_whole(least=1)))
    ]
    photo_taken_at: Annotated[
        datetime | None, _rule("When the photo was taken, UTC.", _or_null(UTC_TIME))
    ]
    photo_profile: Annotated[
        str | None, _rule("Profile that the photo was checked by.", _or_null(CODE))
    ]
    supersedes_order_id: Annotated[
        str | None, _rule("Earlier order that this one replaces.", _or_null(UUID))
    ]
    protected: Annotated[bool, _rule("Whether the person's identity is protected.", BOOLEAN)]


@dataclass(frozen=True, kw_only=True)
class BatchFacts(Record):
    """What the sender knows of a batch at sealing."""

    batch_id: Annotated[str, _rule("Name of the batch and of the bag's folder.", BATCH_ID)]
    batch_no: Annotated[
        int,
        _rule("Number of the batch, without a gap per issuer.", _whole(least=1, most=999_999)),
    ]
    sender_hsa_id: Annotated[str, _rule("HSA-id of the federation that sends the batch.", HSA_ID)]
    issuer: Annotated[str, _rule("The card issuer, by the sender's code.", CODE)]
    environment: Annotated[
        str, _rule("`prod` when the cards are to be made, else `test`.", _one_of(Environment))
    ]
    sealed_at: Annotated[datetime, _rule("When the batch was sealed, UTC.", UTC_TIME)]
    previous_batch_id: Annotated[
        str | None,
        _rule(
            "The batch before this one to the same issuer; null in the first.", _or_null(BATCH_ID)
        ),
    ]
    previous_package_sha256: Annotated[
        str | None,
        _rule("SHA-256 of the ZIP of the batch before, hex; null in the first.", _or_null(SHA256)),
    ]
    signer_fingerprint: Annotated[
        str, _rule("SHA-256 of the signer's certificate (DER), hex.", SHA256)
    ]
    contact_function: Annotated[
        str, _rule("Function to contact about the batch, not a person.", NAME)
    ]
    audit_sequence: Annotated[
        int, _rule("Number of the log's last line at sealing, 0 before the first.", _whole(least=0))
    ]
    audit_hash: Annotated[
        str, _rule("Hash of that line, hex: it anchors the log; noughts before the first.", SHA256)
    ]


@dataclass(frozen=True, kw_only=True)
class BatchHeader(BatchFacts):
    """batch.json: the facts, and what follows from the orders."""

    schema: Annotated[str, _rule("The format.", {**TEXT, "const": FORMAT})]
    order_count: Annotated[int, _rule("Orders in the batch.", _whole(least=1))]
    photo_count: Annotated[int, _rule("Photos in the batch.", _whole(least=0))]
    payload_bytes: Annotated[
        int,
        _rule("Bytes of all files under data/ besides batch.json itself.", _whole(least=1)),
    ]


PHOTO_FIELDS = tuple(f.name for f in fields(OrderLine) if f.name.startswith("photo"))


def order_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an order line."""
    null = {"type": "null"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:kort-batch:1:order",
        "title": f"Card order, a line of orders.jsonl in {FORMAT}",
        "type": "object",
        "properties": dict(OrderLine.rules()),
        "required": list(OrderLine.rules()),
        "additionalProperties": False,
        "if": {"properties": {"photo": null}},
        "then": {"properties": dict.fromkeys(PHOTO_FIELDS, null)},
        "else": {"properties": {name: {"not": null} for name in PHOTO_FIELDS}},
    }


def _plain(value: JsonValue | datetime) -> JsonValue:
    if not isinstance(value, datetime):
        return value
    # A time without a zone stays without the Z, so that its rule refuses it.
    zoned = value.astimezone(UTC) if value.tzinfo else value
    return zoned.isoformat(timespec="seconds").replace("+00:00", "Z")


def _parsed(value: JsonValue, rule: Rule) -> JsonValue | datetime:
    if rule.get("format") == "date-time" and value is not None:
        return datetime.fromisoformat(str(value))
    return value


_JSON_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}

type Checks = tuple[tuple[FieldFault, Callable[[Any], object]], ...]

# How each keyword of a rule is checked. The type comes first: the others may then rely on it.
_CHECKS: tuple[tuple[str, FieldFault, Callable[[Any], Callable[[Any], object]]], ...] = (
    ("type", FieldFault.WRONG_TYPE, lambda kinds: _has_type(kinds)),
    ("enum", FieldFault.UNKNOWN_VALUE, lambda known: lambda value: value in known),
    ("const", FieldFault.UNKNOWN_VALUE, lambda only: lambda value: value == only),
    ("not", FieldFault.CONTROL_CHARACTER, lambda rule: _is_clean(rule["pattern"])),
    ("minLength", FieldFault.TOO_SHORT, lambda least: lambda value: len(value) >= least),
    ("maxLength", FieldFault.TOO_LONG, lambda most: lambda value: len(value) <= most),
    ("minimum", FieldFault.TOO_SMALL, lambda least: lambda value: value >= least),
    ("maximum", FieldFault.TOO_LARGE, lambda most: lambda value: value <= most),
    ("pattern", FieldFault.WRONG_FORM, lambda form: re.compile(form).search),
)


def _checks_of(rule: Rule) -> Checks:
    """Return a rule's checks, made ready once: a batch has tens of thousands of fields."""
    found = ((keyword, fault, made) for keyword, fault, made in _CHECKS if keyword in rule)
    checks = tuple((fault, made(rule[keyword])) for keyword, fault, made in found)
    if "null" not in rule["type"]:
        return checks
    return tuple((fault, _none_or(holds)) for fault, holds in checks)


def _fault(value: Any, checks: Checks) -> FieldFault | None:
    # A hostile file may hold them; no field does, and a cache takes none.
    return FieldFault.WRONG_TYPE if isinstance(value, list | dict) else _known_fault(value, checks)


# Most fields say the same all through a batch. Typed: to a cache, True would be 1.
@lru_cache(maxsize=4096, typed=True)
def _known_fault(value: JsonValue, checks: Checks) -> FieldFault | None:
    for fault, holds in checks:
        if not holds(value):
            return fault
    return None


def _none_or(holds: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: value is None or holds(value)


def _has_type(kinds: str | list[str]) -> Callable[[Any], object]:
    wanted = [_JSON_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return lambda value: any(is_one(value) for is_one in wanted)


def _is_clean(forbidden: str) -> Callable[[Any], object]:
    # Half a surrogate pair has no UTF-8; a JSON file can't hold it, so the schema need not say so.
    found = re.compile(f"{forbidden}|[\ud800-\udfff]")
    return lambda text: not found.search(text)
