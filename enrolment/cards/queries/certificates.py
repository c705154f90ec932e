"""Read certificates: the issuers' and our own, how long they hold, and what is revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.db.models import FETCH_RAISE

from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.certificates import CertificateRefused, read_certificates
from enrolment.cards.domain.issuer_certificates import groups, revoked_at
from enrolment.cards.models import Issuer, IssuerCertificate, RevocationList
from enrolment.people.models import Federation

WARN_DAYS = 30


class CertificateState(StrEnum):
    """How a certificate stands: in use, of no use, or soon so."""

    VALID = "valid"
    SOON = "soon"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    RETIRED = "retired"


@dataclass(frozen=True)
class CertificateRow:
    """A certificate of an issuer's; `days_left` counts whole days, `revoked_at` by its lists."""

    certificate: IssuerCertificate
    state: CertificateState
    days_left: int
    revoked_at: datetime | None = None

    @property
    def encrypts(self) -> bool:
        """Whether packages are encrypted to it."""
        return self.certificate.purpose == IssuerCertificate.Purpose.ENCRYPTION

    @property
    def stops(self) -> bool:
        """Whether no package is built as long as it is in use."""
        useless = (CertificateState.EXPIRED, CertificateState.REVOKED)
        return self.encrypts and self.state in useless

    @property
    def groups(self) -> list[str]:
        """Return the fingerprint to read aloud."""
        return groups(self.certificate.fingerprint)


@dataclass(frozen=True)
class Certificates:
    """An issuer's certificates: those in use by when they run out, and those that are retired."""

    in_use: list[CertificateRow]
    retired: list[CertificateRow]

    @property
    def encrypt(self) -> bool:
        """Whether there is one in use to encrypt packages to."""
        return any(row.encrypts for row in self.in_use)


def certificate_row(
    certificate: IssuerCertificate, now: datetime, revoked: datetime | None = None
) -> CertificateRow:
    """Return the certificate with how it stands."""
    left = certificate.valid_until - now
    return CertificateRow(certificate, _state(certificate, now, revoked), left.days, revoked)


def certificates_of(issuer: Issuer, now: datetime) -> Certificates:
    """Return the issuer's certificates with how each stands."""
    lists = [x509.load_der_x509_crl(bytes(kept.der)) for kept in issuer.revocation_lists.all()]
    kept = issuer.certificates.order_by("valid_until", "pk").fetch_mode(FETCH_RAISE)
    rows = [
        certificate_row(one, now, revoked_at(x509.load_der_x509_certificate(bytes(one.der)), lists))
        for one in kept
    ]
    retired = [row for row in rows if row.state == CertificateState.RETIRED]
    return Certificates([row for row in rows if row not in retired], retired)


def _state(
    certificate: IssuerCertificate, now: datetime, revoked: datetime | None
) -> CertificateState:
    if certificate.retired_at:
        return CertificateState.RETIRED
    if revoked:
        return CertificateState.REVOKED
    if certificate.valid_until < now:
        return CertificateState.EXPIRED
    if certificate.valid_from > now:
        return CertificateState.NOT_YET
    soon = certificate.valid_until <= now + timedelta(days=WARN_DAYS)
    return CertificateState.SOON if soon else CertificateState.VALID


@dataclass(frozen=True)
class RevocationListRow:
    """A list of revoked certificates; `stale` once the authority has promised a newer one."""

    kept: RevocationList
    stale: bool
    count: int


def revocation_list_rows(issuer: Issuer, now: datetime) -> list[RevocationListRow]:
    """Return the issuer's revocation lists by authority."""
    rows = issuer.revocation_lists.order_by("authority").fetch_mode(FETCH_RAISE)
    return [
        RevocationListRow(
            kept=row,
            stale=row.next_update is not None and row.next_update <= now,
            count=len(x509.load_der_x509_crl(bytes(row.der))),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class ExpiringCertificate:
    """A certificate to renew; without an issuer it is our own: the signer's or the escrow's.

    `days_left` counts whole days and is negative once it has run out.
    """

    role: str
    subject: str
    fingerprint: str
    valid_until: datetime
    days_left: int
    issuer: Issuer | None = None

    @property
    def groups(self) -> list[str]:
        """Return the fingerprint to read aloud."""
        return groups(self.fingerprint)


# Our own certificates lie as files in SIGNER_DIR.
OWN = {"signer": "signer.pem", "escrow": "escrow.pem"}


def expiring_certificates(
    federations: Iterable[Federation] | None, now: datetime, days: int = WARN_DAYS
) -> list[ExpiringCertificate]:
    """Return what has run out or does within `days`, soonest first; None means every federation.

    Our own certificates are among them whatever the federations.
    """
    last = now + timedelta(days=days)
    kept = IssuerCertificate.objects.filter(retired_at=None, valid_until__lte=last)
    if federations is not None:
        kept = kept.filter(issuer__federation__in=federations)
    issuers = [_issuers(one, now) for one in kept.select_related("issuer__federation")]
    own = [one for one in own_certificates(now) if one.valid_until <= last]
    return sorted([*issuers, *own], key=lambda one: (one.valid_until, one.fingerprint))


def own_certificates(now: datetime) -> list[ExpiringCertificate]:
    """Return the signer's and the escrow's certificates, as far as they can be read."""
    found = [(role, _first(Path(settings.SIGNER_DIR) / name)) for role, name in OWN.items()]
    return [_own(role, certificate, now) for role, certificate in found if certificate]


def _issuers(kept: IssuerCertificate, now: datetime) -> ExpiringCertificate:
    return ExpiringCertificate(
        role=kept.purpose,
        subject=kept.subject,
        fingerprint=kept.fingerprint,
        valid_until=kept.valid_until,
        days_left=(kept.valid_until - now).days,
        issuer=kept.issuer,
    )


def _own(role: str, certificate: x509.Certificate, now: datetime) -> ExpiringCertificate:
    return ExpiringCertificate(
        role=role,
        subject=certificate.subject.rfc4514_string(),
        fingerprint=fingerprint(certificate),
        valid_until=certificate.not_valid_after_utc,
        days_left=(certificate.not_valid_after_utc - now).days,
    )


def _first(path: Path) -> x509.Certificate | None:
    """Return our certificate in a file; building a batch tells of one that can't be read."""
    try:
        return read_certificates(path.read_bytes())[0]
    except (OSError, CertificateRefused):
        return None
