"""Builders of receipts, as an issuer writes them."""

import csv
import io
import uuid
from datetime import UTC, datetime

from django.utils import timezone

from booking.models import Visit
from enrolment import vault
from enrolment.cards.domain.package import canonical_json, name_batch
from enrolment.cards.domain.receipt import COLUMNS, LINE_COLUMNS
from enrolment.cards.domain.receipt_fields import (
    Counts,
    ReceiptDocument,
    ReceiptLineDocument,
    write_receipt,
)
from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.cards.models import Batch, CardOrder, Issuer, Receipt
from enrolment.cards.queries.orders import order_line
from enrolment.cards.services.orders import open_orders
from enrolment.cards.services.receipts import take_receipt
from enrolment.people.domain.stages import Stage
from enrolment.people.models import User
from enrolment.people.services.needs import advance_need
from tests import builders, card_builders

WRITTEN = datetime(2026, 5, 14, 8, 5, tzinfo=UTC)


def order_id(seq: int = 1) -> str:
    return str(uuid.UUID(int=seq << 64, version=4))


def line(order: str = "", status: str = "accepted", **more) -> ReceiptLineDocument:
    return ReceiptLineDocument(order_id=order or order_id(), status=status, **more)


def receipt(kind: str, **more) -> ReceiptDocument:
    """A receipt of the kind; for content, counts and status are those of the lines."""
    known = {
        "receipt_id": f"R-{builders.number()}",
        "kind": kind,
        "issuer": "kortverket",
        "batch_id": "KB-2026-000001",
        "package_sha256": "ab" * 32,
        "created_at": WRITTEN,
        **more,
    }
    if kind == "content":
        counts = Counts.of(known["lines"])
        known = {"counts": counts, "status": counts.status, **known}
    return ReceiptDocument(**known)


def technical(status: str = "RECEIVED", **more) -> ReceiptDocument:
    return receipt("technical", status=status, **more)


def content(*lines: ReceiptLineDocument, **more) -> ReceiptDocument:
    return receipt("content", lines=lines or (line(),), **more)


def production(*lines: ReceiptLineDocument, **more) -> ReceiptDocument:
    return receipt("production", lines=lines, **more)


def as_csv(document: ReceiptDocument, separator: str = ";") -> bytes:
    """Write the receipt as a person would in a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(COLUMNS)
    head = {name: "" if value is None else value for name, value in document.values().items()}
    for order in [each.values() for each in document.lines] or [{}]:
        found = {column: order.get(name) or "" for column, name in LINE_COLUMNS.items()}
        writer.writerow([{**head, **found}[column] for column in COLUMNS])
    return text.getvalue().encode()


def delivered(count: int = 2, to: Issuer | None = None, at: Visit | None = None) -> Batch:
    """A batch in the issuer's hands, as rows: no package is built, nothing is encrypted."""
    to = to or card_builders.issuer()
    at = at or builders.visit(builders.unit(builders.municipality(to.federation)))
    for number in range(count):
        card_builders.approved(at, given_name="Åsa", family_name=f"Öberg-{number}")
    keeper = card_builders.keeper(to.federation)
    to.last_batch_no += 1
    to.save()
    batch = Batch.objects.create(
        issuer=to,
        number=to.last_batch_no,
        name=name_batch(2026, to.last_batch_no),
        status=BatchStatus.DELIVERED,
        header={"order_count": count},
        sealed_by=keeper,
        sealed_at=timezone.now(),
        delivered_at=timezone.now(),
        package_sha256=uuid.uuid4().hex * 2,
        package_bytes=1,
    )
    for seq, order in enumerate(open_orders(actor=keeper, issuer=to), start=1):
        order.batch, order.seq, order.status = batch, seq, OrderStatus.DELIVERED
        told = canonical_json(order_line(order, seq=seq).values())
        order.sealed_line = vault.seal(told, order.vault_place)
        order.save()
        advance_need(actor=keeper, need=order.need, stage=Stage.DELIVERED)
    return batch


def orders(batch: Batch) -> list[CardOrder]:
    return list(batch.orders.select_related("need__staff", "photo").order_by("seq"))


def about(batch: Batch, kind: str, *lines: ReceiptLineDocument, **more) -> ReceiptDocument:
    """A receipt for the batch; `more` says what is otherwise than the batch."""
    known = {
        "issuer": batch.issuer.slug,
        "batch_id": batch.name,
        "package_sha256": batch.package_sha256,
    }
    make = {"technical": technical, "content": content, "production": production}[kind]
    return make(*lines, **known | more)


def judged(batch: Batch, *statuses: str, **more) -> ReceiptDocument:
    """A content receipt: `accepted`, `pending`, or the code of a rejection, order by order."""
    lines = [
        line(str(order.pk), said)
        if said in ("accepted", "pending")
        else line(str(order.pk), "rejected", code=said, text="Det gick inte")
        for order, said in zip(orders(batch), statuses, strict=True)
    ]
    return about(batch, "content", *lines, **more)


def take(
    document: ReceiptDocument | bytes, to: Issuer, actor: User | None = None, **more
) -> Receipt:
    data = document if isinstance(document, bytes) else write_receipt(document)
    facts = {"name": "kvittens.json", "via": Receipt.Via.API, **more}
    return take_receipt(actor=actor or builders.user(), issuer=to, data=data, **facts)
