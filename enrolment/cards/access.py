"""The single doors of the cards room: which issuers, orders and batches this user may handle.

Orders and batches belong to a whole federation, so a role in one municipality or unit opens none.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from enrolment.cards.models import Batch, CardOrder, Issuer
from enrolment.people import access as people_access
from enrolment.people.access import Role, SomeUser

KEEPERS = (Role.ID_ADMINISTRATOR, Role.PLANNER, Role.ADMINISTRATOR)


def issuers(user: SomeUser) -> QuerySet[Issuer]:
    """Return the card issuers of the federations for which the user orders cards."""
    federations = people_access.federations(user, *KEEPERS)
    return (
        Issuer.objects.filter(federation__in=federations)
        .select_related("federation")
        .order_by("federation__name", "name", "pk")
    )


def issuer(user: SomeUser, issuer_id: UUID) -> Issuer:
    """Return one issuer of `issuers`, or 404."""
    return get_object_or_404(issuers(user), pk=issuer_id)


def orders(user: SomeUser) -> QuerySet[CardOrder]:
    """Return the card orders of those federations, for the people whom the user may see."""
    staff = people_access.staff(user, *KEEPERS)
    return CardOrder.objects.filter(issuer__in=issuers(user), need__staff__in=staff)


def order(user: SomeUser, order_id: UUID) -> CardOrder:
    """Return one order of `orders`, or 404."""
    return get_object_or_404(orders(user).select_related("need__staff"), pk=order_id)


def batches(user: SomeUser) -> QuerySet[Batch]:
    """Return the batches to those issuers."""
    return Batch.objects.filter(issuer__in=issuers(user)).select_related("issuer__federation")


def batch(user: SomeUser, batch_id: UUID) -> Batch:
    """Return one batch of `batches`, or 404."""
    return get_object_or_404(batches(user).select_related("sealed_by"), pk=batch_id)


def sees_photos(user: SomeUser) -> bool:
    """Tell whether the user is one of those who may open the photo behind an order."""
    return Role.ID_ADMINISTRATOR in people_access.roles(user)
