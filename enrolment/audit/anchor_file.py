"""The anchors as a file: one line a day and chain, to be copied away from the machine.

`anchors/anchors.jsonl` in the data folder; each line is a JSON object with federation (null for
what belongs to none), sequence, hash and at (UTC). Lines are only added.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from enrolment.audit.domain.chain import Mark
from enrolment.audit.models import Anchor


@dataclass(frozen=True)
class Unreadable:
    """A line of the file that is no anchor, such as one that a power cut left half written."""

    place: str


def path() -> Path:
    """Return where the file is."""
    return Path(settings.DATA_DIR) / "anchors" / "anchors.jsonl"


def append(anchor: Anchor) -> None:
    """Add a line, after half a line on a line of its own, and return when it is on the disk."""
    told = {
        "federation": str(anchor.federation_id) if anchor.federation_id else None,
        "sequence": anchor.sequence,
        "hash": anchor.hash,
        "at": anchor.at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path().open("a+b") as file:
        file.write(_line_end(file) + json.dumps(told).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _line_end(file: BinaryIO) -> bytes:
    """Return what ends the file's last line, where nothing does yet."""
    if file.seek(0, os.SEEK_END) == 0:
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def read(file: Path) -> Iterator[tuple[UUID | None, Mark] | Unreadable]:
    """Yield the chain and the mark of each line. Raises OSError."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            place = f"{file.name}:{number}"
            try:
                told = json.loads(line)
                federation = told["federation"]
                mark = Mark(int(told["sequence"]), str(told["hash"]), place)
                yield UUID(federation) if federation else None, mark
            except (ValueError, KeyError, TypeError, AttributeError):
                yield Unreadable(place)
