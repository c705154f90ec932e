"""Plan rounds, look at them, decide: a plan's way from the question to visits."""

from functools import partial
from secrets import randbelow
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import access
from booking.access import PLANNERS
from booking.domain.states import PlanStatus
from booking.forms.rounds import PlanForm, chosen_stops
from booking.models import RoundPlan
from booking.queries import round_plans
from booking.queries.replans import again, changes
from booking.queries.round_days import PlanRead
from booking.queries.rounds import is_new, wishes
from booking.services.refusals import BookingRefused
from booking.services.round_acceptance import Acceptance, accept_plan
from booking.services.rounds import ask_for_plan, discard_plan, stop_planning
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn

SEEDS = 1_000_000
# Where on the page a refusal is shown; the others stand at its top.
FIELDS = {"days_backwards": "last_day", "too_many_days": "last_day"}
LEFT_SHOWN = 5
DECIDED_ON = (PlanStatus.READY, PlanStatus.ACCEPTED)


@require_http_methods(["GET", "HEAD", "POST"])
def rounds(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    form = PlanForm(request.POST) if request.method == "POST" else PlanForm(initial=_usual())
    if request.method == "POST" and form.is_valid():
        ask = partial(ask_for_plan, actor=request.user, federation=federation)
        try:
            plan = ask(**form.cleaned_data, seed=randbelow(SEEDS))
        except BookingRefused as refusal:
            form.add_error(FIELDS.get(refusal.code), refusal_sentence(refusal))
        else:
            return redirect("booking:round_plan", plan.pk)
    context = {
        "form": form,
        "plans": round_plans.latest_plans(access.round_plans(request.user)),
        "wanted": len(wishes(federation, timezone.localdate())),
    }
    return render(request, "booking/rounds/list.html", context)


@require_safe
def round_plan(request: SignedIn, plan_id: UUID) -> HttpResponse:
    plan = access.round_plan(request.user, plan_id)
    if plan.status in round_plans.UNFINISHED:
        return render(request, "booking/rounds/running.html", _progress(plan))
    page = "changes" if plan.replans else "plan"
    context = _changed(plan) if plan.replans else _decided(plan)
    return render(request, f"booking/rounds/{page}.html", {"plan": plan, **context})


@require_safe
def round_progress(request: SignedIn, plan_id: UUID) -> HttpResponse:
    plan = access.round_plan(request.user, plan_id)
    answer = render(request, "booking/rounds/progress.html", _progress(plan))
    if plan.status not in round_plans.UNFINISHED:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def stop_round_plan(request: SignedIn, plan_id: UUID) -> HttpResponse:
    plan = access.round_plan(request.user, plan_id)
    stop_planning(actor=request.user, plan=plan)
    return redirect("booking:round_plan", plan.pk)


@require_POST
def accept_round_plan(request: SignedIn, plan_id: UUID) -> HttpResponse:
    plan = access.round_plan(request.user, plan_id)
    stops = None if request.POST.get("which") == "all" else _chosen(request, plan)
    if stops is not None and not stops:
        messages.error(request, _("Tick at least one visit, or book all of them."))
        return redirect("booking:round_plan", plan.pk)
    try:
        _tell(request, accept_plan(actor=request.user, plan=plan, stops=stops))
    except BookingRefused as refusal:
        messages.error(request, refusal_sentence(refusal))
    return redirect("booking:round_plan", plan.pk)


@require_POST
def discard_round_plan(request: SignedIn, plan_id: UUID) -> HttpResponse:
    plan = access.round_plan(request.user, plan_id)
    try:
        discard_plan(actor=request.user, plan=plan)
    except BookingRefused as refusal:
        messages.error(request, refusal_sentence(refusal))
        return redirect("booking:round_plan", plan.pk)
    messages.success(request, _("The plan is thrown away. Nothing was booked."))
    return redirect("booking:rounds")


def _usual() -> dict[str, Any]:
    first_day, last_day = round_plans.usual_days(timezone.localdate())
    return {
        "first_day": first_day,
        "last_day": last_day,
        "seconds": "20",
        "form_key": uuid4(),
    }


def _progress(plan: RoundPlan) -> dict[str, Any]:
    return {
        "plan": plan,
        "last": plan.progress[-1] if plan.progress else {},
        "done": round_plans.seconds_run(plan, timezone.now()),
        "wanted": sum(is_new(job["key"]) for job in plan.question["jobs"]),
    }


def _decided(plan: RoundPlan) -> dict[str, Any]:
    read = PlanRead(plan)
    decides = plan.status in DECIDED_ON
    return {
        "read": read,
        "decides": decides,
        "open": decides and bool(read.open_stops),
        "booked": sum(stop.visit is not None for stop in read.new),
    }


def _changed(plan: RoundPlan) -> dict[str, Any]:
    read = PlanRead(plan)
    rows = changes(plan, read)
    return {
        "rows": rows,
        "moves": [row for row in rows if row.moves],
        "without": [row for row in rows if row.technician is None],
        "open": plan.status in DECIDED_ON,
        "loosen": again(plan),
    }


def _chosen(request: SignedIn, plan: RoundPlan) -> set[str]:
    stops_of = {day.key: [stop.key for stop in day.open_stops] for day in PlanRead(plan).days}
    return chosen_stops(request.POST, stops_of)


def _tell(request: SignedIn, outcome: Acceptance) -> None:
    """Say what came of it: the visits made, and why others were not."""
    made = len(outcome.visits)
    if made:
        told = ngettext(
            "One visit is booked. The unit's manager is told by e-mail.",
            "%(count)s visits are booked. The units' managers are told by e-mail.",
            made,
        )
        messages.success(request, told % {"count": made})
    for left in outcome.left[:LEFT_SHOWN]:
        values = {"unit": left.stop.unit.name, "why": refusal_sentence(left.refusal)}
        messages.warning(request, _("%(unit)s was not booked. %(why)s") % values)
    if not made and not outcome.left:
        messages.info(request, _("Nothing was left to book."))
