"""Travel times: where they come from, a file of one's own, what the drives teach, a drive."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from booking import access, faults, routing
from booking.access import PLANNERS
from booking.domain.matrix_file import MatrixFault
from booking.forms.planning import DriveForm, MatrixForm
from booking.queries.travel_setup import travel_setup
from booking.services import travel as services
from booking.services.refusals import NotDriven
from booking.services.travel import MatrixRefused, MatrixReport
from booking.views.page import refusal_sentence
from enrolment import jobs
from enrolment.people import access as people_access
from enrolment.people import faults as people_faults
from enrolment.people.access import Role, SignedIn
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.models import Federation

FAULTS_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def travel(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    form = MatrixForm(request.POST or None, request.FILES or None)
    told: dict[str, Any] = {}
    if form.is_valid():
        told = _take(request, federation, form)
        if told.get("taken") and not told["lines"]:
            return redirect("booking:travel")
    setup = travel_setup(federation, timezone.localdate())
    code = setup.last_fetch.details.get("fault") if setup.last_fetch else ""
    context = {
        "form": form,
        "setup": setup,
        "engine": routing.engine(),
        "fault": faults.sentence(code) if code else "",
        **told,
    }
    return render(request, "booking/planning/travel.html", context)


@require_POST
def matrix_file(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    content = services.fetch_matrix_file(actor=request.user, federation=federation)
    disposition = {"Content-Disposition": 'attachment; filename="kortider.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=disposition)


@require_POST
def remove(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    services.remove_matrix(actor=request.user, federation=federation)
    messages.success(request, _("Your travel times are removed."))
    return redirect("booking:travel")


@require_POST
def learned(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    on = request.POST.get("learned") == "on"
    services.use_learned(actor=request.user, federation=federation, on=on)
    done = _("Learned travel times are used.") if on else _("Learned travel times are not used.")
    messages.success(request, done)
    return redirect("booking:travel")


@require_POST
def fetch(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    jobs.ring("booking.tasks.fetch_travel_times", str(federation.pk))
    messages.success(request, _("Travel times are being fetched. Reload the page in a while."))
    return redirect("booking:travel")


@require_POST
def drive(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id, Role.TECHNICIAN)
    form = DriveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write how many minutes you drove, from 1 to 1440."))
        return redirect("booking:visit", visit.pk)
    try:
        services.note_drive(actor=request.user, visit=visit, minutes=form.cleaned_data["minutes"])
    except NotDriven as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        messages.success(request, _("The drive is noted."))
    return redirect("booking:visit", visit.pk)


def _take(request: SignedIn, federation: Federation, form: MatrixForm) -> dict[str, Any]:
    """Take the file, or put into the form what is wrong with it; return what the page tells."""
    name = form.cleaned_data["file"].name
    try:
        report = services.take_matrix(
            actor=request.user, federation=federation, name=name, content=form.content()
        )
    except MatrixRefused as refused:
        wrong = ngettext(
            "One row has to be corrected. Nothing was saved.",
            "%(count)s rows have to be corrected. Nothing was saved.",
            len(refused.faults),
        )
        form.add_error("file", wrong % {"count": len(refused.faults)})
        return {"taken": False, "lines": _lines(refused.faults), "rows": len(refused.faults)}
    except StaffFileError as error:
        form.add_error("file", _file_sentence(error))
        return {}
    messages.success(request, _report(report))
    lines = _lines(report.warnings)
    return {"taken": True, "lines": lines, "rows": len(report.warnings)}


def _report(report: MatrixReport) -> str:
    taken = ngettext("One way was read.", "%(count)s ways were read.", report.ways)
    told = [taken % {"count": report.ways}]
    if report.holes:
        holes = ngettext(
            "One pair of places is missing in the file and is reckoned otherwise.",
            "%(count)s pairs of places are missing in the file and are reckoned otherwise.",
            report.holes,
        )
        told.append(holes % {"count": report.holes})
    return " ".join(told)


def _lines(found: list[MatrixFault]) -> list[dict[str, Any]]:
    return [
        {"row": fault.row, "advice": faults.sentence(fault.code, **fault.params)}
        for fault in found[:FAULTS_SHOWN]
    ]


def _file_sentence(error: StaffFileError) -> str:
    if error.code in faults.SENTENCES:
        return faults.sentence(error.code, **error.params)
    return people_faults.sentence(error)
