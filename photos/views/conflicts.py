"""What the laptops sent that a planner must decide on, and the file that saves what they hold."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking.access import PLANNERS
from booking.queries import own_page
from booking.services.refusals import BookingRefused
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import Staff
from enrolment.people.services.protection import note_looks
from photos import access, faults
from photos.forms import ConflictForm, RescueForm
from photos.models import StationRecord
from photos.queries import conflicts as queries
from photos.queries.conflicts import Case
from photos.services.assess import FAULTS
from photos.services.looks import look_at_capture
from photos.services.refusals import PhotoRefused
from photos.services.station.looking import look_at_record
from photos.services.station.records import RescueSummary, import_rescue
from photos.services.station.settling import choices_of, settle_record
from photos.storage import DiskFull
from photos.views.pictures import picture_response

ROWS_A_PAGE = 50


@require_safe
def conflicts(request: SignedIn) -> HttpResponse:
    people_access.federation(request.user, *PLANNERS)
    waiting = queries.waiting(access.station_records(request.user))
    page = Paginator(waiting, ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows = queries.cases(page, people_access.handled(request.user))
    note_looks(actor=request.user, people=queries.people_named(rows))
    return render(request, "photos/conflicts/list.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: SignedIn, record_id: UUID) -> HttpResponse:
    case = _case(request, access.station_record(request.user, record_id))
    handled, choices = people_access.handled(request.user), choices_of(case.record)
    form = ConflictForm(
        request.POST or None,
        choices=choices,
        people=own_page.people_here(case.record.visit, "", handled),
        asks_who=case.asks_who,
    )
    if form.is_valid() and (settled := _settle(request, case.record, form.cleaned_data)):
        return settled
    found = _found(request, case)
    note_looks(actor=request.user, people=[*queries.people_named([case]), *found])
    context = _shown(case) | {"form": form, "choices": choices, "found": found}
    return render(request, "photos/conflicts/one.html", context)


@require_safe
def image(request: SignedIn, record_id: UUID) -> HttpResponse:
    compared = queries.compared(access.station_records(request.user))
    case = _case(request, get_object_or_404(compared, pk=record_id))
    note_looks(actor=request.user, people=queries.people_named([case]))
    try:
        return picture_response(_picture(request, case), "bild")
    except FileNotFoundError as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
def rescue(request: SignedIn) -> HttpResponse:
    people_access.federation(request.user, *PLANNERS)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RescueForm(*posted)
    summary = _import(request, form) if form.is_valid() else None
    context = {"form": form, "summary": summary, "refused": _reasons(summary)}
    return render(request, "photos/conflicts/rescue.html", context)


def _reasons(summary: RescueSummary | None) -> list[tuple[int, str]]:
    """Return the lines that were not taken in, each with why."""
    refused = summary.refused if summary else []
    return [(each.line, faults.sentence(each.code)) for each in refused]


def _case(request: SignedIn, record: StationRecord) -> Case:
    """Return what is known about a record; 404 where the person is not for these eyes."""
    [case] = queries.cases([record], people_access.handled(request.user))
    if case.hidden:
        raise Http404
    return case


def _shown(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "record": case.record,
        "told": case.record.header,
        "differences": queries.differing(case),
        "others": queries.other_photos(case),
    }


def _found(request: SignedIn, case: Case) -> list[Staff]:
    """Return the people of the visit's units who are called what was asked for."""
    asked = request.GET.get("q", "").strip()
    if not asked or not case.asks_who:
        return []
    here = own_page.people_here(case.record.visit, asked, people_access.handled(request.user))
    return list(own_page.with_open_need(here.select_related("unit"))[: own_page.MOST_FOUND])


def _settle(
    request: SignedIn, record: StationRecord, decided: dict[str, Any]
) -> HttpResponse | None:
    """Settle it and go on; None, with what to tell, where that could not be done."""
    try:
        settled = settle_record(actor=request.user, record=record, **decided)
    except PhotoRefused as refusal:
        messages.error(request, faults.sentence(refusal.code))
    except (BookingRefused, StepNotAllowed) as refusal:
        messages.error(request, refusal_sentence(refusal))
    except FAULTS:
        messages.error(request, _("The photo could not be used just now. Try again in a moment."))
    else:
        return _go_on(request, settled)
    return None


def _go_on(request: SignedIn, settled: StationRecord) -> HttpResponse:
    if settled.state == StationRecord.State.CONFLICT:
        messages.info(request, _("The photo is used. Look at one thing more."))
        return redirect("photos:conflict", settled.pk)
    messages.success(request, _("It is settled."))
    return redirect("photos:conflicts")


def _picture(request: SignedIn, case: Case) -> bytes:
    if case.capture:
        return look_at_capture(actor=request.user, capture=case.capture)
    return look_at_record(actor=request.user, record=case.record)


def _import(request: SignedIn, form: RescueForm) -> RescueSummary | None:
    """Receive what the file holds; None, with the form's error, where it is no rescue file."""
    visits = access.planned_visits(request.user)
    content = form.cleaned_data["file"].file  # the upload itself copies a long line many times
    try:
        return import_rescue(actor=request.user, visits=visits, content=content)
    except PhotoRefused as refusal:
        form.add_error("file", faults.sentence(refusal.code))
    except DiskFull:
        form.add_error("file", faults.sentence("disk_full"))
    return None
