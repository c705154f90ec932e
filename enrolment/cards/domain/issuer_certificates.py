"""What an administrator has to know of a certificate: may it vouch for receipts, is it revoked."""

from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from enrolment.cards.domain.certificate_facts import LEAST_RSA_BITS, allows, is_for_mail
from enrolment.cards.domain.seal import SignerFault, SignerRefused

GROUP = 4
# NIST SP 800-186: the curves that CMS tools know.
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


def check_receipt_signer(certificate: x509.Certificate, *, at: datetime) -> None:
    """Refuse a certificate that can't vouch for receipts at `at` (with a zone).

    It signs them itself, or it is an authority (RFC 5280, 4.2.1.9) whose certificates do. Raises
    SignerRefused.
    """
    moment = at.astimezone(UTC)
    if moment < certificate.not_valid_before_utc:
        raise SignerRefused(SignerFault.NOT_YET_VALID, certificate)
    if moment > certificate.not_valid_after_utc:
        raise SignerRefused(SignerFault.EXPIRED, certificate)
    if not _is_strong(certificate):
        raise SignerRefused(SignerFault.UNSUITABLE_KEY, certificate)
    uses: tuple[str, ...] = ("digital_signature", "content_commitment")
    if _is_authority(certificate):
        uses = ("key_cert_sign",)
    if not allows(certificate, *uses):
        raise SignerRefused(SignerFault.WRONG_KEY_USAGE, certificate)
    if not is_for_mail(certificate):
        raise SignerRefused(SignerFault.WRONG_EXTENDED_KEY_USAGE, certificate)


def revoked_at(
    certificate: x509.Certificate, lists: Iterable[x509.CertificateRevocationList]
) -> datetime | None:
    """Return when one of its authority's lists revokes the certificate, or None (UTC)."""
    for one in lists:
        entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and one.issuer == certificate.issuer:
            return entry.revocation_date_utc
    return None


def groups(fingerprint: str) -> list[str]:
    """Return a fingerprint in groups of four characters, to read aloud."""
    text = fingerprint.upper()
    return [text[at : at + GROUP] for at in range(0, len(text), GROUP)]


def _is_strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= LEAST_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
