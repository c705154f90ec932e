"""The single doors of the photos room: whose pictures this user may see and decide on."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from booking import access as booking_access
from booking.domain.states import VisitKind
from booking.models import Booking, Visit
from enrolment.people import access as people_access
from enrolment.people.access import Role, SomeUser
from photos.models import Capture, Laptop, Photo, StationRecord


def visit(user: SomeUser, visit_id: UUID) -> Visit:
    """Return one of the technician's own photo visits, or 404."""
    return get_object_or_404(visits(user), pk=visit_id)


def visits(user: SomeUser) -> QuerySet[Visit]:
    """Return the technician's own photo visits."""
    return booking_access.visits(user, Role.TECHNICIAN).filter(kind=VisitKind.PHOTO)


def planned_visits(user: SomeUser) -> QuerySet[Visit]:
    """Return the photo visits of the federations for the whole of which the user plans."""
    federations = people_access.federations(user, *booking_access.PLANNERS)
    visits = Visit.objects.filter(kind=VisitKind.PHOTO)
    return visits.filter(unit__municipality__federation__in=federations).select_related(
        "unit__municipality__federation", "technician__user"
    )


def station_records(user: SomeUser) -> QuerySet[StationRecord]:
    """Return what laptops sent of `planned_visits`; a planner settles its conflicts."""
    records = StationRecord.objects.filter(visit__in=planned_visits(user))
    return records.select_related("visit__unit__municipality", "visit__technician__user")


def station_record(user: SomeUser, record_id: UUID) -> StationRecord:
    """Return one of `station_records`, or 404."""
    return get_object_or_404(station_records(user), pk=record_id)


def laptop(user: SomeUser, visit_id: UUID, laptop_id: int) -> Laptop:
    """Return a laptop of one of `planned_visits`, or 404."""
    laptops = Laptop.objects.filter(visit__in=planned_visits(user))
    related = laptops.select_related("visit__unit__municipality")
    return get_object_or_404(related, pk=laptop_id, visit=visit_id)


def booking(user: SomeUser, booking_id: UUID, of: Visit) -> Booking:
    """Return a booking of the technician's own photo visit, or 404."""
    return get_object_or_404(bookings(user), pk=booking_id, visit=of)


def bookings(user: SomeUser) -> QuerySet[Booking]:
    """Return the bookings of the technician's own photo visits."""
    return booking_access.bookings(user, Role.TECHNICIAN).filter(kind=VisitKind.PHOTO)


def own_capture(user: SomeUser, capture_id: UUID) -> Capture:
    """Return a capture of one of the technician's own visits, or 404."""
    captures = _captures(Q(booking__in=bookings(user)))
    return get_object_or_404(captures, pk=capture_id)


def seen_captures(user: SomeUser) -> QuerySet[Capture]:
    """Return the captures whose picture the user may look at.

    That is for the technician of the visit and for those who review the unit's photos. What could
    not be opened safely is shown to nobody.
    """
    reviewed = Q(booking__need__staff__in=people_access.staff(user, Role.ID_ADMINISTRATOR))
    return _captures(Q(booking__in=bookings(user)) | reviewed).filter(refusal={})


def seen_capture(user: SomeUser, capture_id: UUID) -> Capture:
    """Return one capture of `seen_captures`, or 404."""
    return get_object_or_404(seen_captures(user), pk=capture_id)


def may_see(user: SomeUser, capture: Capture) -> bool:
    """Say whether the user may look at the capture's picture."""
    return seen_captures(user).filter(pk=capture.pk).exists()


def photos(user: SomeUser) -> QuerySet[Photo]:
    """Return the photos of the people for whom the user is ID administrator."""
    staff = people_access.staff(user, Role.ID_ADMINISTRATOR)
    return Photo.objects.filter(capture__booking__need__staff__in=staff).select_related(
        "capture__taken_by",
        "capture__booking__identity_check__checked_by",
        "capture__booking__visit__unit__municipality__federation",
        "capture__booking__need__staff__unit__municipality__federation",
    )


def photo(user: SomeUser, photo_id: UUID) -> Photo:
    """Return one photo of `photos`, or 404."""
    return get_object_or_404(photos(user), pk=photo_id)


def _captures(seen: Q) -> QuerySet[Capture]:
    return Capture.objects.filter(seen).select_related(
        "booking__need__staff__federation", "booking__visit"
    )
