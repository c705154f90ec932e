"""What lies in the folder that is shared with an issuer: names, sentinels and receipts.

A file is whole under its name, `NAME.part` while it is written; `NAME.done`, the sentinel, comes
last. Receipts lie in `receipts/`, and go on from there to `taken/` or `quarantine/`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Self

from enrolment.cards.domain.package import canonical_json

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PART, DONE, SIGNATURE = ".part", ".done", ".p7s"
RECEIPTS, TAKEN, QUARANTINE = "receipts", "taken", "quarantine"
# More of a receipt than this is never read (2,000 orders make about half a megabyte): a service
# that refuses what is larger than this sees that it is.
MOST_RECEIPT_BYTES = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Sentinel:
    """What `NAME.done` says: the file's own hash and size, and those of the ZIP within."""

    name: str
    sha256: str
    size: int
    package_sha256: str
    package_size: int

    def written(self) -> bytes:
        """Return the sentinel as one line of canonical JSON."""
        return canonical_json(asdict(self))

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Return what `written` gave, or None for anything else."""
        try:
            found = cls(**json.loads(data))
            ours = found._has_its_types() and found.written() == data
        except (ValueError, TypeError, RecursionError):
            return None
        return found if ours else None

    def _has_its_types(self) -> bool:
        return all(type(getattr(self, each.name)) is each.type for each in fields(self))


@dataclass(frozen=True)
class ReceiptFile:
    """A receipt as it lies in the folder; `signature` is the file beside it, or None.

    `data` is cut after MOST_RECEIPT_BYTES + 1 bytes, the signature likewise.
    """

    name: str
    data: bytes
    signature: bytes | None


def is_safe(name: str) -> bool:
    """Tell whether a file may be handed over under the name."""
    return bool(SAFE_NAME.fullmatch(name)) and not name.endswith((PART, DONE))


def receipt_names(names: Iterable[str]) -> list[str]:
    """Return which names are receipts, in order: `.json` and `.csv`, whatever else lies there."""
    return sorted(name for name in names if _is_receipt(name))


def receipt_folder(*, quarantined: bool) -> str:
    """Return where a receipt goes once it is taken, or put in quarantine."""
    return f"{RECEIPTS}/{QUARANTINE if quarantined else TAKEN}"


def _is_receipt(name: str) -> bool:
    plain = name.isprintable() and not re.search(r"[/\\]", name) and not name.startswith(".")
    return plain and name.lower().endswith((".json", ".csv"))
