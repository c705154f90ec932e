"""To review: one photo at a time, a yes or a no by a second person."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn
from enrolment.people.services.protection import note_look
from photos import access, faults
from photos.forms import RejectForm
from photos.models import Capture, Photo
from photos.queries.attempts import rejected_attempt
from photos.queries.checklist import checklist
from photos.queries.profiles import profile_of
from photos.queries.readings import judgement
from photos.queries.review import to_review
from photos.queries.station_verdict import differences, station_differs
from photos.services.refusals import PhotoRefused
from photos.services.review import approve_photo, reject_photo


@require_safe
def review(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, Role.ID_ADMINISTRATOR)
    return _page(request, RejectForm(initial={"reason": request.GET.get("orsak")}))


@require_POST
def approve(request: SignedIn, photo_id: UUID) -> HttpResponse:
    photo = access.photo(request.user, photo_id)
    try:
        approve_photo(actor=request.user, photo=photo)
        messages.success(request, _("%(name)s is approved.") % {"name": _name(photo)})
    except PhotoRefused as refusal:
        messages.error(request, faults.sentence(refusal.code))
    return _next(request)


@require_POST
def reject(request: SignedIn, photo_id: UUID) -> HttpResponse:
    photo = access.photo(request.user, photo_id)
    form = RejectForm(request.POST)
    if not form.is_valid():
        return _page(request, form, photo)
    try:
        reject_photo(actor=request.user, photo=photo, **form.cleaned_data)
        messages.success(request, _("%(name)s is to be retaken.") % {"name": _name(photo)})
    except PhotoRefused as refusal:
        messages.error(request, faults.sentence(refusal.code))
    return _next(request)


def _name(photo: Photo) -> str:
    return photo.capture.booking.need.staff.shown_name


def _next(request: SignedIn) -> HttpResponse:
    """Show the next photo: within the page when the script asks, else as a page of its own."""
    if "HX-Request" not in request.headers:
        return redirect("photos:review")
    return _page(request, RejectForm())


def _page(request: SignedIn, form: RejectForm, photo: Photo | None = None) -> HttpResponse:
    waiting = to_review(access.photos(request.user), request.user)
    photo = photo or waiting.first()
    context: dict[str, Any] = {"photo": photo, "waiting": waiting.count(), "form": form}
    if photo:
        note_look(actor=request.user, staff=photo.capture.booking.need.staff)
        context |= _judged(request, photo.capture)
    part = "HX-Request" in request.headers
    return render(request, "photos/parts/review.html" if part else "photos/review.html", context)


def _judged(request: SignedIn, capture: Capture) -> dict[str, Any]:
    judged = judgement(capture)
    return {
        "judged": judged,
        "earlier": rejected_attempt(access.seen_captures(request.user), judged),
        "checklist": checklist(profile_of(capture).policy, judged.hints),
        "station_differs": station_differs(capture),
        "differences": differences(capture) if station_differs(capture) else [],
    }
