"""The single doors of the cards room: which issuers, orders and batches this user may handle.

Orders and batches belong to a whole federation, so a role in one municipality or unit opens none.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from enrolment.cards.domain.states import HANDED_OVER
from enrolment.cards.models import (
    Batch,
    CardOrder,
    Issuer,
    IssuerCertificate,
    IssuerToken,
    Receipt,
)
from enrolment.people import access as people_access
from enrolment.people.access import Role, SomeUser
from enrolment.people.models import Membership, User

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


def answered_batch(user: SomeUser, batch_id: UUID) -> Batch:
    """Return one batch of `batches` that the issuer has, so that it may be answered, or 404."""
    return get_object_or_404(batches(user).filter(status__in=HANDED_OVER), pk=batch_id)


def receipts(user: SomeUser) -> QuerySet[Receipt]:
    """Return what the issuers of `issuers` have answered."""
    return Receipt.objects.filter(issuer__in=issuers(user)).select_related("batch", "issuer")


def receipt(user: SomeUser, receipt_id: UUID) -> Receipt:
    """Return one receipt of `receipts`, or 404."""
    return get_object_or_404(receipts(user), pk=receipt_id)


def orders_to_mend(user: SomeUser) -> QuerySet[CardOrder]:
    """Return the orders of the federations in which the user is ID administrator."""
    federations = people_access.federations(user, Role.ID_ADMINISTRATOR)
    staff = people_access.staff(user, Role.ID_ADMINISTRATOR)
    return CardOrder.objects.filter(issuer__federation__in=federations, need__staff__in=staff)


def order_to_mend(user: SomeUser, order_id: UUID) -> CardOrder:
    """Return one order of `orders_to_mend`, or 404."""
    return get_object_or_404(orders_to_mend(user).select_related("need__staff"), pk=order_id)


def sees_photos(user: SomeUser) -> bool:
    """Tell whether the user is one of those who may open the photo behind an order."""
    return Role.ID_ADMINISTRATOR in people_access.roles(user)


def acting_issuers(user: SomeUser) -> QuerySet[Issuer]:
    """Return the card issuers for which the user logs in: named there, and still in the role."""
    federations = people_access.federations(user, Role.CARD_ISSUER)
    acting = Issuer.objects.filter(federation__in=federations, people=user.pk)
    return acting.select_related("federation").order_by("name", "pk")


def issuer_batches(user: SomeUser) -> QuerySet[Batch]:
    """Return the batches handed over to those issuers."""
    return _handed_over().filter(issuer__in=acting_issuers(user))


def issuer_batch(user: SomeUser, batch_id: UUID) -> Batch:
    """Return one batch of `issuer_batches`, or 404."""
    return get_object_or_404(issuer_batches(user), pk=batch_id)


def issuer_order(user: SomeUser, order_id: UUID) -> CardOrder:
    """Return one order of those batches, or 404, also where the person is protected."""
    orders = CardOrder.objects.filter(batch__in=issuer_batches(user), need__staff__protected=False)
    whole = orders.select_related(
        "batch__issuer__federation", "photo__capture__booking__need__staff", "need__staff"
    )
    return get_object_or_404(whole, pk=order_id)


def issuer_receipts(user: SomeUser) -> QuerySet[Receipt]:
    """Return what those issuers have answered."""
    return Receipt.objects.filter(issuer__in=acting_issuers(user)).select_related("batch")


def token_batches(token: IssuerToken) -> QuerySet[Batch]:
    """Return the batches handed over to the issuer whose machine holds the token."""
    return _handed_over().filter(issuer=token.issuer_id)


def token_batch(token: IssuerToken, name: str) -> Batch:
    """Return one batch of `token_batches` by its name, or 404."""
    return get_object_or_404(token_batches(token), name=name)


def token_receipts(token: IssuerToken) -> QuerySet[Receipt]:
    """Return what that issuer has answered."""
    return Receipt.objects.filter(issuer=token.issuer_id).select_related("batch")


def _handed_over() -> QuerySet[Batch]:
    return Batch.objects.filter(status__in=HANDED_OVER).select_related("issuer__federation")


def managed_issuers(user: SomeUser) -> QuerySet[Issuer]:
    """Return the card issuers of the federations that the user administers, by name."""
    administered = people_access.federations(user, Role.ADMINISTRATOR)
    return (
        Issuer.objects.filter(federation__in=administered)
        .select_related("federation")
        .order_by("federation__name", "name", "pk")
    )


def managed_issuer(user: SomeUser, issuer_id: UUID) -> Issuer:
    """Return one issuer of `managed_issuers`, or 404."""
    return get_object_or_404(managed_issuers(user), pk=issuer_id)


def managed_certificate(user: SomeUser, certificate_id: UUID) -> IssuerCertificate:
    """Return a certificate of one of those issuers, or 404."""
    certificates = IssuerCertificate.objects.filter(issuer__in=managed_issuers(user))
    return get_object_or_404(certificates.select_related("issuer"), pk=certificate_id)


def managed_token(user: SomeUser, token_id: UUID) -> IssuerToken:
    """Return a key to the API of one of those issuers, or 404."""
    tokens = IssuerToken.objects.filter(issuer__in=managed_issuers(user))
    return get_object_or_404(tokens.select_related("issuer"), pk=token_id)


def people_to_add(issuer: Issuer) -> QuerySet[User]:
    """Return who holds the card issuer's role, federation-wide, and doesn't act for the issuer."""
    held = Membership.objects.filter(
        federation=issuer.federation, role=Role.CARD_ISSUER, municipality=None, unit=None
    )
    active = User.objects.filter(is_active=True, pk__in=held.values("user"))
    return active.exclude(issuers=issuer).order_by("name", "email")


def managed_person(user: SomeUser, issuer_id: UUID, person_id: UUID) -> tuple[Issuer, User]:
    """Return one of those issuers and somebody who acts for it, or 404."""
    issuer = managed_issuer(user, issuer_id)
    return issuer, get_object_or_404(issuer.people, pk=person_id)
