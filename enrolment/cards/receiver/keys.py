"""Read keys and certificates from files."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_pem_private_key,
)

from enrolment.cards.domain.certificates import CertificateRefused, read_certificates
from enrolment.cards.domain.seal import SignerRefused, check_signer
from enrolment.cards.receiver.answers import Signer
from enrolment.cards.receiver.opening import Recipient
from enrolment.cards.receiver.wrong_use import WrongUse

PEM = b"-----BEGIN"


def read_recipient(key: Path, certificate: Path) -> Recipient:
    """Return who opens the package; raises WrongUse for a key and a certificate of two owners."""
    found = Recipient(_read_key(key), _read_certificate(certificate))
    if found.key.public_key() != found.certificate.public_key():
        raise WrongUse(f"Ange nyckeln till {certificate}. {key} hör till ett annat certifikat.")
    return found


def read_trusted(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates that a signature may lead up to, one or several; raises WrongUse."""
    data = path.read_bytes()
    try:
        if PEM in data:
            return tuple(x509.load_pem_x509_certificates(data))
        return (x509.load_der_x509_certificate(data),)
    except ValueError as error:
        raise WrongUse(f"Ange en fil med certifikat. {path} går inte att läsa.") from error


def read_signer(key: Path | None, certificate: Path | None) -> Signer | None:
    """Return who signs the receipts, None when nobody does; raises WrongUse."""
    if key is None and certificate is None:
        return None
    if key is None or certificate is None:
        raise WrongUse("Ange både --sign-key och --sign-certificate, eller ingen av dem.")
    signer = Signer(_read_key(key), _read_certificate(certificate))
    try:
        check_signer(signer.certificate, signer.key, datetime.now(UTC))
    except SignerRefused as error:
        raise WrongUse(f"Ange ett annat certifikat än {certificate} ({error.code}).") from error
    return signer


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return read_certificates(path.read_bytes())[0]
    except CertificateRefused as error:
        raise WrongUse(
            f"Ange ett certifikat. {path} går inte att använda ({error.code})."
        ) from error


def _read_key(path: Path) -> PrivateKeyTypes:
    data = path.read_bytes()
    load = load_pem_private_key if PEM in data else load_der_private_key
    try:
        return load(data, password=None)
    except TypeError as error:
        raise WrongUse(f"Ta bort lösenordet från en kopia av {path} och ange den.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise WrongUse(f"Ange en privat nyckel. {path} går inte att läsa.") from error
