"""The capture station: check in, take the picture, see the verdict, accept."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.models import Booking, Visit
from booking.services.checkin import check_in as check_person_in
from booking.services.checkin import record_no_show
from booking.services.refusals import BookingRefused
from booking.views.page import refusal_sentence
from enrolment.people.access import SignedIn
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.services.protection import note_look
from photos import access, faults
from photos.domain.crop import Nudge
from photos.domain.judgement import AS_CUT
from photos.forms import CheckInForm, NudgeForm
from photos.models import Capture
from photos.queries.attempts import earlier_attempt
from photos.queries.readings import judgement
from photos.queries.station import last_rejection, station_of
from photos.services.nudge import nudge_crop
from photos.services.refusals import PhotoRefused, TooFar
from photos.services.review import accept_capture


@require_safe
def visit(request: SignedIn, visit_id: UUID) -> HttpResponse:
    return _station(request, access.visit(request.user, visit_id), CheckInForm())


@require_POST
def check_in(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id)
    booking = access.booking(request.user, booking_id, visit)
    form = CheckInForm(request.POST)
    if form.is_valid():
        try:
            check_person_in(actor=request.user, booking=booking, **form.cleaned_data)
        except (BookingRefused, StepNotAllowed) as refusal:
            form.add_error(None, refusal_sentence(refusal))
        else:
            return redirect(_address(booking))
    return _station(request, visit, form, chosen=booking)


@require_POST
def no_show(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id)
    booking = access.booking(request.user, booking_id, visit)
    try:
        record_no_show(actor=request.user, booking=booking)
    except StepNotAllowed as refusal:
        messages.error(request, refusal_sentence(refusal))
    return redirect("photos:visit", visit.pk)


@require_safe
def verdict(request: SignedIn, capture_id: UUID) -> HttpResponse:
    capture = access.own_capture(request.user, capture_id)
    return render(request, "photos/parts/verdict.html", _judged(request, capture))


@require_POST
def nudge(request: SignedIn, capture_id: UUID) -> HttpResponse:
    capture = access.own_capture(request.user, capture_id)
    form = NudgeForm(request.POST)
    try:
        capture, stopped = _nudged(request, capture, form)
    except PhotoRefused as refusal:
        messages.error(request, faults.sentence(refusal.code))
        stopped = False
    if "HX-Request" not in request.headers:
        return redirect(_address(capture.booking))
    context = _judged(request, capture) | {"nudging": True, "stopped": stopped}
    return render(request, "photos/parts/verdict.html", context)


def _nudged(request: SignedIn, capture: Capture, form: NudgeForm) -> tuple[Capture, bool]:
    """Move the crop; return the capture as it is then, and whether the profile stopped it."""
    if not form.is_valid():
        raise TooFar
    capture = nudge_crop(actor=request.user, capture=capture, **asdict(form.wish()))
    return capture, not form.reached(Nudge(**capture.nudge))


@require_POST
def accept(request: SignedIn, capture_id: UUID) -> HttpResponse:
    capture = access.own_capture(request.user, capture_id)
    booking = capture.booking
    try:
        accept_capture(actor=request.user, capture=capture)
    except PhotoRefused as refusal:
        messages.error(request, faults.sentence(refusal.code))
        return redirect(_address(booking))
    messages.success(request, _("%(name)s is done.") % {"name": booking.need.staff.shown_name})
    return redirect("photos:visit", booking.visit_id)


def _address(booking: Booking) -> str:
    return f"{reverse('photos:visit', args=[booking.visit_id])}?tid={booking.pk}"


def _judged(request: SignedIn, capture: Capture) -> dict[str, Any]:
    """Return what the verdict shows; who took the picture may move its crop."""
    judged = judgement(capture)
    earlier = earlier_attempt(access.seen_captures(request.user), judged)
    context: dict[str, Any] = {"judged": judged, "earlier": earlier}
    if capture.geometry.get("crop") and capture.taken_by_id == request.user.pk:
        context["nudge_form"] = NudgeForm(initial=capture.nudge or asdict(AS_CUT))
    return context


def _station(
    request: SignedIn, visit: Visit, form: CheckInForm, chosen: Booking | None = None
) -> HttpResponse:
    station = station_of(
        access.bookings(request.user),
        visit,
        str(chosen.pk) if chosen else request.GET.get("tid"),
        retake="ta-om" in request.GET,
    )
    context: dict[str, Any] = {"station": station, "form": form}
    if station.capture:
        context |= _judged(request, station.capture)
    if station.person:
        note_look(actor=request.user, staff=station.person.need.staff)
    if station.person and station.step == "check_in":
        context["rejected"] = last_rejection(station.person)
    return render(request, "photos/visit.html", context)
