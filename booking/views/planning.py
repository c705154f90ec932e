"""Set up the planning: technicians, kits, opening hours and closed days."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form, model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import access
from booking.access import BOOKERS, PLANNERS
from booking.forms.planning import (
    ClosedDaysForm,
    DaysOffForm,
    HoursForm,
    KitForm,
    NewTechnicianForm,
    TechnicianForm,
)
from booking.models import Technician
from booking.queries import planning_setup as queries
from booking.services import planning as services
from booking.services.refusals import BookingRefused
from booking.services.technicians import set_up_technician
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.models import Federation


@require_safe
def hub(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    context = {
        "setup": queries.setup(federation, timezone.localdate()),
        "stranded": queries.stranded_visits(federation, timezone.now()),
    }
    return render(request, "booking/planning/hub.html", context)


# --- Technicians --------------------------------------------------------------------------------


@require_safe
def technicians(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    context = {
        "rows": queries.technician_rows(federation, timezone.localdate()),
        "without_base": queries.users_without_base(federation),
    }
    return render(request, "booking/planning/technicians.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_technician(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    users = queries.users_without_base(federation)
    initial = {"kinds": ["photo", "activation"]}
    form = NewTechnicianForm(request.POST or None, users=users, initial=initial)
    if form.is_valid() and (
        made := _set_up(request, federation, form, user=form.cleaned_data["user"])
    ):
        return redirect("booking:technician", made.pk)
    context = {"form": form, "users": users}
    return render(request, "booking/planning/technician_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def technician(request: SignedIn, technician_id: int) -> HttpResponse:
    technician = access.technician(request.user, technician_id)
    form = TechnicianForm(request.POST or None, initial=model_to_dict(technician))
    if form.is_valid() and _set_up(request, technician.federation, form, user=technician.user):
        return redirect("booking:technician", technician.pk)
    return _technician_page(request, technician, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def work_hours(request: SignedIn, technician_id: int) -> HttpResponse:
    technician = access.technician(request.user, technician_id)
    row = queries.technician_row(technician, timezone.localdate())
    form = HoursForm(request.POST or None, hours=row.week.in_force)
    usual = "usual" in request.POST
    if usual or form.is_valid():
        hours = {} if usual else form.hours()
        services.set_work_hours(actor=request.user, technician=technician, hours=hours)
        messages.success(request, _("The working hours are saved."))
        return redirect("booking:technician", technician.pk)
    context = {"form": form, "technician": technician, "usual": row.week.usual}
    return render(request, "booking/planning/work_hours.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def away(request: SignedIn, technician_id: int) -> HttpResponse:
    technician = access.technician(request.user, technician_id)
    form = DaysOffForm(request.POST or None)
    if form.is_valid() and _told(
        form, services.add_days_off, actor=request.user, technician=technician, **form.cleaned_data
    ):
        _tell_stranded(request, technician.federation, _("The days off are saved."))
        return redirect("booking:technician", technician.pk)
    context = {"form": form, "technician": technician}
    return render(request, "booking/planning/days_off.html", context)


@require_POST
def remove_away(request: SignedIn, days_off_id: int) -> HttpResponse:
    days_off = access.days_off(request.user, days_off_id)
    services.remove_days_off(actor=request.user, days_off=days_off)
    messages.success(request, _("The technician works on those days."))
    return redirect("booking:technician", days_off.technician_id)


def _set_up(
    request: SignedIn, federation: Federation, form: TechnicianForm, **user: Any
) -> Technician | None:
    """Save the technician, or put into the form why not."""
    try:
        made = set_up_technician(actor=request.user, federation=federation, **user, **form.facts())
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    messages.success(request, _("The technician is saved."))
    return made


def _technician_page(
    request: SignedIn, technician: Technician, form: TechnicianForm
) -> HttpResponse:
    stranded = queries.stranded_visits(technician.federation, timezone.now())
    context = {
        "form": form,
        "row": queries.technician_row(technician, timezone.localdate()),
        "stranded": [
            each
            for each in stranded
            if each.no_technician and each.visit.technician_id == technician.pk
        ],
    }
    return render(request, "booking/planning/technician.html", context)


# --- Kits ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def kits(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    initial = {"kinds": ["photo", "activation"], "in_use": True}
    form = KitForm(request.POST or None, initial=initial)
    if form.is_valid() and _told(
        form,
        services.save_kit,
        actor=request.user,
        federation=federation,
        kit=None,
        **form.cleaned_data,
    ):
        messages.success(request, _("The kit is added."))
        return redirect("booking:kits")
    context = {"form": form, "kits": queries.kit_list(federation)}
    return render(request, "booking/planning/kits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def kit(request: SignedIn, kit_id: int) -> HttpResponse:
    kit = access.kit(request.user, kit_id)
    form = KitForm(request.POST or None, initial=model_to_dict(kit))
    if form.is_valid() and _told(
        form,
        services.save_kit,
        actor=request.user,
        federation=kit.federation,
        kit=kit,
        **form.cleaned_data,
    ):
        messages.success(request, _("The kit is saved."))
        return redirect("booking:kits")
    return render(request, "booking/planning/kit_form.html", {"form": form})


# --- Units --------------------------------------------------------------------------------------


@require_safe
def units(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *BOOKERS)
    found = people_access.units(request.user, *BOOKERS)
    context = {
        "rows": queries.unit_hours(found, timezone.localdate()),
        "plans": people_access.federations(request.user, *PLANNERS).exists(),
    }
    return render(request, "booking/planning/units.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def unit_hours(request: SignedIn, unit_id: UUID) -> HttpResponse:
    unit = people_access.unit(request.user, unit_id, *BOOKERS)
    row = queries.unit_hours_of(unit, timezone.localdate())
    form = HoursForm(request.POST or None, hours=row.week.in_force)
    usual = "usual" in request.POST
    if usual or form.is_valid():
        hours = {} if usual else form.hours()
        services.set_opening_hours(actor=request.user, unit=unit, hours=hours)
        messages.success(request, _("The opening hours are saved."))
        return redirect("booking:unit_hours_list")
    context = {"form": form, "unit": unit, "usual": row.week.usual}
    return render(request, "booking/planning/unit_hours.html", context)


# --- Closed days --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def closed_days(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, *PLANNERS)
    form = ClosedDaysForm(
        request.POST or None,
        municipalities=people_access.municipalities(request.user, *PLANNERS),
        units=people_access.units(request.user, *PLANNERS),
    )
    if form.is_valid() and _close(request, federation, form):
        _tell_stranded(request, federation, _("The days are closed."))
        return redirect("booking:closed_days")
    stranded = queries.stranded_visits(federation, timezone.now())
    context = {
        "form": form,
        "lines": queries.closed_lines(federation, timezone.localdate()),
        "stranded": [each for each in stranded if not each.no_technician],
    }
    return render(request, "booking/planning/closed_days.html", context)


@require_POST
def open_again(request: SignedIn, closed_day_id: int) -> HttpResponse:
    closed_day = access.closed_day(request.user, closed_day_id)
    services.open_day(actor=request.user, closed_day=closed_day)
    messages.success(request, _("The day is open again."))
    return redirect("booking:closed_days")


def _close(request: SignedIn, federation: Federation, form: ClosedDaysForm) -> bool:
    days = {name: form.cleaned_data[name] for name in ("first_day", "last_day", "why")}
    close = services.close_days
    return _told(form, close, actor=request.user, federation=federation, **days, **form.place())


def _told(form: Form, act: Any, **facts: Any) -> bool:
    """Do it, or put into the form why not."""
    try:
        act(**facts)
    except BookingRefused as refusal:
        form.add_error(None, refusal_sentence(refusal))
        return False
    return True


def _tell_stranded(request: SignedIn, federation: Federation, done: str) -> None:
    """Say that it is done, and how many visits have to be planned anew."""
    messages.success(request, done)
    if stranded := len(queries.stranded_visits(federation, timezone.now())):
        told = ngettext(
            "One booked visit can't be made as it stands. Plan it anew.",
            "%(count)s booked visits can't be made as they stand. Plan them anew.",
            stranded,
        )
        messages.warning(request, told % {"count": stranded})
