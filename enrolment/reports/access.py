"""The doors to paper: nobody prints more than the rooms below show them."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from booking import access as booking_access
from booking.domain.states import VisitStatus
from booking.models import Visit
from enrolment.cards import access as cards_access
from enrolment.cards.models import Batch
from enrolment.people.access import SomeUser, federation_ids
from enrolment.people.models import Federation


def visits(user: SomeUser) -> QuerySet[Visit]:
    """Return the visits the user may see."""
    return booking_access.visits(user)


def visit(user: SomeUser, visit_id: UUID) -> Visit:
    """Return one visit of `visits`, or 404."""
    return booking_access.visit(user, visit_id)


def standing_visit(user: SomeUser, visit_id: UUID) -> Visit:
    """Return one visit of `visits` that has not been called off, or 404."""
    return get_object_or_404(
        visits(user).exclude(status=VisitStatus.CANCELLED).select_related("kit"), pk=visit_id
    )


def built_batch(user: SomeUser, batch_id: UUID) -> Batch:
    """Return a batch whose package is built, to someone who handles it, or 404."""
    batch = cards_access.batch(user, batch_id)
    if not batch.package_sha256:
        raise Http404
    return batch


def organisation(user: SomeUser) -> str:
    """Return the name of the user's federation, by name the first of several; none is empty."""
    own = Federation.objects.filter(pk__in=federation_ids(user)).order_by("name")
    return own.values_list("name", flat=True).first() or ""
