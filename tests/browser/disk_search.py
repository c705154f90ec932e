"""Look through a folder as a thief would: for words, pictures and keys, compressed or not.

LevelDB keeps tables of blocks that may be compressed by Snappy; both formats are public
(leveldb/doc/table_format.md, snappy/format_description.txt).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TABLE_MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")
FOOTER = 48
# What the browser writes before a value that it has compressed by itself.
COMPRESSED_VALUE = b"\xff\x11\x02"


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and bytes of every file, and of what is compressed within it."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        name = str(path.relative_to(folder))
        yield name, data
        for block in [*table_blocks(data), *compressed_values(data)]:
            yield f"{name} (unpacked)", block


def spellings(word: str) -> set[bytes]:
    """Return the word as a browser may write it."""
    latin = word.encode("latin-1", "ignore")
    ways = {word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")}
    return ways | ({latin} if latin.decode("latin-1") == word else set())


def found(needles: Iterable[bytes], files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Return the names of the files in which any of the needles lies."""
    wanted = list(needles)
    return [name for name, data in files if any(needle in data for needle in wanted)]


def keys_that_open(
    sealed: list[tuple[bytes, bytes, bytes]], files: Iterable[tuple[str, bytes]]
) -> list[str]:
    """Return the files that hold, anywhere, 32 bytes that open one of the sealed.

    Each sealed is (nonce, the first 16 bytes of its ciphertext, what the plaintext holds there).
    """
    return [name for name, data in files if any(_opens(key, sealed) for key in _keys(data))]


def _keys(data: bytes) -> Iterator[bytes]:
    """Yield what could be a random key.

    Of 32 random bytes at least 20 differ, but once in 10^9, and one is beyond ASCII, but once in
    4 * 10^9.
    """
    windows = (data[at : at + 32] for at in range(len(data) - 31))
    return (window for window in windows if not window.isascii() and len(set(window)) >= 20)


def _opens(key: bytes, sealed: list[tuple[bytes, bytes, bytes]]) -> bool:
    counters = b"".join(nonce + (2).to_bytes(4) for nonce, _, _ in sealed)  # GCM begins at 2
    stream = Cipher(algorithms.AES256(key), modes.ECB()).encryptor().update(counters)
    return any(
        start in _xor(stream[16 * at : 16 * at + 16], ciphertext)
        for at, (_nonce, ciphertext, start) in enumerate(sealed)
    )


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def compressed_values(data: bytes) -> Iterator[bytes]:
    at = data.find(COMPRESSED_VALUE)
    while at >= 0:
        unpacked = unsnappy(data[at + len(COMPRESSED_VALUE) :])
        if unpacked:
            yield unpacked
        at = data.find(COMPRESSED_VALUE, at + 1)


def table_blocks(data: bytes) -> Iterator[bytes]:
    """Yield the compressed blocks of a LevelDB table, unpacked; nothing for any other file."""
    if not data.endswith(TABLE_MAGIC):
        return
    footer = data[-FOOTER:]
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)
    index = _block(data, footer, at)
    for handle in _values(index):
        yield _block(data, handle, 0)


def _block(data: bytes, handle: bytes, at: int) -> bytes:
    offset, at = _varint(handle, at)
    size, _ = _varint(handle, at)
    block = data[offset : offset + size]
    return unsnappy(block) if data[offset + size] == 1 else block


def _values(block: bytes) -> Iterator[bytes]:
    restarts = int.from_bytes(block[-4:], "little")
    end, at = len(block) - 4 - 4 * restarts, 0
    while at < end:
        _, at = _varint(block, at)
        own, at = _varint(block, at)
        size, at = _varint(block, at)
        yield block[at + own : at + own + size]
        at += own + size


def unsnappy(data: bytes) -> bytes:
    """Unpack as far as it goes: what follows may be something else."""
    out = bytearray()
    try:
        size, at = _varint(data, 0)
        while len(out) < size:
            at = _element(data, at, out)
    except IndexError:
        pass
    return bytes(out)


def _element(data: bytes, at: int, out: bytearray) -> int:
    tag = data[at]
    if tag & 3 == 0:
        return _literal(data, at + 1, tag >> 2, out)
    length = (tag >> 2 & 7) + 4 if tag & 3 == 1 else (tag >> 2) + 1
    size = (0, 1, 2, 4)[tag & 3]
    offset = int.from_bytes(data[at + 1 : at + 1 + size], "little")
    offset |= (tag >> 5) << 8 if tag & 3 == 1 else 0
    if not 0 < offset <= len(out):
        raise IndexError
    for _each in range(length):
        out.append(out[-offset])
    return at + 1 + size


def _literal(data: bytes, at: int, length: int, out: bytearray) -> int:
    extra = max(0, length - 59)
    size = int.from_bytes(data[at : at + extra], "little") if extra else length
    start = at + extra
    if start + size >= len(data) + 1:
        raise IndexError
    out += data[start : start + size + 1]
    return start + size + 1


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1
