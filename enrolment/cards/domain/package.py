"""The package for the card issuer: a BagIt 1.0 bag (RFC 8493) in a ZIP, in exact bytes.

The same header, order lines, signature and photos always give the same ZIP. One signature covers
all: it is over the tag manifest, which lists the manifest, which lists every file. Photos are asked
for one at a time while the ZIP is written, so a batch never lies in memory.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from enrolment.cards.domain.package_fields import (
    FORMAT,
    PHOTO_FIELDS,
    BatchFacts,
    BatchHeader,
    JsonValue,
    OrderLine,
    order_schema,
)
from enrolment.cards.domain.stored_zip import ByteSink, write_stored_zip
from enrolment.people.domain.refusal import Refusal

TAG_MANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = f"{TAG_MANIFEST}.p7s"

type ReadPhoto = Callable[[str], bytes]


class PackageFault(StrEnum):
    """Why a batch can't be packed; the parameters of each stand beside it."""

    EMPTY = "empty"
    TOO_MANY_ORDERS = "too_many_orders"  # orders, most
    TOO_LARGE = "too_large"  # payload_bytes, most
    HEADER_FIELD = "header_field"  # field, fault (a FieldFault)
    ORDER_FIELD = "order_field"  # seq, field, fault (a FieldFault)
    SEQUENCE = "sequence"  # seq, expected
    DUPLICATE_ORDER = "duplicate_order"  # order_id
    PROTECTED_MIXED = "protected_mixed"  # protected, orders
    PHOTO_INCOMPLETE = "photo_incomplete"  # order_id
    PHOTO_PATH = "photo_path"  # order_id
    PHOTO_CHANGED = "photo_changed"  # order_id
    BATCH_NUMBER = "batch_number"  # batch_id, batch_no
    PREVIOUS_INCOMPLETE = "previous_incomplete"
    SIGNATURE = "signature"


class PackageRefused(Refusal):
    """The batch can't be packed: `code` is a PackageFault."""


@dataclass(frozen=True)
class Limits:
    """The most that one batch may hold; an issuer may ask for less."""

    orders: int = 2_000
    payload_bytes: int = 500_000_000


DEFAULT_LIMITS = Limits()
# OpenSSL's command line fails past 2 GB; a ZIP without ZIP64 takes 65,535 files.
HARD_STOP = Limits(orders=60_000, payload_bytes=1_000_000_000)


@dataclass(frozen=True)
class Bag:
    """A checked batch, ready to sign and to write: all but the photos' bytes and the signature."""

    header: BatchHeader
    files: Mapping[str, bytes]
    photos: Mapping[str, OrderLine]

    @property
    def tag_manifest(self) -> bytes:
        """Return the bytes to sign."""
        return self.files[TAG_MANIFEST]


def name_batch(year: int, batch_no: int) -> str:
    """Return the batch id of a number given in a year, such as KB-2026-000123."""
    return f"KB-{year:04d}-{batch_no:06d}"


def photo_path(order_id: str) -> str:
    """Return where an order's photo lies, seen from the folder of orders.jsonl."""
    return f"photos/{order_id}.jpg"


def canonical_json(value: object) -> bytes:
    r"""Return one line of JSON: keys sorted, no spaces, UTF-8, ended by \n."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{text}\n".encode()


def make_bag(facts: BatchFacts, lines: Sequence[OrderLine], limits: Limits = DEFAULT_LIMITS) -> Bag:
    """Check the batch and return its bag.

    `facts` may be the BatchHeader of an earlier sealing: its counts are made anew. Raises
    PackageRefused with the first fault found.
    """
    _check_facts(facts)
    _check_lines(lines, min(limits.orders, HARD_STOP.orders))
    payload = _order_files(lines)
    photos = {f"data/{line.photo}": line for line in lines if line.photo}
    photo_bytes = sum(line.photo_bytes or 0 for line in lines)
    payload_bytes = sum(len(content) for content in payload.values()) + photo_bytes
    most = min(limits.payload_bytes, HARD_STOP.payload_bytes)
    if payload_bytes > most:
        raise PackageRefused(PackageFault.TOO_LARGE, payload_bytes=payload_bytes, most=most)
    header = _header(facts, len(lines), len(photos), payload_bytes)
    payload["data/batch.json"] = canonical_json(header.values())
    return Bag(header, payload | _tag_files(header, payload, photos), photos)


def write_zip(sink: ByteSink, bag: Bag, signature: bytes, read_photo: ReadPhoto) -> None:
    """Write the package; `read_photo(order_id)` gives one photo's bytes when its turn comes.

    Raises PackageRefused when a photo isn't the one that was ordered, or the signature was made
    over another tag manifest: a guard against changed rows, while verifying is the receiver's.
    """
    if hashlib.sha256(bag.tag_manifest).digest() not in signature:
        raise PackageRefused(PackageFault.SIGNATURE)
    write_stored_zip(sink, _entries(bag, signature, read_photo))


def _entries(bag: Bag, signature: bytes, read_photo: ReadPhoto) -> Iterator[tuple[str, bytes]]:
    files = {**bag.files, SIGNATURE: signature}
    for path in sorted([*files, *bag.photos]):
        content = files[path] if path in files else _photo(bag.photos[path], read_photo)
        yield f"{bag.header.batch_id}/{path}", content


def _photo(line: OrderLine, read_photo: ReadPhoto) -> bytes:
    content = read_photo(line.order_id)
    if hashlib.sha256(content).hexdigest() != line.photo_sha256 or len(content) != line.photo_bytes:
        raise PackageRefused(PackageFault.PHOTO_CHANGED, order_id=line.order_id)
    return content


def _check_facts(facts: BatchFacts) -> None:
    for name, fault in facts.faults().items():
        raise PackageRefused(PackageFault.HEADER_FIELD, field=name, fault=fault)
    if facts.batch_id[-6:] != f"{facts.batch_no:06d}":
        raise PackageRefused(
            PackageFault.BATCH_NUMBER, batch_id=facts.batch_id, batch_no=facts.batch_no
        )
    if (facts.previous_batch_id is None) != (facts.previous_package_sha256 is None):
        raise PackageRefused(PackageFault.PREVIOUS_INCOMPLETE)


def _check_lines(lines: Sequence[OrderLine], most: int) -> None:
    if not lines:
        raise PackageRefused(PackageFault.EMPTY)
    if len(lines) > most:
        raise PackageRefused(PackageFault.TOO_MANY_ORDERS, orders=len(lines), most=most)
    seen: set[str] = set()
    for expected, line in enumerate(lines, start=1):
        _check_line(line, expected)
        if line.order_id in seen:
            raise PackageRefused(PackageFault.DUPLICATE_ORDER, order_id=line.order_id)
        seen.add(line.order_id)
    protected = sum(line.protected for line in lines)
    if protected not in (0, len(lines)):
        raise PackageRefused(PackageFault.PROTECTED_MIXED, protected=protected, orders=len(lines))


def _check_line(line: OrderLine, expected: int) -> None:
    for name, fault in line.faults().items():
        raise PackageRefused(PackageFault.ORDER_FIELD, seq=expected, field=name, fault=fault)
    if line.seq != expected:
        raise PackageRefused(PackageFault.SEQUENCE, seq=line.seq, expected=expected)
    if len({getattr(line, name) is None for name in PHOTO_FIELDS}) > 1:
        raise PackageRefused(PackageFault.PHOTO_INCOMPLETE, order_id=line.order_id)
    if line.photo not in (None, photo_path(line.order_id)):
        raise PackageRefused(PackageFault.PHOTO_PATH, order_id=line.order_id)


def _header(facts: BatchFacts, orders: int, photos: int, payload_bytes: int) -> BatchHeader:
    known = {f.name: getattr(facts, f.name) for f in fields(BatchFacts)}
    return BatchHeader(
        **known,
        schema=FORMAT,
        order_count=orders,
        photo_count=photos,
        payload_bytes=payload_bytes,
    )


def _order_files(lines: Sequence[OrderLine]) -> dict[str, bytes]:
    rows = [line.values() for line in lines]
    schema = json.dumps(order_schema(), indent=2) + "\n"
    return {
        "data/orders.jsonl": b"".join(canonical_json(row) for row in rows),
        "data/orders.csv": _orders_csv(rows),
        "data/schema/order.schema.json": schema.encode(),
    }


def _orders_csv(rows: Sequence[Mapping[str, JsonValue]]) -> bytes:
    """Return the orders as RFC 4180 with all fields quoted; null is an empty field."""
    text = io.StringIO(newline="")
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    table.writerow(OrderLine.rules())
    table.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue().encode()


def _cell(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _tag_files(
    header: BatchHeader, payload: Mapping[str, bytes], photos: Mapping[str, OrderLine]
) -> dict[str, bytes]:
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in payload.items()}
    hashes |= {path: str(line.photo_sha256) for path, line in photos.items()}
    total = header.payload_bytes + len(payload["data/batch.json"])
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": _bag_info(header, f"{total}.{len(hashes)}"),
        "manifest-sha256.txt": _manifest(hashes),
    }
    tag_hashes = {path: hashlib.sha256(content).hexdigest() for path, content in tags.items()}
    return tags | {TAG_MANIFEST: _manifest(tag_hashes)}


def _bag_info(header: BatchHeader, oxum: str) -> bytes:
    labels = {
        "Source-Organization": header.sender_hsa_id,
        "Contact-Name": header.contact_function,
        "External-Identifier": header.batch_id,
        "External-Description": f"Card orders, {FORMAT}",
        "Bagging-Date": str(header.values()["sealed_at"])[:10],
        "Payload-Oxum": oxum,
    }
    return "".join(f"{label}: {value}\n" for label, value in labels.items()).encode()


def _manifest(hashes: Mapping[str, str]) -> bytes:
    """Return lines as `sha256sum` writes and checks them, in the order of the paths."""
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes)).encode()
