"""Which status of a card order, and of a batch, may follow which."""

from collections.abc import Mapping
from enum import StrEnum

from enrolment.people.domain import steps


class OrderStatus(StrEnum):
    """A card order: on its way to the issuer, then what the issuer's receipts say of it.

    rejected: this order makes no card; what replaces it is an order of its own. returned: the card
    came back from the post.
    """

    OPEN = "open"
    SEALED = "sealed"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PRODUCED = "produced"
    POSTED = "posted"
    RETURNED = "returned"
    CANCELLED = "cancelled"


# An order that makes no card any more: the need may have another one.
ENDED_ORDERS = (OrderStatus.CANCELLED, OrderStatus.REJECTED)


class BatchStatus(StrEnum):
    """A batch: frozen and signed, packed, handed over, then what the issuer's receipts say.

    acknowledged: whole in the issuer's hands. partly: some orders are rejected or not yet judged.
    closed: no order of it waits for anything.
    """

    SEALED = "sealed"
    BUILT = "built"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"
    CLOSED = "closed"


# A batch that the issuer has, or can fetch.
HANDED_OVER = tuple(BatchStatus)[tuple(BatchStatus).index(BatchStatus.DELIVERED) :]

# A card exists.
MADE_ORDERS = frozenset({OrderStatus.PRODUCED, OrderStatus.POSTED, OrderStatus.RETURNED})

ORDER_STEPS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.OPEN: frozenset({OrderStatus.SEALED, OrderStatus.CANCELLED}),
    OrderStatus.SEALED: frozenset({OrderStatus.DELIVERED}),
    # A production receipt may come without a content receipt before it.
    OrderStatus.DELIVERED: frozenset({OrderStatus.ACCEPTED, OrderStatus.REJECTED}) | MADE_ORDERS,
    OrderStatus.ACCEPTED: frozenset({OrderStatus.REJECTED}) | MADE_ORDERS,
    OrderStatus.PRODUCED: frozenset({OrderStatus.POSTED, OrderStatus.RETURNED}),
    OrderStatus.POSTED: frozenset({OrderStatus.RETURNED}),
    OrderStatus.RETURNED: frozenset(),
    OrderStatus.REJECTED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}

_JUDGED = frozenset({BatchStatus.ACCEPTED, BatchStatus.PARTLY, BatchStatus.REJECTED})

BATCH_STEPS: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    BatchStatus.SEALED: frozenset({BatchStatus.BUILT}),
    BatchStatus.BUILT: frozenset({BatchStatus.DELIVERED}),
    BatchStatus.DELIVERED: frozenset({BatchStatus.ACKNOWLEDGED, BatchStatus.CLOSED}) | _JUDGED,
    BatchStatus.ACKNOWLEDGED: frozenset({BatchStatus.CLOSED}) | _JUDGED,
    BatchStatus.PARTLY: frozenset({BatchStatus.ACCEPTED, BatchStatus.REJECTED, BatchStatus.CLOSED}),
    # Rejected: the issuer took its yes back for each of the orders.
    BatchStatus.ACCEPTED: frozenset({BatchStatus.CLOSED, BatchStatus.PARTLY, BatchStatus.REJECTED}),
    # Sealed again: the issuer could not take the package, and the same one is sent once more.
    BatchStatus.REJECTED: frozenset({BatchStatus.SEALED, BatchStatus.CLOSED}),
    BatchStatus.CLOSED: frozenset(),
}


def check_order_step(current: OrderStatus, following: OrderStatus) -> None:
    """Raise steps.StepNotAllowed unless an order at `current` may go on to `following`."""
    steps.check_step(ORDER_STEPS, current, following)


def check_batch_step(current: BatchStatus, following: BatchStatus) -> None:
    """Raise steps.StepNotAllowed unless a batch at `current` may go on to `following`."""
    steps.check_step(BATCH_STEPS, current, following)
