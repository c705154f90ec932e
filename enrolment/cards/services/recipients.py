"""To whom a package is encrypted: the issuer's certificates, and our own for safekeeping."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from django.conf import settings

from enrolment.cards.domain.certificates import (
    CertificateRefused,
    check_recipient,
    read_certificates,
)
from enrolment.cards.models import Issuer, IssuerCertificate
from enrolment.cards.queries.receipts import active_certificates
from enrolment.cards.services.certificates import revocation_lists
from enrolment.people.domain.refusal import Refusal

ESCROW_FILE = "escrow.pem"


class RecipientLack(StrEnum):
    """What is missing before a package can be encrypted."""

    NONE = "recipient_none"  # issuer: it has no active certificate
    ESCROW_MISSING = "escrow_missing"  # file
    ESCROW_UNREADABLE = "escrow_unreadable"  # file


class RecipientMissing(Refusal):
    """There is nobody to encrypt to: `code` is a RecipientLack."""


def recipients(issuer: Issuer, at: datetime) -> list[x509.Certificate]:
    """Return the issuer's active certificates for encryption, oldest first, then the escrow one.

    Raises RecipientMissing, or RecipientRefused (cards.domain.certificates) for one that nothing
    may be encrypted to at that time.
    """
    lists = revocation_lists(issuer)
    active = active_certificates(issuer, IssuerCertificate.Purpose.ENCRYPTION)
    found = [_checked(kept, lists, at) for kept in active]
    if not found:
        raise RecipientMissing(RecipientLack.NONE, issuer=issuer.name)
    return [*found, _escrow(at)]


def _checked(
    kept: IssuerCertificate, lists: list[x509.CertificateRevocationList], at: datetime
) -> x509.Certificate:
    certificate = x509.load_der_x509_certificate(bytes(kept.der))
    chain = x509.load_pem_x509_certificates(kept.chain.encode()) if kept.chain else []
    check_recipient(certificate, at=at, chain=chain, revocation_lists=lists)
    return certificate


def _escrow(at: datetime) -> x509.Certificate:
    try:
        data = (Path(settings.SIGNER_DIR) / ESCROW_FILE).read_bytes()
    except OSError as error:
        raise RecipientMissing(RecipientLack.ESCROW_MISSING, file=ESCROW_FILE) from error
    try:
        certificate, *chain = read_certificates(data)
    except CertificateRefused as error:
        raise RecipientMissing(RecipientLack.ESCROW_UNREADABLE, file=ESCROW_FILE) from error
    check_recipient(certificate, at=at, chain=chain)
    return certificate
