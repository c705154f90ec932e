"""Facts of a certificate (RFC 5280): which it is, and what it may be used for."""

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

# NIST SP 800-57 part 1 rev. 5, table 2: below this an RSA key has under 112 bits of strength.
LEAST_RSA_BITS = 2048


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the certificate's DER, in hex."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def described(certificate: x509.Certificate) -> dict[str, str]:
    """Return which certificate it is: subject, fingerprint, valid_from, valid_until (ISO, UTC)."""
    return {
        "subject": certificate.subject.rfc4514_string(),
        "fingerprint": fingerprint(certificate),
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_until": certificate.not_valid_after_utc.isoformat(),
    }


def allows(certificate: x509.Certificate, *uses: str) -> bool:
    """Return whether key usage is absent or has one of the uses, named as in x509.KeyUsage."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return any(getattr(usage, use) for use in uses)


def is_for_mail(certificate: x509.Certificate) -> bool:
    """Return whether extended key usage is absent or has emailProtection, as CMS tools ask."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.EMAIL_PROTECTION in usage
