"""Open card orders for the needs whose photo is ready, and withdraw them."""

from django.db import transaction

from enrolment.audit.services import Actor, record
from enrolment.cards import queries
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.models import CardOrder, Issuer
from enrolment.cards.services.statuses import move_orders, note_orders


@transaction.atomic
def open_orders(*, actor: Actor, issuer: Issuer) -> list[CardOrder]:
    """Open an order for each need that is ready and has none; return the new ones.

    It supersedes the order of that need that the issuer rejected last, where there is one.
    Somebody else may be doing the same: the database keeps one live order per need, and what the
    other opened first is not ours.
    """
    photos = {
        photo.capture.booking.need: photo for photo in queries.photos_to_order(issuer.federation)
    }
    rejected = queries.rejected_orders(issuer, photos)
    wanted = [
        CardOrder(
            need=need,
            issuer=issuer,
            photo=photo,
            status=OrderStatus.OPEN,
            supersedes=rejected.get(need.pk),
        )
        for need, photo in photos.items()
    ]
    CardOrder.objects.bulk_create(wanted, ignore_conflicts=True)
    kept = CardOrder.objects.filter(pk__in=[order.pk for order in wanted])
    opened = list(kept.order_by("opened_at", "pk"))
    note_orders(actor=actor, orders=opened)
    _record(actor, "cards.open_orders", issuer, orders=len(opened))
    return opened


@transaction.atomic
def cancel_order(*, actor: Actor, order: CardOrder) -> CardOrder:
    """Withdraw an order that is not in a batch; the need stays, ready to be ordered again.

    Raises StepNotAllowed (people.domain.steps) once the order is sealed in a batch.
    """
    current = CardOrder.objects.select_for_update().get(pk=order.pk)
    move_orders(actor=actor, orders=[current], status=OrderStatus.CANCELLED)
    _record(actor, "cards.cancel_order", current.issuer, order=str(current.pk))
    return current


def _record(actor: Actor, action: str, issuer: Issuer, **details: int | str) -> None:
    record(
        actor=actor,
        action=action,
        subject=issuer,
        federation_id=issuer.federation_id,
        **details,
    )
