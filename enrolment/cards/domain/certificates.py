"""Read an issuer's certificates and revocation lists (RFC 5280), and refuse those of no use.

Files come from people: whatever is in them, the answer is certificates or a named fault.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key

from enrolment.cards.domain.certificate_facts import (
    LEAST_RSA_BITS,
    allows,
    described,
    is_for_mail,
)
from enrolment.people.domain.refusal import Refusal

MOST_BYTES = 100_000
MOST_CERTIFICATES = 10
MOST_LIST_BYTES = 10_000_000
# What the library raises for a file that isn't as the standards say.
BROKEN = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
STRONG_HASHES = (SHA256, SHA384, SHA512)

type RecipientKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_LIST_KEYS = (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)
_PEM_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
# What a PFX (RFC 7292, 4) begins with after its length: version 3.
_PKCS12_START = re.compile(
    rb"\x30(?:\x80|[\x81-\x84].{1,4}?|[\x00-\x7f])\x02\x01\x03\x30", re.DOTALL
)


class CertificateFault(StrEnum):
    """Why a file is not the certificates, or the revocation list, that were asked for."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    KEY_INSTEAD = "key_instead"  # a private key: it has been sent, so it is no longer secret
    PKCS12 = "pkcs12"  # a PKCS #12 file, which may hold a private key
    REQUEST_INSTEAD = "request_instead"
    LIST_INSTEAD = "list_instead"
    CERTIFICATE_INSTEAD = "certificate_instead"
    SEVERAL_LEAVES = "several_leaves"  # not one certificate and those above it
    OTHER_AUTHORITY = "other_authority"  # a revocation list that none of the authorities signed
    PARTIAL_LIST = "partial_list"  # a delta, indirect or otherwise limited revocation list


_PEM_KINDS = {
    b"CERTIFICATE": CertificateFault.CERTIFICATE_INSTEAD,
    b"X509 CERTIFICATE": CertificateFault.CERTIFICATE_INSTEAD,
    b"CERTIFICATE REQUEST": CertificateFault.REQUEST_INSTEAD,
    b"NEW CERTIFICATE REQUEST": CertificateFault.REQUEST_INSTEAD,
    b"X509 CRL": CertificateFault.LIST_INSTEAD,
}
_DER_KINDS: Mapping[CertificateFault, Callable[[bytes], object]] = {
    CertificateFault.CERTIFICATE_INSTEAD: x509.load_der_x509_certificate,
    CertificateFault.REQUEST_INSTEAD: x509.load_der_x509_csr,
    CertificateFault.LIST_INSTEAD: x509.load_der_x509_crl,
}
# The worst first: a key that has been sent is told before all else.
_OTHER_KINDS = (CertificateFault.KEY_INSTEAD, CertificateFault.PKCS12, *_DER_KINDS)


class CertificateRefused(Refusal):
    """The file can't be used: `code` is a CertificateFault. Nothing of the file is told."""


class RecipientFault(StrEnum):
    """Why a package may not be encrypted to a certificate."""

    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    UNSUITABLE_KEY = "unsuitable_key"
    WRONG_KEY_USAGE = "wrong_key_usage"
    WRONG_EXTENDED_KEY_USAGE = "wrong_extended_key_usage"
    REVOKED = "revoked"
    LIST_STALE = "list_stale"


class RecipientRefused(Refusal):
    """Nothing may be encrypted to the certificate.

    `code` is a RecipientFault; `params` say which certificate: subject, fingerprint, valid_from and
    valid_until (ISO 8601, UTC). REVOKED adds revoked_at, LIST_STALE adds next_update.
    """

    def __init__(self, code: RecipientFault, certificate: x509.Certificate, **more: str) -> None:
        super().__init__(code, **described(certificate), **more)


def issuer_and_serial(certificate: x509.Certificate) -> bytes:
    """Return how CMS names the certificate: IssuerAndSerialNumber (RFC 5652, 10.2.4) in DER."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    names = {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
    return bytes(cms.IssuerAndSerialNumber(names).dump())


def read_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificate in a PEM or DER file, then those above it, whatever their order there.

    Text around the PEM blocks is passed over, as RFC 7468, 2 has it. Raises CertificateRefused.
    """
    _check_kind(data, CertificateFault.CERTIFICATE_INSTEAD, MOST_BYTES)
    try:
        found = _loaded(data)
    except BROKEN:
        raise CertificateRefused(CertificateFault.UNREADABLE) from None
    if len(found) > MOST_CERTIFICATES:
        raise CertificateRefused(CertificateFault.TOO_LARGE)
    return _leaf_first(found)


def read_revocation_list(
    data: bytes, authorities: Sequence[x509.Certificate]
) -> x509.CertificateRevocationList:
    """Return the revocation list in a PEM or DER file, signed by one of the authorities.

    Whether it is too old is check_recipient's to say. A list with a critical extension is refused:
    it doesn't tell of all certificates (RFC 5280, 5.2.4 and 5.2.5). Raises CertificateRefused.
    """
    _check_kind(data, CertificateFault.LIST_INSTEAD, MOST_LIST_BYTES)
    blocks = len(_PEM_LABEL.findall(data))
    try:
        if blocks > 1:
            raise ValueError("One list at a time")
        found = x509.load_pem_x509_crl(data) if blocks else x509.load_der_x509_crl(data)
        _ = found.issuer, found.last_update_utc, found.next_update_utc
        partial = any(extension.critical for extension in found.extensions)
    except BROKEN:
        raise CertificateRefused(CertificateFault.UNREADABLE) from None
    if not any(_signed_by(authority, found) for authority in authorities):
        raise CertificateRefused(CertificateFault.OTHER_AUTHORITY)
    if partial:
        raise CertificateRefused(CertificateFault.PARTIAL_LIST)
    return found


def check_recipient(
    certificate: x509.Certificate,
    *,
    at: datetime,
    chain: Iterable[x509.Certificate] = (),
    revocation_lists: Iterable[x509.CertificateRevocationList] = (),
) -> None:
    """Refuse a certificate that nothing may be encrypted to at `at` (with a zone).

    Key usage has keyEncipherment for RSA and keyAgreement for EC (RFC 5280, 4.2.1.3), extended key
    usage emailProtection (RFC 8550, 4.4.4); either may be absent. `chain` are the certificates
    above: their dates and revocation count too. `revocation_lists` come from
    read_revocation_list; the newest of each authority counts, and none is needed. Raises
    RecipientRefused.
    """
    lists = sorted(revocation_lists, key=lambda one: one.last_update_utc)
    newest = {one.issuer: one for one in lists}
    for one in (certificate, *chain):
        _check_dates(one, at.astimezone(UTC))
        _check_revocation(one, newest.get(one.issuer), at.astimezone(UTC))
    use = "key_encipherment" if _is_rsa(recipient_key(certificate)) else "key_agreement"
    if not allows(certificate, use):
        raise RecipientRefused(RecipientFault.WRONG_KEY_USAGE, certificate)
    if not is_for_mail(certificate):
        raise RecipientRefused(RecipientFault.WRONG_EXTENDED_KEY_USAGE, certificate)


def recipient_key(certificate: x509.Certificate) -> RecipientKey:
    """Return the key to encrypt to: RSA of 2048 bits or more, or EC P-256.

    Raises RecipientRefused for others.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise RecipientRefused(RecipientFault.UNSUITABLE_KEY, certificate)


def whole(certificate: x509.Certificate) -> x509.Certificate:
    """Return the certificate, with each part read: raises one of BROKEN if one can't be.

    The library reads parts when they are asked for; after this none fails.
    """
    certificate.public_key()
    _ = certificate.extensions, certificate.subject, certificate.issuer
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return certificate


def _check_kind(data: bytes, wanted: CertificateFault, most: int) -> None:
    """Refuse a file that is empty, too large, or plainly something else than is wanted."""
    if not data.strip():
        raise CertificateRefused(CertificateFault.EMPTY)
    if len(data) > most:
        raise CertificateRefused(CertificateFault.TOO_LARGE)
    labels = _PEM_LABEL.findall(data)
    kinds = [_pem_kind(label) for label in labels] or [_der_kind(data)]
    for fault in _OTHER_KINDS:
        if fault in kinds and fault != wanted:
            raise CertificateRefused(fault)
    if set(kinds) != {wanted}:
        raise CertificateRefused(CertificateFault.UNREADABLE)


def _pem_kind(label: bytes) -> CertificateFault | None:
    if label.endswith(b"PRIVATE KEY"):
        return CertificateFault.KEY_INSTEAD
    return _PEM_KINDS.get(label)


def _der_kind(data: bytes) -> CertificateFault | None:
    if _PKCS12_START.match(data):
        return CertificateFault.PKCS12
    if _is_private_key(data):
        return CertificateFault.KEY_INSTEAD
    return next((kind for kind, load in _DER_KINDS.items() if _loads(load, data)), None)


def _is_private_key(data: bytes) -> bool:
    try:
        load_der_private_key(data, password=None, unsafe_skip_rsa_key_validation=True)
    except ValueError:
        return False
    except (TypeError, UnsupportedAlgorithm):  # encrypted, or of a kind unknown here
        return True
    return True


def _loads(load: Callable[[bytes], object], data: bytes) -> bool:
    try:
        load(data)
    except BROKEN:
        return False
    return True


def _loaded(data: bytes) -> list[x509.Certificate]:
    """Return the certificates in the file; ValueError when one is torn or holds what none may."""
    blocks = len(_PEM_LABEL.findall(data))
    if not blocks:
        found = [x509.load_der_x509_certificate(data)]
    elif blocks != len(found := x509.load_pem_x509_certificates(data)):
        raise ValueError("A PEM block has no end")
    return list(dict.fromkeys(whole(certificate) for certificate in found))


def _leaf_first(found: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    leaves = [one for one in found if not any(_issued(one, other) for other in found)]
    if len(leaves) != 1:
        raise CertificateRefused(CertificateFault.SEVERAL_LEAVES)
    ordered, rest = leaves, [one for one in found if one not in leaves]
    while above := next((one for one in rest if _issued(one, ordered[-1])), None):
        ordered.append(above)
        rest.remove(above)
    return (*ordered, *rest)


def _issued(authority: x509.Certificate, other: x509.Certificate) -> bool:
    """Return whether the authority signed the other certificate; its own is no other."""
    if authority == other:
        return False
    try:
        other.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _signed_by(authority: x509.Certificate, found: x509.CertificateRevocationList) -> bool:
    if authority.subject != found.issuer or not allows(authority, "crl_sign"):
        return False
    if not isinstance(found.signature_hash_algorithm, STRONG_HASHES):
        return False
    key = authority.public_key()
    return isinstance(key, _LIST_KEYS) and found.is_signature_valid(key)


def _check_dates(certificate: x509.Certificate, moment: datetime) -> None:
    if moment < certificate.not_valid_before_utc:
        raise RecipientRefused(RecipientFault.NOT_YET_VALID, certificate)
    if moment > certificate.not_valid_after_utc:
        raise RecipientRefused(RecipientFault.EXPIRED, certificate)


def _check_revocation(
    certificate: x509.Certificate,
    newest: x509.CertificateRevocationList | None,
    moment: datetime,
) -> None:
    if newest is None:
        return
    revoked = newest.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if revoked is not None:
        revoked_at = revoked.revocation_date_utc.isoformat()
        raise RecipientRefused(RecipientFault.REVOKED, certificate, revoked_at=revoked_at)
    due = newest.next_update_utc
    if due is not None and due < moment:
        stale = RecipientFault.LIST_STALE
        raise RecipientRefused(stale, certificate, next_update=due.isoformat())


def _is_rsa(key: RecipientKey) -> bool:
    return isinstance(key, rsa.RSAPublicKey)
