"""Read the card issuers for those who administer them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import FETCH_RAISE, OuterRef, Prefetch, QuerySet, Subquery

from enrolment.cards.domain.sftp_target import host_key_fingerprint
from enrolment.cards.models import Batch, Issuer, IssuerCertificate, IssuerToken
from enrolment.cards.queries.batches import UNFINISHED
from enrolment.cards.queries.certificates import CertificateRow, CertificateState, certificate_row
from enrolment.people.models import User


@dataclass(frozen=True)
class IssuerRow:
    """An issuer in the list: the certificate that runs out first, and the latest batch's name."""

    issuer: Issuer
    next_certificate: CertificateRow | None
    lacks_encryption: bool
    last_batch: str
    last_sealed_at: datetime | None

    @property
    def needs_you(self) -> bool:
        """Whether a certificate has to be added or renewed."""
        holds = self.next_certificate and self.next_certificate.state == CertificateState.VALID
        return self.lacks_encryption or not holds


def issuer_rows(seen: QuerySet[Issuer], now: datetime) -> list[IssuerRow]:
    """Return the issuers for the list, in their order."""
    latest = Batch.objects.filter(issuer=OuterRef("pk")).order_by("-number")
    in_use = IssuerCertificate.objects.filter(retired_at=None).order_by("valid_until", "pk")
    issuers = seen.annotate(
        last_batch=Subquery(latest.values("name")[:1]),
        last_sealed_at=Subquery(latest.values("sealed_at")[:1]),
    ).prefetch_related(Prefetch("certificates", queryset=in_use, to_attr="in_use"))
    return [_row(issuer, now) for issuer in issuers.fetch_mode(FETCH_RAISE)]


def _row(issuer: Issuer, now: datetime) -> IssuerRow:
    in_use: list[IssuerCertificate] = issuer.in_use  # type: ignore[attr-defined]
    purposes = {certificate.purpose for certificate in in_use}
    return IssuerRow(
        issuer=issuer,
        next_certificate=certificate_row(in_use[0], now) if in_use else None,
        lacks_encryption=IssuerCertificate.Purpose.ENCRYPTION not in purposes,
        last_batch=issuer.last_batch or "",  # type: ignore[attr-defined]
        last_sealed_at=issuer.last_sealed_at,  # type: ignore[attr-defined]
    )


def batches_on_their_way(issuer: Issuer) -> QuerySet[Batch]:
    """Return the issuer's batches that are sealed and not handed over, oldest first."""
    return issuer.batches.filter(status__in=UNFINISHED).order_by("number")


def acting_people(issuer: Issuer) -> QuerySet[User]:
    """Return who acts for the issuer, by name."""
    return issuer.people.order_by("name", "email").fetch_mode(FETCH_RAISE)


@dataclass(frozen=True)
class TokenRow:
    """A key to the API: `state` is one of valid, expired and revoked."""

    token: IssuerToken
    state: str


def token_rows(issuer: Issuer, now: datetime) -> list[TokenRow]:
    """Return the issuer's keys to the API, newest first, with who made each."""
    tokens = issuer.tokens.select_related("created_by").order_by("-created_at", "pk")
    return [TokenRow(token, _state(token, now)) for token in tokens.fetch_mode(FETCH_RAISE)]


def _state(token: IssuerToken, now: datetime) -> str:
    if token.revoked_at:
        return "revoked"
    return "valid" if token.valid_until > now else "expired"


def host_key(issuer: Issuer) -> str:
    """Return the fingerprint of the SFTP server's key, or an empty string without one."""
    return host_key_fingerprint(issuer.sftp_host_key) if issuer.sftp_host_key else ""
