"""Book a visit: who should come and a proposed time, one look through, then it is booked."""

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking import access, queries
from booking.domain.states import VisitKind
from booking.forms.proposals import NewVisitForm
from booking.models import Technician, Visit
from booking.queries import proposals
from booking.queries.proposals import Offer, Offers, Wanted
from booking.services.refusals import BookingRefused, OfferStale, WardTooThin
from booking.services.visits import Filled, VisitPlan, book_visits
from booking.views import look_through
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.models import CardNeed, CareUnit
from enrolment.people.services.protection import note_looks

MOST_SPARE = 100
KEPT = ("spare", "stations", "split", "from_day", "until_day", "half", "offer")
KEPT_LISTS = ("weekdays", "guests")
PARTS = {"rest": "#rest", "times": "#times"}


@dataclass(frozen=True)
class Choices:
    """What this user may choose from for a visit to the unit."""

    unit: CareUnit
    units: QuerySet[CareUnit]
    neighbours: list[CareUnit]
    guests: list[CareUnit]
    technicians: QuerySet[Technician]
    needs: QuerySet[CardNeed]

    def form(self, data: QueryDict) -> NewVisitForm:
        """Return a form with these choices."""
        return NewVisitForm(data, units=self.units, neighbours=self.neighbours, needs=self.needs)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.BOOKERS)
    choices = _choices(request)
    if choices is None:
        return render(request, "booking/no_units.html")
    if request.method == "POST":
        return _confirm(request, choices)
    if "step" in request.GET:
        return _answer(request, choices)
    form = choices.form(_typed(request, choices))
    form.is_valid()
    return _ask(request, form, choices)


def _answer(request: SignedIn, choices: Choices) -> HttpResponse:
    """Show the whole booking, or the form where something stands against it."""
    form = choices.form(request.GET)
    if not form.is_valid() or request.GET["step"] == "change":
        return _ask(request, form, choices)
    if made := queries.made_with(request.user, form.cleaned_data["form_key"]):
        return redirect("booking:visit", made.pk)
    wanted = form.wanted(choices.unit, timezone.localdate())
    if not wanted.needs:
        form.add_error("needs", _("Choose at least one person."))
        return _ask(request, form, choices)
    try:
        return _review(request, form, choices, wanted)
    except WardTooThin as refusal:
        return _lengthen(request, choices, wanted, refusal)
    except BookingRefused as refusal:
        field = "needs" if refusal.code in {"already_booked", "need_not_bookable"} else None
        form.add_error(field, refusal_sentence(refusal))
        return _ask(request, form, choices)


def _lengthen(
    request: SignedIn, choices: Choices, wanted: Wanted, refusal: WardTooThin
) -> HttpResponse:
    """Propose longer visits where more slots keep the ward staffed; else say that it can't be."""
    data = request.GET.copy()
    if refusal.more_slots:
        data["spare"] = str(min(MOST_SPARE, wanted.spare + refusal.more_slots))
    form = choices.form(data)
    form.is_valid()
    longer = refusal.more_slots and form.cleaned_data.get("spare") != wanted.spare
    told = _("Too few would be left on the ward. The new proposals are longer, so that it works.")
    form.add_error(None, told if longer else refusal_sentence(refusal))
    return _ask(request, form, choices)


def _review(
    request: SignedIn, form: NewVisitForm, choices: Choices, wanted: Wanted
) -> HttpResponse:
    visits, offer = _chosen(form, choices, wanted)
    guests = form.cleaned_data["guests"]
    return look_through.show(request, "booking:new", form, visits, guests, offer=offer)


def _confirm(request: SignedIn, choices: Choices) -> HttpResponse:
    """Book what has been looked through; else look again at what now stands against it."""
    form, address = choices.form(request.POST), look_through.address_of(request, "booking:new")
    if not form.is_valid() or not form.cleaned_data["needs"]:
        return redirect(address)
    key = form.cleaned_data["form_key"]
    if made := queries.made_with(request.user, key):
        return redirect("booking:visit", made.pk)
    try:
        wanted = form.wanted(choices.unit, timezone.localdate())
        visits, _offer = _chosen(form, choices, wanted)
        booked = book_visits(
            actor=request.user, visits=visits, form_key=key, guests=form.cleaned_data["guests"]
        )
    except BookingRefused:
        return look_through.check_again(request, address)
    _say_booked(request, len(booked), len(wanted.needs))
    return redirect("booking:visit", booked[0].pk)


def _chosen(form: NewVisitForm, choices: Choices, wanted: Wanted) -> tuple[list[Filled], Offer]:
    """Return the visits of the proposal that was chosen, and itself. Raises OfferStale."""
    key = form.cleaned_data["offer"]
    offer = proposals.chosen_offer(wanted, choices.technicians, key, timezone.now())
    if offer is None:
        raise OfferStale
    return [Filled(_plan(wanted, part), part.needs) for part in offer.parts], offer


def _plan(wanted: Wanted, part: proposals.Part) -> VisitPlan:
    on = timezone.localdate(part.starts_at)
    return VisitPlan(
        unit=wanted.unit,
        technician=part.technician,
        kind=wanted.kind,
        starts_at=part.starts_at,
        ends_at=part.ends_at,
        slot_minutes=queries.slot_minutes(wanted.kind, wanted.unit, on),
        stations=wanted.stations,
    )


def _say_booked(request: SignedIn, visits: int, people: int) -> None:
    told = ngettext(
        "The visit is booked. One person has a time.",
        "The visit is booked. %(count)s people have a time.",
        people,
    )
    if visits > 1:
        told = _("%(visits)s visits are booked. %(count)s people have a time.")
    messages.success(request, told % {"count": people, "visits": visits})


def _ask(request: SignedIn, form: NewVisitForm, choices: Choices) -> HttpResponse:
    """Show who can come, and the times proposed for those who are ticked."""
    today = timezone.localdate()
    wanted = form.wanted(choices.unit, today)
    people = list(queries.bookable_needs(choices.needs, wanted.kind))
    note_looks(actor=request.user, people=[need.staff for need in people])
    wrong = form.wrong_wishes
    found = None if wrong else _offers(wanted, choices)
    keys = [offer.key for offer in found.offers] if found else []
    chosen = form.cleaned_data.get("offer")
    context = {
        "form": form,
        "unit": choices.unit,
        "neighbours": choices.neighbours,
        "guests": {str(unit.pk) for unit in choices.guests},
        "people": people,
        "ticked": {str(need_id) for need_id in form["needs"].value() or []},
        "count": len(wanted.needs),
        "parts": wanted.parts,
        "must_split": proposals.parts_needed(choices.unit, len(wanted.needs), today) > 1,
        "found": found,
        "wrong": wrong,
        "standing": _standing(request, choices, wanted),
        "chosen": chosen if chosen in keys else next(iter(keys), ""),
        "wishes": any(form.wishes.values()) or wanted.stations > 1,
    }
    part = PARTS.get(request.headers.get("HX-Target", ""), "")
    return render(request, f"booking/new.html{part}", context)


def _standing(request: SignedIn, choices: Choices, wanted: Wanted) -> list[Visit]:
    """Return the visits to the unit in which people can be booked at once."""
    visits = access.shared_visits(request.user, *access.BOOKERS)
    return queries.visits_with_room(visits, choices.unit, wanted.kind, timezone.now())


def _offers(wanted: Wanted, choices: Choices) -> Offers | None:
    if not wanted.needs:
        return None
    return proposals.offers(wanted, choices.technicians, timezone.now())


def _typed(request: SignedIn, choices: Choices) -> QueryDict:
    """Return the form's data: what is typed so far over how a visit usually is."""
    typed = request.GET
    asked = typed.get("kind", "")
    kind = asked if asked in set(VisitKind) else queries.kind_to_visit(choices.needs).value
    data = QueryDict(mutable=True)
    data["unit"] = str(choices.unit.pk)
    data["kind"] = kind
    data["form_key"], data["stations"] = typed.get("form_key") or str(uuid4()), "1"
    for name in set(KEPT) & typed.keys():
        data[name] = typed[name]
    for name in KEPT_LISTS:
        data.setlist(name, typed.getlist(name))
    keep = request.headers.get("HX-Target") == "times"
    data.setlist("needs", typed.getlist("needs") if keep else _due(choices, kind))
    return data


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
    told = request.POST if request.method == "POST" else request.GET
    asked = told.get("unit")
    unit = access.chosen(units, asked) if asked else queries.unit_to_visit(needs, units)
    if unit is None:
        return None
    neighbours = proposals.neighbours(unit, units)
    guests = [each for each in neighbours if str(each.pk) in told.getlist("guests")]
    return Choices(
        unit=unit,
        units=units,
        neighbours=neighbours,
        guests=guests,
        technicians=access.technicians(unit),
        needs=queries.open_needs(needs, unit, *guests),
    )
