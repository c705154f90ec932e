"""An envelope opens with the right key to exactly what went in, or is refused by name."""

import os
import subprocess
import sys
from functools import cache
from io import BytesIO

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import envelope
from enrolment.cards.domain.certificates import RecipientFault, RecipientRefused
from enrolment.cards.domain.envelope import (
    CHUNK,
    Envelope,
    EnvelopeFault,
    EnvelopeRefused,
    open_envelope,
)
from tests.certificate_builders import (
    Pair,
    authority,
    ec_key,
    ec_recipient,
    pair,
    rsa_key,
    rsa_recipient,
)

ROOT = authority("Root")
BY_RSA = rsa_recipient("Card issuer", by=ROOT)
BY_EC = ec_recipient("Escrow", by=ROOT)
OTHER = ec_recipient("Other", by=ROOT)
BOTH = (BY_RSA, BY_EC)
CONTENT = bytes(range(256)) * 600  # two chunks and a bit


def sealed(content: bytes = CONTENT, recipients=BOTH, random=os.urandom, step: int = 50_000):
    sink = BytesIO()
    made = Envelope(sink, [one.certificate for one in recipients], random)
    for start in range(0, len(content), step):
        made.write(content[start : start + step])
    made.close()
    return sink.getvalue()


def opened(data: bytes, by: Pair = BY_RSA, **more) -> bytes:
    sink = BytesIO()
    open_envelope(BytesIO(data), sink, by.key, by.certificate, **more)
    return sink.getvalue()


def refused(data: bytes, by: Pair = BY_RSA, **more) -> EnvelopeFault:
    with pytest.raises(EnvelopeRefused) as caught:
        opened(data, by, **more)
    return EnvelopeFault(caught.value.code)


# --- there and back -------------------------------------------------------------------------


@pytest.mark.parametrize("recipients", [(BY_RSA,), (BY_EC,), BOTH], ids=["rsa", "ec", "both"])
@pytest.mark.parametrize("size", [0, 1, 127, 128, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_every_recipient_opens_what_went_in(recipients, size):
    content = os.urandom(size)
    data = sealed(content, recipients)
    assert [opened(data, one) for one in recipients] == [content] * len(recipients)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_the_pieces_it_was_written_in_do_not_matter(pieces):
    sink = BytesIO()
    made = Envelope(sink, [BY_EC.certificate], os.urandom)
    for piece in pieces:
        made.write(piece)
    made.close()
    assert opened(sink.getvalue(), BY_EC) == b"".join(pieces)


def test_nothing_of_the_content_shows_and_each_envelope_differs():
    content = b"Karin Andersson" * 1000
    first, second = sealed(content), sealed(content)
    assert b"Karin" not in first
    assert first != second
    assert len(first) < len(content) + 1_000


def test_a_source_that_gives_a_byte_at_a_time_is_enough():
    class Slow(BytesIO):
        def read(self, size=-1, /):
            return super().read(min(size, 1))

    sink = BytesIO()
    open_envelope(Slow(sealed(b"content")), sink, BY_EC.key, BY_EC.certificate)
    assert sink.getvalue() == b"content"


def test_the_random_bytes_given_are_used():
    asked = []

    def random(size: int) -> bytes:
        asked.append(size)
        return os.urandom(size)

    sealed(random=random)
    assert asked == [envelope.KEY_BYTES]


# --- recipients -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [
        pair("Small", rsa_key(bits=1024)),
        pair("P384", ec_key(curve=ec.SECP384R1)),
        pair("Ed", ed25519.Ed25519PrivateKey.generate(), by=ROOT),
    ],
    ids=["rsa1024", "p384", "ed25519"],
)
def test_an_unsuitable_key_is_refused_before_anything_is_written(made):
    sink = BytesIO()
    with pytest.raises(RecipientRefused) as caught:
        Envelope(sink, [BY_RSA.certificate, made.certificate], os.urandom)
    assert caught.value.code == RecipientFault.UNSUITABLE_KEY
    assert sink.getvalue() == b""


@pytest.mark.parametrize("count", [0, 1000])
def test_no_recipients_or_too_many_are_refused(count):
    with pytest.raises(ValueError, match=f"{count} recipients"):
        sealed(recipients=[BY_EC] * count)


def test_another_key_opens_nothing():
    data = sealed(recipients=[BY_RSA])
    assert refused(data, OTHER) == EnvelopeFault.NOT_FOR_THIS_KEY
    stranger = Pair(BY_RSA.certificate, OTHER.key)
    assert refused(data, stranger) == EnvelopeFault.NOT_FOR_THIS_KEY
    signs_only = pair("Ed", ed25519.Ed25519PrivateKey.generate(), by=ROOT)
    assert refused(data, signs_only) == EnvelopeFault.NOT_FOR_THIS_KEY


@pytest.mark.parametrize("make", [rsa_recipient, ec_recipient])
def test_a_namesake_with_the_same_number_opens_nothing(make):
    """Names do not make a key: the wrong key unwraps nothing."""
    mine = make("Card issuer", by=ROOT)
    number = mine.certificate.serial_number
    keys = {rsa_recipient: rsa_key, ec_recipient: ec_key}
    namesake = pair("Card issuer", keys[make]("Namesake"), by=ROOT, serial=number)
    assert refused(sealed(recipients=[mine]), namesake) == EnvelopeFault.CHANGED


# --- what is no envelope, and what was changed ----------------------------------------------


@cache
def whole() -> bytes:
    return sealed(os.urandom(CHUNK + 5_000))


def structure(data: bytes) -> list[int]:
    """Return where each part of an envelope begins, the last being its end."""
    infos = len(envelope._START) + 4 + int.from_bytes(data[len(envelope._START) + 2 :][:2])
    nonce = infos + len(envelope._CONTENT_START)
    chunk = nonce + envelope.NONCE_BYTES + len(envelope._CONTENT_OPEN)
    last = chunk + 5 + CHUNK
    end = len(data) - 6 - envelope.TAG_BYTES - 2 - 4
    parts = [0, len(envelope._START), infos, nonce, chunk, chunk + 1, chunk + 5, last, last + 4]
    return [*parts, end, end + 2, end + 4, end + 6, len(data) - 6, len(data) - 4, len(data) - 2]


@pytest.mark.parametrize("by", BOTH, ids=["rsa", "ec"])
def test_a_cut_at_every_place_is_refused(by):
    data = whole()
    assert data[structure(data)[4]] == data[structure(data)[7]] == 4
    cuts = {place + shift for place in structure(data) for shift in (-1, 0, 1)}
    for cut in sorted(cuts | set(range(0, len(data), 997))):
        assert refused(data[: max(cut, 0)], by) == EnvelopeFault.CUT_SHORT


@pytest.mark.parametrize("by", BOTH, ids=["rsa", "ec"])
def test_every_flipped_byte_is_refused_by_every_recipient(by):
    """All of the structure, also the other recipient's part; and samples of the content."""
    data = whole()
    start, end = structure(data)[4], structure(data)[9]
    places = [*range(start + 8), *range(start + 8, end, 449), *range(end, len(data))]
    for place in places:
        for change in (0x01, 0x80, 0xFF):
            changed = bytearray(data)
            changed[place] ^= change
            refused(bytes(changed), by)


def test_bytes_after_the_envelope_are_refused():
    assert refused(whole() + b"\0") == EnvelopeFault.CHANGED


def test_chunks_left_out_or_moved_are_refused():
    data = sealed(os.urandom(3 * CHUNK))
    first = structure(data)[4]
    chunks = [data[first + at * (CHUNK + 5) :][: CHUNK + 5] for at in range(3)]
    head, tail = data[:first], data[first + 3 * (CHUNK + 5) :]
    assert opened(head + b"".join(chunks) + tail)
    for wrong in (chunks[:2], chunks[1:], [chunks[1], chunks[0], chunks[2]], [], chunks * 2):
        assert refused(head + b"".join(wrong) + tail) == EnvelopeFault.CHANGED


def test_the_recipients_of_another_envelope_are_refused():
    first, second = sealed(b"first"), sealed(b"second")
    infos = slice(len(envelope._START), structure_of_infos(first))
    others = slice(len(envelope._START), structure_of_infos(second))
    assert (
        refused(first[: infos.start] + second[others] + first[infos.stop :])
        == EnvelopeFault.CHANGED
    )


def structure_of_infos(data: bytes) -> int:
    return data.index(envelope._CONTENT_START)


@pytest.mark.parametrize(
    "length", [b"\x00", b"\x80", b"\x81\x05", b"\x82\x00\x05", b"\x85\0\0\0\0\5", b"\xff"]
)
def test_a_chunks_length_is_written_in_one_way(length):
    data = sealed(b"12345")
    at = data.index(b"\x04\x05", structure_of_infos(data))
    assert refused(data[:at] + b"\x04" + length + data[at + 2 :]) == EnvelopeFault.CHANGED


def test_a_giant_chunk_is_not_waited_for():
    data = sealed(b"12345")
    at = data.index(b"\x04\x05", structure_of_infos(data))
    giant = data[:at] + b"\x04\x84\xff\xff\xff\xff" + data[at + 2 :]
    assert refused(giant) == EnvelopeFault.CUT_SHORT
    assert refused(giant, most=1_000_000) == EnvelopeFault.NOT_AN_ENVELOPE


def test_more_than_was_asked_for_is_refused():
    assert opened(sealed(b"12345"), most=5) == b"12345"
    assert refused(sealed(b"12345"), most=4) == EnvelopeFault.NOT_AN_ENVELOPE
    data = sealed(bytes(CHUNK + 1))
    assert refused(data, most=CHUNK) == EnvelopeFault.NOT_AN_ENVELOPE


def remade(change) -> bytes:
    """Return a whole envelope, but for its recipients, which `change` has changed."""
    content_key = os.urandom(envelope.KEY_BYTES)
    data = sealed(b"content", random=lambda _size: content_key)
    start, stop = len(envelope._START), structure_of_infos(data)
    infos = change(cms.RecipientInfos.load(data[start:stop]))
    nonce = envelope._nonce(infos)
    encrypted = AESGCM(content_key).encrypt(nonce, b"content", b"")
    head = envelope._START + infos + envelope._CONTENT_START + nonce + envelope._CONTENT_OPEN
    chunk, tag = b"\x04\x07" + encrypted[:7], envelope._TAG_HEAD + encrypted[7:]
    return head + chunk + envelope._END * 2 + tag + envelope._AFTER_TAG


def with_field(name: str, value):
    """Change what RSA encrypted to the card issuer."""

    def change(infos):
        next(info.chosen for info in infos if info.name == "ktri")[name] = value
        return infos.dump(force=True)

    return change


# OAEP without parameters: SHA-1.
SHA1_OAEP = cms.KeyEncryptionAlgorithm.load(bytes.fromhex("300d06092a864886f70d0101073000"))
REMADE = {
    "unchanged": (lambda infos: infos.dump(), None),
    "rsa_pkcs1v15": (
        with_field("key_encryption_algorithm", {"algorithm": "rsaes_pkcs1v15"}),
        EnvelopeFault.CHANGED,
    ),
    "oaep_sha1": (with_field("key_encryption_algorithm", SHA1_OAEP), EnvelopeFault.CHANGED),
    "other_key": (with_field("encrypted_key", bytes(256)), EnvelopeFault.CHANGED),
    "short_key": (
        with_field("encrypted_key", BY_RSA.key.public_key().encrypt(bytes(16), envelope._OAEP)),
        EnvelopeFault.CHANGED,
    ),
    "other_right_key": (
        with_field("encrypted_key", BY_RSA.key.public_key().encrypt(bytes(32), envelope._OAEP)),
        EnvelopeFault.CHANGED,
    ),
    "no_set": (lambda infos: b"\x31\x03\x02\x01\x05", EnvelopeFault.CHANGED),
    "empty_parts": (lambda infos: b"\x31\x04\x30\x00\xa1\x00", EnvelopeFault.CHANGED),
    "other_kind": (lambda infos: b"\x31\x02\xa4\x00", EnvelopeFault.NOT_FOR_THIS_KEY),
    "deep": (lambda infos: deep(15_000), EnvelopeFault.CHANGED),
}


def deep(levels: int) -> bytes:
    """Return a SET that holds itself, so many levels deep."""
    made = b""
    for _ in range(levels):
        made = b"\x30" + envelope._length(len(made)) + made if made else b"\x30\x00"
    return b"\x31" + envelope._length(len(made)) + made


@pytest.mark.parametrize(("change", "code"), REMADE.values(), ids=REMADE)
def test_recipients_that_fit_their_nonce_are_read_with_care(change, code):
    data = remade(change)
    if code is None:
        assert opened(data) == b"content"
    else:
        assert refused(data) == code


@pytest.mark.parametrize("key", [ec_key(curve=ec.SECP384R1), rsa_key()], ids=["p384", "rsa"])
def test_an_originator_with_another_kind_of_key_is_refused(key):

    def change(infos):
        part = next(info.chosen for info in infos if info.name == "kari")
        part["originator"] = spki_of(key.public_key())
        return infos.dump(force=True)

    assert refused(remade(change), BY_EC) == EnvelopeFault.CHANGED


def test_ecdh_by_another_derivation_is_refused():
    """The part opens all the same with the right one: what it says must be what it is."""
    sha1 = bytes.fromhex("3018 0609 2b8105108648 3f0002") + envelope._WRAP

    def change(infos):
        part = next(info.chosen for info in infos if info.name == "kari")
        part["key_encryption_algorithm"] = cms.KeyEncryptionAlgorithm.load(sha1)
        return infos.dump(force=True)

    assert refused(remade(change), BY_EC) == EnvelopeFault.CHANGED
    assert opened(remade(change), BY_RSA) == b"content"


def spki_of(key) -> cms.OriginatorIdentifierOrKey:
    der = key.public_bytes(envelope.Encoding.DER, envelope.PublicFormat.SubjectPublicKeyInfo)
    return cms.OriginatorIdentifierOrKey("originator_key", envelope.keys.PublicKeyInfo.load(der))


def test_recipients_longer_than_any_are_refused():
    data = envelope._START + b"\x31\x83\x01\x00\x01"
    assert refused(data) == EnvelopeFault.NOT_AN_ENVELOPE


@pytest.mark.parametrize("data", [b"hello", b"PK\3\4", b"\x30\x82\x01\x00", b"0"], ids=range(4))
def test_what_is_no_envelope_is_refused(data):
    expected = EnvelopeFault.CUT_SHORT if data == b"0" else EnvelopeFault.NOT_AN_ENVELOPE
    assert refused(data) == expected


@given(st.binary(max_size=400), st.sampled_from(BOTH), st.integers(0, 800))
def test_no_bytes_bring_another_error(tail, by, kept):
    refused(tail, by)
    refused(whole()[:kept] + tail, by)


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 255)), min_size=1),
    st.sampled_from(BOTH),
)
def test_a_mutated_envelope_is_refused(changes, by):
    data = bytearray(whole())
    original = bytes(data)
    for index, change in changes:
        data[index] ^= change
    if bytes(data) != original:
        refused(bytes(data), by)


@given(st.data(), st.sampled_from(BOTH))
def test_mutated_recipients_with_a_nonce_that_fits_bring_no_other_error(data, by):
    def change(infos):
        made = bytearray(infos.dump())
        for _ in range(data.draw(st.integers(1, 4))):
            made[data.draw(st.integers(4, len(made) - 1))] ^= data.draw(st.integers(1, 255))
        return bytes(made)

    try:
        assert opened(remade(change), by) == b"content"
    except EnvelopeRefused as refusal:
        EnvelopeFault(refusal.code)


# --- memory ---------------------------------------------------------------------------------

STREAM = """
import os, sys, tracemalloc
from enrolment.cards.domain.envelope import Envelope, open_envelope
from tests.certificate_builders import ec_recipient

by, path = ec_recipient(), sys.argv[1]
piece = os.urandom(100_000)
tracemalloc.start()
with open(path, "wb") as file:
    made = Envelope(file, [by.certificate], os.urandom)
    for _ in range(600):
        made.write(piece)
    made.close()
with open(path, "rb") as source, open(os.devnull, "wb") as sink:
    open_envelope(source, sink, by.key, by.certificate)
print(tracemalloc.get_traced_memory()[1])
"""


def test_a_long_stream_passes_in_little_memory(tmp_path):
    command = [sys.executable, "-c", STREAM, tmp_path / "stream.cms"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (tmp_path / "stream.cms").stat().st_size > 60_000_000
    assert int(done.stdout) < 3_000_000
