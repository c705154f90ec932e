"""Hold a receipt against the batch it answers: what moves, or why nothing may.

A receipt is taken whole or not at all. What is known already may be said again and moves nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from enrolment.cards.domain.receipt_fields import (
    Counts,
    OrderAnswer,
    OrderCode,
    ReceiptDocument,
    ReceiptKind,
    ReceiptLineDocument,
    Technical,
)
from enrolment.cards.domain.states import MADE_ORDERS, ORDER_STEPS, BatchStatus, OrderStatus
from enrolment.people.domain.refusal import Refusal


class MatchFault(StrEnum):
    """Why a receipt does not fit its batch; the parameters of each stand beside it."""

    OTHER_ISSUER = "other_issuer"
    UNKNOWN_BATCH = "unknown_batch"  # batch (its name)
    OTHER_PACKAGE = "other_package"  # batch
    UNKNOWN_ORDER = "unknown_order"  # order_id
    ORDER_TWICE = "order_twice"  # order_id
    COUNTS = "counts"  # orders (of the batch)
    STATUS = "status"  # status that the lines make
    NO_PHOTO = "no_photo"  # order_id
    NOT_ACCEPTED = "not_accepted"  # order_id
    OTHER_CARD = "other_card"  # order_id
    BACKWARDS = "backwards"  # order_id, known (an OrderStatus)
    BATCH_BACKWARDS = "batch_backwards"  # batch, known (a BatchStatus)


class ReceiptMismatch(Refusal):
    """The receipt does not fit what we sent and know: `code` is a MatchFault. Nothing may move."""


@dataclass(frozen=True)
class SentOrder:
    """What we know of an order in the batch; code and card number are empty where none is known."""

    status: OrderStatus
    has_photo: bool
    code: str = ""
    card_number: str = ""


@dataclass(frozen=True)
class SentBatch:
    """What we know of the batch; orders by their ids."""

    issuer: str
    name: str
    package_sha256: str
    status: BatchStatus
    orders: Mapping[str, SentOrder]

    @property
    def is_refused_whole(self) -> bool:
        """Say whether the package was rejected, rather than each of its orders."""
        statuses = {order.status for order in self.orders.values()}
        return self.status == BatchStatus.REJECTED and statuses != {OrderStatus.REJECTED}


@dataclass(frozen=True)
class Answers:
    """What moves: orders by their ids, and the batch unless it stays."""

    orders: Mapping[str, OrderStatus]
    batch: BatchStatus | None


def match(document: ReceiptDocument, batch: SentBatch) -> Answers:
    """Return what the receipt moves in the batch that it names. Raises ReceiptMismatch."""
    if document.issuer != batch.issuer:
        raise ReceiptMismatch(MatchFault.OTHER_ISSUER)
    if document.package_sha256 != batch.package_sha256:
        raise ReceiptMismatch(MatchFault.OTHER_PACKAGE, batch=batch.name)
    if document.kind == ReceiptKind.TECHNICAL:
        return Answers({}, _technical(document, batch))
    _check_orders(document, batch)
    # What a second sending would not mend is ended by rejecting its orders, every one.
    if batch.is_refused_whole and document.status != BatchStatus.REJECTED:
        raise _batch_backwards(batch)
    steps = {line.order_id: _step(line, batch.orders[line.order_id]) for line in document.lines}
    moved = {order_id: status for order_id, status in steps.items() if status}
    now = batch_status(moved.get(each, order.status) for each, order in batch.orders.items())
    return Answers(moved, None if now == batch.status else now)


def batch_status(orders: Iterable[OrderStatus]) -> BatchStatus:
    """Return where a batch stands that its issuer has answered, by the statuses of its orders."""
    found = set(orders)
    if found == {OrderStatus.DELIVERED}:
        return BatchStatus.ACKNOWLEDGED
    if found == {OrderStatus.REJECTED}:
        return BatchStatus.REJECTED
    if found <= {OrderStatus.POSTED, OrderStatus.RETURNED, OrderStatus.REJECTED}:
        return BatchStatus.CLOSED
    return (
        BatchStatus.ACCEPTED
        if found <= {OrderStatus.ACCEPTED, *MADE_ORDERS}
        else BatchStatus.PARTLY
    )


def _technical(document: ReceiptDocument, batch: SentBatch) -> BatchStatus | None:
    if document.status == Technical.RECEIVED:
        if batch.is_refused_whole:
            raise _batch_backwards(batch)
        return BatchStatus.ACKNOWLEDGED if batch.status == BatchStatus.DELIVERED else None
    if batch.is_refused_whole:
        return None
    if any(order.status != OrderStatus.DELIVERED for order in batch.orders.values()):
        raise _batch_backwards(batch)
    return BatchStatus.REJECTED


def _batch_backwards(batch: SentBatch) -> ReceiptMismatch:
    return ReceiptMismatch(MatchFault.BATCH_BACKWARDS, batch=batch.name, known=batch.status)


def _check_orders(document: ReceiptDocument, batch: SentBatch) -> None:
    for order_id, times in Counter(line.order_id for line in document.lines).items():
        if order_id not in batch.orders:
            raise ReceiptMismatch(MatchFault.UNKNOWN_ORDER, order_id=order_id)
        if times > 1:
            raise ReceiptMismatch(MatchFault.ORDER_TWICE, order_id=order_id)
    if document.kind == ReceiptKind.CONTENT:
        _check_counts(document, batch)


def _check_counts(document: ReceiptDocument, batch: SentBatch) -> None:
    """A content receipt has a line for each order of the batch, and says what its lines say."""
    counted = Counts.of(document.lines)
    if document.counts != counted or counted.orders != len(batch.orders):
        raise ReceiptMismatch(MatchFault.COUNTS, orders=len(batch.orders))
    if document.status != counted.status:
        raise ReceiptMismatch(MatchFault.STATUS, status=counted.status)


def _step(line: ReceiptLineDocument, order: SentOrder) -> OrderStatus | None:
    """Return the order's next status, or None where the line says nothing new."""
    if line.status in (OrderAnswer.ACCEPTED, OrderAnswer.PENDING):
        return _judged(line, order)
    if line.status == OrderAnswer.REJECTED:
        return _rejected(line, order)
    return _made(line, order)


def _judged(line: ReceiptLineDocument, order: SentOrder) -> OrderStatus | None:
    accepted = line.status == OrderAnswer.ACCEPTED
    if order.status == OrderStatus.DELIVERED:
        return OrderStatus.ACCEPTED if accepted else None
    if accepted and order.status in {OrderStatus.ACCEPTED, *MADE_ORDERS}:
        return None
    raise _backwards(line, order)


def _rejected(line: ReceiptLineDocument, order: SentOrder) -> OrderStatus | None:
    code = line.code or ""
    if code.startswith("PHOTO_") and not order.has_photo:
        raise ReceiptMismatch(MatchFault.NO_PHOTO, order_id=line.order_id)
    said_before = order.status == OrderStatus.REJECTED and order.code == code
    card_made = order.status in {OrderStatus.ACCEPTED, *MADE_ORDERS}
    if said_before or (card_made and code == OrderCode.DUPLICATE_ORDER):
        return None
    return _forward(line, order, OrderStatus.REJECTED)


def _made(line: ReceiptLineDocument, order: SentOrder) -> OrderStatus | None:
    if order.status == OrderStatus.REJECTED:
        raise ReceiptMismatch(MatchFault.NOT_ACCEPTED, order_id=line.order_id)
    if order.card_number and line.card_number not in (None, order.card_number):
        raise ReceiptMismatch(MatchFault.OTHER_CARD, order_id=line.order_id)
    said = OrderStatus(line.status)
    return None if said == order.status else _forward(line, order, said)


def _forward(line: ReceiptLineDocument, order: SentOrder, status: OrderStatus) -> OrderStatus:
    if status not in ORDER_STEPS[order.status]:
        raise _backwards(line, order)
    return status


def _backwards(line: ReceiptLineDocument, order: SentOrder) -> ReceiptMismatch:
    return ReceiptMismatch(MatchFault.BACKWARDS, order_id=line.order_id, known=order.status)
