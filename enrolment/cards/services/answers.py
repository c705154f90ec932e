"""What a person at the card issuer answers with a click: each is a receipt like any other."""

import uuid

from django.utils import timezone

from enrolment.cards.domain.answering import Answering, Known, judged, received, refused
from enrolment.cards.domain.receipt_fields import OrderAnswer, ReceiptDocument, write_receipt
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.models import Batch, CardOrder, Receipt
from enrolment.cards.services.receipts import take_receipt
from enrolment.people.models import User


def acknowledge(*, actor: User, batch: Batch) -> Receipt:
    """Say that the package came whole. Raises what `take_receipt` raises."""
    return _hand_in(actor, batch, received(_answering(batch)))


def accept_rest(*, actor: User, batch: Batch) -> Receipt:
    """Accept every order of the batch that is not rejected. Raises what `take_receipt` raises."""
    document = judged(_answering(batch), _known(batch), OrderAnswer.ACCEPTED)
    return _hand_in(actor, batch, document)


def refuse_order(*, actor: User, order: CardOrder, code: str, text: str) -> Receipt:
    """Reject one order of a batch with an OrderCode and words of at most 200 characters.

    The others stay as they are. Raises what `take_receipt` raises.
    """
    batch = order.batch
    if batch is None:
        raise ValueError(f"The order {order.pk} is in no batch.")
    document = refused(_answering(batch), _known(batch), str(order.pk), code, text)
    return _hand_in(actor, batch, document)


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


def _hand_in(actor: User, batch: Batch, document: ReceiptDocument) -> Receipt:
    return take_receipt(
        actor=actor,
        issuer=batch.issuer,
        data=write_receipt(document),
        name=f"{document.receipt_id}.json",
        via=Receipt.Via.PAGE,
    )
