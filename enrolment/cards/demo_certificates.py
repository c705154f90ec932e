"""Make the demo's signing certificate: self-signed, so anybody can see that it proves nothing."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from enrolment.cards.domain.seal import check_signer

COMMON_NAME = "DEMO signer, not for real cards"
VALID_FOR = timedelta(days=730)
# The machine that verifies may run a little behind.
CLOCK_SLACK = timedelta(days=1)


@dataclass(frozen=True)
class DemoCertificates:
    """Where the demo signer's key and certificate lie, both PEM."""

    signer_key: Path
    signer_certificate: Path


def write_demo_certificates(folder: Path, at: datetime) -> DemoCertificates:
    """Write the demo signer into `folder`, made if missing, unless one that may sign `at` is there.

    The key file is readable by its owner alone. The certificate serves as its own root:
    `openssl cms -verify -CAfile signer.pem` needs nothing else.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = DemoCertificates(folder / "signer.key", folder / "signer.pem")
    if not _may_sign(found, at):
        key = ec.generate_private_key(ec.SECP256R1())
        plain_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(found.signer_key, plain_key, mode=0o600)
        _write(found.signer_certificate, _certificate(key, at), mode=0o644)
    return found


def _may_sign(found: DemoCertificates, at: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(found.signer_certificate.read_bytes())
        key = load_pem_private_key(found.signer_key.read_bytes(), password=None)
        check_signer(certificate, key, at)
    except (FileNotFoundError, ValueError):
        return False
    return True


def _certificate(key: ec.EllipticCurvePrivateKey, at: datetime) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCK_SLACK)
        .not_valid_after(at + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_only(), critical=True)
        .add_extension(usage, critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )


def _signs_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes, *, mode: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
