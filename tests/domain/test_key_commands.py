"""The commands of the guide to keys make what the house accepts, and open a package."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from enrolment.cards.domain.certificates import check_recipient, read_certificates
from enrolment.cards.domain.envelope import Envelope
from enrolment.cards.domain.seal import check_signer
from enrolment.vault import KEY_BYTES

GUIDE = Path(__file__).resolve().parents[2] / "docs/how-to/look-after-keys.md"
PACKAGE = "KB-2026-000001.zip"


def commands() -> list[str]:
    blocks = re.findall(r"^ *```\n(.*?)^ *```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    lines = (line.strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line.startswith(("openssl ", "mv "))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a folder where each command of the guide has been run, in its order."""
    place = tmp_path_factory.mktemp("keys")
    for command in commands():
        if " -decrypt " in command:
            write_package(place)
        done = subprocess.run(command, shell=True, cwd=place, capture_output=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
    return place


def write_package(place: Path) -> None:
    with (place / f"{PACKAGE}.cms").open("wb") as file:
        envelope = Envelope(
            file, read_certificates((place / "escrow.pem").read_bytes()), os.urandom
        )
        envelope.write(b"package")
        envelope.close()


def pair(folder: Path, name: str):
    (certificate,) = read_certificates((folder / f"{name}.pem").read_bytes())
    return certificate, load_pem_private_key((folder / f"{name}.key").read_bytes(), password=None)


def test_the_signer_may_sign(folder):
    certificate, key = pair(folder, "signer")
    check_signer(certificate, key, certificate.not_valid_before_utc)


@pytest.mark.parametrize("name", ["escrow", "issuer"])
def test_packages_may_be_encrypted_to_the_escrow_and_the_issuer(folder, name):
    certificate, key = pair(folder, name)
    check_recipient(certificate, at=certificate.not_valid_before_utc)
    assert certificate.public_key() == key.public_key()


@pytest.mark.parametrize("name", ["signer", "issuer"])
def test_the_request_asks_for_the_uses_of_the_trial_certificate(folder, name):
    request = x509.load_pem_x509_csr((folder / f"{name}.csr").read_bytes())
    certificate, _ = pair(folder, name)
    for kind in (x509.KeyUsage, x509.ExtendedKeyUsage):
        asked = request.extensions.get_extension_for_class(kind)
        assert asked == certificate.extensions.get_extension_for_class(kind)


def test_the_escrow_key_opens_the_package(folder):
    assert (folder / PACKAGE).read_bytes() == b"package"


def test_a_new_vault_key_has_the_right_length(folder):
    assert (folder / "seal-2.key").stat().st_size == KEY_BYTES
