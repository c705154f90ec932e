"""Where an issuer's SFTP server is: what people type is read, and what is no server is refused."""

import base64
import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain.sftp_target import (
    LONGEST_KEY,
    TargetFault,
    TargetRefused,
    host_key_fingerprint,
    read_folder,
    read_host,
    read_host_key,
    read_user,
)


def ssh_line(key) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


ED25519 = ssh_line(ed25519.Ed25519PrivateKey.generate())
P256 = ssh_line(ec.generate_private_key(ec.SECP256R1()))
RSA = ssh_line(rsa.generate_private_key(65537, 2048))
# What `ssh-keygen -lf` says of an Ed25519 key of zeros alone.
KNOWN = "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk"


def fault(read, text) -> TargetFault:
    with pytest.raises(TargetRefused) as refused:
        read(text)
    return refused.value.code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("sftp.example.se", "sftp.example.se"),
        (" SFTP.Example.SE\n", "sftp.example.se"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("xn--kort-5qa.example", "xn--kort-5qa.example"),
    ],
)
def test_a_bare_host_is_read(typed, read):
    assert read_host(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "sftp://sftp.example.se",
        "https://sftp.example.se/in",
        "kort@sftp.example.se",
        "sftp.example.se:22",
        "sftp.example.se/in",
        "[2001:db8::7]",
        "fe80::1%eth0",
        "sftp.example.se.",
        "sftp..example.se",
        "-sftp.example.se",
        "sftp_1.example.se",
        "sftp.exämple.se",
        "127.1",
        "256.1.1.1",
        "a b",
        "a\nb",
        "a" * 64,
        ".".join(["a"] * 61),
    ],
)
def test_what_is_no_bare_host_is_refused(typed):
    assert fault(read_host, typed) == TargetFault.HOST


@given(st.text(alphabet="abc09.-:/@[]%? \\\n_", max_size=40))
def test_a_host_that_is_read_holds_nothing_but_a_host(text):
    try:
        host = read_host(text)
    except TargetRefused:
        return
    assert not set(host) & set("/@[]%? \\\n_")
    assert read_host(host) == host


def test_a_user_is_read_and_others_are_refused():
    assert read_user(" kort-in.1 ") == "kort-in.1"
    for wrong in ("", "-l", "a b", "a:b", "a\nb", "å", "a" * 61):
        assert fault(read_user, wrong) == TargetFault.USER


@pytest.mark.parametrize(
    ("typed", "read"),
    [("", ""), ("/", "/"), ("in/kort/", "in/kort"), ("/in//kort", "/in/kort"), ("å ä", "å ä")],
)
def test_a_folder_is_read(typed, read):
    assert read_folder(typed) == read
    assert read_folder(read) == read


@pytest.mark.parametrize("typed", ["..", "in/../ut", "./in", "in\\kort", "in\x00", "a" * 201])
def test_a_folder_that_leads_astray_is_refused(typed):
    assert fault(read_folder, typed) == TargetFault.FOLDER


@pytest.mark.parametrize("key", [ED25519, P256, RSA], ids=["ed25519", "p256", "rsa"])
@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "  {}  kort@server\n",
        "sftp.example.se {}",
        "[sftp.example.se]:2222,192.0.2.7 {} a comment",
        "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= {}",
        "# sftp.example.se:22 SSH-2.0-OpenSSH\n{}\n\n",
    ],
)
def test_a_key_is_read_from_whatever_line_it_stands_in(key, line):
    assert read_host_key(line.format(key)) == key


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", TargetFault.KEY_MISSING),
        ("# only a comment", TargetFault.KEY_MISSING),
        (f"{ED25519}\n{P256}", TargetFault.KEY_SEVERAL),
        (KNOWN, TargetFault.KEY_FINGERPRINT),
        ("MD5:aa:bb", TargetFault.KEY_FINGERPRINT),
        ("nonsense", TargetFault.KEY_FORM),
        ("ssh-ed25519", TargetFault.KEY_FORM),
        ("ssh-ed25519 AAAA", TargetFault.KEY_FORM),
        ("ssh-ed25519 åäö", TargetFault.KEY_FORM),
        (f"ssh-rsa {ED25519.split()[1]}", TargetFault.KEY_FORM),
        (f"{ED25519[:-8]}", TargetFault.KEY_FORM),
        (f"@revoked sftp.example.se {ED25519}", TargetFault.KEY_FORM),
        ("ssh-dss AAAA", TargetFault.KEY_TYPE),
        ("sftp.example.se ssh-dss AAAA", TargetFault.KEY_TYPE),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", TargetFault.KEY_PRIVATE),
    ],
    ids=itertools.count(),
)
def test_what_is_no_key_is_refused_by_what_it_is(typed, code):
    assert fault(read_host_key, typed) == code


def test_a_weak_key_and_one_too_long_to_keep_are_refused():
    weak = ssh_line(rsa.generate_private_key(65537, 1024))
    assert fault(read_host_key, weak) == TargetFault.KEY_TYPE
    long = ssh_line(rsa.generate_private_key(65537, 5120))
    assert len(long) > LONGEST_KEY
    assert fault(read_host_key, long) == TargetFault.KEY_TYPE


def test_a_private_key_is_refused_whatever_its_kind():
    for key in (ed25519.Ed25519PrivateKey.generate(), dsa.generate_private_key(2048)):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        assert fault(read_host_key, pem) == TargetFault.KEY_PRIVATE


@given(st.text(max_size=200) | st.text(alphabet="ssh-ed25519rsa AAAA=/+\n#@", max_size=200))
def test_no_text_does_anything_but_be_read_or_refused(text):
    try:
        key = read_host_key(text)
    except TargetRefused:
        return
    assert read_host_key(key) == key


def test_the_fingerprint_is_that_of_ssh_keygen():
    body = base64.b64encode(
        bytes.fromhex("0000000b7373682d65643235353139") + b"\0\0\0 " + bytes(32)
    )
    assert host_key_fingerprint(f"ssh-ed25519 {body.decode()}") == KNOWN
