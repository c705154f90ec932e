"""Any CMS tool verifies the seal; a certificate that may not sign is named with the reason."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from enrolment.cards.demo_certificates import write_demo_certificates
from enrolment.cards.domain import seal
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.seal import SignerFault, SignerRefused

# The foreign verifier reads the real clock.
NOW = datetime.now(UTC).replace(microsecond=0)
MANIFEST = b"00" * 32 + b"  bagit.txt\n" + b"\r\n\xff\x00not text"
USES = [
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
]  # fmt: skip
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in allowed for use in USES})


def extended(*allowed: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage(allowed)


def certificate(key, *extensions, name="Signer", issued_by=None, days=(-1, 30)):
    """Make a certificate; `issued_by` is an issuer's (name, key), by default the key itself."""
    issuer_name, issuer_key = issued_by or (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(issuer_key, SHA256())


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def openssl_verifies(folder: Path, signature: bytes, trusted: x509.Certificate) -> bool:
    (folder / "content").write_bytes(MANIFEST)
    (folder / "signature").write_bytes(signature)
    (folder / "trusted").write_bytes(trusted.public_bytes(Encoding.PEM))
    command = "openssl cms -verify -binary -inform DER -in signature -content content"
    arguments = ["-CAfile", "trusted", "-out", "verified"]
    done = subprocess.run(
        [*command.split(), *arguments], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode in (0, 4), done.stderr
    assert done.returncode == 4 or (folder / "verified").read_bytes() == MANIFEST
    return done.returncode == 0


def refusal(*arguments) -> SignerRefused:
    with pytest.raises(SignerRefused) as caught:
        seal.check_signer(*arguments)
    return caught.value


@pytest.mark.parametrize("key", [RSA_KEY, EC_KEY], ids=["rsa", "ec"])
def test_openssl_verifies_the_signature_and_finds_a_flipped_byte(tmp_path, key):
    signer = certificate(key)
    seal.check_signer(signer, key, NOW)
    signature = seal.sign(MANIFEST, key, signer)
    assert MANIFEST not in signature
    assert openssl_verifies(tmp_path, signature, signer)
    flipped = signature[:-1] + bytes([signature[-1] ^ 1])
    assert not openssl_verifies(tmp_path, flipped, signer)
    assert not openssl_verifies(tmp_path, seal.sign(MANIFEST + b"\n", key, signer), signer)


def test_a_chain_goes_along_so_that_the_root_is_enough(tmp_path):
    root_key, middle_key = EC_KEY, ec.generate_private_key(ec.SECP256R1())
    authority = (x509.BasicConstraints(ca=True, path_length=None), usage("key_cert_sign"))
    root = certificate(root_key, *authority, name="Root")
    middle = certificate(middle_key, *authority, name="Middle", issued_by=("Root", root_key))
    signer = certificate(RSA_KEY, usage("digital_signature"), issued_by=("Middle", middle_key))
    assert openssl_verifies(tmp_path, seal.sign(MANIFEST, RSA_KEY, signer, [middle]), root)
    assert not openssl_verifies(tmp_path, seal.sign(MANIFEST, RSA_KEY, signer), root)


@pytest.mark.parametrize(
    ("extensions", "code"),
    [
        ([], None),
        ([usage("digital_signature")], None),
        ([usage("content_commitment")], None),
        ([extended(ExtendedKeyUsageOID.EMAIL_PROTECTION)], None),
        ([usage("key_encipherment", "key_cert_sign")], SignerFault.WRONG_KEY_USAGE),
        ([extended(ExtendedKeyUsageOID.CLIENT_AUTH)], SignerFault.WRONG_EXTENDED_KEY_USAGE),
        (
            [extended(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)],
            SignerFault.WRONG_EXTENDED_KEY_USAGE,
        ),
    ],
)
def test_a_use_is_refused_exactly_when_openssl_refuses_it(tmp_path, extensions, code):
    signer = certificate(EC_KEY, *extensions)
    assert openssl_verifies(tmp_path, seal.sign(MANIFEST, EC_KEY, signer), signer) == (code is None)
    if code is None:
        seal.check_signer(signer, EC_KEY, NOW)
    else:
        assert refusal(signer, EC_KEY, NOW).code == code


def test_a_certificate_is_good_from_its_first_to_its_last_second():
    signer = certificate(EC_KEY)
    first, last = signer.not_valid_before_utc, signer.not_valid_after_utc
    second = timedelta(seconds=1)
    seal.check_signer(signer, EC_KEY, first)
    seal.check_signer(signer, EC_KEY, last)
    assert refusal(signer, EC_KEY, first - second).code == SignerFault.NOT_YET_VALID
    assert refusal(signer, EC_KEY, last + second).code == SignerFault.EXPIRED


def test_a_refusal_says_which_certificate():
    signer = certificate(EC_KEY, name="Ådals IT", days=(-9, -2))
    assert refusal(signer, EC_KEY, NOW).params == {
        "subject": "CN=Ådals IT",
        "fingerprint": fingerprint(signer),
        "valid_from": (NOW - timedelta(days=9)).isoformat(),
        "valid_until": (NOW - timedelta(days=2)).isoformat(),
    }


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (ed25519.Ed25519PrivateKey.generate(), SignerFault.UNSUITABLE_KEY),
        (ec.generate_private_key(ec.SECP384R1()), SignerFault.UNSUITABLE_KEY),
        (rsa.generate_private_key(65537, 1024), SignerFault.UNSUITABLE_KEY),
    ],
    ids=["ed25519", "p384", "rsa1024"],
)
def test_an_unsuitable_key_is_refused_at_check_and_at_signing(key, code):
    unsuitable = certificate_of_any(key)
    assert refusal(unsuitable, key, NOW).code == code
    with pytest.raises(SignerRefused) as caught:
        seal.sign(MANIFEST, key, unsuitable)
    assert caught.value.code == code


def certificate_of_any(key) -> x509.Certificate:
    return certificate(key, issued_by=("Root", EC_KEY))


def test_the_key_of_another_certificate_is_refused_at_check_and_at_signing():
    signer = certificate(EC_KEY)
    assert refusal(signer, RSA_KEY, NOW).code == SignerFault.KEY_OF_ANOTHER_CERTIFICATE
    with pytest.raises(SignerRefused) as caught:
        seal.sign(MANIFEST, RSA_KEY, signer)
    assert caught.value.code == SignerFault.KEY_OF_ANOTHER_CERTIFICATE


def test_the_fingerprint_is_the_one_openssl_shows(tmp_path):
    signer = certificate(EC_KEY)
    (tmp_path / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
    command = "openssl x509 -noout -fingerprint -sha256 -in signer.pem"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=True)
    shown = done.stdout.strip().partition("=")[2]
    assert shown.replace(":", "").lower() == fingerprint(signer)


# --- the demo's signer ----------------------------------------------------------------------


def loaded(demo):
    key = load_pem_private_key(demo.signer_key.read_bytes(), password=None)
    return x509.load_pem_x509_certificate(demo.signer_certificate.read_bytes()), key


def test_the_demo_certificate_is_its_own_root_and_says_that_it_is_a_demo(tmp_path):
    demo = write_demo_certificates(tmp_path / "keys", NOW)
    signer, key = loaded(demo)
    seal.check_signer(signer, key, NOW)
    assert openssl_verifies(tmp_path, seal.sign(MANIFEST, key, signer), signer)
    assert "DEMO" in signer.subject.rfc4514_string()
    assert demo.signer_key.stat().st_mode & 0o777 == 0o600


def test_demo_certificates_stay_until_they_no_longer_serve(tmp_path):
    demo = write_demo_certificates(tmp_path, NOW)
    before = loaded(demo)[0]
    assert write_demo_certificates(tmp_path, NOW + timedelta(days=700)) == demo
    assert loaded(demo)[0] == before
    write_demo_certificates(tmp_path, NOW + timedelta(days=731))
    assert loaded(demo)[0] != before


@pytest.mark.parametrize("lost", ["signer_key", "signer_certificate"])
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"torn")])
def test_a_lost_or_torn_half_is_made_anew_with_its_other(tmp_path, lost, spoil):
    demo = write_demo_certificates(tmp_path, NOW)
    spoil(getattr(demo, lost))
    write_demo_certificates(tmp_path, NOW)
    signer, key = loaded(demo)
    assert seal.check_signer(signer, key, NOW) is None
