"""The sender's certificate and key: read them, and refuse those that may not sign."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from enrolment.cards.domain import seal
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.people.domain.refusal import Refusal

CERTIFICATE_FILE, KEY_FILE = "signer.pem", "signer.key"


class SignerFile(StrEnum):
    """What is wrong with a file of the signer; the parameter `file` names it."""

    MISSING = "signer_missing"
    UNREADABLE = "signer_unreadable"


class SignerNotFound(Refusal):
    """The certificate or its key isn't where it should be: `code` is a SignerFile."""


@dataclass(frozen=True)
class Signer:
    """A certificate that may sign, its key, and the certificates up to the root."""

    certificate: x509.Certificate
    key: PrivateKeyTypes
    chain: tuple[x509.Certificate, ...]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate, in hex."""
        return fingerprint(self.certificate)

    def sign(self, tag_manifest: bytes) -> bytes:
        """Return a detached CMS signature over the bytes; it differs each time."""
        return seal.sign(tag_manifest, self.key, self.certificate, self.chain)


def load_signer(*, at: datetime) -> Signer:
    """Read `signer.pem` (the certificate first, then its chain) and `signer.key` in SIGNER_DIR.

    Raises SignerNotFound, or SignerRefused (cards.domain.seal) for a certificate that may not sign
    at that time.
    """
    folder = Path(settings.SIGNER_DIR)
    certificates, key_pem = _read(folder / CERTIFICATE_FILE), _read(folder / KEY_FILE)
    try:
        certificate, *chain = x509.load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise SignerNotFound(SignerFile.UNREADABLE, file=CERTIFICATE_FILE) from error
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SignerNotFound(SignerFile.UNREADABLE, file=KEY_FILE) from error
    seal.check_signer(certificate, key, at)
    return Signer(certificate, key, tuple(chain))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SignerNotFound(SignerFile.MISSING, file=path.name) from error
