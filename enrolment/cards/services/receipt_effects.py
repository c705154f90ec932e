"""What a taken receipt moves: orders, needs, photos, the batch, and new times for people."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.services.locks import lock_needs
from booking.services.retakes import ask_managers, hold_photo_visits, offer_new_time
from enrolment.audit.services import Actor
from enrolment.cards import advice, faults
from enrolment.cards.domain.answers import Answers, SentBatch, SentOrder
from enrolment.cards.domain.receipt_fields import BatchCode, ReceiptDocument, ReceiptLineDocument
from enrolment.cards.domain.states import MADE_ORDERS, BatchStatus, OrderStatus
from enrolment.cards.models import Batch, CardOrder, Receipt
from enrolment.cards.queries.receipts import people_with_roles
from enrolment.cards.services.statuses import move_batch, move_orders
from enrolment.messages.services import Email, page_address, write_message
from enrolment.people.domain.refusal import Refusal
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, Membership
from enrolment.people.services.needs import advance_needs
from photos.models import Photo
from photos.services.review import refuse_photo

PHOTO = "PHOTO_"
TAKEN_ON = frozenset({OrderStatus.ACCEPTED}) | MADE_ORDERS


@dataclass(frozen=True)
class Held:
    """A batch with its orders by id and their needs, all locked."""

    batch: Batch
    orders: dict[str, CardOrder]
    needs: dict[UUID, CardNeed]

    @property
    def sent(self) -> SentBatch:
        """Return what the receipt is held against."""
        return SentBatch(
            issuer=self.batch.issuer.slug,
            name=self.batch.name,
            package_sha256=self.batch.package_sha256,
            status=BatchStatus(self.batch.status),
            orders={order_id: _sent(order) for order_id, order in self.orders.items()},
        )


def hold(document: ReceiptDocument, batch: Batch) -> Held:
    """Lock all that the receipt may move, in the house's order, and return it as it is now."""
    orders = batch.orders.order_by("seq")
    refused = [line.order_id for line in document.lines if (line.code or "").startswith(PHOTO)]
    if refused:
        units = orders.filter(pk__in=refused).values_list("need__staff__unit", flat=True)
        hold_photo_visits(set(units))
    needs = lock_needs(orders.values_list("need", flat=True)) if document.lines else {}
    locked = Batch.objects.select_for_update(of=("self",)).select_related("issuer__federation")
    current = locked.get(pk=batch.pk)
    return Held(current, {str(order.pk): order for order in _for_update(orders)}, needs)


def apply(
    *, actor: Actor, receipt: Receipt, document: ReceiptDocument, held: Held, answers: Answers
) -> None:
    """Move what the receipt answers; what is held was matched against it."""
    lines = {line.order_id: line for line in document.lines}
    _move_orders(actor, held, answers, lines)
    _acknowledge_needs(actor, held, answers)
    _retake(actor, receipt, held, _refused(held, answers))
    if answers.batch:
        _move_batch(actor, receipt, document, held.batch, answers.batch)


def _for_update(orders: QuerySet[CardOrder]) -> QuerySet[CardOrder]:
    return orders.select_for_update(of=("self",)).select_related("photo__capture__booking")


def _sent(order: CardOrder) -> SentOrder:
    return SentOrder(
        status=OrderStatus(order.status),
        has_photo=order.photo_id is not None,
        code=order.code,
        card_number=order.card_number,
    )


def _move_orders(
    actor: Actor, held: Held, answers: Answers, lines: dict[str, ReceiptLineDocument]
) -> None:
    """Move the orders in groups of one answer, and keep code and card number on each."""
    groups: dict[tuple[OrderStatus, str], list[CardOrder]] = defaultdict(list)
    for order_id, line in lines.items():
        order = held.orders[order_id]
        order.card_number = line.card_number or order.card_number
        if status := answers.orders.get(order_id):
            order.code = line.code or ""
            groups[status, order.code].append(order)
    CardOrder.objects.bulk_update(
        [held.orders[order_id] for order_id in lines], ["code", "card_number"], batch_size=500
    )
    for (status, code), orders in groups.items():
        move_orders(actor=actor, orders=orders, status=status, why=code)


def _acknowledge_needs(actor: Actor, held: Held, answers: Answers) -> None:
    """A need that ended or moved on meanwhile stays where it is."""
    taken_on = [
        held.needs[held.orders[order_id].need_id]
        for order_id, status in answers.orders.items()
        if status in TAKEN_ON
    ]
    waiting = [need for need in taken_on if need.stage == Stage.DELIVERED]
    if waiting:
        federation = held.batch.issuer.federation
        advance_needs(actor=actor, federation=federation, needs=waiting, stage=Stage.ACKNOWLEDGED)


def _refused(held: Held, answers: Answers) -> dict[CardOrder, Photo]:
    """Return the orders whose photo the issuer refuses, each with the photo."""
    rejected = [
        held.orders[order_id]
        for order_id, status in answers.orders.items()
        if status == OrderStatus.REJECTED
    ]
    return {
        order: order.photo for order in rejected if order.photo and order.code.startswith(PHOTO)
    }


def _retake(actor: Actor, receipt: Receipt, held: Held, refused: dict[CardOrder, Photo]) -> None:
    """Refuse the photos, and give each person a new time or a manager to give one."""
    without: dict[UUID, list[CardNeed]] = defaultdict(list)
    for order, photo in refused.items():
        need = held.needs[order.need_id]
        refuse_photo(actor=actor, photo=photo, code=order.code)
        need.refresh_from_db(fields=["stage"])
        if need.stage != Stage.RETAKE:
            continue
        if not offer_new_time(actor=actor, need=need, why=_why(order.code)):
            without[need.staff.unit_id].append(need)
    for needs in without.values():
        ask_managers(actor=actor, unit=needs[0].staff.unit, needs=needs, key=str(receipt.pk))


def _why(code: str) -> str:
    told = _("The card issuer could not use your photo. What was wrong: %(reason)s.")
    return told % {"reason": advice.order_code(code)}


def _move_batch(
    actor: Actor, receipt: Receipt, document: ReceiptDocument, batch: Batch, status: BatchStatus
) -> None:
    """Move the batch; one that the issuer could not take at all is for operations."""
    facts = {}
    if document.code:
        facts["error"] = faults.note(Refusal(BatchCode(document.code)))
    move_batch(actor=actor, batch=batch, status=status, **facts)
    if document.code:
        _tell_operations(actor, receipt, batch)


def _tell_operations(actor: Actor, receipt: Receipt, batch: Batch) -> None:
    values = {
        "batch": batch,
        "fault": faults.sentence(batch.error),
        "link": page_address(reverse("cards:batch", args=[batch.pk])),
    }
    subject = render_to_string("cards/mail/package_rejected_subject.txt", values).strip()
    body = render_to_string("cards/mail/package_rejected_body.txt", values).strip()
    federation_id = batch.issuer.federation_id
    for person in people_with_roles(federation_id, Membership.Role.ADMINISTRATOR):
        write_message(
            actor=actor,
            federation_id=federation_id,
            key=f"package-rejected:{receipt.pk}:{person.pk}",
            email=Email(recipient=person.email, subject=subject, body=body),
        )
