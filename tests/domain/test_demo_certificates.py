"""The demo's certificates serve: packages are signed, encrypted, opened and put in escrow."""

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from enrolment.cards.demo_certificates import write_demo_certificates, write_demo_issuer
from enrolment.cards.domain import seal
from enrolment.cards.domain.certificates import check_recipient
from enrolment.cards.domain.envelope import Envelope, open_envelope
from enrolment.cards.domain.signature import verify_signature
from tests.certificate_builders import NOW


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def key(path: Path):
    return load_pem_private_key(path.read_bytes(), password=None)


def test_the_issuer_and_the_escrow_open_what_is_encrypted_to_both(tmp_path):
    demo = write_demo_certificates(tmp_path / "signer", NOW)
    issuer = write_demo_issuer(tmp_path / "issuer", NOW)
    pairs = [(issuer.key, issuer.certificate), (demo.escrow_key, demo.escrow_certificate)]
    recipients = [certificate(path) for _, path in pairs]
    sink = BytesIO()
    envelope = Envelope(sink, recipients, os.urandom)
    envelope.write(b"package")
    envelope.close()
    for key_file, certificate_file in pairs:
        check_recipient(certificate(certificate_file), at=NOW)
        opened = BytesIO()
        source = BytesIO(sink.getvalue())
        open_envelope(source, opened, key(key_file), certificate(certificate_file))
        assert opened.getvalue() == b"package"


def test_trust_verifies_the_demos_signature(tmp_path):
    demo = write_demo_certificates(tmp_path / "signer", NOW)
    signer = certificate(demo.signer_certificate)
    signature = seal.sign(b"content", key(demo.signer_key), signer)
    assert verify_signature(signature, b"content", [certificate(demo.trust)], at=NOW) == signer


def test_the_escrow_key_lies_apart_and_keys_are_their_owners_alone(tmp_path):
    demo = write_demo_certificates(tmp_path / "signer", NOW)
    issuer = write_demo_issuer(tmp_path / "issuer", NOW)
    assert demo.escrow_certificate == tmp_path / "signer" / "escrow.pem"
    assert tmp_path / "signer" not in demo.escrow_key.parents
    for path in (demo.signer_key, demo.escrow_key, issuer.key):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_serves_stays_and_what_does_not_is_made_anew(tmp_path):
    def written(at):
        demo = write_demo_certificates(tmp_path / "signer", at)
        issuer = write_demo_issuer(tmp_path / "issuer", at)
        return [
            path.read_bytes()
            for path in (demo.signer_certificate, demo.trust, demo.escrow_certificate)
        ] + [issuer.certificate.read_bytes()]

    first = written(NOW)
    assert first == written(NOW + timedelta(days=700))
    later = written(NOW + timedelta(days=731))
    assert all(old != new for old, new in zip(first, later, strict=True))
    assert later[0] == later[1]


@pytest.mark.parametrize("lost", ["trust", "escrow_key", "escrow_certificate"])
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"torn")])
def test_a_lost_or_torn_file_is_made_anew(tmp_path, lost, spoil):
    demo = write_demo_certificates(tmp_path / "signer", NOW)
    spoil(getattr(demo, lost))
    write_demo_certificates(tmp_path / "signer", NOW)
    assert demo.trust.read_bytes() == demo.signer_certificate.read_bytes()
    own = key(demo.escrow_key).public_key()
    assert certificate(demo.escrow_certificate).public_key() == own


def test_a_key_of_another_certificate_is_made_anew(tmp_path):
    issuer = write_demo_issuer(tmp_path / "issuer", NOW)
    other = write_demo_issuer(tmp_path / "other", NOW)
    issuer.key.write_bytes(other.key.read_bytes())
    write_demo_issuer(tmp_path / "issuer", NOW)
    assert key(issuer.key).public_key() == certificate(issuer.certificate).public_key()
