"""Plain builders of order lines and batch facts, as the package takes them."""

import hashlib
import io
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from enrolment.cards.domain import package, package_fields
from enrolment.cards.domain.package_fields import BatchFacts, OrderLine

TAKEN = datetime(2026, 5, 12, 8, 5, tzinfo=UTC)


def photo_of(order_id: str) -> bytes:
    """Return bytes that stand for a photo: the package never looks inside."""
    return b"\xff\xd8" + hashlib.sha512(order_id.encode()).digest() * 9 + b"\xff\xd9"


def order(seq: int = 1, **changes: object) -> OrderLine:
    order_id = str(changes.get("order_id", uuid.UUID(int=seq << 64, version=4)))
    photo = photo_of(order_id)
    line = OrderLine(
        seq=seq,
        order_id=order_id,
        order_type="renewal",
        organisation="Ådals kommun",
        hsa_id=f"SE5560000000-{seq:04}",
        personnummer=None,
        name_on_card="Åsa Öberg",
        title="Undersköterska",
        card_type="SITHS",
        delivery="home",
        photo=package.photo_path(order_id),
        photo_sha256=hashlib.sha256(photo).hexdigest(),
        photo_width=600,
        photo_height=800,
        photo_bytes=len(photo),
        photo_taken_at=TAKEN,
        photo_profile="siths-default",
        supersedes_order_id=None,
        protected=False,
    )
    return replace(line, **changes)


def without_photo(seq: int) -> OrderLine:
    return order(seq, **dict.fromkeys(package_fields.PHOTO_FIELDS))


def facts(**changes: object) -> BatchFacts:
    known = BatchFacts(
        batch_id="KB-2026-000123",
        batch_no=123,
        sender_hsa_id="SE5560000000-F001",
        issuer="kortverket",
        environment="test",
        sealed_at=TAKEN + timedelta(days=1),
        previous_batch_id="KB-2026-000122",
        previous_package_sha256="ab" * 32,
        signer_fingerprint="cd" * 32,
        contact_function="Kortfunktionen",
        audit_sequence=4711,
        audit_hash="ef" * 32,
    )
    return replace(known, **changes)


def signature_of(bag: package.Bag) -> bytes:
    """Return what `write_zip` needs of a signature: it holds the tag manifest's hash."""
    return b"signature " + hashlib.sha256(bag.tag_manifest).digest()


def zipped(bag: package.Bag) -> bytes:
    sink = io.BytesIO()
    package.write_zip(sink, bag, signature_of(bag), photo_of)
    return sink.getvalue()
