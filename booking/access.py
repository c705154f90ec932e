"""The single doors of the booking room: which visits and bookings this user may see and change."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from booking.models import (
    Booking,
    ClosedDay,
    DaysOff,
    Feed,
    Kit,
    RoundPlan,
    Slot,
    Technician,
    Visit,
)
from enrolment.people import access as people_access
from enrolment.people.access import Role, SomeUser
from enrolment.people.models import CareUnit, Membership

BOOKERS = (Role.CARE_MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
READERS = (*BOOKERS, Role.TECHNICIAN)
PLANNERS = (Role.PLANNER, Role.ADMINISTRATOR)


def visits(user: SomeUser, *allowed: str) -> QuerySet[Visit]:
    """Return the visits to the user's units, and for a technician the user's own visits there."""
    return _with_places(Visit.objects.filter(_seen(user, *(allowed or READERS))))


def visit(user: SomeUser, visit_id: UUID, *allowed: str) -> Visit:
    """Return one visit of `visits`, or 404."""
    return get_object_or_404(visits(user, *allowed), pk=visit_id)


def shared_visits(user: SomeUser, *allowed: str) -> QuerySet[Visit]:
    """Return `visits`, and those in which one of the user's units is a guest.

    Of a visit that is shared so, the user sees the hours and the own people, and books these.
    """
    scoped = [role for role in allowed or READERS if role != Role.TECHNICIAN]
    guests = Visit.guest_units.through.objects.filter(_within(user, scoped, unit="careunit"))
    shared = Q(pk__in=guests.values("visit"))
    return _with_places(Visit.objects.filter(_seen(user, *(allowed or READERS)) | shared))


def shared_visit(user: SomeUser, visit_id: UUID, *allowed: str) -> Visit:
    """Return one visit of `shared_visits`, or 404."""
    return get_object_or_404(shared_visits(user, *allowed), pk=visit_id)


def named_units(user: SomeUser, visit: Visit) -> set[UUID] | None:
    """Return the units whose people the user may see in the visit; None for all of them."""
    if visits(user).filter(pk=visit.pk).exists():
        return None
    return set(people_access.units(user, *BOOKERS).values_list("pk", flat=True))


def slot(user: SomeUser, visit_id: UUID, slot_id: int, *allowed: str) -> Slot:
    """Return one slot of a visit of `shared_visits`, or 404."""
    visit_of_slot = shared_visit(user, visit_id, *allowed)
    return get_object_or_404(visit_of_slot.slots.all(), pk=slot_id)


def bookings(user: SomeUser, *allowed: str) -> QuerySet[Booking]:
    """Return the bookings of the visits the user may see, of a shared visit the own people's.

    A protected person's is seen by the handlers named for that person and by nobody else.
    """
    within = Q(visit__in=visits(user, *allowed))
    if scoped := [role for role in allowed or READERS if role != Role.TECHNICIAN]:
        own = Q(need__staff__unit__in=people_access.units(user, *scoped))
        within |= Q(visit__in=shared_visits(user, *scoped)) & own
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
    """Say whether the user may book people, the own ones at least, in the visit."""
    return shared_visits(user, *BOOKERS).filter(pk=visit.pk).exists()


def may_change(user: SomeUser, visit: Visit) -> bool:
    """Say whether the user may move the visit or call it off."""
    return visits(user, *BOOKERS).filter(pk=visit.pk).exists()


def feeds(user: SomeUser) -> QuerySet[Feed]:
    """Return the calendar addresses in use of the user's units and people, and the user's own."""
    own = Q(technician__user=user.pk)
    units = Q(unit__in=people_access.units(user, *BOOKERS))
    people = Q(staff__in=people_access.staff(user, *BOOKERS))
    found = Feed.objects.filter(own | units | people, revoked_at=None)
    return found.select_related("technician__user", "unit", "staff")


def feed(user: SomeUser, feed_id: UUID) -> Feed:
    """Return one of `feeds`, or 404."""
    return get_object_or_404(feeds(user), pk=feed_id)


def own_technician(user: SomeUser) -> Technician | None:
    """Return the technician that the user is, if any."""
    held = people_access.federations(user, Role.TECHNICIAN)
    mine = Technician.objects.filter(user=user.pk, federation__in=held)
    return mine.select_related("federation", "user").first()


def technician(user: SomeUser, technician_id: int) -> Technician:
    """Return a technician of the user's federation, or 404."""
    found = Technician.objects.filter(federation__in=people_access.federations(user, *PLANNERS))
    return get_object_or_404(found.select_related("user", "federation"), pk=technician_id)


def days_off(user: SomeUser, days_off_id: int) -> DaysOff:
    """Return days off of a technician of the user's federation, or 404."""
    found = DaysOff.objects.filter(
        technician__federation__in=people_access.federations(user, *PLANNERS)
    )
    return get_object_or_404(found.select_related("technician"), pk=days_off_id)


def kit(user: SomeUser, kit_id: int) -> Kit:
    """Return a kit of the user's federation, or 404."""
    found = Kit.objects.filter(federation__in=people_access.federations(user, *PLANNERS))
    return get_object_or_404(found.select_related("federation"), pk=kit_id)


def closed_day(user: SomeUser, closed_day_id: int) -> ClosedDay:
    """Return a closed day of the user's federation, or 404."""
    found = ClosedDay.objects.filter(federation__in=people_access.federations(user, *PLANNERS))
    return get_object_or_404(found, pk=closed_day_id)


def _seen(user: SomeUser, *allowed: str) -> Q:
    """Return the condition that a visit is one of `visits`."""
    seen = _within(user, [role for role in allowed if role != Role.TECHNICIAN], unit="unit")
    if Role.TECHNICIAN in allowed:
        driven_to = _within(user, [Role.TECHNICIAN], unit="unit")
        seen |= Q(technician__user=user.pk) & driven_to
    return seen


def _within(user: SomeUser, allowed: list[str], *, unit: str) -> Q:
    """Return the condition that the user holds one of these roles, if any, for the unit."""
    if not allowed:
        return Q(pk__in=[])
    federation = f"{unit}__municipality__federation"
    return people_access.within(user, *allowed, federation=federation, unit=unit)


def _with_places(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    return visits.select_related("unit__municipality__federation", "technician__user", "kit")


def round_plans(user: SomeUser) -> QuerySet[RoundPlan]:
    """Return the plans of rounds of the federations for the whole of which the user plans."""
    return RoundPlan.objects.filter(federation__in=people_access.federations(user, *PLANNERS))


def round_plan(user: SomeUser, plan_id: UUID) -> RoundPlan:
    """Return one of `round_plans`, or 404."""
    return get_object_or_404(round_plans(user).select_related("federation"), pk=plan_id)
