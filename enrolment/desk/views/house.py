"""The start page, the log, the statement on accessibility, and the demo's way back."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enrolment.desk import health, log_lines, queries
from enrolment.desk.demo.reset import go_back
from enrolment.desk.demo.story import DemoFailed
from enrolment.desk.forms import LogFilter
from enrolment.desk.services import TooManyLines, fetch_log, note_log_looks
from enrolment.desk.words import SETUP_PLACES
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn
from enrolment.people.models import Federation, Staff


@require_safe
def start(request: SignedIn) -> HttpResponse:
    waiting = queries.start(request.user, timezone.now())
    return render(request, "desk/start.html", {"start": waiting})


@require_safe
def setup(request: SignedIn) -> HttpResponse:
    people_access.federation(request.user, Role.ADMINISTRATOR)
    return render(request, "desk/setup.html", {"places": SETUP_PLACES})


@login_not_required
@require_safe
def health_report(request: HttpRequest) -> HttpResponse:
    """Tell a monitor how each part is, and no more; 503 when one is bad."""
    checks = health.examine(timezone.now())
    state = health.worst(checks)
    answer = {"state": state, "checks": {check.name: check.state for check in checks}}
    return JsonResponse(answer, status=503 if state is health.State.BAD else 200)


@require_safe
def health_page(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, Role.ADMINISTRATOR)
    checks = health.examine(timezone.now())
    context = {"checks": checks, "state": health.worst(checks)}
    return render(request, "desk/health.html", context)


@require_safe
def log(request: SignedIn, staff_id: UUID | None = None) -> HttpResponse:
    federation, person = _log_of(request, staff_id)
    form = LogFilter(request.GET, users=log_lines.actors(federation), person=person)
    page = log_lines.page_of_lines(federation, form.choice(), request.GET.get("page", ""))
    lines = log_lines.shown(request.user, federation, page)
    note_log_looks(actor=request.user, told=lines)
    anchor = log_lines.last_anchor(federation)
    context = {"filter": form, "person": person, "page": page, "lines": lines, "anchor": anchor}
    return render(request, "desk/log.html", context)


@require_safe
def log_file(request: SignedIn, staff_id: UUID | None = None) -> HttpResponse:
    federation, person = _log_of(request, staff_id)
    form = LogFilter(request.GET, users=log_lines.actors(federation), person=person)
    try:
        content = fetch_log(actor=request.user, federation=federation, choice=form.choice())
    except TooManyLines:
        messages.error(request, _("Choose fewer days. One file takes ten thousand lines."))
        return redirect("desk:log_of" if person else "desk:log", *[staff_id] if person else [])
    headers = {"Content-Disposition": 'attachment; filename="logg.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _log_of(request: SignedIn, staff_id: UUID | None) -> tuple[Federation, Staff | None]:
    """Return whose log is read, and the person it is asked about, if any; else 404."""
    if staff_id is None:
        return people_access.federation(request.user, Role.ADMINISTRATOR), None
    person = people_access.staff_member(request.user, staff_id, Role.ADMINISTRATOR)
    whole = people_access.federations(request.user, Role.ADMINISTRATOR)
    return get_object_or_404(whole, pk=person.federation_id), person


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/accessibility.html")


@login_not_required
@require_POST
def reset_demo(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    try:
        go_back()
    except DemoFailed as failure:
        messages.error(request, str(failure))
    return redirect("people:log_in")
