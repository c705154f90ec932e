"""Read batches as the card issuer sees them: on its pages and through the API."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import FETCH_RAISE, Count, Q, QuerySet
from django.utils import timezone

from enrolment import vault
from enrolment.cards import advice
from enrolment.cards.domain.deadlines import content_due, technical_due
from enrolment.cards.domain.issuer_api import ListAsked
from enrolment.cards.domain.states import BatchStatus, OrderStatus
from enrolment.cards.models import Batch, CardOrder, Receipt

# The issuer has not answered yet that it has the package.
UNANSWERED = (BatchStatus.DELIVERED,)
_REFUSED = BatchStatus.REJECTED


def batches_after(seen: QuerySet[Batch], asked: ListAsked) -> tuple[list[Batch], bool]:
    """Return the part of the list that is asked for, by number, and whether more follow."""
    following = seen.filter(number__gt=asked.since).order_by("number").fetch_mode(FETCH_RAISE)
    found = list(following[: asked.limit + 1])
    return found[: asked.limit], len(found) > asked.limit


def receipts_of(seen: QuerySet[Receipt], batch: Batch) -> QuerySet[Receipt]:
    """Return the receipts for a batch, first to last."""
    found = seen.filter(batch=batch).defer("content").order_by("received_at", "pk")
    return found.fetch_mode(FETCH_RAISE)


def receipt_named(seen: QuerySet[Receipt], receipt_id: str) -> Receipt | None:
    """Return the receipt that was taken under an id; else the latest that came under it."""
    named = seen.filter(receipt_id=receipt_id)
    taken = named.filter(state=Receipt.State.TAKEN)
    return taken.first() or named.order_by("-received_at", "pk").first()


def receipt_of_bytes(seen: QuerySet[Receipt], sha256: str) -> Receipt | None:
    """Return the receipt with just these bytes, if it came before."""
    return seen.filter(sha256=sha256).first()


def latest_receipts(seen: QuerySet[Receipt], count: int) -> QuerySet[Receipt]:
    """Return the receipts that came last, newest first, each with its batch."""
    found = seen.defer("content").order_by("-received_at", "pk")
    return found.fetch_mode(FETCH_RAISE)[:count]


def delivery_list(seen: QuerySet[Batch]) -> QuerySet[Batch]:
    """Return the issuer's batches for its list, newest first."""
    return seen.order_by("-delivered_at", "-number", "pk").fetch_mode(FETCH_RAISE)


@dataclass(frozen=True)
class Delivery:
    """A batch in the issuer's list, and by when it is to be answered; None where it is."""

    batch: Batch
    answer_by: datetime | None


def deliveries(batches: Iterable[Batch]) -> list[Delivery]:
    """Return rows of `delivery_list`; one query."""
    found = list(batches)
    unjudged = CardOrder.objects.filter(batch__in=found, status=OrderStatus.DELIVERED)
    waiting = set(unjudged.values_list("batch", flat=True))
    return [Delivery(batch, answer_by(batch, waits=batch.pk in waiting)) for batch in found]


def answer_by(batch: Batch, *, waits: bool) -> datetime | None:
    """Return when the batch's next receipt is due; `waits` tells whether any order is unjudged."""
    if not waits or batch.delivered_at is None or batch.status == _REFUSED:
        return None
    delivered = timezone.localtime(batch.delivered_at)
    if batch.status == BatchStatus.DELIVERED:
        return technical_due(delivered, batch.issuer.technical_hours)
    return content_due(delivered, batch.issuer.content_days)


def unanswered(seen: QuerySet[Batch]) -> int:
    """Return how many batches the issuer has not receipted as received."""
    return seen.filter(status__in=UNANSWERED).count()


def delivered_orders(batch: Batch) -> QuerySet[CardOrder]:
    """Return the orders of a batch as they lie in the package."""
    orders = batch.orders.select_related("need__staff").order_by("seq")
    return orders.fetch_mode(FETCH_RAISE)


@dataclass(frozen=True)
class AnswerCounts:
    """How many orders of a batch wait for the issuer's word, and how many it has rejected."""

    waiting: int
    rejected: int


def answer_counts(batch: Batch) -> AnswerCounts:
    """Return how far the issuer has come with the orders of a batch.

    In a batch that was rejected whole none waits: it is sent once more.
    """
    waiting = Count("pk", filter=Q(status=OrderStatus.DELIVERED) & ~Q(batch__status=_REFUSED))
    rejected = Count("pk", filter=Q(status=OrderStatus.REJECTED))
    return AnswerCounts(**batch.orders.aggregate(waiting=waiting, rejected=rejected))


@dataclass(frozen=True)
class DeliveredOrder:
    """An order as the package tells it; name and title are empty for a protected person."""

    order: CardOrder
    name: str
    title: str
    is_protected: bool

    @property
    def reason(self) -> str:
        """Say why the order was rejected, in words."""
        return advice.order_code(self.order.code) if self.order.code else ""

    @property
    def can_be_refused(self) -> bool:
        """Say whether the issuer can still reject the order; its batch is loaded."""
        batch = self.order.batch
        takes_answers = batch is not None and batch.status != _REFUSED
        return takes_answers and self.order.status in (OrderStatus.DELIVERED, OrderStatus.ACCEPTED)


def delivered_rows(orders: Iterable[CardOrder]) -> list[DeliveredOrder]:
    """Return rows of `delivered_orders` with what the package says of each."""
    return [delivered_row(order) for order in orders]


def delivered_row(order: CardOrder) -> DeliveredOrder:
    """Return an order, loaded with its need's staff, with what the package says of it."""
    if order.need.staff.protected:
        return DeliveredOrder(order, "", "", is_protected=True)
    line = json.loads(vault.unseal(bytes(order.sealed_line), order.vault_place))
    return DeliveredOrder(order, line["name_on_card"], line["title"], is_protected=False)
