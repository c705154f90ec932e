"""A rescue file: what a laptop could not send, saved to be carried to the planner.

UTF-8 lines: a head, then one record a line, its sealed bytes in Base64. A line that cannot be read
is told by its number; the others are as good as ever.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

SCHEMA = "station-rescue/1"
SHA256 = re.compile(r"[0-9a-f]{64}")


class NotRescued(ValueError):
    """A line is no record, or the file no rescue file (then `line` is 1)."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True)
class Rescued:
    """One record as the file has it; whether the bytes are those of `sha256` is not checked."""

    line: int
    record: UUID
    visit: UUID
    subject: UUID
    device: UUID
    sha256: str
    data: bytes


def read_rescue(lines: Iterable[bytes]) -> Iterator[Rescued | NotRescued]:
    """Yield each record, or what is wrong with its line; raise NotRescued for another file."""
    numbered = enumerate(lines, start=1)
    head = next(numbered, (1, b""))[1]
    if _json(head).get("schema") != SCHEMA:
        raise NotRescued(1)
    for number, line in numbered:
        if line.strip():
            yield _rescued(number, _json(line))


def _rescued(number: int, told: Mapping[str, Any]) -> Rescued | NotRescued:
    try:
        rescued = Rescued(
            line=number,
            record=UUID(str(told.get("record"))),
            visit=UUID(str(told.get("visit"))),
            subject=UUID(str(told.get("subject"))),
            device=UUID(str(told.get("device"))),
            sha256=str(told.get("sha256")),
            data=base64.b64decode(str(told.get("bytes")), validate=True),
        )
    except ValueError:
        return NotRescued(number)
    is_whole = SHA256.fullmatch(rescued.sha256) and rescued.data
    return rescued if is_whole else NotRescued(number)


def _json(line: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
