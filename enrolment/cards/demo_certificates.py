"""Make the demo's certificates: self-signed, so anybody can see that they prove nothing."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from enrolment.cards.domain.certificates import check_recipient
from enrolment.cards.domain.seal import SigningKey, check_signer

SIGNER = "DEMO signer (not for real cards)"
ESCROW = "DEMO escrow (not for real cards)"
ISSUER = "DEMO card issuer (not for real cards)"
VALID_FOR = timedelta(days=730)
# The machine that verifies may run a little behind.
CLOCK_SLACK = timedelta(days=1)

type Check = Callable[[x509.Certificate, PrivateKeyTypes], None]


@dataclass(frozen=True)
class DemoCertificates:
    """Where the demo's signer and escrow lie, all PEM.

    `trust` is what a receiver verifies signatures by.
    """

    signer_key: Path
    signer_certificate: Path
    trust: Path
    escrow_key: Path
    escrow_certificate: Path


@dataclass(frozen=True)
class DemoIssuer:
    """Where a demo card issuer's key and certificate lie, both PEM."""

    key: Path
    certificate: Path


def write_demo_certificates(folder: Path, at: datetime) -> DemoCertificates:
    """Write the demo's signer and escrow, unless those that are there serve at `at`.

    All lie in `folder`, made if missing, but the escrow's key: that one never lies with the rest,
    so it goes to a folder beside it, `<folder>-escrow`. Key files are readable by their owner
    alone. The signer's certificate serves as its own root: `openssl cms -verify -CAfile` needs
    nothing else. The escrow's key is EC.
    """
    vault = folder.with_name(f"{folder.name}-escrow")
    found = DemoCertificates(
        signer_key=folder / "signer.key",
        signer_certificate=folder / "signer.pem",
        trust=folder / "trust.pem",
        escrow_key=vault / "escrow.key",
        escrow_certificate=folder / "escrow.pem",
    )
    for place in (folder, vault):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep_signer(found, at)
    _keep_escrow(found, at)
    return found


def write_demo_issuer(folder: Path, at: datetime) -> DemoIssuer:
    """Write a demo card issuer's RSA pair into `folder`, unless one that serves `at` is there.

    Packages are encrypted to it, and it may sign receipts too.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = DemoIssuer(folder / "issuer.key", folder / "issuer.pem")
    if not _serves(found.key, found.certificate, _may_receive(at)):
        key = rsa.generate_private_key(65537, 2048)
        certificate = _certificate(ISSUER, key, at, "key_encipherment", "digital_signature")
        _write_pair(found.key, key, found.certificate, certificate)
    return found


def _keep_signer(found: DemoCertificates, at: datetime) -> None:
    def may_sign(certificate: x509.Certificate, key: PrivateKeyTypes) -> None:
        check_signer(certificate, key, at)

    if not _serves(found.signer_key, found.signer_certificate, may_sign):
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(SIGNER, key, at, "digital_signature")
        _write_pair(found.signer_key, key, found.signer_certificate, made)
    certificate = found.signer_certificate.read_bytes()
    if not found.trust.exists() or found.trust.read_bytes() != certificate:
        _write(found.trust, certificate, mode=0o644)


def _keep_escrow(found: DemoCertificates, at: datetime) -> None:
    if not _serves(found.escrow_key, found.escrow_certificate, _may_receive(at)):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(ESCROW, key, at, "key_agreement")
        _write_pair(found.escrow_key, key, found.escrow_certificate, certificate)


def _may_receive(at: datetime) -> Check:
    def check(certificate: x509.Certificate, key: PrivateKeyTypes) -> None:
        check_recipient(certificate, at=at)
        if key.public_key() != certificate.public_key():
            raise ValueError("The key is of another certificate")

    return check


def _serves(key_file: Path, certificate_file: Path, check: Check) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        check(certificate, load_pem_private_key(key_file.read_bytes(), password=None))
    except (FileNotFoundError, ValueError):
        return False
    return True


def _certificate(common_name: str, key: SigningKey, at: datetime, *uses: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCK_SLACK)
        .not_valid_after(at + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(*uses), critical=True)
        .add_extension(mail, critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )


def _usage(*uses: str) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature="digital_signature" in uses,
        content_commitment=False,
        key_encipherment="key_encipherment" in uses,
        data_encipherment=False,
        key_agreement="key_agreement" in uses,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_pair(key_file: Path, key: SigningKey, certificate_file: Path, pem: bytes) -> None:
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(key_file, plain, mode=0o600)
    _write(certificate_file, pem, mode=0o644)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
