"""Calendar addresses: who has one, a new one, its end; and the calendar itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking import access
from booking.domain.feeds import published, version
from booking.faults import sentence
from booking.forms.feeds import FeedForm
from booking.services.feeds import calendar_of, feed_of, make_feed, revoke_feed
from booking.services.refusals import BookingRefused
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn


@require_safe
def addresses(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.READERS)
    return _page(request, _form(request))


@require_POST
def make(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.BOOKERS)
    form = _form(request, request.POST)
    if not form.is_valid():
        return _page(request, form)
    unit, staff = form.cleaned_data["unit"], form.cleaned_data["hsa_id"]
    place = unit or staff.unit
    return _make(request, form, place.municipality.federation, unit=unit, staff=staff)


@require_POST
def make_own(request: SignedIn) -> HttpResponse:
    technician = access.own_technician(request.user)
    if technician is None:
        raise Http404
    return _make(request, _form(request), technician.federation, technician=technician)


@require_POST
def revoke(request: SignedIn, feed_id: UUID) -> HttpResponse:
    revoke_feed(actor=request.user, feed=access.feed(request.user, feed_id))
    messages.success(request, _("The address leads nowhere any more."))
    return redirect("booking:feeds")


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a calendar program, with nothing new where it has what there is."""
    found = feed_of(token)
    if found is None:
        raise Http404
    now = timezone.now()
    calendar = calendar_of(found, now)
    etag = f'"{version(calendar)}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponseNotModified(headers=headers)
    ics = published(calendar, now)
    return HttpResponse(ics, content_type="text/calendar; charset=utf-8", headers=headers)


def _make(request: SignedIn, form: FeedForm, federation: Any, **whose: Any) -> HttpResponse:
    try:
        made, address = make_feed(actor=request.user, federation=federation, **whose)
    except BookingRefused as refusal:
        form.add_error(None, sentence(refusal.code))
        return _page(request, form)
    return render(request, "booking/feeds/made.html", {"feed": made, "address": address})


def _form(request: SignedIn, data: Any = None) -> FeedForm:
    units = people_access.units(request.user, *access.BOOKERS)
    people = people_access.staff(request.user, *access.BOOKERS).filter(left_on=None)
    return FeedForm(data, units=units, people=people)


def _page(request: SignedIn, form: FeedForm) -> HttpResponse:
    roles = people_access.roles(request.user)
    context = {
        "form": form,
        "feeds": access.feeds(request.user).order_by("-made_at"),
        "may_choose": bool(roles & set(access.BOOKERS)),
        "is_technician": access.own_technician(request.user) is not None,
    }
    return render(request, "booking/feeds/addresses.html", context)
