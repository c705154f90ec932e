"""A signature holds when the trusted signer made it over exactly these bytes, and only then."""

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import seal
from enrolment.cards.domain.certificate_facts import fingerprint
from enrolment.cards.domain.signature import SignatureFault, SignatureRefused, verify_signature
from tests.certificate_builders import (
    NOW,
    Pair,
    authority,
    ec_key,
    ec_recipient,
    extended,
    pair,
    rsa_key,
    signer,
    usage,
)

CONTENT = b'{"receipt_id":"1"}\r\n\xff\x00'
ROOT = authority("Root")
MIDDLE = authority("Middle", by=ROOT)
SIGNER = signer("Card issuer", by=MIDDLE)
SELF_SIGNED = signer("Alone")
RSA_SIGNER = pair("RSA", rsa_key("RSA signer"), usage("digital_signature"), by=ROOT)


def signed(by: Pair = SIGNER, *chain: Pair, content: bytes = CONTENT) -> bytes:
    return seal.sign(content, by.key, by.certificate, [one.certificate for one in chain])


def openssl_signed(folder: Path, by: Pair, *options: str, chain=(), content=CONTENT) -> bytes:
    """Sign with OpenSSL: detached and DER, unless the options say otherwise."""
    (folder / "signer.pem").write_bytes(by.pem)
    (folder / "signer.key").write_bytes(by.key_pem)
    (folder / "chain.pem").write_bytes(b"".join(one.pem for one in chain))
    (folder / "content").write_bytes(content)
    command = "openssl cms -sign -binary -outform DER -in content -out signature"
    whom = ["-signer", "signer.pem", "-inkey", "signer.key"]
    along = ["-certfile", "chain.pem"] if chain else []
    subprocess.run(
        [*command.split(), *whom, *along, *options], cwd=folder, capture_output=True, check=True
    )
    return (folder / "signature").read_bytes()


def verify(data: bytes, *trusted: Pair, content=CONTENT, at=NOW) -> x509.Certificate:
    return verify_signature(data, content, [one.certificate for one in trusted], at=at)


def refused(data: bytes, *trusted: Pair, **more) -> SignatureRefused:
    with pytest.raises(SignatureRefused) as caught:
        verify(data, *trusted, **more)
    return caught.value


# --- what holds -----------------------------------------------------------------------------

OPENSSL_WAYS = {
    "plain": (),
    "no_attributes": ("-noattr",),
    "sha384": ("-md", "sha384"),
    "sha512_no_attributes": ("-md", "sha512", "-noattr"),
    "key_id": ("-keyid",),
}
PSS_WAYS = {
    "pss": ("-keyopt", "rsa_padding_mode:pss"),
    "pss_no_attributes": ("-keyopt", "rsa_padding_mode:pss", "-noattr"),
    "pss_sha384": ("-md", "sha384", "-keyopt", "rsa_padding_mode:pss"),
    "pss_salt": ("-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"),
}
WITH_ID = x509.SubjectKeyIdentifier.from_public_key


@pytest.mark.parametrize("way", OPENSSL_WAYS)
@pytest.mark.parametrize("key", [rsa_key("id"), ec_key("id"), ec_key("id", ec.SECP384R1)])
def test_what_openssl_signs_holds(tmp_path, way, key):
    by = pair("By", key, usage("digital_signature"), WITH_ID(key.public_key()), by=ROOT)
    data = openssl_signed(tmp_path, by, *OPENSSL_WAYS[way])
    assert verify(data, ROOT) == by.certificate
    assert refused(data, ROOT, content=CONTENT + b"\n").code == SignatureFault.CHANGED


@pytest.mark.parametrize("way", PSS_WAYS)
def test_what_openssl_signs_with_pss_holds(tmp_path, way):
    data = openssl_signed(tmp_path, RSA_SIGNER, *PSS_WAYS[way])
    assert verify(data, ROOT) == RSA_SIGNER.certificate
    assert refused(data, ROOT, content=b"").code == SignatureFault.CHANGED


@pytest.mark.parametrize("by", [SIGNER, RSA_SIGNER], ids=["ec", "rsa"])
def test_what_the_seal_signs_holds(by):
    assert verify(signed(by, MIDDLE), ROOT) == by.certificate


def test_a_signer_is_trusted_by_name_by_its_root_or_by_an_authority_between(tmp_path):
    along = openssl_signed(tmp_path, SIGNER, chain=[MIDDLE])
    alone = openssl_signed(tmp_path, SIGNER)
    nothing = openssl_signed(tmp_path, SIGNER, "-nocerts")
    for data, trusted in [
        (along, [ROOT]),
        (along, [SIGNER]),
        (alone, [MIDDLE]),
        (alone, [MIDDLE, ROOT]),
        (nothing, [SIGNER]),
    ]:
        assert verify(data, *trusted) == SIGNER.certificate
    assert refused(alone, ROOT).code == SignatureFault.UNTRUSTED
    assert refused(nothing, ROOT, MIDDLE).code == SignatureFault.UNTRUSTED


def test_a_self_signed_signer_is_trusted_by_itself_alone():
    assert verify(signed(SELF_SIGNED), SELF_SIGNED) == SELF_SIGNED.certificate
    assert verify(signed(SELF_SIGNED), ROOT, SELF_SIGNED) == SELF_SIGNED.certificate
    assert refused(signed(SELF_SIGNED), ROOT).code == SignatureFault.UNTRUSTED


# --- the signer -----------------------------------------------------------------------------


def test_nobody_trusted_and_another_authority_are_refused():
    other = authority("Root", key=ec_key("Namesake"))
    data = signed(SIGNER, MIDDLE)
    assert refused(data).code == SignatureFault.UNTRUSTED
    refusal = refused(data, other)
    assert refusal.code == SignatureFault.UNTRUSTED
    assert refusal.params["subject"] == "CN=Card issuer"
    assert refusal.params["fingerprint"] == fingerprint(SIGNER.certificate)


def test_a_root_that_goes_along_is_not_trusted():
    assert refused(signed(SIGNER, MIDDLE, ROOT), SELF_SIGNED).code == SignatureFault.UNTRUSTED


def test_a_namesake_of_the_signer_is_refused():
    """The same name, issuer and number, by somebody else."""
    namesake = pair(
        "Card issuer",
        ec_key("Thief"),
        usage("digital_signature"),
        by=Pair(MIDDLE.certificate, ec_key("Thief's authority")),
        serial=SIGNER.certificate.serial_number,
    )
    assert refused(signed(namesake, MIDDLE), ROOT).code == SignatureFault.UNTRUSTED
    assert refused(signed(namesake), SIGNER).code == SignatureFault.CHANGED


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (signer("S", days=(-9, -2), by=ROOT), SignatureFault.EXPIRED),
        (signer("S", days=(2, 9), by=ROOT), SignatureFault.NOT_YET_VALID),
        (ec_recipient("S", by=ROOT), SignatureFault.WRONG_KEY_USAGE),
        (pair("S", ec_key(), usage("content_commitment"), by=ROOT), None),
        (pair("S", ec_key(), by=ROOT), None),
        (pair("S", ec_key(), extended(ExtendedKeyUsageOID.EMAIL_PROTECTION), by=ROOT), None),
        (
            pair("S", ec_key(), extended(ExtendedKeyUsageOID.CODE_SIGNING), by=ROOT),
            SignatureFault.WRONG_EXTENDED_KEY_USAGE,
        ),
    ],
)
def test_a_signer_is_refused_for_its_dates_and_uses(made, code):
    if code is None:
        assert verify(signed(made), ROOT) == made.certificate
    else:
        refusal = refused(signed(made), ROOT)
        assert (refusal.code, refusal.params["subject"]) == (code, "CN=S")


def test_a_signer_is_good_from_its_first_to_its_last_second():
    data, found, second = signed(SELF_SIGNED), SELF_SIGNED.certificate, timedelta(seconds=1)
    first, last = found.not_valid_before_utc, found.not_valid_after_utc
    assert verify(data, SELF_SIGNED, at=first) == verify(data, SELF_SIGNED, at=last) == found
    early = refused(data, SELF_SIGNED, at=first - second)
    late = refused(data, SELF_SIGNED, at=last + second)
    assert (early.code, late.code) == (SignatureFault.NOT_YET_VALID, SignatureFault.EXPIRED)


@pytest.mark.parametrize(
    "made",
    [
        pair("S", rsa_key(bits=1024), by=ROOT),
        pair("S", ec_key(curve=ec.SECP256K1), by=ROOT),
    ],
    ids=["rsa1024", "secp256k1"],
)
def test_an_unsuitable_key_is_refused(tmp_path, made):
    data = openssl_signed(tmp_path, made)
    assert refused(data, ROOT).code == SignatureFault.UNSUITABLE_KEY
    assert refused(data, made).code == SignatureFault.UNSUITABLE_KEY


# --- the path -------------------------------------------------------------------------------

CERT_SIGN = usage("key_cert_sign")
NO_AUTHORITY = x509.BasicConstraints(ca=False, path_length=None)
IS_AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
SHORT_ROOT = authority("Root", length=0)
WRONG_MIDDLES = {
    "no_authority": (pair("Middle", ec_key("Middle"), NO_AUTHORITY, by=ROOT), ROOT),
    "no_constraints": (pair("Middle", ec_key("Middle"), CERT_SIGN, by=ROOT), ROOT),
    "no_cert_sign": (
        pair("Middle", ec_key("Middle"), IS_AUTHORITY, usage("crl_sign"), by=ROOT),
        ROOT,
    ),
    "expired": (authority("Middle", by=ROOT, days=(-9, -2)), ROOT),
    "not_yet": (authority("Middle", by=ROOT, days=(2, 9)), ROOT),
    "of_another_root": (
        authority("Middle", by=Pair(ROOT.certificate, ec_key("Another"))),
        ROOT,
    ),
    "unknown_critical": (pair("Middle", ec_key("Middle"), IS_AUTHORITY, UNKNOWN, by=ROOT), ROOT),
    "path_too_long": (MIDDLE, SHORT_ROOT),
    "root_expired": (MIDDLE, authority("Root", days=(-9, -2))),
    "root_no_authority": (MIDDLE, pair("Root", ec_key("Root"), NO_AUTHORITY)),
}


@pytest.mark.parametrize(("middle", "root"), WRONG_MIDDLES.values(), ids=WRONG_MIDDLES)
def test_a_path_through_what_may_not_issue_is_refused(middle, root):
    data = seal.sign(CONTENT, SIGNER.key, SIGNER.certificate, [middle.certificate])
    assert refused(data, root).code == SignatureFault.UNTRUSTED


def test_a_signer_may_not_vouch_for_another():
    other = signer("Other", by=SIGNER)
    assert refused(signed(other, SIGNER, MIDDLE), ROOT).code == SignatureFault.UNTRUSTED
    assert refused(signed(other), SIGNER).code == SignatureFault.UNTRUSTED


# --- the signature itself -------------------------------------------------------------------


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha224", "sha3-256"])
def test_an_unsuitable_digest_is_refused(tmp_path, digest):
    data = openssl_signed(tmp_path, RSA_SIGNER, "-md", digest)
    assert refused(data, ROOT).code == SignatureFault.UNSUITABLE_ALGORITHM


def test_two_signers_are_refused_even_when_both_hold(tmp_path):
    (tmp_path / "other.pem").write_bytes(SELF_SIGNED.pem)
    (tmp_path / "other.key").write_bytes(SELF_SIGNED.key_pem)
    more = ("-signer", "other.pem", "-inkey", "other.key")
    data = openssl_signed(tmp_path, SIGNER, *more, chain=[MIDDLE])
    assert refused(data, ROOT, SELF_SIGNED).code == SignatureFault.SEVERAL_SIGNERS


@pytest.mark.parametrize("option", ["-nodetach", "-stream"])
def test_a_signature_with_its_content_is_refused(tmp_path, option):
    data = openssl_signed(tmp_path, SELF_SIGNED, option)
    assert refused(data, SELF_SIGNED).code == SignatureFault.NOT_DETACHED


def made_of(by: Pair, change) -> bytes:
    """Return a signature that `change(SignedData)` has changed before it was signed anew."""
    outer = cms.ContentInfo.load(signed(by))
    change(outer["content"])
    info = outer["content"]["signer_infos"][0]
    data = b"\x31" + info["signed_attrs"].dump(force=True)[1:]
    by_rsa = isinstance(by.key, rsa.RSAPrivateKey)
    way = (padding.PKCS1v15(), hashes.SHA256()) if by_rsa else (ec.ECDSA(hashes.SHA256()),)
    info["signature"] = by.key.sign(data, *way)
    return outer.dump(force=True)


def with_way(by: Pair, way) -> bytes:
    def change(data):
        data["signer_infos"][0]["signature_algorithm"] = way

    return made_of(by, change)


def attributes(info: cms.SignerInfo, *wanted: tuple[str, list]) -> None:
    info["signed_attrs"] = cms.CMSAttributes(
        [cms.CMSAttribute({"type": kind, "values": values}) for kind, values in wanted]
    )


DIGEST = hashlib.sha256(CONTENT).digest()
IS_DATA, HAS_DIGEST = ("content_type", ["data"]), ("message_digest", [DIGEST])
ATTRIBUTES = {
    "right": ([IS_DATA, HAS_DIGEST], None),
    "other_content_type": ([("content_type", ["signed_data"]), HAS_DIGEST], SignatureFault.CHANGED),
    "no_content_type": ([HAS_DIGEST], SignatureFault.CHANGED),
    "no_digest": ([IS_DATA], SignatureFault.CHANGED),
    "other_digest": ([IS_DATA, ("message_digest", [bytes(32)])], SignatureFault.CHANGED),
    "two_digests": ([IS_DATA, HAS_DIGEST, HAS_DIGEST], SignatureFault.CHANGED),
    "two_values": ([IS_DATA, ("message_digest", [DIGEST, bytes(32)])], SignatureFault.CHANGED),
}


@pytest.mark.parametrize(("wanted", "code"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_the_signed_attributes_must_be_those_of_the_content(wanted, code):
    data = made_of(SELF_SIGNED, lambda data: attributes(data["signer_infos"][0], *wanted))
    if code is None:
        assert verify(data, SELF_SIGNED) == SELF_SIGNED.certificate
    else:
        assert refused(data, SELF_SIGNED).code == code


def test_signed_attributes_cannot_be_passed_off_as_content():
    """Without its attributes a signature is one over them: OpenSSL calls that content."""
    outer = cms.ContentInfo.load(signed(SELF_SIGNED))
    info = outer["content"]["signer_infos"][0]
    content = b"\x31" + info["signed_attrs"].dump()[1:]
    info["signed_attrs"] = None
    data = outer.dump(force=True)
    assert refused(data, SELF_SIGNED, content=content).code == SignatureFault.CHANGED


@pytest.mark.parametrize("by", [SELF_SIGNED, RSA_SIGNER], ids=["ec", "rsa"])
@pytest.mark.parametrize(
    "algorithm", ["sha384_ecdsa", "sha384_rsa", "sha1_rsa", "sha256_dsa", "ed25519", "1.2.3"]
)
def test_a_way_of_signing_that_is_not_the_keys_or_the_digests_is_refused(by, algorithm):
    data = with_way(by, {"algorithm": algorithm})
    assert refused(data, SELF_SIGNED, ROOT).code == SignatureFault.UNSUITABLE_ALGORITHM


@pytest.mark.parametrize("by", [SELF_SIGNED, RSA_SIGNER], ids=["ec", "rsa"])
def test_the_way_of_the_other_kind_of_key_is_refused(by):
    right, wrong = "sha256_ecdsa", "sha256_rsa"
    if by is RSA_SIGNER:
        right, wrong = wrong, right
    assert verify(with_way(by, {"algorithm": right}), SELF_SIGNED, ROOT) == by.certificate
    data = with_way(by, {"algorithm": wrong})
    assert refused(data, SELF_SIGNED, ROOT).code == SignatureFault.UNSUITABLE_ALGORITHM


def pss(salt: int, digest: str = "sha256", mask: str = "sha256") -> dict:
    parameters = {
        "hash_algorithm": {"algorithm": digest},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}},
        "salt_length": salt,
    }
    return {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)}


@pytest.mark.parametrize(
    "way",
    [pss(-1), pss(1_001), pss(2**80), pss(32, digest="sha384"), pss(32, mask="sha1")],
    ids=["negative", "long", "giant", "digest", "mask"],
)
def test_pss_of_odd_parameters_is_refused(way):
    data = with_way(RSA_SIGNER, way)
    assert refused(data, ROOT).code == SignatureFault.UNSUITABLE_ALGORITHM
    data = with_way(SELF_SIGNED, way)
    assert refused(data, SELF_SIGNED).code == SignatureFault.UNSUITABLE_ALGORITHM


@pytest.mark.parametrize("salt", [0, 32, 1_000])
def test_pss_that_was_not_used_is_refused(salt):
    assert refused(with_way(RSA_SIGNER, pss(salt)), ROOT).code == SignatureFault.CHANGED


def test_what_is_not_plain_data_is_unreadable():
    def change(data):
        data["encap_content_info"] = {"content_type": "enveloped_data"}

    assert refused(made_of(SELF_SIGNED, change), SELF_SIGNED).code == SignatureFault.UNREADABLE


WHOLE = signed(SIGNER, MIDDLE)
ENVELOPED = cms.ContentInfo({"content_type": "data", "content": b"x"}).dump()


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", CONTENT, WHOLE[:-1], WHOLE + b"\0", ENVELOPED, SIGNER.pem],
    ids=["empty", "text", "json", "cut", "longer", "data", "pem"],
)
def test_what_is_no_signature_is_unreadable(data):
    assert refused(data, ROOT).code == SignatureFault.UNREADABLE


@pytest.mark.parametrize(("size", "code"), [(90_000, None), (100_000, SignatureFault.UNREADABLE)])
def test_a_signature_swollen_by_what_nobody_signed_is_unreadable(size, code):
    outer = cms.ContentInfo.load(signed(SELF_SIGNED))
    swollen = {"type": "1.2.3.4", "values": [core.OctetString(bytes(size))]}
    outer["content"]["signer_infos"][0]["unsigned_attrs"] = [swollen]
    data = outer.dump(force=True)
    if code is None:
        assert verify(data, SELF_SIGNED) == SELF_SIGNED.certificate
    else:
        assert refused(data, SELF_SIGNED).code == code


def test_a_signature_by_nobody_is_unreadable():
    outer = cms.ContentInfo.load(WHOLE)
    outer["content"]["signer_infos"] = []
    assert refused(outer.dump(force=True), ROOT).code == SignatureFault.UNREADABLE


def test_more_certificates_than_a_path_has_are_unreadable():
    more = [pair(f"P{number}", ec_key()) for number in range(11)]
    assert refused(signed(SIGNER, MIDDLE, *more), ROOT).code == SignatureFault.UNREADABLE


@given(st.binary(max_size=200))
def test_no_bytes_bring_another_error(data):
    assert refused(data, ROOT).code == SignatureFault.UNREADABLE


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)), min_size=1))
def test_a_changed_signature_is_refused_or_still_holds_for_the_same_content(changes):
    """What nobody signs may change, such as how a certificate's signature is written down."""
    data = bytearray(WHOLE)
    for index, change in changes:
        data[index] ^= change
    try:
        found = verify(bytes(data), ROOT)
    except SignatureRefused:
        return
    assert found.tbs_certificate_bytes == SIGNER.certificate.tbs_certificate_bytes
    assert refused(bytes(data), ROOT, content=CONTENT + b"x").code == SignatureFault.CHANGED
