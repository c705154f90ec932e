"""Remember in `received.jsonl` which packages came, so that each number is taken once."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from enrolment.cards.domain.package import canonical_json
from enrolment.cards.domain.package_check import Finding, PackageFlawed
from enrolment.cards.domain.package_fields import BatchHeader
from enrolment.cards.domain.receipt_fields import BatchCode
from enrolment.cards.receiver.wrong_use import WrongUse

NAME = "received.jsonl"


@dataclass(frozen=True)
class Entry:
    """A package that was received; `signer` is the fingerprint of its certificate."""

    batch_no: int
    batch_id: str
    package_sha256: str
    sender: str
    issuer: str
    signer: str

    @classmethod
    def of(cls, header: BatchHeader, package_sha256: str) -> "Entry":
        """Return what is remembered of a package with this header."""
        return cls(
            batch_no=header.batch_no,
            batch_id=header.batch_id,
            package_sha256=package_sha256,
            sender=header.sender_hsa_id,
            issuer=header.issuer,
            signer=header.signer_fingerprint,
        )


@dataclass(frozen=True)
class Warn:
    """What is odd and yet no reason to refuse: a code and its parameters."""

    code: str
    params: dict[str, str | int]


class Ledger:
    """The packages received into one folder: all from one sender to one issuer."""

    def __init__(self, folder: Path) -> None:
        """Read the ledger; raises WrongUse when somebody else has written in it."""
        self._path = folder / NAME
        try:
            text = self._path.read_text("utf-8") if self._path.exists() else ""
            found = [Entry(**json.loads(line)) for line in text.splitlines()]
        except (ValueError, TypeError) as error:
            raise WrongUse(f"Rätta {self._path}. En rad går inte att läsa.") from error
        self._entries = {entry.batch_no: entry for entry in found}

    @property
    def issuer(self) -> str | None:
        """Return the issuer whose packages lie in the folder, if any have come."""
        return next((entry.issuer for entry in self._entries.values()), None)

    def knows(self, batch_id: str) -> bool:
        """Say whether a package of this name was received."""
        return any(entry.batch_id == batch_id for entry in self._entries.values())

    def is_new(self, entry: Entry) -> bool:
        """Say whether the package comes for the first time.

        Raises PackageFlawed where its number belongs to another, WrongUse where the folder does.
        """
        for known in self._entries.values():
            if (known.sender, known.issuer) != (entry.sender, entry.issuer):
                raise WrongUse(
                    f"Välj en annan mapp med --out. Den här har leveranser från {known.sender} "
                    f"till {known.issuer}."
                )
        known_one = self._entries.get(entry.batch_no)
        if known_one and known_one.package_sha256 != entry.package_sha256:
            raise PackageFlawed(
                [Finding(BatchCode.CONFLICT, "NUMBER_TAKEN", {"number": entry.batch_no})]
            )
        return known_one is None

    def warnings(self, entry: Entry, header: BatchHeader) -> Iterator[Warn]:
        """Tell of gaps in the numbers, of another package before this one, and of a new signer."""
        before = [number for number in self._entries if number < entry.batch_no]
        first_missing = max(before, default=0) + 1
        if first_missing < entry.batch_no:
            yield Warn("NUMBER_GAP", {"first": first_missing, "last": entry.batch_no - 1})
        previous = self._entries.get(entry.batch_no - 1)
        if previous and previous.package_sha256 != header.previous_package_sha256:
            yield Warn("PREVIOUS_DIFFERS", {"batch": previous.batch_id})
        if self._entries and entry.signer not in {e.signer for e in self._entries.values()}:
            yield Warn("SIGNER_NEW", {"fingerprint": entry.signer})

    def add(self, entry: Entry) -> None:
        """Remember the package for good: the line is on the disk when this returns."""
        with self._path.open("ab") as file:
            file.write(canonical_json(asdict(entry)))
            file.flush()
            os.fsync(file.fileno())
        self._entries[entry.batch_no] = entry
