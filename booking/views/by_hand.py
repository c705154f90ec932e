"""Book a visit at a day and hour of one's own choice: fill in, look through, then it is booked."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking import access, queries
from booking.domain.states import VisitKind
from booking.domain.visit_length import Pace
from booking.forms import FIRST_START, SATURDAY, VisitForm, first_day
from booking.models import Technician
from booking.queries import proposals
from booking.services.refusals import BookingRefused
from booking.services.visits import Filled, book_visit
from booking.views import look_through
from booking.views.off_hours import off_hours
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.models import CardNeed, CareUnit
from enrolment.people.services.protection import note_looks

# Where on the page each refusal is shown; the others stand at its top.
FIELDS = {
    "technician_busy": "technician",
    "technician_unable": "technician",
    "kit_busy": "start",
    "visit_in_the_past": "day",
    "no_room_for_slots": "end",
    "not_enough_slots": "end",
    "already_booked": "needs",
    "need_not_bookable": "needs",
}
# How far ahead a day with a free technician is looked for.
DAYS_TRIED = 14
KEPT = ("day", "start", "end", "stations", "technician")


@dataclass(frozen=True)
class Choices:
    """What this user may choose from for a visit to the unit."""

    unit: CareUnit
    units: QuerySet[CareUnit]
    technicians: QuerySet[Technician]
    needs: QuerySet[CardNeed]

    def form(self, *args: Any, **kwargs: Any) -> VisitForm:
        """Return a form with these choices."""
        return VisitForm(
            *args, units=self.units, technicians=self.technicians, needs=self.needs, **kwargs
        )


@require_http_methods(["GET", "HEAD", "POST"])
def new_by_hand(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.BOOKERS)
    choices = _choices(request)
    if choices is None:
        return render(request, "booking/no_units.html")
    if request.method == "POST":
        return _confirm(request, choices)
    return _answer(request, choices) if "step" in request.GET else _begin(request, choices)


def _answer(request: SignedIn, choices: Choices) -> HttpResponse:
    """Show the whole booking, or the form where something stands against it."""
    form = choices.form(request.GET)
    if not form.is_valid() or request.GET["step"] == "change":
        return _ask(request, form, choices)
    if made := queries.made_with(request.user, form.cleaned_data["form_key"]):
        return redirect("booking:visit", made.pk)
    try:
        return _review(request, form, choices.unit)
    except BookingRefused as refusal:
        form.add_error(FIELDS.get(refusal.code), refusal_sentence(refusal))
        return _ask(request, form, choices)


def _review(request: SignedIn, form: VisitForm, unit: CareUnit) -> HttpResponse:
    plan = form.plan(_pace(form, unit))
    filled = Filled(plan, list(form.cleaned_data["needs"]))
    outside = off_hours(plan.unit, plan.technician, plan.starts_at, plan.ends_at)
    return look_through.show(request, "booking:new_by_hand", form, [filled], off_hours=outside)


def _confirm(request: SignedIn, choices: Choices) -> HttpResponse:
    """Book what has been looked through; else look again at what now stands against it."""
    form = choices.form(request.POST)
    address = look_through.address_of(request, "booking:new_by_hand")
    if not form.is_valid():
        return redirect(address)
    plan, needs = form.plan(_pace(form, choices.unit)), list(form.cleaned_data["needs"])
    key = form.cleaned_data["form_key"]
    try:
        visit = book_visit(actor=request.user, plan=plan, needs=needs, form_key=key)
    except BookingRefused:
        return look_through.check_again(request, address)
    told = ngettext(
        "The visit is booked. One person has a time.",
        "The visit is booked. %(count)s people have a time.",
        len(needs),
    )
    messages.success(request, told % {"count": len(needs)})
    return redirect("booking:visit", visit.pk)


def _begin(request: SignedIn, choices: Choices) -> HttpResponse:
    """Show the form as far as it is typed, with everybody ticked who is due."""
    data = _typed(request, choices)
    draft = choices.form(data)
    draft.is_valid()
    day = request.GET.get("day") or _free_day(draft, choices).isoformat()
    if day != data["day"]:
        data["day"] = day
        draft = choices.form(data)
        draft.is_valid()
    initial = {name: data.get(name) for name in data} | {"needs": data.getlist("needs")}
    return _ask(request, choices.form(initial=initial), choices, draft)


def _ask(
    request: SignedIn, form: VisitForm, choices: Choices, draft: VisitForm | None = None
) -> HttpResponse:
    """Show the form; `draft` is the same, bound, where `form` shall show no errors yet."""
    told = draft or form
    pace = _pace(told, choices.unit)
    window = told.window(pace)
    if window:
        form.offer_technicians(queries.free_technicians(choices.technicians, *window))
    people = list(queries.bookable_needs(choices.needs, _kind(told)))
    note_looks(actor=request.user, people=[need.staff for need in people])
    context = {
        "form": form,
        "unit": choices.unit,
        "people": people,
        "ticked": {str(need_id) for need_id in told["needs"].value() or []},
        "minutes": pace.minutes,
        "window": window,
        "chosen": len(told.cleaned_data.get("needs", [])),
    }
    return render(request, f"booking/by_hand.html{_part(request)}", context)


def _typed(request: SignedIn, choices: Choices) -> QueryDict:
    """Return the form's data: what is typed so far over where a visit usually begins."""
    typed = request.GET
    kind = typed.get("kind", "")
    kind = kind if kind in set(VisitKind) else queries.kind_to_visit(choices.needs).value
    data = QueryDict(mutable=True)
    data["unit"], data["kind"] = str(choices.unit.pk), kind
    data["day"] = first_day(timezone.localdate()).isoformat()
    data["start"], data["stations"] = f"{FIRST_START:%H:%M}", "1"
    data["form_key"] = str(uuid4())
    for name in set(KEPT) & typed.keys():
        data[name] = typed[name]
    keep = _part(request) == "#plan"
    data.setlist("needs", typed.getlist("needs") if keep else _due(choices, kind))
    return data


def _free_day(draft: VisitForm, choices: Choices) -> date:
    """Return the first day, from that of the draft on, with a technician free at its hours."""
    first = draft.cleaned_data.get("day") or first_day(timezone.localdate())
    window = draft.window(_pace(draft, choices.unit))
    if window is None:
        return first
    for ahead in (timedelta(days=number) for number in range(DAYS_TRIED)):
        free = queries.free_technicians(choices.technicians, window[0] + ahead, window[1] + ahead)
        if (first + ahead).weekday() < SATURDAY and free.exists():
            return first + ahead
    return first


def _due(choices: Choices, kind: str) -> list[str]:
    until = queries.horizon(choices.unit, timezone.localdate())
    due = queries.due_needs(queries.bookable_needs(choices.needs, kind), kind, until)
    return [str(need.pk) for need in due]


def _choices(request: SignedIn) -> Choices | None:
    """Return the choices for the unit asked for, or for the one where a card is needed first.

    None for a user without units.
    """
    units = people_access.units(request.user, *access.BOOKERS)
    needs = people_access.needs(request.user, *access.BOOKERS)
    asked = request.POST.get("unit") or request.GET.get("unit")
    unit = access.chosen(units, asked) if asked else queries.unit_to_visit(needs, units)
    if unit is None:
        return None
    return Choices(unit, units, access.technicians(unit), queries.open_needs(needs, unit))


def _kind(form: VisitForm) -> str:
    return str(form.cleaned_data.get("kind", VisitKind.PHOTO))


def _pace(form: VisitForm, unit: CareUnit) -> Pace:
    day = form.cleaned_data.get("day") or timezone.localdate()
    return proposals.pace(_kind(form), unit, day)


def _part(request: SignedIn) -> str:
    """Return which part of the page htmx asks for, as the end of a template's name."""
    return {"rest": "#rest", "plan": "#plan"}.get(request.headers.get("HX-Target", ""), "")
