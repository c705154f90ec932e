"""The single doors of the booking room: which visits and bookings this user may see and change."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from booking.models import Booking, Slot, Technician, Visit
from enrolment.people import access as people_access
from enrolment.people.access import Role, SomeUser
from enrolment.people.models import CareUnit, Membership

BOOKERS = (Role.CARE_MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
READERS = (*BOOKERS, Role.TECHNICIAN)


def visits(user: SomeUser, *allowed: str) -> QuerySet[Visit]:
    """Return the visits to the user's units, and for a technician the user's own visits there."""
    allowed = allowed or READERS
    seen = Q(pk__in=[])
    if scoped := [role for role in allowed if role != Role.TECHNICIAN]:
        seen |= Q(unit__in=people_access.units(user, *scoped))
    if Role.TECHNICIAN in allowed:
        driven_to = people_access.units(user, Role.TECHNICIAN)
        seen |= Q(technician__user=user.pk, unit__in=driven_to)
    return Visit.objects.filter(seen).select_related(
        "unit__municipality__federation", "technician__user"
    )


def visit(user: SomeUser, visit_id: UUID, *allowed: str) -> Visit:
    """Return one visit of `visits`, or 404."""
    return get_object_or_404(visits(user, *allowed), pk=visit_id)


def slot(user: SomeUser, visit_id: UUID, slot_id: int, *allowed: str) -> Slot:
    """Return one slot of a visit of `visits`, or 404."""
    visit_of_slot = visit(user, visit_id, *allowed)
    return get_object_or_404(visit_of_slot.slots.all(), pk=slot_id)


def bookings(user: SomeUser, *allowed: str) -> QuerySet[Booking]:
    """Return the bookings of the visits the user may see.

    A protected person's is seen by the handlers named for that person and by nobody else.
    """
    within = Q(visit__in=visits(user, *allowed))
    seen = Q(need__staff__protected=False) | Q(need__staff__in=people_access.handled(user))
    return Booking.objects.filter(within & seen).select_related(
        "visit__unit__municipality__federation", "slot", "need__staff__federation"
    )


def booking(user: SomeUser, visit_id: UUID, booking_id: UUID, *allowed: str) -> Booking:
    """Return one booking of `bookings` in that visit, or 404."""
    return get_object_or_404(bookings(user, *allowed), visit=visit_id, pk=booking_id)


def chosen(units: QuerySet[CareUnit], unit_id: str) -> CareUnit:
    """Return one of the units by an id somebody sent, or 404."""
    try:
        return get_object_or_404(units, pk=UUID(unit_id))
    except ValueError as error:
        raise Http404 from error


def technicians(unit: CareUnit) -> QuerySet[Technician]:
    """Return those who hold the role for a unit that the user was let in to."""
    federation = unit.municipality.federation_id
    here = Q(municipality=None, unit=None) | Q(municipality=unit.municipality_id) | Q(unit=unit.pk)
    held = Membership.objects.filter(here, federation=federation, role=Role.TECHNICIAN)
    active = Technician.objects.filter(
        federation=federation, user__is_active=True, user__in=held.values("user")
    )
    return active.select_related("user").order_by("user__name", "pk")


def may_book(user: SomeUser, visit: Visit) -> bool:
    """Say whether the user may book people in the visit."""
    return visits(user, *BOOKERS).filter(pk=visit.pk).exists()
