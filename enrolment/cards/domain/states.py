"""Which status of a card order, and of a batch, may follow which."""

from collections.abc import Mapping
from enum import StrEnum

from enrolment.people.domain import steps


class OrderStatus(StrEnum):
    """A card order: waits for a batch, is frozen in a sealed one, is with the issuer."""

    OPEN = "open"
    SEALED = "sealed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class BatchStatus(StrEnum):
    """A batch: takes orders, is frozen and signed, lies as a package, is handed over."""

    OPEN = "open"
    SEALED = "sealed"
    BUILT = "built"
    DELIVERED = "delivered"


ORDER_STEPS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.OPEN: frozenset({OrderStatus.SEALED, OrderStatus.CANCELLED}),
    OrderStatus.SEALED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}

BATCH_STEPS: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    BatchStatus.OPEN: frozenset({BatchStatus.SEALED}),
    BatchStatus.SEALED: frozenset({BatchStatus.BUILT}),
    BatchStatus.BUILT: frozenset({BatchStatus.DELIVERED}),
    BatchStatus.DELIVERED: frozenset(),
}


def check_order_step(current: OrderStatus, following: OrderStatus) -> None:
    """Raise steps.StepNotAllowed unless an order at `current` may go on to `following`."""
    steps.check_step(ORDER_STEPS, current, following)


def check_batch_step(current: BatchStatus, following: BatchStatus) -> None:
    """Raise steps.StepNotAllowed unless a batch at `current` may go on to `following`."""
    steps.check_step(BATCH_STEPS, current, following)
