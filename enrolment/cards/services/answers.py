"""What a person at the card issuer answers with a click: each is a receipt like any other."""

import uuid

from django.utils import timezone

from enrolment.cards.domain.answering import Answering, Known, judged, received, refused
from enrolment.cards.domain.receipt_fields import OrderAnswer
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.models import Batch, CardOrder, Receipt
from enrolment.cards.services.receipts import type_receipt
from enrolment.people.models import User


def acknowledge(*, actor: User, batch: Batch) -> Receipt:
    """Say that the package came whole. Raises what `take_receipt` raises."""
    return type_receipt(actor=actor, batch=batch, document=received(_answering(batch)))


def accept_rest(*, actor: User, batch: Batch) -> Receipt:
    """Accept every order of the batch that is not rejected. Raises what `take_receipt` raises."""
    document = judged(_answering(batch), _known(batch), OrderAnswer.ACCEPTED)
    return type_receipt(actor=actor, batch=batch, document=document)


def refuse_order(*, actor: User, order: CardOrder, code: str, text: str) -> Receipt:
    """Reject one order of a batch with an OrderCode and words of at most 200 characters.

    The others stay as they are. Raises what `take_receipt` raises.
    """
    batch = order.batch
    if batch is None:
        raise ValueError(f"The order {order.pk} is in no batch.")
    document = refused(_answering(batch), _known(batch), str(order.pk), code, text)
    return type_receipt(actor=actor, batch=batch, document=document)


def _answering(batch: Batch) -> Answering:
    return Answering(
        receipt_id=f"{batch.name}.page-{uuid.uuid4()}",
        issuer=batch.issuer.slug,
        batch_id=batch.name,
        package_sha256=batch.package_sha256,
        created_at=timezone.now(),
    )


def _known(batch: Batch) -> dict[str, Known]:
    orders = batch.orders.order_by("seq").values_list("pk", "status", "code")
    return {str(pk): Known(OrderStatus(status), code) for pk, status, code in orders}
