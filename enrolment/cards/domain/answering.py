"""Write the receipt that an issuer's click means."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from enrolment.cards.domain.receipt_fields import (
    Counts,
    OrderAnswer,
    ReceiptDocument,
    ReceiptKind,
    ReceiptLineDocument,
    Technical,
)
from enrolment.cards.domain.states import OrderStatus


@dataclass(frozen=True, kw_only=True)
class Answering:
    """Who answers which batch, when, under which receipt id."""

    receipt_id: str
    issuer: str
    batch_id: str
    package_sha256: str
    created_at: datetime


@dataclass(frozen=True)
class Known:
    """What is known of an order: its status, and the code of one that was rejected."""

    status: OrderStatus
    code: str = ""


def received(answering: Answering) -> ReceiptDocument:
    """Say that the package came whole."""
    kind, status = ReceiptKind.TECHNICAL, Technical.RECEIVED
    return ReceiptDocument(kind=kind, status=status, **vars(answering))


def judged(answering: Answering, orders: Mapping[str, Known], rest: OrderAnswer) -> ReceiptDocument:
    """Say again what is known of each order by its id, and `rest` of those not answered yet."""
    return _content(answering, [_line(order_id, orders[order_id], rest) for order_id in orders])


def refused(
    answering: Answering, orders: Mapping[str, Known], order_id: str, code: str, text: str
) -> ReceiptDocument:
    """Reject one order with a code and words; leave the others as they stand."""
    lines = [
        _line(each, Known(OrderStatus.REJECTED, code), OrderAnswer.PENDING, text)
        if each == order_id
        else _line(each, known, OrderAnswer.PENDING)
        for each, known in orders.items()
    ]
    return _content(answering, lines)


def _content(answering: Answering, lines: list[ReceiptLineDocument]) -> ReceiptDocument:
    counts = Counts.of(lines)
    return ReceiptDocument(
        kind=ReceiptKind.CONTENT,
        status=counts.status,
        counts=counts,
        lines=tuple(lines),
        **vars(answering),
    )


def _line(order_id: str, known: Known, rest: OrderAnswer, text: str = "") -> ReceiptLineDocument:
    line = ReceiptLineDocument(order_id=order_id, status=OrderAnswer.ACCEPTED)
    if known.status == OrderStatus.REJECTED:
        return replace(line, status=OrderAnswer.REJECTED, code=known.code, text=text)
    return replace(line, status=rest) if known.status == OrderStatus.DELIVERED else line
