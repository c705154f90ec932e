"""OpenSSL opens our envelopes, names what is in them, and finds what was changed."""

import os
import subprocess
from io import BytesIO
from pathlib import Path

import pytest

from enrolment.cards.domain.certificates import check_recipient, read_certificates
from enrolment.cards.domain.envelope import CHUNK, Envelope
from tests.certificate_builders import NOW, Pair, authority, ec_recipient, rsa_recipient

ROOT = authority("Root")
BY_RSA = rsa_recipient("Card issuer", by=ROOT)
BY_EC = ec_recipient("Escrow", by=ROOT)
OTHER = rsa_recipient("Other", by=ROOT)
CONTENT = os.urandom(3 * CHUNK + 17)
RECIPIENTS = {"rsa": [BY_RSA], "ec": [BY_EC], "both": [BY_RSA, BY_EC], "turned": [BY_EC, BY_RSA]}


def write_envelope(folder: Path, recipients, content: bytes = CONTENT) -> Path:
    sink = BytesIO()
    made = Envelope(sink, recipients, os.urandom)
    made.write(content)
    made.close()
    path = folder / "package.cms"
    path.write_bytes(sink.getvalue())
    return path


def openssl(folder: Path, command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["openssl", *command.split()], cwd=folder, capture_output=True, check=False
    )


def opens(folder: Path, by: Pair) -> bool:
    """Return whether OpenSSL opens the envelope; what it wrote is the content then."""
    (folder / "by.key").write_bytes(by.key_pem)
    (folder / "by.pem").write_bytes(by.pem)
    files = "-in package.cms -inkey by.key -recip by.pem -out opened"
    done = openssl(folder, f"cms -decrypt -binary -inform DER {files}")
    return done.returncode == 0


@pytest.mark.parametrize("recipients", RECIPIENTS.values(), ids=RECIPIENTS)
@pytest.mark.parametrize("content", [b"", b"\r\n", CONTENT], ids=len)
def test_openssl_opens_it_for_every_recipient(tmp_path, recipients, content):
    write_envelope(tmp_path, [one.certificate for one in recipients], content)
    for one in recipients:
        assert opens(tmp_path, one)
        assert (tmp_path / "opened").read_bytes() == content
    assert not opens(tmp_path, OTHER)


def test_openssl_names_what_is_in_it(tmp_path):
    write_envelope(tmp_path, [BY_RSA.certificate, BY_EC.certificate])
    done = openssl(tmp_path, "cms -cmsout -print -noout -inform DER -in package.cms")
    shown = done.stdout.decode()
    assert done.returncode == 0
    for name in (
        "id-smime-ct-authEnvelopedData",
        "aes-256-gcm",
        "rsaesOaep",
        "dhSinglePass-stdDH-sha256kdf-scheme",
        "id-aes256-wrap",
    ):
        assert name in shown
    assert "sha1" not in shown


@pytest.mark.parametrize("key", ["rsa:3072", "ec -pkeyopt ec_paramgen_curve:P-256"])
def test_a_certificate_made_by_openssl_serves(tmp_path, key):
    words = f"openssl req -x509 -utf8 -nodes -days 9 -keyout by.key -out by.pem -newkey {key}"
    made = subprocess.run(
        [*words.split(), "-subj", "/C=SE/O=Kortfabriken i Åre/CN=Utgivare"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    (certificate,) = read_certificates((tmp_path / "by.pem").read_bytes())
    check_recipient(certificate, at=max(NOW, certificate.not_valid_before_utc))
    write_envelope(tmp_path, [certificate])
    files = "-in package.cms -inkey by.key -recip by.pem -out opened"
    assert openssl(tmp_path, f"cms -decrypt -binary -inform DER {files}").returncode == 0
    assert (tmp_path / "opened").read_bytes() == CONTENT


@pytest.mark.parametrize("by", [BY_RSA, BY_EC], ids=["rsa", "ec"])
def test_openssl_finds_a_flipped_byte_and_a_cut(tmp_path, by):
    path = write_envelope(tmp_path, [by.certificate])
    whole = path.read_bytes()
    for place in (len(whole) // 2, len(whole) - 7, len(whole) - 5 - CHUNK):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert not opens(tmp_path, by)
    for cut in (len(whole) // 2, len(whole) - 6, 100):
        path.write_bytes(whole[:cut])
        assert not opens(tmp_path, by)
    path.write_bytes(whole)
    assert opens(tmp_path, by)
