"""Plan a week anew: say what has happened, see what changes for whom, then do it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from booking import access
from booking.access import PLANNERS
from booking.forms.rounds import ReplanForm
from booking.queries import round_plans
from booking.queries.rounds import all_technicians
from booking.services.refusals import BookingRefused
from booking.services.replans import accept_replan, replan
from booking.views.page import refusal_sentence
from booking.views.rounds import FIELDS
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def new_replan(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    data = request.POST if request.method == "POST" else None
    form = ReplanForm(
        data,
        initial=_usual(),
        technicians=all_technicians(federation),
        units=people_access.units(request.user, *PLANNERS).filter(
            municipality__federation=federation
        ),
    )
    if request.method == "POST" and form.is_valid():
        days = {name: form.cleaned_data[name] for name in ("first_day", "last_day", "form_key")}
        try:
            plan = replan(actor=request.user, federation=federation, **days, **form.happened())
        except BookingRefused as refusal:
            form.add_error(FIELDS.get(refusal.code), refusal_sentence(refusal))
        else:
            return redirect("booking:round_plan", plan.pk)
    return render(request, "booking/rounds/replan.html", {"form": form})


@require_POST
def accept_round_replan(request: SignedIn, plan_id: UUID) -> HttpResponse:
    plan = access.round_plan(request.user, plan_id)
    try:
        moved, left = accept_replan(actor=request.user, plan=plan)
    except BookingRefused as refusal:
        messages.error(request, refusal_sentence(refusal))
        return redirect("booking:round_plan", plan.pk)
    told = ngettext(
        "One visit has its new time. Everybody booked is told.",
        "%(count)s visits have their new times. Everybody booked is told.",
        len(moved),
    )
    if moved:
        messages.success(request, told % {"count": len(moved)})
    for each in left:
        values = {"unit": each.change.unit.name, "why": refusal_sentence(each.refusal)}
        messages.warning(request, _("%(unit)s was not moved. %(why)s") % values)
    return redirect("booking:round_plan", plan.pk)


def _usual() -> dict[str, Any]:
    first_day, last_day = round_plans.this_week(timezone.localdate())
    return {"first_day": first_day, "last_day": last_day, "event": "away", "form_key": uuid4()}
