"""Read orders: what is ready for one, what waits for a batch, and what holds it back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import FETCH_RAISE, QuerySet
from django.utils.functional import Promise

from enrolment.cards import faults
from enrolment.cards.domain.package import photo_path
from enrolment.cards.domain.package_fields import PHOTO_FIELDS, OrderLine
from enrolment.cards.domain.states import ENDED_ORDERS, OrderStatus
from enrolment.cards.models import CardOrder, Issuer
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed, Federation, Staff
from photos.models import Photo
from photos.queries import photos_ready_for_order

# Cards are posted to the holder's registered home address.
DELIVERY = "home"


class Hindrance(StrEnum):
    """Why an open order can't go into the next batch."""

    PROTECTED = "protected"
    NEED_MOVED = "need_moved"
    PHOTO_REJECTED = "photo_rejected"
    PERSONNUMMER_MISSING = "personnummer_missing"
    UNFIT_LINE = "unfit_line"


def photos_to_order(federation: Federation) -> QuerySet[Photo]:
    """Return the photo of each need that is ready and has no live order, oldest first.

    Protected persons are left out: their cards are ordered by hand. Each photo has its need.
    """
    ordered = CardOrder.objects.exclude(status__in=ENDED_ORDERS).values("need")
    return (
        photos_ready_for_order(federation)
        .filter(capture__booking__need__staff__protected=False)
        .exclude(capture__booking__need__in=ordered)
    )


def rejected_orders(issuer: Issuer, needs: Collection[CardNeed]) -> dict[UUID, CardOrder]:
    """Return by need the last order that the issuer rejected, where there is one."""
    rejected = issuer.orders.filter(need__in=needs, status=OrderStatus.REJECTED)
    return {order.need_id: order for order in rejected.order_by("opened_at", "pk")}


def open_orders(issuer: Issuer) -> QuerySet[CardOrder]:
    """Return the issuer's orders that wait for a batch, oldest first, with what a line says."""
    return (
        CardOrder.objects.filter(issuer=issuer, status=OrderStatus.OPEN)
        .select_related(
            "issuer", "photo__capture", "need__staff__unit__municipality", "need__staff__federation"
        )
        .order_by("opened_at", "pk")
    )


def order_line(order: CardOrder, seq: int) -> OrderLine:
    """Return what a batch says of the order at place `seq`, as it stands now.

    The order is loaded as by `open_orders`.
    """
    staff = order.need.staff
    return OrderLine(
        seq=seq,
        order_id=str(order.pk),
        order_type=order.need.reason,
        organisation=staff.unit.municipality.name,
        hsa_id=staff.hsa_id,
        personnummer=staff.personnummer if order.issuer.wants_personnummer else None,
        name_on_card=staff.name,
        title=staff.title,
        card_type=order.issuer.card_type,
        delivery=DELIVERY,
        supersedes_order_id=str(order.supersedes_id) if order.supersedes_id else None,
        protected=staff.protected,
        **_photo_fields(order),
    )


def hindrance(order: CardOrder) -> Hindrance | None:
    """Return why an open order can't go into a batch now, or None.

    The order is loaded as by `open_orders`.
    """
    staff = order.need.staff
    if staff.protected:
        return Hindrance.PROTECTED
    if order.need.stage != Stage.APPROVED:
        return Hindrance.NEED_MOVED
    if order.photo and order.photo.status != Photo.Status.APPROVED:
        return Hindrance.PHOTO_REJECTED
    if order.issuer.wants_personnummer and not staff.personnummer_index:
        return Hindrance.PERSONNUMMER_MISSING
    return Hindrance.UNFIT_LINE if order_line(order, seq=1).faults() else None


def _photo_fields(order: CardOrder) -> dict[str, Any]:
    photo = order.photo
    if photo is None:
        return dict.fromkeys(PHOTO_FIELDS)
    return {
        "photo": photo_path(str(order.pk)),
        "photo_sha256": photo.sha256,
        "photo_width": photo.width,
        "photo_height": photo.height,
        "photo_bytes": photo.byte_size,
        "photo_taken_at": photo.capture.taken_at,
        "photo_profile": photo.capture.profile,
    }


@dataclass(frozen=True)
class Counter:
    """What waits for one issuer: needs to order for, orders that can go, and orders held back."""

    issuer: Issuer
    ready: int
    waiting: int
    held: int

    @property
    def dialog(self) -> str:
        """Return the name of the issuer's dialog within a page."""
        return f"seal-{self.issuer.pk}"


@dataclass(frozen=True)
class Counters:
    """What waits, issuer by issuer and in all."""

    each: list[Counter]

    @property
    def only(self) -> Counter | None:
        """Return the counter where there is but one."""
        return self.each[0] if len(self.each) == 1 else None

    @property
    def ready(self) -> int:
        """How many needs can be ordered for; each federation's go to any of its issuers."""
        return sum({each.issuer.federation_id: each.ready for each in self.each}.values())

    @property
    def waiting(self) -> int:
        """How many orders can go into a batch now."""
        return sum(each.waiting for each in self.each)

    @property
    def held(self) -> int:
        """How many orders something holds back."""
        return sum(each.held for each in self.each)


def counters(issuers: Iterable[Issuer]) -> Counters:
    """Return what waits for each of the issuers, in their order."""
    return Counters([_counter(issuer) for issuer in issuers])


def _counter(issuer: Issuer) -> Counter:
    hindrances = [hindrance(order) for order in open_orders(issuer)]
    waiting = hindrances.count(None)
    # Whoever reads the count may not know that a protected person's order is there.
    held = len(hindrances) - waiting - hindrances.count(Hindrance.PROTECTED)
    ready = photos_to_order(issuer.federation).count()
    return Counter(issuer, ready, waiting, held)


def order_list(
    seen: QuerySet[CardOrder], status: str = "", batch: UUID | None = None
) -> QuerySet[CardOrder]:
    """Return orders for the list, newest first, with all that it shows.

    All of them, or those of one status or one batch where that is asked for.
    """
    chosen = seen.filter(status=status) if status else seen
    chosen = chosen.filter(batch=batch) if batch else chosen
    return (
        chosen.select_related(
            "issuer", "batch", "photo__capture", "need__staff__unit__municipality"
        )
        .order_by("-opened_at", "pk")
        .fetch_mode(FETCH_RAISE)
    )


@dataclass(frozen=True)
class OrderRow:
    """An order in the list, and why it can't go into a batch where that is so."""

    order: CardOrder
    hindrance: Hindrance | None

    @property
    def what_to_do(self) -> Promise | str:
        """Say how an order that is held back can be helped on."""
        return faults.HINDRANCES[self.hindrance] if self.hindrance else ""


def order_rows(orders: Iterable[CardOrder]) -> list[OrderRow]:
    """Return the rows of `order_list`."""
    return [
        OrderRow(order, hindrance(order) if order.status == OrderStatus.OPEN else None)
        for order in orders
    ]


def person_orders(staff: Staff) -> QuerySet[CardOrder]:
    """Return a person's orders, newest first, each with its issuer and batch."""
    orders = CardOrder.objects.filter(need__staff=staff).select_related("issuer", "batch")
    return orders.order_by("-opened_at", "pk").fetch_mode(FETCH_RAISE)
