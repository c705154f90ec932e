"""Book a visit: one page to fill in, one to look through, then it is booked."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking import access, queries
from booking.domain.states import VisitKind
from booking.forms import FIRST_START, VisitForm, first_day
from booking.services.refusals import BookingRefused
from booking.services.visits import VisitPlan, book_visit, preview_visit
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.models import CardNeed, CareUnit

# Where on the page each refusal is shown; the others stand at its top.
FIELDS = {
    "technician_busy": "technician",
    "visit_in_the_past": "day",
    "no_room_for_slots": "end",
    "not_enough_slots": "end",
    "already_booked": "needs",
    "need_not_bookable": "needs",
}
KEPT = ("day", "start", "end", "stations", "technician")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.BOOKERS)
    unit = _unit(request)
    if unit is None:
        return render(request, "booking/no_units.html")
    if request.method != "POST":
        return _begin(request, unit)
    form = VisitForm(request.POST, **_choices(request, unit))
    if not form.is_valid() or request.POST.get("step") == "change":
        return _ask(request, form, unit)
    return _go_on(request, form, unit)


def _go_on(request: SignedIn, form: VisitForm, unit: CareUnit) -> HttpResponse:
    """Show the whole booking, or book it when it has been shown."""
    plan = form.plan(_minutes(form, unit))
    needs = list(form.cleaned_data["needs"])
    try:
        if request.POST.get("step") == "confirm":
            return _book(request, plan, needs, form.cleaned_data["form_key"])
        times = preview_visit(plan=plan, needs=needs)
    except BookingRefused as refusal:
        form.add_error(FIELDS.get(refusal.code), refusal_sentence(refusal))
        return _ask(request, form, unit)
    lines = list(zip(needs, times, strict=False))
    context = {"plan": plan, "lines": lines, "spare": len(times) - len(lines), "typed": form}
    return render(request, "booking/review.html", context)


def _book(
    request: SignedIn, plan: VisitPlan, needs: list[CardNeed], form_key: UUID
) -> HttpResponse:
    visit = book_visit(actor=request.user, plan=plan, needs=needs, form_key=form_key)
    told = ngettext(
        "The visit is booked. One person has a time.",
        "The visit is booked. %(count)s people have a time.",
        len(needs),
    )
    messages.success(request, told % {"count": len(needs)})
    return redirect("booking:visit", visit.pk)


def _begin(request: SignedIn, unit: CareUnit) -> HttpResponse:
    """Show the form as far as it is typed, with everybody ticked who is due."""
    data = _typed(request, unit)
    draft = VisitForm(data, **_choices(request, unit))
    draft.is_valid()
    initial = {name: data.get(name) for name in data} | {"needs": data.getlist("needs")}
    form = VisitForm(initial=initial, **_choices(request, unit))
    return _ask(request, form, unit, draft)


def _ask(
    request: SignedIn, form: VisitForm, unit: CareUnit, draft: VisitForm | None = None
) -> HttpResponse:
    """Show the form; `draft` is the same, bound, where `form` shall show no errors yet."""
    told = draft or form
    minutes = _minutes(told, unit)
    window = told.window(minutes)
    technicians = access.technicians(unit)
    form.offer_technicians(
        queries.free_technicians(technicians, *window) if window else technicians
    )
    context = {
        "form": form,
        "unit": unit,
        "people": _bookable(request, unit, told["kind"].value()),
        "ticked": {str(need_id) for need_id in told["needs"].value() or []},
        "minutes": minutes,
        "window": window,
        "chosen": len(told.cleaned_data.get("needs", [])),
    }
    return render(request, f"booking/new.html{_part(request)}", context)


def _typed(request: SignedIn, unit: CareUnit) -> QueryDict:
    """Return the form's data: what is typed so far over where a visit usually begins."""
    typed = request.GET
    today = timezone.localdate()
    data = QueryDict(mutable=True)
    data["unit"] = str(unit.pk)
    data["kind"] = kind = _kind(typed)
    data["day"], data["start"] = first_day(today).isoformat(), f"{FIRST_START:%H:%M}"
    data["stations"], data["form_key"] = "1", str(uuid4())
    for name in set(KEPT) & typed.keys():
        data[name] = typed[name]
    keep = _part(request) == "#plan"
    data.setlist("needs", typed.getlist("needs") if keep else _due(request, unit, kind))
    return data


def _kind(typed: QueryDict) -> str:
    kind = typed.get("kind")
    return kind if kind in set(VisitKind) else VisitKind.PHOTO


def _due(request: SignedIn, unit: CareUnit, kind: str) -> list[str]:
    until = queries.horizon(unit, timezone.localdate())
    return [str(need.pk) for need in queries.due_needs(_bookable(request, unit, kind), kind, until)]


def _bookable(request: SignedIn, unit: CareUnit, kind: str) -> QuerySet[CardNeed]:
    return queries.bookable_needs(_needs(request), unit, kind)


def _needs(request: SignedIn) -> QuerySet[CardNeed]:
    return people_access.needs(request.user, *access.BOOKERS)


def _choices(request: SignedIn, unit: CareUnit) -> dict[str, QuerySet[Any]]:
    """Return what the form's fields may be chosen from."""
    return {
        "units": people_access.units(request.user, *access.BOOKERS),
        "technicians": access.technicians(unit),
        "needs": queries.open_needs(_needs(request), unit),
    }


def _unit(request: SignedIn) -> CareUnit | None:
    """Return the unit asked for, or the one where a card is needed first; None without units."""
    asked = request.POST.get("unit") or request.GET.get("unit")
    if not asked:
        units = people_access.units(request.user, *access.BOOKERS)
        return queries.unit_to_visit(_needs(request), units)
    try:
        return people_access.unit(request.user, UUID(asked), *access.BOOKERS)
    except ValueError as error:
        raise Http404 from error


def _minutes(form: VisitForm, unit: CareUnit) -> int:
    day = form.cleaned_data.get("day") or timezone.localdate()
    return queries.slot_minutes(form["kind"].value(), unit, day)


def _part(request: SignedIn) -> str:
    """Return which part of the page htmx asks for, as the end of a template's name."""
    return {"rest": "#rest", "plan": "#plan"}.get(request.headers.get("HX-Target", ""), "")
