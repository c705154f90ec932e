"""Move a visit, change its hours, call it off: first what it does to the people, then done."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import access, queries
from booking.domain.slots import SlotTime
from booking.domain.states import VisitStatus
from booking.forms.proposals import ChangeForm, MoveForm, fields_of
from booking.models import Booking, Visit
from booking.queries import proposals
from booking.services.changes import Change, change_visit, preview_change
from booking.services.refusals import BookingRefused, OfferStale
from booking.services.visits import cancel_visit
from booking.views import look_through
from booking.views.off_hours import off_hours
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.models import CardNeed, Staff, User
from enrolment.people.services.protection import note_looks

FIELDS = {
    "technician_busy": "technician",
    "technician_unable": "technician",
    "visit_in_the_past": "day",
    "no_room_for_slots": "end",
    "kit_busy": "start",
}


@dataclass(frozen=True)
class Effect:
    """What happens to one person: `person` is None where the reader may not know who it is."""

    person: Staff | None
    before: SlotTime
    after: SlotTime | None
    written: bool

    @property
    def stays(self) -> bool:
        """Whether the person keeps the clock time."""
        return self.after is not None and self.after.starts_at == self.before.starts_at

    @property
    def other_day(self) -> bool:
        """Whether the new time is on another day."""
        if self.after is None:
            return False
        days = (timezone.localdate(slot.starts_at) for slot in (self.before, self.after))
        return len(set(days)) > 1


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id, *access.BOOKERS)
    if visit.status != VisitStatus.OPEN:
        return _settled(request, visit)
    if request.method == "POST":
        return _confirm(request, visit)
    chosen = request.GET.get("offer") if request.GET.get("step") == "offer" else None
    own = _own(request, visit)
    try:
        wanted = _chosen(visit, chosen) if chosen is not None else _typed(own)
        return _review(request, visit, wanted) if wanted else _ask(request, visit, own)
    except BookingRefused as refusal:
        if own.is_bound:
            own.add_error(FIELDS.get(refusal.code), refusal_sentence(refusal))
        else:
            messages.error(request, refusal_sentence(refusal))
        return _ask(request, visit, own)


def _own(request: SignedIn, visit: Visit) -> ChangeForm:
    """Return the form for a time of one's own: as typed, else as the visit is."""
    technicians = access.technicians(visit.unit)
    if request.GET.get("step") == "own":
        return ChangeForm(request.GET, technicians=technicians)
    as_it_is = Change(visit.technician, visit.starts_at, visit.ends_at, visit.stations)
    return ChangeForm(initial=fields_of(as_it_is), technicians=technicians)


def _confirm(request: SignedIn, visit: Visit) -> HttpResponse:
    """Change what has been looked through; else look again at what now stands against it."""
    form = ChangeForm(request.POST, technicians=access.technicians(visit.unit))
    address = look_through.address_of(request, "booking:change", visit.pk, step="own")
    if not form.is_valid():
        return redirect(address)
    try:
        change_visit(actor=request.user, visit=visit, change=form.change)
    except BookingRefused:
        return look_through.check_again(request, address)
    messages.success(request, _("The visit is changed. Everybody with a new time is told."))
    return redirect("booking:visit", visit.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id, *access.BOOKERS)
    if visit.status != VisitStatus.OPEN:
        return _settled(request, visit)
    if request.method != "POST":
        effects = _effects(request.user, ((each, None) for each in queries.live_bookings(visit)))
        return _show(request, visit, "booking/cancel.html", effects)
    try:
        cancel_visit(actor=request.user, visit=visit)
    except BookingRefused as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        messages.success(request, _("The visit is called off. Everybody in it is told."))
    return redirect("booking:visit", visit.pk)


def _settled(request: SignedIn, visit: Visit) -> HttpResponse:
    """Say that somebody else was first."""
    told = _("The visit has been called off already.")
    if visit.status != VisitStatus.CANCELLED:
        told = _("The visit is closed and can't be changed.")
    messages.info(request, told)
    return redirect("booking:visit", visit.pk)


def _typed(form: ChangeForm) -> Change | None:
    return form.change if form.is_valid() else None


def _chosen(visit: Visit, key: str) -> Change:
    """Return the change that a proposal means. Raises OfferStale."""
    form = MoveForm({})
    form.is_valid()
    wanted = form.wanted(visit, _needs(visit))
    technicians = access.technicians(visit.unit)
    offer = proposals.chosen_offer(wanted, technicians, key, timezone.now())
    if offer is None:
        raise OfferStale
    part = offer.parts[0]
    return Change(part.technician, part.starts_at, part.ends_at, visit.stations)


def _review(request: SignedIn, visit: Visit, change: Change) -> HttpResponse:
    moves = preview_change(visit=visit, change=change)
    effects = _effects(request.user, ((moved.booking, moved.after) for moved in moves))
    more = {
        "change": change,
        "fields": fields_of(change),
        "off_hours": off_hours(visit.unit, change.technician, change.starts_at, change.ends_at),
    }
    return _show(request, visit, "booking/change_review.html", effects, **more)


def _ask(request: SignedIn, visit: Visit, own: ChangeForm) -> HttpResponse:
    form = MoveForm(request.GET)
    form.is_valid()
    wanted = form.wanted(visit, _needs(visit))
    wrong = form.wrong_wishes
    technicians = access.technicians(visit.unit)
    found = None if wrong else proposals.offers(wanted, technicians, timezone.now())
    context = {
        "visit": visit,
        "form": own,
        "wish": form,
        "wishes": any(form.wishes.values()),
        "found": found,
        "wrong": wrong,
        "chosen": found.offers[0].key if found and found.offers else "",
        "people": len(wanted.needs),
    }
    part = "#times" if request.headers.get("HX-Target") == "times" else ""
    return render(request, f"booking/change.html{part}", context)


def _needs(visit: Visit) -> list[CardNeed]:
    return [booking.need for booking in queries.live_bookings(visit)]


def _effects(user: User, pairs: Iterable[tuple[Booking, SlotTime | None]]) -> list[Effect]:
    handled = people_access.handled(user)
    return [_effect(booking, after, handled) for booking, after in pairs]


def _effect(booking: Booking, after: SlotTime | None, handled: Collection[UUID]) -> Effect:
    person, slot = booking.need.staff, booking.slot
    seen = person if not person.protected or person.pk in handled else None
    before = SlotTime(slot.starts_at, slot.ends_at, slot.station)
    return Effect(seen, before, after, bool(person.email) and not person.protected)


def _show(
    request: SignedIn, visit: Visit, template: str, effects: list[Effect], **more: object
) -> HttpResponse:
    note_looks(actor=request.user, people=[each.person for each in effects if each.person])
    context = {
        "visit": visit,
        "effects": effects,
        "moved": sum(each.after is not None and not each.stays for each in effects),
        "kept": sum(each.stays for each in effects),
        "lost": sum(each.after is None for each in effects),
        "to_tell": sum(not each.written and not each.stays for each in effects),
    }
    return render(request, template, context | more)
