"""An issuer's certificates: look at one, take it into use, retire it, and keep what is revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils import timezone

from enrolment.audit.services import Actor, record
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.certificates import (
    check_recipient,
    read_certificates,
    read_revocation_list,
)
from enrolment.cards.domain.issuer_certificates import check_receipt_signer
from enrolment.cards.models import Issuer, IssuerCertificate, RevocationList
from enrolment.people.domain.refusal import Refusal

SUBJECT_LENGTH = 300


class AnswerFault(StrEnum):
    """Why a sound certificate or list is not taken."""

    ALREADY_THERE = "already_there"
    OLDER_LIST = "older_list"
    STALE_LIST = "stale_list"
    NO_AUTHORITY = "no_authority"


class NotTaken(Refusal):
    """The certificate or list is sound and yet not taken: `code` is an AnswerFault."""


@dataclass(frozen=True)
class Inspected:
    """A certificate that may be taken into use, and those above it."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the certificate, in hex."""
        return fingerprint(self.certificate)

    @property
    def subject(self) -> str:
        """Return whose certificate it is."""
        return self.certificate.subject.rfc4514_string()[:SUBJECT_LENGTH]

    @property
    def authority(self) -> str:
        """Return who issued it."""
        return self.certificate.issuer.rfc4514_string()

    @property
    def pem(self) -> str:
        """Return the certificate and its chain in PEM."""
        return _pem([self.certificate, *self.chain])


def inspect_certificate(*, issuer: Issuer, purpose: str, data: bytes, at: datetime) -> Inspected:
    """Read a certificate and see that the issuer may use it for the purpose; nothing is kept.

    Raises CertificateRefused or RecipientRefused (cards.domain.certificates), SignerRefused
    (cards.domain.seal), or NotTaken where it is in use already.
    """
    certificate, *chain = read_certificates(data)
    if purpose == IssuerCertificate.Purpose.ENCRYPTION:
        lists = revocation_lists(issuer)
        check_recipient(certificate, at=at, chain=tuple(chain), revocation_lists=lists)
    else:
        check_receipt_signer(certificate, at=at)
    found = Inspected(certificate, tuple(chain))
    in_use = issuer.certificates.filter(purpose=purpose, retired_at=None)
    if in_use.filter(fingerprint=found.fingerprint).exists():
        raise NotTaken(AnswerFault.ALREADY_THERE, subject=found.subject)
    return found


@transaction.atomic
def add_certificate(
    *, actor: Actor, issuer: Issuer, purpose: str, data: bytes
) -> IssuerCertificate:
    """Take a certificate into use, or back into use; PEM or DER. Raises as `inspect_certificate`.

    Whoever calls has compared the fingerprint with the issuer's own.
    """
    Issuer.objects.select_for_update().get(pk=issuer.pk)
    found = inspect_certificate(issuer=issuer, purpose=purpose, data=data, at=timezone.now())
    certificate, _new = IssuerCertificate.objects.update_or_create(
        issuer=issuer,
        purpose=purpose,
        fingerprint=found.fingerprint,
        defaults={
            "der": found.certificate.public_bytes(Encoding.DER),
            "chain": _pem(found.chain),
            "subject": found.subject,
            "valid_from": found.certificate.not_valid_before_utc,
            "valid_until": found.certificate.not_valid_after_utc,
            "retired_at": None,
        },
    )
    _record(actor, "cards.add_certificate", certificate)
    return certificate


@transaction.atomic
def retire_certificate(*, actor: Actor, certificate: IssuerCertificate) -> None:
    """Take a certificate out of use; it is kept. One that is retired already stays as it is."""
    in_use = IssuerCertificate.objects.filter(pk=certificate.pk, retired_at=None)
    if in_use.update(retired_at=timezone.now()):
        _record(actor, "cards.retire_certificate", certificate)


@transaction.atomic
def add_revocation_list(*, actor: Actor, issuer: Issuer, data: bytes) -> RevocationList:
    """Keep a revocation list by an authority of the issuer's certificates, instead of an older one.

    Raises CertificateRefused, or NotTaken for one that has run out or is older than the one kept.
    """
    issuer = Issuer.objects.select_for_update().get(pk=issuer.pk)
    authorities = _authorities(issuer)
    if not authorities:
        raise NotTaken(AnswerFault.NO_AUTHORITY)
    found = read_revocation_list(data, authorities)
    authority = found.issuer.rfc4514_string()[:SUBJECT_LENGTH]
    _check_age(issuer, authority, found)
    kept, _new = RevocationList.objects.update_or_create(
        issuer=issuer,
        authority=authority,
        defaults={
            "der": found.public_bytes(Encoding.DER),
            "this_update": found.last_update_utc,
            "next_update": found.next_update_utc,
            "added_at": timezone.now(),
        },
    )
    record(
        actor=actor,
        action="cards.add_revocation_list",
        subject=kept,
        federation_id=issuer.federation_id,
        revoked=len(found),
    )
    return kept


def revocation_lists(issuer: Issuer) -> list[x509.CertificateRevocationList]:
    """Return the lists of revoked certificates that are kept for the issuer."""
    return [x509.load_der_x509_crl(bytes(kept.der)) for kept in issuer.revocation_lists.all()]


def _authorities(issuer: Issuer) -> list[x509.Certificate]:
    """Return every certificate that stands above one of the issuer's, and those themselves."""
    found: list[x509.Certificate] = []
    for kept in issuer.certificates.filter(retired_at=None):
        found.append(x509.load_der_x509_certificate(bytes(kept.der)))
        if kept.chain:
            found += x509.load_pem_x509_certificates(kept.chain.encode())
    return found


def _check_age(issuer: Issuer, authority: str, found: x509.CertificateRevocationList) -> None:
    """Refuse a list that has run out, or that is older than the one kept."""
    if found.next_update_utc and found.next_update_utc <= timezone.now():
        raise NotTaken(AnswerFault.STALE_LIST, next_update=found.next_update_utc.isoformat())
    newer = issuer.revocation_lists.filter(
        authority=authority, this_update__gt=found.last_update_utc
    )
    if newer.exists():
        raise NotTaken(AnswerFault.OLDER_LIST)


def _pem(certificates: Iterable[x509.Certificate]) -> str:
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)


def _record(actor: Actor, action: str, certificate: IssuerCertificate) -> None:
    record(
        actor=actor,
        action=action,
        subject=certificate,
        federation_id=certificate.issuer.federation_id,
        purpose=certificate.purpose,
        fingerprint=certificate.fingerprint,
    )
