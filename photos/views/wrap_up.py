"""After the visit: who is done, who is missing, and how long a person takes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import access as booking_access
from booking.access import PLANNERS
from booking.domain.states import VisitKind
from booking.models import Visit
from booking.services.checkin import record_no_show
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.services.protection import note_looks
from photos import access, faults
from photos.forms import NoShowForm
from photos.queries.seconds import LEAST, by_month, chart
from photos.queries.wrap_up import people_named, wrap_up_of
from photos.services.refusals import PhotoRefused
from photos.services.station.laptops import write_off_laptop


@require_http_methods(["GET", "HEAD", "POST"])
def wrap_up(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visits = booking_access.visits(request.user, Role.TECHNICIAN, *PLANNERS)
    visit = get_object_or_404(visits, pk=visit_id, kind=VisitKind.PHOTO)
    if request.method == "POST":
        return _no_show(request, visit)
    found = wrap_up_of(visit, people_access.handled(request.user), timezone.now())
    note_looks(actor=request.user, people=people_named(found))
    is_planner = access.planned_visits(request.user).filter(pk=visit.pk).exists()
    context: dict[str, Any] = {
        "visit": visit,
        "found": found,
        "is_technician": visit.technician.user_id == request.user.pk,
        "is_planner": is_planner,
        "writes_off": is_planner and found.is_over,
    }
    return render(request, "photos/wrap_up.html", context)


@require_POST
def write_off(request: SignedIn, visit_id: UUID, laptop_id: int) -> HttpResponse:
    laptop = access.laptop(request.user, visit_id, laptop_id)
    try:
        write_off_laptop(actor=request.user, laptop=laptop)
    except PhotoRefused as refusal:
        messages.error(request, faults.sentence(refusal.code))
    else:
        messages.success(request, _("The laptop is not counted any more."))
    return redirect("photos:wrap_up", visit_id)


@require_safe
def seconds(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    months = by_month(federation, timezone.now())
    context = {"months": months, "chart": chart(months), "least": LEAST}
    return render(request, "photos/seconds.html", context)


def _no_show(request: SignedIn, visit: Visit) -> HttpResponse:
    """Note that somebody in the visit did not come, and go back to the page."""
    form = NoShowForm(request.POST)
    if not form.is_valid():
        raise Http404
    seen = booking_access.bookings(request.user, Role.TECHNICIAN, *PLANNERS).filter(visit=visit)
    booking = get_object_or_404(seen, pk=form.cleaned_data["booking"])
    try:
        record_no_show(actor=request.user, booking=booking)
    except StepNotAllowed as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        messages.success(request, _("Noted that the person did not come."))
    return redirect("photos:wrap_up", visit.pk)
