"""Read receipts, what waits because of them, and which are overdue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import FETCH_RAISE, Case, Exists, IntegerField, OuterRef, Q, QuerySet, When
from django.utils import timezone
from django.utils.functional import Promise

from enrolment.cards import advice
from enrolment.cards.domain.deadlines import content_due, technical_due
from enrolment.cards.domain.states import ENDED_ORDERS, BatchStatus, OrderStatus
from enrolment.cards.models import Batch, CardOrder, Issuer, IssuerCertificate, Receipt, ReceiptLine
from enrolment.people.domain.stages import Stage
from enrolment.people.models import Membership, User

# Where a need stands while the issuer has its order.
ORDERED = (Stage.DELIVERED, Stage.ACKNOWLEDGED)
NOT_JUDGED = (BatchStatus.DELIVERED, BatchStatus.ACKNOWLEDGED, BatchStatus.PARTLY)


class Late(StrEnum):
    """Which receipt of a batch is overdue."""

    TECHNICAL = "technical"
    CONTENT = "content"


@dataclass(frozen=True)
class Overdue:
    """A batch whose receipt should have come by `due`."""

    batch: Batch
    kind: Late
    due: datetime


def batch_named(issuer: Issuer, name: str) -> Batch | None:
    """Return the issuer's batch of that name."""
    return Batch.objects.filter(issuer=issuer, name=name).first()


def active_certificates(issuer: Issuer, purpose: str) -> QuerySet[IssuerCertificate]:
    """Return the issuer's certificates in use for a purpose."""
    return issuer.certificates.filter(purpose=purpose, retired_at=None).order_by("added_at", "pk")


def receipt_list(seen: QuerySet[Receipt]) -> QuerySet[Receipt]:
    """Return receipts for the list: in quarantine first, then the newest; with batch."""
    first = Case(
        When(state=Receipt.State.QUARANTINED, then=0), default=1, output_field=IntegerField()
    )
    whole = seen.select_related("batch", "issuer").defer("content")
    return whole.order_by(first, "-received_at", "pk").fetch_mode(FETCH_RAISE)


def quarantined(seen: QuerySet[Receipt]) -> QuerySet[Receipt]:
    """Return the receipts that wait in quarantine."""
    return seen.filter(state=Receipt.State.QUARANTINED)


def receipt_lines(receipt: Receipt, seen: QuerySet[CardOrder]) -> QuerySet[ReceiptLine]:
    """Return what a receipt says of the orders that the reader may see, as in the package."""
    lines = receipt.lines.filter(order__in=seen).select_related("order__need__staff")
    return lines.order_by("order__seq").fetch_mode(FETCH_RAISE)


@dataclass(frozen=True)
class LineRow:
    """What a receipt says of one order, with its code in words."""

    line: ReceiptLine

    @property
    def reason(self) -> str:
        """Return why the order is rejected."""
        return advice.order_code(self.line.code) if self.line.code else ""


def line_rows(lines: Iterable[ReceiptLine]) -> list[LineRow]:
    """Return the rows of `receipt_lines`."""
    return [LineRow(line) for line in lines]


def to_clear_up(seen: QuerySet[CardOrder]) -> QuerySet[CardOrder]:
    """Return the orders somebody has to do something about, oldest first, with their people.

    Rejected for something else than the photo, and not ordered again; or the card came back.
    """
    live = CardOrder.objects.filter(need=OuterRef("need")).exclude(status__in=ENDED_ORDERS)
    rejected = Q(status=OrderStatus.REJECTED, need__stage__in=ORDERED) & ~Q(
        code__startswith="PHOTO_"
    )
    returned = Q(status=OrderStatus.RETURNED, need__open=True)
    whole = seen.filter(rejected & ~Exists(live) | returned).select_related(
        "issuer", "batch", "need__staff__unit__municipality"
    )
    return whole.order_by("opened_at", "pk").fetch_mode(FETCH_RAISE)


@dataclass(frozen=True)
class Answered:
    """An order with what the issuer has said of it."""

    order: CardOrder

    @property
    def reason(self) -> str:
        """Return why it was rejected."""
        return advice.order_code(self.order.code) if self.order.code else ""


@dataclass(frozen=True)
class ClearUpRow:
    """An order to clear up: what the issuer says, and what can be done."""

    order: CardOrder
    text: str

    @property
    def reason(self) -> str:
        """Return why, in words."""
        return advice.order_code(self.order.code) if self.order.code else ""

    @property
    def what_to_do(self) -> Promise:
        """Return how to help the order on."""
        return advice.CLEAR_UP[self.order.status]

    @property
    def dialog(self) -> str:
        """Return the name of the dialog that asks before the need is ended."""
        return f"end-{self.order.pk}"

    @property
    def can_order_again(self) -> bool:
        """Whether a new order may follow; a card that came back is not made again."""
        return self.order.status == OrderStatus.REJECTED


def clear_up_rows(orders: Iterable[CardOrder]) -> list[ClearUpRow]:
    """Return rows for the orders, each with the issuer's latest words about it; one query."""
    found = list(orders)
    lines = ReceiptLine.objects.filter(order__in=found).order_by("receipt__received_at", "pk")
    texts = {line.order_id: line.text for line in lines if line.text}
    return [ClearUpRow(order, texts.get(order.pk, "")) for order in found]


def overdue(batches: QuerySet[Batch], now: datetime) -> list[Overdue]:
    """Return which of the batches wait too long for which receipt, the longest first."""
    unjudged = CardOrder.objects.filter(batch=OuterRef("pk"), status=OrderStatus.DELIVERED)
    waiting = batches.filter(
        Exists(unjudged), status__in=NOT_JUDGED, delivered_at__isnull=False
    ).select_related("issuer__federation")
    found = [late for batch in waiting for late in _late(batch) if late.due <= now]
    return sorted(found, key=lambda late: (late.due, late.batch.name, late.kind))


def all_overdue(now: datetime) -> list[Overdue]:
    """Return `overdue` for the batches of every federation."""
    return overdue(Batch.objects.all(), now)


@dataclass(frozen=True)
class Outstanding:
    """What the issuers' answers, or the lack of them, leave somebody to do."""

    quarantined: int
    to_clear_up: int
    overdue: list[Overdue]


def outstanding(
    batches: QuerySet[Batch],
    receipts: QuerySet[Receipt],
    to_mend: QuerySet[CardOrder],
    at: datetime,
) -> Outstanding:
    """Return what is to be done at `at` about batches, receipts and orders; three queries."""
    return Outstanding(
        quarantined=quarantined(receipts).count(),
        to_clear_up=to_clear_up(to_mend).count(),
        overdue=overdue(batches, at),
    )


def issuers_with_inbox() -> QuerySet[Issuer]:
    """Return the issuers of every federation that have been sent something."""
    return Issuer.objects.filter(last_batch_no__gt=0).select_related("federation").order_by("pk")


def people_with_roles(federation_id: UUID, *roles: str) -> list[User]:
    """Return the active users who hold one of the roles for the whole federation."""
    held = Membership.objects.filter(
        federation=federation_id, role__in=roles, municipality=None, unit=None
    )
    found = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return list(found.order_by("name", "email"))


def shown_fault(receipt: Receipt) -> dict[str, Any]:
    """Return what is wrong with a quarantined receipt, and how it was settled."""
    fault = dict(receipt.fault)
    settled = fault.pop("settled", "")
    return {"fault": advice.receipt(fault) if fault else "", "settled": settled}


def _late(batch: Batch) -> list[Overdue]:
    """Return by when each receipt that the batch still waits for is due."""
    delivered = timezone.localtime(batch.delivered_at)
    content = Overdue(batch, Late.CONTENT, content_due(delivered, batch.issuer.content_days))
    if batch.status != BatchStatus.DELIVERED:
        return [content]
    due = technical_due(delivered, batch.issuer.technical_hours)
    return [Overdue(batch, Late.TECHNICAL, due), content]
