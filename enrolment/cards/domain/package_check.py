"""What a bag of the format kort-batch/1 must be, as its receiver sees it: each fault by name.

A bag is a mapping from paths, seen from the bag's root, to contents. It may read each content from
a file when asked: one lies in memory at a time.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from enrolment.cards.domain.jpeg_size import jpeg_size
from enrolment.cards.domain.package import (
    HARD_STOP,
    SIGNATURE,
    TAG_MANIFEST,
    PackageRefused,
    make_bag,
)
from enrolment.cards.domain.package import Bag as MadeBag
from enrolment.cards.domain.package_fields import BatchHeader, OrderLine, Record
from enrolment.cards.domain.receipt_fields import BatchCode
from enrolment.people.domain.refusal import Param

MANIFEST, BAG_INFO, BAGIT = "manifest-sha256.txt", "bag-info.txt", "bagit.txt"
TAG_FILES = (BAG_INFO, BAGIT, MANIFEST)
UNLISTED = frozenset({TAG_MANIFEST, SIGNATURE})
PAYLOAD = "data/"
HEADER, ORDERS = "data/batch.json", "data/orders.jsonl"

# Plain names on every system: no `..`, no absolute path, no drive, no backslash, no hidden file.
SAFE_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
OXUM = re.compile(rb"^Payload-Oxum: ([0-9]+\.[0-9]+)$", re.MULTILINE)
LONGEST_SHOWN = 100

type Contents = Mapping[str, bytes]


class Flaw(StrEnum):
    """What may be wrong with a package; the parameters of each stand beside it."""

    FILE_MISSING = "FILE_MISSING"  # path
    FILE_UNLISTED = "FILE_UNLISTED"  # path
    FILE_CHANGED = "FILE_CHANGED"  # path
    FILES_SWAPPED = "FILES_SWAPPED"  # path, other
    FILE_FOREIGN = "FILE_FOREIGN"  # path
    PATH_UNSAFE = "PATH_UNSAFE"  # path, file
    PATH_MISPLACED = "PATH_MISPLACED"  # path, file
    PATH_TWICE = "PATH_TWICE"  # path, file
    MANIFEST_UNREADABLE = "MANIFEST_UNREADABLE"  # file, line
    BAGIT_VERSION = "BAGIT_VERSION"
    PAYLOAD_OXUM = "PAYLOAD_OXUM"  # told, found
    RECORD_UNREADABLE = "RECORD_UNREADABLE"  # file, line
    RECORD_FIELD = "RECORD_FIELD"  # file, line, field, fault (a FieldFault)
    HEADER_COUNT = "HEADER_COUNT"  # field, told, found
    FILE_DISAGREES = "FILE_DISAGREES"  # path
    PHOTO_DIFFERS = "PHOTO_DIFFERS"  # order_id, field


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: how a receipt answers it, its own code, and where it is."""

    answer: BatchCode
    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


class PackageFlawed(ValueError):
    """The package is not to be used: `findings`, at least one."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__("The package is flawed")
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Content:
    """What a bag tells: the header and the order lines."""

    header: BatchHeader
    lines: tuple[OrderLine, ...]


def shown(name: str) -> str:
    """Return a stranger's name for a file so that it can be shown: ASCII, and not too long."""
    return ascii(name)[1:-1][:LONGEST_SHOWN]


def check_bag(bag: Contents) -> list[Finding]:
    """Check the manifests against all files, both ways (RFC 8493, section 3); empty when all is in.

    The signature is for somebody else to verify.
    """
    missing = [path for path in (*TAG_FILES, *sorted(UNLISTED)) if path not in bag]
    if missing:
        return [_flaw(Flaw.FILE_MISSING, path=path) for path in missing]
    tags = _Manifest(TAG_MANIFEST, bag[TAG_MANIFEST])
    payload = _Manifest(MANIFEST, bag[MANIFEST])
    read = {path: _Read.of(bag[path]) for path in bag}
    return [
        *tags.findings,
        *payload.findings,
        *_compare(read, payload.hashes | tags.hashes),
        *_check_tags(bag[BAGIT], bag[BAG_INFO], read),
    ]


def read_content(bag: Contents) -> Content:
    """Read header and orders of a bag that `check_bag` found whole.

    Raises PackageFlawed where a field breaks its rule, header, orders, table and schema disagree,
    a file doesn't belong there, or a photo is not the one that its order describes.
    """
    absent = [path for path in (HEADER, ORDERS) if path not in bag]
    refuse([_flaw(Flaw.FILE_MISSING, BatchCode.SCHEMA, path=path) for path in absent])
    header = _read_record(BatchHeader, HEADER, 1, bag[HEADER])
    rows = bag[ORDERS].splitlines()
    lines = [_read_record(OrderLine, ORDERS, at, row) for at, row in enumerate(rows, start=1)]
    made = _made_again(header, lines)
    refuse([*_check_files(bag, made), *_check_counts(header, made.header)])
    refuse(_check_photos(bag, lines))
    return Content(header, tuple(lines))


def refuse(findings: Sequence[Finding]) -> None:
    """Raise PackageFlawed where there are findings."""
    if findings:
        raise PackageFlawed(findings)


def _flaw(flaw: Flaw, answer: BatchCode = BatchCode.MANIFEST, /, **params: Param) -> Finding:
    return Finding(answer, flaw, params)


class _Manifest:
    """A manifest: the hash of each path that it lists in good order, and what is wrong in it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.hashes: dict[str, str] = {}
        self.findings: list[Finding] = []
        for number, line in enumerate(content.decode("utf-8", "replace").split("\n")[:-1], 1):
            self._add(name, number, line)
        if not content.endswith(b"\n"):
            self.findings.append(_flaw(Flaw.MANIFEST_UNREADABLE, file=name, line=0))

    def _add(self, name: str, number: int, line: str) -> None:
        match = MANIFEST_LINE.fullmatch(line)
        if not match:
            self.findings.append(_flaw(Flaw.MANIFEST_UNREADABLE, file=name, line=number))
            return
        digest, path = match.groups()
        if flaw := self._flaw_of(name, path):
            self.findings.append(_flaw(flaw, path=shown(path), file=name))
        else:
            self.hashes[path] = digest

    def _flaw_of(self, name: str, path: str) -> Flaw | None:
        if not SAFE_PATH.fullmatch(path):
            return Flaw.PATH_UNSAFE
        if path in self.hashes:
            return Flaw.PATH_TWICE
        in_place = path.startswith(PAYLOAD) if name == MANIFEST else path in TAG_FILES
        return None if in_place else Flaw.PATH_MISPLACED


@dataclass(frozen=True)
class _Read:
    """What is kept of a file that was read: its SHA-256 in hex and its bytes."""

    sha256: str
    size: int

    @classmethod
    def of(cls, content: bytes) -> "_Read":
        return cls(hashlib.sha256(content).hexdigest(), len(content))


def _compare(read: Mapping[str, _Read], listed: Mapping[str, str]) -> Iterator[Finding]:
    """Compare the files with the listed ones; two that lie in each other's place are one fault."""
    for path in sorted(listed.keys() - read.keys()):
        yield _flaw(Flaw.FILE_MISSING, path=path)
    for path in sorted(read.keys() - listed.keys() - UNLISTED):
        yield _flaw(Flaw.FILE_UNLISTED, path=shown(path))
    found = {path: read[path].sha256 for path in listed.keys() & read.keys()}
    changed = sorted(path for path, digest in found.items() if digest != listed[path])
    swapped = _swapped(changed, found, listed)
    for path, other in swapped.items():
        yield _flaw(Flaw.FILES_SWAPPED, path=path, other=other)
    for path in changed:
        if path not in swapped and path not in swapped.values():
            yield _flaw(Flaw.FILE_CHANGED, path=path)


def _swapped(
    changed: Sequence[str], found: Mapping[str, str], listed: Mapping[str, str]
) -> dict[str, str]:
    """Return the pairs whose contents lie in each other's place, once each."""
    place = {listed[path]: path for path in changed}
    pairs = {path: place[found[path]] for path in changed if found[path] in place}
    return {
        path: other for path, other in pairs.items() if path < other and pairs.get(other) == path
    }


def _check_tags(bagit: bytes, bag_info: bytes, read: Mapping[str, _Read]) -> Iterator[Finding]:
    if bagit != b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n":
        yield _flaw(Flaw.BAGIT_VERSION)
    sizes = [file.size for path, file in read.items() if path.startswith(PAYLOAD)]
    found = f"{sum(sizes)}.{len(sizes)}"
    match = OXUM.search(bag_info)
    told = match[1].decode() if match else ""
    if told != found:
        yield _flaw(Flaw.PAYLOAD_OXUM, told=told, found=found)


def _read_record[R: Record](kind: type[R], file: str, line: int, text: bytes) -> R:
    try:
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("Not an object")
        record = kind.from_values(values)
        faults = record.faults()
    except (ValueError, OverflowError, RecursionError) as error:
        unreadable = _flaw(Flaw.RECORD_UNREADABLE, BatchCode.SCHEMA, file=file, line=line)
        raise PackageFlawed([unreadable]) from error
    refuse(
        [
            _flaw(
                *(Flaw.RECORD_FIELD, BatchCode.SCHEMA),
                file=file,
                line=line,
                field=name,
                fault=fault,
            )
            for name, fault in faults.items()
        ]
    )
    return record


def _made_again(header: BatchHeader, lines: Sequence[OrderLine]) -> MadeBag:
    """Return the bag that these orders make: what is not the same in it was tampered with."""
    try:
        return make_bag(header, lines, HARD_STOP)
    except PackageRefused as error:
        finding = Finding(BatchCode.SCHEMA, f"ORDERS_{error.code.upper()}", error.params)
        raise PackageFlawed([finding]) from error


def _check_files(bag: Contents, made: MadeBag) -> Iterator[Finding]:
    schema = BatchCode.SCHEMA
    payload = {path: content for path, content in made.files.items() if path.startswith(PAYLOAD)}
    for path in sorted((payload.keys() | made.photos.keys()) - bag.keys()):
        yield _flaw(Flaw.FILE_MISSING, schema, path=path)
    for path in sorted(bag.keys() - made.files.keys() - made.photos.keys() - UNLISTED):
        yield _flaw(Flaw.FILE_FOREIGN, schema, path=path)
    for path in sorted(payload.keys() & bag.keys()):
        if bag[path] != payload[path]:
            yield _flaw(Flaw.FILE_DISAGREES, schema, path=path)


def _check_counts(told: BatchHeader, found: BatchHeader) -> Iterator[Finding]:
    for name, value in found.values().items():
        if told.values()[name] != value:
            yield _flaw(
                *(Flaw.HEADER_COUNT, BatchCode.SCHEMA),
                field=name,
                told=str(told.values()[name]),
                found=str(value),
            )


def _check_photos(bag: Contents, lines: Sequence[OrderLine]) -> list[Finding]:
    return [
        _flaw(Flaw.PHOTO_DIFFERS, BatchCode.SCHEMA, order_id=line.order_id, field=name)
        for line in lines
        if line.photo
        for name in _differences(line, bag[f"{PAYLOAD}{line.photo}"])
    ]


def _differences(line: OrderLine, photo: bytes) -> list[str]:
    """Return the fields of an order line that its photo gives the lie."""
    width, height = jpeg_size(photo) or (None, None)
    found: Mapping[str, str | int | None] = {
        "photo_sha256": hashlib.sha256(photo).hexdigest(),
        "photo_bytes": len(photo),
        "photo_width": width,
        "photo_height": height,
    }
    return [name for name, value in found.items() if getattr(line, name) != value]
