"""Certificates for tests: roots, leaves of every wrong kind, revocation lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

# Foreign tools read the real clock.
NOW = datetime.now(UTC).replace(microsecond=0)
USES = [
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
]  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def rsa_key(name: str = "", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the key of that name: the same one each time, since making one takes long."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str = "", curve: type[ec.EllipticCurve] = ec.SECP256R1):
    """Return the key of that name."""
    return ec.generate_private_key(curve())


def usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in allowed for use in USES})


def extended(*allowed: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage(allowed)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def authority(name: str = "Root", *, key=None, length: int | None = None, **more) -> Pair:
    """Make a certificate authority: a root, or `by` another."""
    basic = x509.BasicConstraints(ca=True, path_length=length)
    return pair(name, key or ec_key(name), basic, usage("key_cert_sign", "crl_sign"), **more)


def rsa_recipient(name: str = "Card issuer", **more) -> Pair:
    """Make a pair that packages may be encrypted to."""
    return pair(name, rsa_key(name), usage("key_encipherment"), **more)


def ec_recipient(name: str = "Card issuer", **more) -> Pair:
    """Make a pair that packages may be encrypted to."""
    return pair(name, ec_key(name), usage("key_agreement"), **more)


def signer(name: str = "Signer", **more) -> Pair:
    """Make a pair that may sign."""
    return pair(name, ec_key(name), usage("digital_signature"), **more)


def pair(
    name: str,
    key,
    *extensions: x509.ExtensionType,
    by: Pair | None = None,
    days: tuple[float, float] = (-1, 30),
    serial: int | None = None,
    digest: HashAlgorithm | None = None,
) -> Pair:
    """Make a certificate of the key, valid from and until so many days from NOW.

    `by` issues it; without, it has issued itself.
    """
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(by.certificate.subject if by else named(name))
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Pair(builder.sign(by.key if by else key, digest or SHA256()), key)


def revocation_list(
    by: Pair,
    revoked: Sequence[x509.Certificate] = (),
    *extensions: x509.ExtensionType,
    days: tuple[float, float] = (-1, 7),
    revoked_at: datetime | None = None,
    digest: HashAlgorithm | None = None,
) -> x509.CertificateRevocationList:
    """Make an authority's list, of `days` from NOW, revoking the certificates."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(NOW + timedelta(days=days[0]))
        .next_update(NOW + timedelta(days=days[1]))
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
        entry = entry.revocation_date(revoked_at or NOW - timedelta(days=1))
        builder = builder.add_revoked_certificate(entry.build())
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(by.key, digest or SHA256())
