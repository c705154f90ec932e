"""Move a stop of a plan: every place it could have, with what it costs, then the move."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import access
from booking.forms.rounds import MoveForm
from booking.models import RoundPlan
from booking.queries.round_moves import places_for
from booking.services.refusals import BookingRefused
from booking.services.round_moves import move_stop
from booking.views.page import refusal_sentence
from enrolment.people.access import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def move_round_stop(request: SignedIn, plan_id: UUID) -> HttpResponse:
    plan = access.round_plan(request.user, plan_id)
    if request.method == "POST":
        return _move(request, plan)
    places = places_for(plan, request.GET.get("stop", "")) if plan.answer else None
    if places is None:
        raise Http404
    part = "#places" if request.headers.get("HX-Request") else ""
    return render(request, f"booking/rounds/move.html{part}", {"plan": plan, "places": places})


def _move(request: SignedIn, plan: RoundPlan) -> HttpResponse:
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    told = form.cleaned_data
    try:
        move_stop(
            actor=request.user,
            plan=plan,
            job=told["stop"],
            vehicle=told["vehicle"],
            seen=told["seen"],
        )
    except BookingRefused as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        messages.success(request, _("The visit is moved. The plan is checked and holds."))
    return redirect("booking:round_plan", plan.pk)
