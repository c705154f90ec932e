"""The start page, the statement on accessibility, and the demo's way back."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from enrolment.desk import queries
from enrolment.desk.demo.reset import go_back
from enrolment.desk.demo.story import DemoFailed
from enrolment.people.access import SignedIn


@require_safe
def start(request: SignedIn) -> HttpResponse:
    waiting = queries.start(request.user, timezone.now())
    return render(request, "desk/start.html", {"start": waiting})


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
