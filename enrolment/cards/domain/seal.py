"""Sign the package: a detached CMS signature (RFC 5652) over its tag manifest.

Any CMS tool verifies it, such as `openssl cms -verify -binary -inform DER -in SIGNATURE
-content TAG_MANIFEST -CAfile ROOT`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from enrolment.cards.domain.certificate_facts import (
    LEAST_RSA_BITS,
    allows,
    described,
    is_for_mail,
)
from enrolment.people.domain.refusal import Refusal

type SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class SignerFault(StrEnum):
    """Why a certificate or its key may not sign."""

    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    WRONG_KEY_USAGE = "wrong_key_usage"
    WRONG_EXTENDED_KEY_USAGE = "wrong_extended_key_usage"
    KEY_OF_ANOTHER_CERTIFICATE = "key_of_another_certificate"
    UNSUITABLE_KEY = "unsuitable_key"


class SignerRefused(Refusal):
    """The certificate may not sign.

    `code` is a SignerFault; `params` say which certificate: subject, fingerprint, valid_from and
    valid_until (ISO 8601, UTC).
    """

    def __init__(self, code: SignerFault, certificate: x509.Certificate) -> None:
        super().__init__(code, **described(certificate))


def check_signer(certificate: x509.Certificate, key: PrivateKeyTypes, at: datetime) -> None:
    """Refuse a certificate that may not sign at `at` (with a zone), or a key that isn't its own.

    The uses asked for are those that CMS verifiers ask for by default (RFC 8550, 4.4): key usage
    digitalSignature or nonRepudiation, extended key usage emailProtection; either may be absent.
    Raises SignerRefused.
    """
    moment = at.astimezone(UTC)
    if moment < certificate.not_valid_before_utc:
        raise SignerRefused(SignerFault.NOT_YET_VALID, certificate)
    if moment > certificate.not_valid_after_utc:
        raise SignerRefused(SignerFault.EXPIRED, certificate)
    if not allows(certificate, "digital_signature", "content_commitment"):
        raise SignerRefused(SignerFault.WRONG_KEY_USAGE, certificate)
    if not is_for_mail(certificate):
        raise SignerRefused(SignerFault.WRONG_EXTENDED_KEY_USAGE, certificate)
    _signing_key(key, certificate)


def sign(
    tag_manifest: bytes,
    key: PrivateKeyTypes,
    certificate: x509.Certificate,
    chain: Iterable[x509.Certificate] = (),
) -> bytes:
    """Return the detached signature in DER: SHA-256 with RSA (PKCS #1 v1.5) or with ECDSA P-256.

    `chain` are the certificates between the signer's and the root, to go along. The signature holds
    the time of signing and differs each time: make it once and keep it. Raises SignerRefused for a
    key that doesn't fit.
    """
    builder = (
        PKCS7SignatureBuilder()
        .set_data(tag_manifest)
        .add_signer(certificate, _signing_key(key, certificate), SHA256())
    )
    for link in chain:
        builder = builder.add_certificate(link)
    options = (PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities)
    return builder.sign(Encoding.DER, options)


def _signing_key(key: PrivateKeyTypes, certificate: x509.Certificate) -> SigningKey:
    if key.public_key() != certificate.public_key():
        raise SignerRefused(SignerFault.KEY_OF_ANOTHER_CERTIFICATE, certificate)
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise SignerRefused(SignerFault.UNSUITABLE_KEY, certificate)
