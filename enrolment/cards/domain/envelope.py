"""Encrypt a stream to certificates, and open it: CMS AuthEnvelopedData (RFC 5083, RFC 5084).

The content is under AES-256-GCM; its key goes along once for each recipient, by RSA-OAEP with
SHA-256 or by ECDH on P-256 (RFC 5753). `openssl cms -decrypt` opens the envelope.

The outer layers are BER of indefinite length, since the content's length isn't known when it
begins: both ways the stream passes in constant memory. Only this layout is opened, so nothing of a
hostile file is guessed at. The nonce is made of the recipients' part: the content's key is used
once, and a byte changed in anybody's part is then found by all.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Protocol

from asn1crypto import cms, core, keys
from cryptography import x509
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from enrolment.cards.domain.certificates import issuer_and_serial, recipient_key
from enrolment.cards.domain.stored_zip import MAX_BYTES, ByteSink
from enrolment.people.domain.refusal import Refusal

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
CHUNK = 1 << 16
MOST_RECIPIENT_BYTES = 1 << 16

_END = b"\0\0"
# ContentInfo of id-ct-authEnvelopedData, explicit [0], AuthEnvelopedData version 0 (RFC 5083, 2).
_START = bytes.fromhex("3080 060b 2a864886f70d0109100117 a080 3080 020100")
_SET, _OCTETS, _TAG_HEAD = b"\x31", b"\x04", b"\x04\x10"
# EncryptedContentInfo of id-data under aes256-GCM; the nonce, the tag's length and [0] follow.
_CONTENT_START = bytes.fromhex("3080 06092a864886f70d010701 301e 060960864801650304012e 3011 040c")
_CONTENT_OPEN = bytes.fromhex("020110 a080")
_AFTER_TAG = _END * 3
_LONGEST_LENGTH = 0x84

_OAEP = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
_SHA256 = {"algorithm": "sha256"}
_BY_RSA = cms.KeyEncryptionAlgorithm(
    {
        "algorithm": "rsaes_oaep",
        "parameters": {
            "hash_algorithm": _SHA256,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": _SHA256},
        },
    }
).dump()
_WRAP = bytes.fromhex("300b 0609 60864801650304012d")
# dhSinglePass-stdDH-sha256kdf-scheme with id-aes256-wrap (RFC 5753, 7.1.4).
_BY_ECDH = bytes.fromhex("3015 0606 2b8104010b01") + _WRAP
# ECC-CMS-SharedInfo (RFC 5753, 7.2): the wrap, and its key's length in bits, 256.
_SHARED_INFO = b"\x30\x15" + _WRAP + bytes.fromhex("a206 0404 00000100")


class ByteSource(Protocol):
    """What gives the bytes: a file, a connection."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and none only at the end."""


class EnvelopeFault(StrEnum):
    """Why an envelope can't be opened."""

    NOT_AN_ENVELOPE = "not_an_envelope"
    NOT_FOR_THIS_KEY = "not_for_this_key"
    CHANGED = "changed"
    CUT_SHORT = "cut_short"


class EnvelopeRefused(Refusal):
    """The envelope can't be opened: `code` is an EnvelopeFault."""


class Envelope:
    """Takes bytes and writes them encrypted to `sink`; `close` ends the envelope.

    `random(n)` gives n bytes that nobody can guess, such as os.urandom: the content's key is made
    of it, while the `cryptography` package draws its own for OAEP and ECDH. Nothing is said about
    the certificates' dates and uses: check_recipient does that. Raises ValueError without
    recipients or with too many, RecipientRefused for a key that neither way takes.
    """

    def __init__(
        self,
        sink: ByteSink,
        recipients: Sequence[x509.Certificate],
        random: Callable[[int], bytes],
    ) -> None:
        content_key = random(KEY_BYTES)
        infos = _recipient_infos(recipients, content_key)
        nonce = _nonce(infos)
        self._sink, self._waiting = sink, bytearray()
        self._encryptor = Cipher(algorithms.AES256(content_key), modes.GCM(nonce)).encryptor()
        sink.write(_START + infos + _CONTENT_START + nonce + _CONTENT_OPEN)

    def write(self, data: bytes, /) -> None:
        """Encrypt all of `data`; less than a chunk of it may wait for more."""
        self._waiting += data
        while len(self._waiting) >= CHUNK:
            self._write_chunk(CHUNK)

    def close(self) -> None:
        """Write what waits, and the tag. The sink stays open; nothing more can be written."""
        if self._waiting:
            self._write_chunk(len(self._waiting))
        self._encryptor.finalize()
        self._sink.write(_END * 2 + _TAG_HEAD + self._encryptor.tag + _AFTER_TAG)

    def _write_chunk(self, size: int) -> None:
        encrypted = self._encryptor.update(self._waiting[:size])
        del self._waiting[:size]
        self._sink.write(_OCTETS + _length(size) + encrypted)


def open_envelope(
    source: ByteSource,
    sink: ByteSink,
    key: PrivateKeyTypes,
    certificate: x509.Certificate,
    *,
    most: int = MAX_BYTES,
) -> None:
    """Write the content of an envelope to `sink`: at most `most` bytes of it.

    `certificate` is the one of the recipients whose key this is. Raises EnvelopeRefused, and the
    caller must then throw away what was written: only the end of the file shows that all is right.
    """
    reader = _Reader(source)
    reader.expect(_START, EnvelopeFault.NOT_AN_ENVELOPE)
    infos = reader.element(_SET, MOST_RECIPIENT_BYTES, EnvelopeFault.NOT_AN_ENVELOPE)
    reader.expect(_CONTENT_START, EnvelopeFault.NOT_AN_ENVELOPE)
    nonce = reader.exactly(NONCE_BYTES)
    reader.expect(_CONTENT_OPEN, EnvelopeFault.NOT_AN_ENVELOPE)
    if nonce != _nonce(infos):
        raise EnvelopeRefused(EnvelopeFault.CHANGED)
    content_key = _content_key(infos, key, certificate)
    decryptor = Cipher(algorithms.AES256(content_key), modes.GCM(nonce)).decryptor()
    for piece in reader.pieces(most):
        sink.write(decryptor.update(piece))
    reader.expect(_END + _TAG_HEAD, EnvelopeFault.CHANGED)
    tag = reader.exactly(TAG_BYTES)
    reader.expect(_AFTER_TAG, EnvelopeFault.CHANGED)
    reader.expect_end()
    try:
        decryptor.finalize_with_tag(tag)
    except InvalidTag:
        raise EnvelopeRefused(EnvelopeFault.CHANGED) from None


class _Reader:
    """Takes the envelope's bytes from its source, exactly as they should be."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source

    def exactly(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        found = self._upto(size)
        if len(found) < size:
            raise EnvelopeRefused(EnvelopeFault.CUT_SHORT)
        return found

    def expect(self, expected: bytes, otherwise: EnvelopeFault) -> None:
        """Pass over bytes that must be these."""
        found = self._upto(len(expected))
        if found == expected:
            return
        cut = expected.startswith(found)
        raise EnvelopeRefused(EnvelopeFault.CUT_SHORT if cut else otherwise)

    def expect_end(self) -> None:
        """Refuse bytes after the envelope."""
        if self._source.read(1):
            raise EnvelopeRefused(EnvelopeFault.CHANGED)

    def element(self, tag: bytes, most: int, otherwise: EnvelopeFault) -> bytes:
        """Return the next element, of at most `most` bytes, with its head."""
        self.expect(tag, otherwise)
        size, head = self._length(otherwise)
        if size > most:
            raise EnvelopeRefused(otherwise)
        return tag + head + self.exactly(size)

    def pieces(self, most: int) -> Iterator[bytes]:
        """Yield the encrypted content in small pieces, up to the end of its chunks."""
        while (tag := self.exactly(1)) == _OCTETS:
            size, _ = self._length(EnvelopeFault.CHANGED)
            most -= size
            if most < 0:
                raise EnvelopeRefused(EnvelopeFault.NOT_AN_ENVELOPE)
            for start in range(0, size, CHUNK):
                yield self.exactly(min(CHUNK, size - start))
        if tag + self.exactly(1) != _END:
            raise EnvelopeRefused(EnvelopeFault.CHANGED)

    def _length(self, otherwise: EnvelopeFault) -> tuple[int, bytes]:
        """Return the length that the next bytes say, and these: never indefinite, zero or long."""
        first = self.exactly(1)
        if first[0] > _LONGEST_LENGTH:
            raise EnvelopeRefused(otherwise)
        rest = self.exactly(first[0] & 0x7F) if first[0] & 0x80 else b""
        size = int.from_bytes(rest or first)
        if not size or first + rest != _length(size):
            raise EnvelopeRefused(otherwise)
        return size, first + rest

    def _upto(self, size: int) -> bytes:
        found = self._source.read(size)
        while len(found) < size and (more := self._source.read(size - len(found))):
            found += more
        return found


def _length(size: int) -> bytes:
    """Return a length as DER writes it."""
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets


def _nonce(infos: bytes) -> bytes:
    return hashlib.sha256(infos).digest()[:NONCE_BYTES]


def _recipient_infos(recipients: Sequence[x509.Certificate], content_key: bytes) -> bytes:
    made = cms.RecipientInfos([_recipient_info(one, content_key) for one in recipients]).dump()
    if not recipients or len(made) > MOST_RECIPIENT_BYTES:
        raise ValueError(f"An envelope can't have {len(recipients)} recipients")
    return bytes(made)


def _recipient_info(recipient: x509.Certificate, content_key: bytes) -> cms.RecipientInfo:
    key = recipient_key(recipient)
    rid = cms.IssuerAndSerialNumber.load(issuer_and_serial(recipient))
    if isinstance(key, rsa.RSAPublicKey):
        encrypted = key.encrypt(content_key, _OAEP)
        return cms.RecipientInfo("ktri", _by_rsa(rid, encrypted))
    own = ec.generate_private_key(ec.SECP256R1())
    encrypted = aes_key_wrap(_wrapping_key(own, key), content_key)
    return cms.RecipientInfo("kari", _by_ecdh(rid, own.public_key(), encrypted))


def _by_rsa(rid: cms.IssuerAndSerialNumber, encrypted: bytes) -> cms.KeyTransRecipientInfo:
    return cms.KeyTransRecipientInfo(
        {
            "version": "v0",
            "rid": cms.RecipientIdentifier("issuer_and_serial_number", rid),
            "key_encryption_algorithm": cms.KeyEncryptionAlgorithm.load(_BY_RSA),
            "encrypted_key": encrypted,
        }
    )


def _by_ecdh(
    rid: cms.IssuerAndSerialNumber, own: ec.EllipticCurvePublicKey, encrypted: bytes
) -> cms.KeyAgreeRecipientInfo:
    point = own.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    to = cms.KeyAgreementRecipientIdentifier("issuer_and_serial_number", rid)
    return cms.KeyAgreeRecipientInfo(
        {
            "version": "v3",
            "originator": cms.OriginatorIdentifierOrKey(
                "originator_key", keys.PublicKeyInfo.load(point)
            ),
            "key_encryption_algorithm": cms.KeyEncryptionAlgorithm.load(_BY_ECDH),
            "recipient_encrypted_keys": [{"rid": to, "encrypted_key": encrypted}],
        }
    )


def _wrapping_key(own: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePublicKey) -> bytes:
    """Return what both sides derive (X9.63 with SHA-256), each of its own half and the other's."""
    return X963KDF(SHA256(), KEY_BYTES, _SHARED_INFO).derive(own.exchange(ec.ECDH(), other))


def _content_key(infos: bytes, key: PrivateKeyTypes, certificate: x509.Certificate) -> bytes:
    if key.public_key() != certificate.public_key():
        raise EnvelopeRefused(EnvelopeFault.NOT_FOR_THIS_KEY)
    rid = issuer_and_serial(certificate)
    try:
        parts = [info.chosen for info in cms.RecipientInfos.load(infos, strict=True)]
        opened = [_opened(part, key) for part in parts if _is_for(part, rid)]
    except (ValueError, TypeError, LookupError, UnsupportedAlgorithm, InvalidUnwrap):
        raise EnvelopeRefused(EnvelopeFault.CHANGED) from None
    if not opened:
        raise EnvelopeRefused(EnvelopeFault.NOT_FOR_THIS_KEY)
    if len(opened[0]) != KEY_BYTES:
        raise EnvelopeRefused(EnvelopeFault.CHANGED)
    return opened[0]


def _is_for(part: core.Asn1Value, rid: bytes) -> bool:
    if isinstance(part, cms.KeyAgreeRecipientInfo):
        part = part["recipient_encrypted_keys"][0]
    elif not isinstance(part, cms.KeyTransRecipientInfo):
        return False
    return bool(part["rid"].chosen.dump() == rid)


def _opened(part: core.Asn1Value, key: PrivateKeyTypes) -> bytes:
    """Return the content's key; raises ValueError and others for a part that isn't as we write."""
    way = part["key_encryption_algorithm"].dump()
    if isinstance(key, rsa.RSAPrivateKey) and way == _BY_RSA:
        return key.decrypt(part["encrypted_key"].native, _OAEP)
    if isinstance(key, ec.EllipticCurvePrivateKey) and way == _BY_ECDH:
        point = load_der_public_key(part["originator"].chosen.untag().dump())
        encrypted = part["recipient_encrypted_keys"][0]["encrypted_key"].native
        if isinstance(point, ec.EllipticCurvePublicKey):
            return aes_key_unwrap(_wrapping_key(key, point), encrypted)
    raise ValueError("Neither way of encrypting a key")
