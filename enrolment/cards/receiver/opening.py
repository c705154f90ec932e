"""Open the envelope of a package: the file is the one that was sent, and its content is ours."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from enrolment.cards.domain.envelope import EnvelopeRefused, open_envelope
from enrolment.cards.domain.exchange import DONE, Sentinel
from enrolment.cards.domain.package_check import Finding, PackageFlawed
from enrolment.cards.domain.receipt_fields import BatchCode
from enrolment.cards.domain.stored_zip import ByteSink
from enrolment.cards.domain.zipped_bag import MOST_BYTES


@dataclass(frozen=True)
class Recipient:
    """Whose package it is: the private key and the certificate that goes with it."""

    key: PrivateKeyTypes
    certificate: x509.Certificate


def read_sentinel(package: Path) -> Sentinel | None:
    """Return what the sentinel beside the package says, or None where there is none.

    Raises PackageFlawed for a sentinel of another form, or of another file.
    """
    beside = package.with_name(f"{package.name}{DONE}")
    if not beside.exists():
        return None
    sentinel = Sentinel.read(beside.read_bytes())
    if sentinel is None or sentinel.name != package.name:
        raise _flawed("SENTINEL_UNREADABLE", file=beside.name)
    return sentinel


def check_file(package: Path, sentinel: Sentinel) -> None:
    """Raise PackageFlawed where the file is not the one that the sentinel describes."""
    size = package.stat().st_size
    if size != sentinel.size:
        code = "FILE_CUT_SHORT" if size < sentinel.size else "FILE_TOO_LONG"
        raise _flawed(code, file=package.name, told=sentinel.size, found=size)
    if file_sha256(package) != sentinel.sha256:
        raise _flawed("FILE_ALTERED", file=package.name)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_package(package: Path, recipient: Recipient, zip_path: Path) -> str:
    """Write the ZIP in the package to `zip_path` and return its SHA-256 in hex.

    Raises PackageFlawed; then throw away what was written.
    """
    with package.open("rb") as source, zip_path.open("wb") as file:
        sink = _HashingSink(file)
        try:
            open_envelope(source, sink, recipient.key, recipient.certificate, most=MOST_BYTES)
        except EnvelopeRefused as error:
            raise _flawed(f"ENVELOPE_{error.code.upper()}") from error
    return sink.sha256.hexdigest()


def check_zip(sentinel: Sentinel, package_sha256: str) -> None:
    """Raise PackageFlawed where the ZIP is not the one that the sentinel describes."""
    if package_sha256 != sentinel.package_sha256:
        raise _flawed("SENTINEL_OTHER_PACKAGE")


class _HashingSink:
    """Hashes what it passes on."""

    def __init__(self, sink: ByteSink) -> None:
        self._sink, self.sha256 = sink, hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        self.sha256.update(data)
        self._sink.write(data)


def _flawed(code: str, **params: str | int) -> PackageFlawed:
    return PackageFlawed([Finding(BatchCode.DECRYPT, code, params)])
