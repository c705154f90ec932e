"""Clear up an order that the issuer rejected, or whose card came back."""

from django.db import transaction

from booking.services.locks import lock_needs
from enrolment.audit.services import Actor, record
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.models import CardOrder
from enrolment.cards.queries.receipts import to_clear_up
from enrolment.people.domain.stages import Stage
from enrolment.people.services.needs import advance_need


class NothingToClearUp(Exception):
    """Somebody cleared the order up meanwhile, or it can't be done that way."""


@transaction.atomic
def order_again(*, actor: Actor, order: CardOrder) -> None:
    """Let the need of a rejected order be ordered for again, once its data are corrected.

    Raises NothingToClearUp, also for a card that came back: it is not made again.
    """
    current = _held(order)
    if current.status != OrderStatus.REJECTED:
        raise NothingToClearUp
    advance_need(actor=actor, need=current.need, stage=Stage.APPROVED, why=current.code)
    _record(actor, "cards.order_again", current)


@transaction.atomic
def end_need(*, actor: Actor, order: CardOrder) -> None:
    """End the need behind the order: no card will come of it. Raises NothingToClearUp."""
    current = _held(order)
    advance_need(actor=actor, need=current.need, stage=Stage.LAPSED, why=current.code)
    _record(actor, "cards.end_need", current)


def _held(order: CardOrder) -> CardOrder:
    """Lock the order's need, then the order, and return it if it is still to clear up."""
    needs = lock_needs([order.need_id])
    mine = CardOrder.objects.select_for_update(of=("self",)).filter(pk=order.pk)
    current = to_clear_up(mine).first()
    if current is None:
        raise NothingToClearUp
    current.need = needs[current.need_id]
    return current


def _record(actor: Actor, action: str, order: CardOrder) -> None:
    federation_id = order.issuer.federation_id
    record(actor=actor, action=action, subject=order, federation_id=federation_id, code=order.code)
