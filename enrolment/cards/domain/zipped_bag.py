"""Open the ZIP of a package for reading, and find what an honest packer never writes.

Python's zipfile, and others that unpack, each believe one of a ZIP's two accounts of an entry. Only
a file where both say the same, once for each name and without room for more, means one thing.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import IO

from enrolment.cards.domain.package import HARD_STOP
from enrolment.cards.domain.package_check import SAFE_PATH, Finding, PackageFlawed, shown
from enrolment.cards.domain.receipt_fields import BatchCode

# Each order has a photo at most, and eight files come besides; their manifests weigh little.
MOST_ENTRIES = HARD_STOP.orders + 8
MOST_BYTES = HARD_STOP.payload_bytes + 50_000_000
# One file lies in memory at a time; a photo has a few megabytes, 60,000 orders some fifty.
MOST_FILE_BYTES = 100_000_000

# PKWARE APPNOTE 6.3, 4.3.7 and 4.3.16: the header before an entry, and the end of the file.
_LOCAL = struct.Struct("<4s5H3I2H")
_END_BYTES, _END_MARK = 22, b"PK\5\6"
# 4.4.4: how hard a deflater tried, and that the name is UTF-8. Others hide or move something.
_HARMLESS_FLAGS = 0x806
_FILE_TYPE, _REGULAR = 0o170000, 0o100000
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(NotImplementedError, ValueError, RuntimeError),
)


class ZipFlaw(StrEnum):
    """What may be wrong with a ZIP; the parameters of each stand beside it."""

    ZIP_UNREADABLE = "ZIP_UNREADABLE"
    ZIP_TOO_LARGE = "ZIP_TOO_LARGE"
    ZIP_ENTRY_TWICE = "ZIP_ENTRY_TWICE"  # path
    ZIP_PATH_UNSAFE = "ZIP_PATH_UNSAFE"  # path
    ZIP_NOT_A_FILE = "ZIP_NOT_A_FILE"  # path
    ZIP_OUTSIDE_FOLDER = "ZIP_OUTSIDE_FOLDER"  # path, folder
    ZIP_METHOD = "ZIP_METHOD"  # path
    ZIP_HEADERS_DISAGREE = "ZIP_HEADERS_DISAGREE"  # path
    ZIP_HIDDEN_BYTES = "ZIP_HIDDEN_BYTES"
    ZIP_DATA_DAMAGED = "ZIP_DATA_DAMAGED"  # path


class ZippedBag(Mapping[str, bytes]):
    """The contents by path, seen from the bag's root, each read when asked for.

    Raises PackageFlawed when a content can't be read. `findings` is what is wrong with the names:
    use nothing of the ZIP unless it is empty.
    """

    def __init__(self, file: IO[bytes], folder: str) -> None:
        """Open the ZIP whose only root folder is to be `folder`.

        Raises PackageFlawed for one that can't be read, or read in two ways.
        """
        self._archive = _open(file)
        entries = self._archive.infolist()
        _refuse_too_large(entries)
        self.findings = list(_check_names(entries, folder))
        ambiguous = list(_check_headers(file, entries, self._archive.start_dir))
        if ambiguous:
            raise PackageFlawed([*self.findings, *ambiguous])
        inside = f"{folder}/"
        self._entries = {
            entry.orig_filename.removeprefix(inside): entry
            for entry in entries
            if entry.orig_filename.startswith(inside) and not entry.is_dir()
        }

    def __getitem__(self, path: str) -> bytes:
        entry = self._entries[path]
        try:
            return self._archive.read(entry)
        except _UNREADABLE as error:
            raise _refusal(ZipFlaw.ZIP_DATA_DAMAGED, path=shown(path)) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _finding(flaw: ZipFlaw, **params: str) -> Finding:
    return Finding(BatchCode.MANIFEST, flaw, params)


def _refusal(flaw: ZipFlaw, **params: str) -> PackageFlawed:
    return PackageFlawed([_finding(flaw, **params)])


def _open(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _UNREADABLE as error:
        raise _refusal(ZipFlaw.ZIP_UNREADABLE) from error


def _refuse_too_large(entries: Sequence[zipfile.ZipInfo]) -> None:
    sizes = [entry.file_size for entry in entries]
    large = max(sizes, default=0) > MOST_FILE_BYTES or sum(sizes) > MOST_BYTES
    if large or len(sizes) > MOST_ENTRIES:
        raise _refusal(ZipFlaw.ZIP_TOO_LARGE)


def _check_names(entries: Sequence[zipfile.ZipInfo], folder: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        path = shown(name)
        # A disk may take A and a for one name.
        if name.lower() in seen:
            yield _finding(ZipFlaw.ZIP_ENTRY_TWICE, path=path)
        seen.add(name.lower())
        if not SAFE_PATH.fullmatch(name.removesuffix("/")):
            yield _finding(ZipFlaw.ZIP_PATH_UNSAFE, path=path)
        elif name.endswith("/") or not _is_regular(entry):
            yield _finding(ZipFlaw.ZIP_NOT_A_FILE, path=path)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield _finding(ZipFlaw.ZIP_METHOD, path=path)
    outside = [entry for entry in entries if not entry.orig_filename.startswith(f"{folder}/")]
    if outside:
        path = shown(outside[0].orig_filename)
        yield _finding(ZipFlaw.ZIP_OUTSIDE_FOLDER, path=path, folder=folder)


def _is_regular(entry: zipfile.ZipInfo) -> bool:
    """Tell a file from a link or a device; a packer may leave the kind out."""
    return (entry.external_attr >> 16) & _FILE_TYPE in (0, _REGULAR)


def _check_headers(
    file: IO[bytes], entries: Sequence[zipfile.ZipInfo], directory_at: int
) -> Iterator[Finding]:
    """Compare the header before each entry with the directory, and find bytes of no entry."""
    at = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset != at:
            yield _finding(ZipFlaw.ZIP_HIDDEN_BYTES)
            return
        size = _local_size(file, entry)
        if size is None:
            yield _finding(ZipFlaw.ZIP_HEADERS_DISAGREE, path=shown(entry.orig_filename))
            return
        at += size
    if at != directory_at or not _ends_in_directory(file):
        yield _finding(ZipFlaw.ZIP_HIDDEN_BYTES)


def _local_size(file: IO[bytes], entry: zipfile.ZipInfo) -> int | None:
    """Return the bytes of an entry with its header; None where that tells another story."""
    file.seek(entry.header_offset)
    fixed = file.read(_LOCAL.size)
    if len(fixed) < _LOCAL.size:
        return None
    mark, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _LOCAL.unpack(fixed)
    name = entry.orig_filename.encode("ascii", "replace")
    told = (mark, flags, method, crc, packed, size, file.read(name_bytes))
    known = (
        *(b"PK\3\4", entry.flag_bits, entry.compress_type),
        *(entry.CRC, entry.compress_size, entry.file_size, name),
    )
    plain = not flags & ~_HARMLESS_FLAGS and entry.filename == entry.orig_filename
    agrees = plain and told == known
    return _LOCAL.size + name_bytes + extra_bytes + packed if agrees else None


def _ends_in_directory(file: IO[bytes]) -> bool:
    """Say whether the file ends with the ZIP, without a comment or a second one after it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES))
    end = file.read(_END_BYTES)
    return end.startswith(_END_MARK) and end.endswith(b"\0\0")
