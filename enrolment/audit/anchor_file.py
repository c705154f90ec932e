"""The anchors as a file: one line a day and chain, to be copied away from the machine.

`anchors/anchors.jsonl` in the data folder; each line is a JSON object with federation (null for
what belongs to none), sequence, hash and at (UTC). Lines are only added.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from uuid import UUID

from django.conf import settings

from enrolment.audit.domain.chain import Mark
from enrolment.audit.models import Anchor


class UnreadableAnchor(Exception):
    """A line of the file is no anchor; its place is the message."""


def path() -> Path:
    """Return where the file is."""
    return Path(settings.DATA_DIR) / "anchors" / "anchors.jsonl"


def append(anchor: Anchor) -> None:
    """Add a line, and return when it is on the disk."""
    told = {
        "federation": str(anchor.federation_id) if anchor.federation_id else None,
        "sequence": anchor.sequence,
        "hash": anchor.hash,
        "at": anchor.at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path().open("ab") as file:
        file.write(json.dumps(told).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(file: Path) -> Iterator[tuple[UUID | None, Mark]]:
    """Yield the chain and the mark of each line. Raises UnreadableAnchor, or OSError."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            place = f"{file.name}:{number}"
            try:
                told = json.loads(line)
                federation = told["federation"]
                mark = Mark(int(told["sequence"]), str(told["hash"]), place)
                yield UUID(federation) if federation else None, mark
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UnreadableAnchor(place) from error
