"""Verify a detached CMS signature (RFC 5652), such as a card issuer's over a receipt.

One signer, and content of type id-data, signed with or without signed attributes: RSA (PKCS #1 v1.5
or PSS) or ECDSA, over SHA-256, SHA-384 or SHA-512. The time of signing that a signature states is
not believed. Certificates that go along may fill the path up to a trusted one, never be trusted.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from enrolment.cards.domain.certificate_facts import LEAST_RSA_BITS, allows, described, is_for_mail
from enrolment.cards.domain.certificates import BROKEN, MOST_CERTIFICATES, issuer_and_serial, whole
from enrolment.people.domain.refusal import Refusal

MOST_BYTES = 100_000
MOST_SALT_BYTES = 1_000

type Hash = SHA256 | SHA384 | SHA512

_HASHES: dict[str, Hash] = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


class SignatureFault(StrEnum):
    """Why a signature does not hold."""

    UNREADABLE = "unreadable"
    NOT_DETACHED = "not_detached"  # what was signed goes along, and may be another content
    SEVERAL_SIGNERS = "several_signers"
    UNSUITABLE_ALGORITHM = "unsuitable_algorithm"
    CHANGED = "changed"
    # The faults of the signer's certificate have its subject, fingerprint and dates beside them;
    # only UNTRUSTED may lack them, when the certificate isn't there.
    UNTRUSTED = "untrusted"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    WRONG_KEY_USAGE = "wrong_key_usage"
    WRONG_EXTENDED_KEY_USAGE = "wrong_extended_key_usage"
    UNSUITABLE_KEY = "unsuitable_key"


class SignatureRefused(Refusal):
    """The signature does not hold: `code` is a SignatureFault.

    `params` say which certificate, when its own fault it is: subject, fingerprint, valid_from and
    valid_until (ISO 8601, UTC).
    """

    def __init__(self, code: SignatureFault, certificate: x509.Certificate | None = None) -> None:
        super().__init__(code, **(described(certificate) if certificate else {}))


@dataclass(frozen=True)
class _Signed:
    """What a signature says, as plain values: nothing of it is verified."""

    signer: bytes  # issuer and serial number as DER, or the subject key identifier
    certificates: tuple[x509.Certificate, ...]
    digest: str
    way: str
    pss: tuple[str, str, str, int] | None  # hash, mask, the mask's hash, bytes of salt
    attributes: bytes | None  # the signed ones, as the DER that is signed
    content_types: tuple[object, ...]
    digests: tuple[object, ...]
    value: bytes


def verify_signature(
    signature: bytes, content: bytes, trusted: Sequence[x509.Certificate], *, at: datetime
) -> x509.Certificate:
    """Return the certificate that signed exactly `content`, trusted at `at` (with a zone).

    `signature` is DER. `trusted` are roots, authorities below a root, or a signer's own
    certificate. The signer's uses are those of seal.check_signer. Revocation isn't asked for.
    Raises SignatureRefused.
    """
    signed = _read(signature)
    signer = _signer(signed, trusted)
    _check_signer(signer, at.astimezone(UTC))
    _check_path(signer, signed.certificates, trusted, at.astimezone(UTC))
    _check_content(signed, content)
    _check_value(signed, content, signer)
    return signer


def _read(signature: bytes) -> _Signed:
    if len(signature) > MOST_BYTES:
        raise SignatureRefused(SignatureFault.UNREADABLE)
    try:
        signed = _signed_data(signature)
        signers = len(signed["signer_infos"])
        attached = signed["encap_content_info"]["content"].native is not None
        found = _plain(signed) if signers else None
    except (*BROKEN, TypeError, LookupError):
        raise SignatureRefused(SignatureFault.UNREADABLE) from None
    if attached:
        raise SignatureRefused(SignatureFault.NOT_DETACHED)
    if signers > 1:
        raise SignatureRefused(SignatureFault.SEVERAL_SIGNERS)
    if found is None:
        raise SignatureRefused(SignatureFault.UNREADABLE)
    return found


def _signed_data(signature: bytes) -> cms.SignedData:
    outer = cms.ContentInfo.load(signature, strict=True)
    if outer["content_type"].native != "signed_data":
        raise ValueError("This isn't SignedData")
    if outer["content"]["encap_content_info"]["content_type"].native != "data":
        raise ValueError("What is signed isn't plain data")
    return outer["content"]


def _plain(signed: cms.SignedData) -> _Signed:
    """Return what the first signer says; raises ValueError and others for what can't be read."""
    info = signed["signer_infos"][0]
    attributes = info["signed_attrs"]
    found = [] if isinstance(attributes, core.Void) else attributes
    way, digest = info["signature_algorithm"], info["digest_algorithm"]["algorithm"].native
    name = way["algorithm"].native
    return _Signed(
        signer=_signer_id(info["sid"]),
        certificates=_certificates(signed["certificates"]),
        digest=digest,
        way=name,
        pss=_pss(way["parameters"]) if name == "rsassa_pss" else None,
        # The tag of a SET in place of [0]: these bytes are signed (RFC 5652, 5.4).
        attributes=None if isinstance(attributes, core.Void) else b"\x31" + attributes.dump()[1:],
        content_types=_values(found, "content_type"),
        digests=_values(found, "message_digest"),
        value=info["signature"].native,
    )


def _signer_id(sid: cms.SignerIdentifier) -> bytes:
    by_name = sid.name == "issuer_and_serial_number"
    return bytes(sid.chosen.dump() if by_name else sid.chosen.native)


def _certificates(found: core.Asn1Value) -> tuple[x509.Certificate, ...]:
    if isinstance(found, core.Void):
        return ()
    if len(found) > MOST_CERTIFICATES:
        raise ValueError("Too many certificates go along")
    return tuple(whole(x509.load_der_x509_certificate(one.chosen.dump())) for one in found)


def _pss(parameters: algos.RSASSAPSSParams) -> tuple[str, str, str, int]:
    mask = parameters["mask_gen_algorithm"]
    digest = parameters["hash_algorithm"]["algorithm"].native
    mask_digest = mask["parameters"]["algorithm"].native
    return digest, mask["algorithm"].native, mask_digest, parameters["salt_length"].native


def _values(attributes: Iterable[cms.CMSAttribute], kind: str) -> tuple[object, ...]:
    """Return all values of the attributes of a kind: a signature has just one."""
    return tuple(
        value.native
        for attribute in attributes
        if attribute["type"].native == kind
        for value in attribute["values"]
    )


def _signer(signed: _Signed, trusted: Sequence[x509.Certificate]) -> x509.Certificate:
    for certificate in (*trusted, *signed.certificates):
        if signed.signer in (issuer_and_serial(certificate), _key_id(certificate)):
            return certificate
    raise SignatureRefused(SignatureFault.UNTRUSTED)


def _key_id(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return found.value.digest


def _check_signer(certificate: x509.Certificate, moment: datetime) -> None:
    if moment < certificate.not_valid_before_utc:
        raise SignatureRefused(SignatureFault.NOT_YET_VALID, certificate)
    if moment > certificate.not_valid_after_utc:
        raise SignatureRefused(SignatureFault.EXPIRED, certificate)
    if not allows(certificate, "digital_signature", "content_commitment"):
        raise SignatureRefused(SignatureFault.WRONG_KEY_USAGE, certificate)
    if not is_for_mail(certificate):
        raise SignatureRefused(SignatureFault.WRONG_EXTENDED_KEY_USAGE, certificate)


def _signs_certificates(
    _policy: Policy, certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("This authority may not sign certificates")


# basicConstraints with cA, path lengths, dates, names and signatures are the library's own checks.
_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs_certificates)
)


def _check_path(
    signer: x509.Certificate,
    along: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    moment: datetime,
) -> None:
    """Refuse a signer from whom no path of certificates leads to a trusted one (RFC 5280, 6)."""
    if not trusted:
        raise SignatureRefused(SignatureFault.UNTRUSTED, signer)
    verifier = (
        PolicyBuilder()
        .store(Store(list(trusted)))
        .time(moment)
        .extension_policies(ca_policy=_AUTHORITY, ee_policy=ExtensionPolicy.permit_all())
        .build_client_verifier()
    )
    try:
        verifier.verify(signer, list(along))
    except VerificationError:
        raise SignatureRefused(SignatureFault.UNTRUSTED, signer) from None


def _check_content(signed: _Signed, content: bytes) -> None:
    if signed.digest not in _HASHES:
        raise SignatureRefused(SignatureFault.UNSUITABLE_ALGORITHM)
    if signed.attributes is None:
        holds = not _is_attributes(content)
    else:
        digest = hashlib.new(signed.digest, content).digest()
        holds = signed.content_types == ("data",) and signed.digests == (digest,)
    if not holds:
        raise SignatureRefused(SignatureFault.CHANGED)


def _is_attributes(content: bytes) -> bool:
    """Return whether the content is signed attributes: those of another content, then.

    They are signed as they stand, so without this anybody could pass them off as the content.
    """
    try:
        found = {one["type"].native for one in cms.CMSAttributes.load(content, strict=True)}
    except (ValueError, TypeError, LookupError):
        return False
    return "message_digest" in found


def _check_value(signed: _Signed, content: bytes, signer: x509.Certificate) -> None:
    key, digest = signer.public_key(), _HASHES[signed.digest]
    data = content if signed.attributes is None else signed.attributes
    try:
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
            key.verify(signed.value, data, _padding(signed, digest), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
            _check_way(signed, "ecdsa")
            key.verify(signed.value, data, ec.ECDSA(digest))
        else:
            raise SignatureRefused(SignatureFault.UNSUITABLE_KEY, signer)
    except InvalidSignature:
        raise SignatureRefused(SignatureFault.CHANGED) from None


def _padding(signed: _Signed, digest: Hash) -> padding.PKCS1v15 | padding.PSS:
    if signed.pss is None:
        _check_way(signed, "rsa")
        return padding.PKCS1v15()
    *names, salt_bytes = signed.pss
    suits = names == [signed.digest, "mgf1", signed.digest]
    if not suits or not 0 <= salt_bytes <= MOST_SALT_BYTES:
        raise SignatureRefused(SignatureFault.UNSUITABLE_ALGORITHM)
    return padding.PSS(padding.MGF1(digest), salt_bytes)


def _check_way(signed: _Signed, family: str) -> None:
    """Refuse a way of signing of another family or with another hash (RFC 8933)."""
    plain = {"rsa": "rsassa_pkcs1v15"}.get(family)
    if signed.way not in (f"{signed.digest}_{family}", plain):
        raise SignatureRefused(SignatureFault.UNSUITABLE_ALGORITHM)
