"""A certificate in any form is read or refused by name; nothing is encrypted to one of no use."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import certificates
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.certificates import (
    CertificateFault,
    CertificateRefused,
    RecipientFault,
    RecipientRefused,
    check_recipient,
    read_certificates,
    read_revocation_list,
)
from tests.certificate_builders import (
    NOW,
    authority,
    ec_key,
    ec_recipient,
    extended,
    named,
    pair,
    revocation_list,
    rsa_key,
    rsa_recipient,
    usage,
)

ROOT = authority("Root")
MIDDLE = authority("Middle", by=ROOT)
LEAF = ec_recipient("Leaf", by=MIDDLE)
CHAIN = (LEAF.certificate, MIDDLE.certificate, ROOT.certificate)
DER = LEAF.certificate.public_bytes(Encoding.DER)
REQUEST = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(named("Asker"))
    .sign(ec_key("Asker"), SHA256())
)
LIST = revocation_list(MIDDLE)
SECRET = BestAvailableEncryption(b"secret")


def key_in(encoding, form, encryption=None, key=LEAF.key) -> bytes:
    return key.private_bytes(encoding, form, encryption or NoEncryption())


def pfx(encryption) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"Leaf", LEAF.key, LEAF.certificate, [MIDDLE.certificate], encryption
    )


def refused(data: bytes) -> CertificateRefused:
    with pytest.raises(CertificateRefused) as caught:
        read_certificates(data)
    return caught.value


# --- reading certificates -------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_a_chain_comes_leaf_first_whatever_its_order(order):
    pems = [LEAF.pem, MIDDLE.pem, ROOT.pem]
    assert read_certificates(b"".join(pems[index] for index in order)) == CHAIN


@pytest.mark.parametrize(
    "data",
    [
        DER,
        LEAF.pem,
        LEAF.pem * 2,
        LEAF.pem.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + LEAF.pem,
        b"Bag Attributes\n    friendlyName: Leaf\n" + LEAF.pem + b"\nSent on Tuesday.\n",
    ],
    ids=["der", "pem", "twice", "crlf", "bom", "text"],
)
def test_one_certificate_is_read(data):
    assert read_certificates(data) == (LEAF.certificate,)


def test_what_openssl_writes_with_text_is_read(tmp_path):
    (tmp_path / "leaf.pem").write_bytes(LEAF.pem)
    command = "openssl x509 -text -in leaf.pem"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=True)
    assert b"Signature Algorithm" in done.stdout
    assert read_certificates(done.stdout) == (LEAF.certificate,)


PRIVATE_KEYS = {
    "pem": LEAF.key_pem,
    "beside_certificate": LEAF.pem + LEAF.key_pem,
    "sec1_pem": key_in(Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
    "locked_pem": key_in(Encoding.PEM, PrivateFormat.PKCS8, SECRET),
    "pkcs8_der": key_in(Encoding.DER, PrivateFormat.PKCS8),
    "locked_der": key_in(Encoding.DER, PrivateFormat.PKCS8, SECRET),
    "sec1_der": key_in(Encoding.DER, PrivateFormat.TraditionalOpenSSL),
    "pkcs1_der": key_in(Encoding.DER, PrivateFormat.TraditionalOpenSSL, key=rsa_key()),
    "openssh": key_in(Encoding.PEM, PrivateFormat.OpenSSH),
    "torn": b"-----BEGIN PRIVATE KEY-----\ntorn",
}


@pytest.mark.parametrize("data", PRIVATE_KEYS.values(), ids=PRIVATE_KEYS)
def test_a_private_key_is_named_and_not_told(data):
    refusal = refused(data)
    assert refusal.code == CertificateFault.KEY_INSTEAD
    assert refusal.params == {}
    assert refusal.__cause__ is None


@pytest.mark.parametrize("encryption", [NoEncryption(), SECRET], ids=["open", "locked"])
def test_a_pkcs12_file_is_named(encryption):
    assert refused(pfx(encryption)).code == CertificateFault.PKCS12


TEN_AND_ONE = b"".join(
    pair(f"R{n}", ec_key()).pem for n in range(certificates.MOST_CERTIFICATES + 1)
)
PUBLIC_KEY = LEAF.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
NO_CERTIFICATES = {
    "empty": (b"", CertificateFault.EMPTY),
    "blank": (b" \r\n\t", CertificateFault.EMPTY),
    "text": (b"hello", CertificateFault.UNREADABLE),
    "cut_der": (DER[:-1], CertificateFault.UNREADABLE),
    "byte_after_der": (DER + b"\0", CertificateFault.UNREADABLE),
    "cut_pem": (LEAF.pem[:-40], CertificateFault.UNREADABLE),
    "cut_chain": (LEAF.pem + MIDDLE.pem[:-40], CertificateFault.UNREADABLE),
    "no_base64": (LEAF.pem.replace(b"M", b"!"), CertificateFault.UNREADABLE),
    "utf16": (LEAF.pem.decode().encode("utf-16"), CertificateFault.UNREADABLE),
    "public_key": (PUBLIC_KEY, CertificateFault.UNREADABLE),
    "request_pem": (REQUEST.public_bytes(Encoding.PEM), CertificateFault.REQUEST_INSTEAD),
    "request_der": (REQUEST.public_bytes(Encoding.DER), CertificateFault.REQUEST_INSTEAD),
    "list_pem": (LIST.public_bytes(Encoding.PEM), CertificateFault.LIST_INSTEAD),
    "list_der": (LIST.public_bytes(Encoding.DER), CertificateFault.LIST_INSTEAD),
    "unrelated": (LEAF.pem + ec_recipient("Other").pem, CertificateFault.SEVERAL_LEAVES),
    "gap": (LEAF.pem + ROOT.pem, CertificateFault.SEVERAL_LEAVES),
    "too_large": (b"x" * (certificates.MOST_BYTES + 1), CertificateFault.TOO_LARGE),
    "too_many": (TEN_AND_ONE, CertificateFault.TOO_LARGE),
}


@pytest.mark.parametrize(("data", "code"), NO_CERTIFICATES.values(), ids=NO_CERTIFICATES)
def test_what_is_no_certificate_is_refused_by_name(data, code):
    assert refused(data).code == code


def test_a_certificate_with_a_torn_extension_is_unreadable():
    torn = x509.UnrecognizedExtension(x509.KeyUsage.oid, b"\x05\x00\x00")
    assert refused(pair("Torn", ec_key(), torn).pem).code == CertificateFault.UNREADABLE


def test_an_unrelated_certificate_of_the_same_name_is_not_taken_for_the_authority():
    namesake = pair("Middle", ec_key("Namesake"))
    assert refused(LEAF.pem + namesake.pem).code == CertificateFault.SEVERAL_LEAVES


@given(st.binary(max_size=300))
def test_no_bytes_bring_another_error(data):
    with pytest.raises(CertificateRefused):
        read_certificates(data)
    with pytest.raises(CertificateRefused):
        read_revocation_list(data, [ROOT.certificate])


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, len(DER) - 1), st.integers(1, 255))
def test_a_changed_certificate_is_read_as_it_stands_or_refused(index, change):
    data = bytearray(DER)
    data[index] ^= change
    try:
        found = read_certificates(bytes(data))
    except CertificateRefused:
        return
    assert found[0].public_bytes(Encoding.DER) == bytes(data)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_list_is_refused(index, change):
    data = bytearray(LIST.public_bytes(Encoding.DER))
    data[index % len(data)] ^= change
    with pytest.raises(CertificateRefused):
        read_revocation_list(bytes(data), CHAIN)


# --- revocation lists -----------------------------------------------------------------------


def list_refused(data: bytes, *authorities: x509.Certificate) -> CertificateFault:
    with pytest.raises(CertificateRefused) as caught:
        read_revocation_list(data, authorities or CHAIN)
    return caught.value.code


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_list_signed_by_an_authority_is_read(encoding):
    assert read_revocation_list(LIST.public_bytes(encoding), CHAIN) == LIST


def openssl_list(folder: Path, digest: str) -> bytes:
    (folder / "ca.pem").write_bytes(MIDDLE.pem)
    (folder / "ca.key").write_bytes(MIDDLE.key_pem)
    (folder / "index").touch()
    (folder / "ca.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index\n")
    command = f"openssl ca -config ca.cnf -gencrl -crldays 7 -md {digest}"
    paths = ["-cert", "ca.pem", "-keyfile", "ca.key"]
    return subprocess.run(
        [*command.split(), *paths], cwd=folder, capture_output=True, check=True
    ).stdout


def test_a_list_made_by_openssl_is_read(tmp_path):
    found = read_revocation_list(openssl_list(tmp_path, "sha256"), CHAIN)
    assert found.issuer == MIDDLE.certificate.subject


@pytest.mark.parametrize("digest", ["sha1", "sha224"])
def test_a_list_signed_over_a_weak_digest_is_refused(tmp_path, digest):
    data = openssl_list(tmp_path, digest)
    assert list_refused(data) == CertificateFault.OTHER_AUTHORITY


def test_a_list_of_nobody_trusted_is_refused():
    data = LIST.public_bytes(Encoding.DER)
    assert list_refused(data, ROOT.certificate) == CertificateFault.OTHER_AUTHORITY
    namesake = pair("Middle", ec_key("Namesake"), usage("crl_sign"))
    assert list_refused(data, namesake.certificate) == CertificateFault.OTHER_AUTHORITY
    with pytest.raises(CertificateRefused):
        read_revocation_list(data, [])


def test_an_authority_of_another_name_with_the_same_key_is_refused():
    renamed = pair("Renamed", MIDDLE.key, usage("crl_sign"))
    data = LIST.public_bytes(Encoding.DER)
    assert list_refused(data, renamed.certificate) == CertificateFault.OTHER_AUTHORITY


def test_an_authority_that_may_not_sign_lists_is_refused():
    weak = pair("Middle", MIDDLE.key, usage("key_cert_sign"))
    data = LIST.public_bytes(Encoding.DER)
    assert list_refused(data, weak.certificate) == CertificateFault.OTHER_AUTHORITY


@pytest.mark.parametrize(
    "extension",
    [
        x509.DeltaCRLIndicator(1),
        x509.IssuingDistributionPoint(
            full_name=None,
            relative_name=None,
            only_contains_user_certs=False,
            only_contains_ca_certs=True,
            only_some_reasons=None,
            indirect_crl=False,
            only_contains_attribute_certs=False,
        ),
    ],
)
def test_a_list_that_is_not_whole_is_refused(extension):
    data = revocation_list(MIDDLE, [], extension).public_bytes(Encoding.DER)
    assert list_refused(data) == CertificateFault.PARTIAL_LIST


LIST_PEM = LIST.public_bytes(Encoding.PEM)
NO_LISTS = {
    "empty": (b"", CertificateFault.EMPTY),
    "text": (b"hello", CertificateFault.UNREADABLE),
    "certificate_pem": (LEAF.pem, CertificateFault.CERTIFICATE_INSTEAD),
    "certificate_der": (DER, CertificateFault.CERTIFICATE_INSTEAD),
    "key": (LEAF.key_pem, CertificateFault.KEY_INSTEAD),
    "cut": (LIST_PEM[:-30], CertificateFault.UNREADABLE),
    "two": (LIST_PEM * 2, CertificateFault.UNREADABLE),
    "too_large": (b"x" * (certificates.MOST_LIST_BYTES + 1), CertificateFault.TOO_LARGE),
}


@pytest.mark.parametrize(("data", "code"), NO_LISTS.values(), ids=NO_LISTS)
def test_what_is_no_list_is_refused_by_name(data, code):
    assert list_refused(data) == code


# --- recipients -----------------------------------------------------------------------------


def recipient_refused(certificate: x509.Certificate, at=NOW, **more) -> RecipientRefused:
    with pytest.raises(RecipientRefused) as caught:
        check_recipient(certificate, at=at, **more)
    return caught.value


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (rsa_recipient(), None),
        (ec_recipient(), None),
        (pair("Bare", rsa_key()), None),
        (pair("Bare", ec_key()), None),
        (pair("R", rsa_key(), usage("key_agreement")), RecipientFault.WRONG_KEY_USAGE),
        (pair("R", rsa_key(), usage("digital_signature")), RecipientFault.WRONG_KEY_USAGE),
        (pair("E", ec_key(), usage("key_encipherment")), RecipientFault.WRONG_KEY_USAGE),
        (pair("E", ec_key(), usage("key_cert_sign")), RecipientFault.WRONG_KEY_USAGE),
        (pair("M", ec_key(), extended(ExtendedKeyUsageOID.EMAIL_PROTECTION)), None),
        (
            pair("C", ec_key(), extended(ExtendedKeyUsageOID.SERVER_AUTH)),
            RecipientFault.WRONG_EXTENDED_KEY_USAGE,
        ),
        (pair("Small", rsa_key(bits=1024)), RecipientFault.UNSUITABLE_KEY),
        (pair("P384", ec_key(curve=ec.SECP384R1)), RecipientFault.UNSUITABLE_KEY),
        (pair("K1", ec_key(curve=ec.SECP256K1)), RecipientFault.UNSUITABLE_KEY),
        (
            pair("Ed", ed25519.Ed25519PrivateKey.generate(), by=ROOT),
            RecipientFault.UNSUITABLE_KEY,
        ),
    ],
)
def test_a_recipient_is_refused_for_its_key_and_its_uses(made, code):
    if code is None:
        check_recipient(made.certificate, at=NOW)
    else:
        assert recipient_refused(made.certificate).code == code


def test_a_recipient_is_good_from_its_first_to_its_last_second():
    found, second = LEAF.certificate, timedelta(seconds=1)
    first, last = found.not_valid_before_utc, found.not_valid_after_utc
    check_recipient(found, at=first)
    check_recipient(found, at=last)
    assert recipient_refused(found, first - second).code == RecipientFault.NOT_YET_VALID
    assert recipient_refused(found, last + second).code == RecipientFault.EXPIRED


def test_a_refusal_says_which_certificate():
    old = ec_recipient("Ådals IT", days=(-9, -2)).certificate
    refusal = recipient_refused(old)
    assert refusal.params == {
        "subject": "CN=Ådals IT",
        "fingerprint": fingerprint(old),
        "valid_from": (NOW - timedelta(days=9)).isoformat(),
        "valid_until": (NOW - timedelta(days=2)).isoformat(),
    }


def test_an_expired_authority_is_named():
    old = authority("Old", days=(-9, -2))
    refusal = recipient_refused(ec_recipient(by=old).certificate, chain=[old.certificate])
    assert (refusal.code, refusal.params["subject"]) == (RecipientFault.EXPIRED, "CN=Old")


def test_a_revoked_recipient_is_refused_with_the_date():
    other = ec_recipient("Other", by=MIDDLE).certificate
    lists = [revocation_list(MIDDLE, [LEAF.certificate], revoked_at=NOW - timedelta(days=3))]
    refusal = recipient_refused(LEAF.certificate, revocation_lists=lists)
    assert refusal.code == RecipientFault.REVOKED
    assert refusal.params["revoked_at"] == (NOW - timedelta(days=3)).isoformat()
    check_recipient(other, at=NOW, revocation_lists=lists)


def test_a_revoked_authority_is_refused():
    lists = [revocation_list(ROOT, [MIDDLE.certificate])]
    refusal = recipient_refused(LEAF.certificate, chain=CHAIN[1:], revocation_lists=lists)
    assert (refusal.code, refusal.params["subject"]) == (RecipientFault.REVOKED, "CN=Middle")


def test_the_same_number_in_another_authoritys_list_does_not_count():
    lists = [revocation_list(ROOT, [LEAF.certificate])]
    check_recipient(LEAF.certificate, at=NOW, chain=CHAIN[1:], revocation_lists=lists)


def test_the_newest_list_counts():
    old = revocation_list(MIDDLE, [LEAF.certificate], days=(-9, -2))
    new = revocation_list(MIDDLE)
    for lists in ([old, new], [new, old]):
        check_recipient(LEAF.certificate, at=NOW, revocation_lists=lists)
    refusal = recipient_refused(
        LEAF.certificate, revocation_lists=[revocation_list(MIDDLE, [LEAF.certificate]), old]
    )
    assert refusal.code == RecipientFault.REVOKED


def test_a_stale_list_is_refused_with_the_date():
    stale = revocation_list(MIDDLE, days=(-9, -2))
    refusal = recipient_refused(LEAF.certificate, revocation_lists=[stale])
    assert refusal.code == RecipientFault.LIST_STALE
    assert refusal.params["next_update"] == (NOW - timedelta(days=2)).isoformat()
    last = revocation_list(MIDDLE, days=(-9, 0))
    check_recipient(LEAF.certificate, at=NOW, revocation_lists=[last])


def test_a_revoked_one_is_told_before_a_stale_list():
    stale = revocation_list(MIDDLE, [LEAF.certificate], days=(-9, -2))
    refusal = recipient_refused(LEAF.certificate, revocation_lists=[stale])
    assert refusal.code == RecipientFault.REVOKED
