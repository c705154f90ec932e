"""Write a status and its change rows together, after asking the domain whether the step holds."""

from collections.abc import Sequence

from enrolment.audit.services import Actor
from enrolment.cards.domain.states import (
    BatchStatus,
    OrderStatus,
    check_batch_step,
    check_order_step,
)
from enrolment.cards.models import Batch, BatchChange, CardOrder, OrderChange


def move_orders(
    *, actor: Actor, orders: Sequence[CardOrder], status: OrderStatus, why: str = ""
) -> None:
    """Move orders that the caller has locked. Raises StepNotAllowed and then moves none."""
    for order in orders:
        check_order_step(OrderStatus(order.status), status)
    for order in orders:
        order.status = status
    CardOrder.objects.filter(pk__in=[order.pk for order in orders]).update(status=status)
    note_orders(actor=actor, orders=orders, why=why)


def note_orders(*, actor: Actor, orders: Sequence[CardOrder], why: str = "") -> None:
    """Write down the status at which orders stand from now on."""
    OrderChange.objects.bulk_create(
        OrderChange(order=order, status=order.status, actor=actor.audit_name, why=why)
        for order in orders
    )


def move_batch(*, actor: Actor, batch: Batch, status: BatchStatus, **facts: object) -> None:
    """Move a batch that the caller has locked, and keep these columns. Raises StepNotAllowed."""
    check_batch_step(BatchStatus(batch.status), status)
    batch.status = status
    for name, value in facts.items():
        setattr(batch, name, value)
    batch.save(update_fields=["status", *facts])
    BatchChange.objects.create(batch=batch, status=status, actor=actor.audit_name)
