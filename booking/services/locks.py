"""Take rows in the one order of docs/explanation/locking.md: technician, kits, visit,
needs by id."""

from collections.abc import Iterable
from uuid import UUID

from booking.models import Booking, Kit, Technician, Visit
from enrolment.people.models import CardNeed


def lock_technician(technician_id: int) -> Technician:
    """Hold the technician's row until the transaction ends."""
    return Technician.objects.select_for_update().get(pk=technician_id)


def lock_kits(federation_id: UUID) -> None:
    """Hold the federation's kits until the transaction ends: one visit at a time gets a kit."""
    list(Kit.objects.select_for_update().filter(federation=federation_id).order_by("pk"))


def lock_visit(visit_id: UUID) -> Visit:
    """Hold the visit's row, and return it as it is now, with unit and technician."""
    visits = Visit.objects.select_for_update(of=("self",))
    related = visits.select_related("unit__municipality__federation", "technician__user")
    return related.get(pk=visit_id)


def lock_needs(need_ids: Iterable[UUID]) -> dict[UUID, CardNeed]:
    """Hold the needs' rows in id order, and return them as they are now, with their staff."""
    needs = CardNeed.objects.select_for_update(of=("self",)).select_related("staff")
    return {need.pk: need for need in needs.filter(pk__in=set(need_ids)).order_by("pk")}


def lock_booking(booking: Booking) -> Booking:
    """Hold the booking's visit and need, and return the booking as it is now with both."""
    visit = lock_visit(booking.visit_id)
    needs = lock_needs([booking.need_id])
    current = Booking.objects.select_related("slot").get(pk=booking.pk)
    current.visit, current.need = visit, needs[current.need_id]
    return current
