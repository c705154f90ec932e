"""Staffing: a unit's rules for its ward, and a visit's times against them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import access, advice
from booking.domain.states import VisitStatus
from booking.forms import SlotForm
from booking.forms.ward import MinimumForm, WardRuleForm
from booking.models import Visit
from booking.queries import ward as queries
from booking.queries.ward_page import TimeRow, moves_of, staffing_page, stuck_of
from booking.services import assign
from booking.services import ward as services
from booking.services.bookings import move_booking
from booking.services.refusals import BookingRefused
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import CareUnit
from enrolment.people.services.protection import note_looks


@require_http_methods(["GET", "HEAD", "POST"])
def ward(request: SignedIn, unit_id: UUID) -> HttpResponse:
    unit = people_access.unit(request.user, unit_id, *access.BOOKERS)
    rules = queries.ward_rules(unit, timezone.localdate())
    now = {"most_away": rules.most_away, "walking_minutes": rules.walking_minutes}
    form = WardRuleForm(request.POST if request.method == "POST" else None, initial=now)
    if form.is_valid():
        services.set_ward_rule(actor=request.user, unit=unit, **form.cleaned_data)
        messages.success(request, _("The rule is saved."))
        return redirect("booking:ward", unit.pk)
    return _ward_page(request, unit, form=form)


@require_POST
def drop_rule(request: SignedIn, unit_id: UUID) -> HttpResponse:
    unit = people_access.unit(request.user, unit_id, *access.BOOKERS)
    services.drop_ward_rule(actor=request.user, unit=unit)
    messages.success(request, _("The federation's rule applies."))
    return redirect("booking:ward", unit.pk)


@require_POST
def add_minimum(request: SignedIn, unit_id: UUID) -> HttpResponse:
    unit = people_access.unit(request.user, unit_id, *access.BOOKERS)
    form = MinimumForm(request.POST, titles=queries.titles_at(unit))
    if not form.is_valid():
        return _ward_page(request, unit, minimum_form=form)
    services.add_minimum(actor=request.user, unit=unit, **form.cleaned_data)
    messages.success(request, _("The minimum is added."))
    return redirect("booking:ward", unit.pk)


@require_POST
def remove_minimum(request: SignedIn, unit_id: UUID, minimum_id: int) -> HttpResponse:
    unit = people_access.unit(request.user, unit_id, *access.BOOKERS)
    services.remove_minimum(actor=request.user, unit=unit, minimum_id=minimum_id)
    messages.success(request, _("The minimum is removed."))
    return redirect("booking:ward", unit.pk)


@require_safe
def staffing(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id, *access.BOOKERS)
    page = staffing_page(visit, people_access.handled(request.user), timezone.now())
    _note(request, page.rows)
    context = {
        "visit": visit,
        "page": page,
        "advice": advice.UNFIT,
        "unfit": sum(row.why is not None for row in page.rows),
        "may_share": visit.status == VisitStatus.OPEN and any(row.changeable for row in page.rows),
    }
    return render(request, "booking/ward/staffing.html", context)


@require_POST
def lock(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id, *access.BOOKERS)
    return _do(
        request,
        booking.visit,
        lambda: assign.lock_booking_time(actor=request.user, booking=booking),
        _("The time is locked."),
    )


@require_POST
def unlock(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id, *access.BOOKERS)
    return _do(
        request,
        booking.visit,
        lambda: assign.unlock_booking_time(actor=request.user, booking=booking),
        _("The time may be changed again."),
    )


@require_POST
def move(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id, *access.BOOKERS)
    form = SlotForm(request.POST, slots=booking.visit.slots.all())
    if not form.is_valid():
        messages.error(request, _("Choose a time."))
        return redirect("booking:staffing", visit_id)
    slot = form.cleaned_data["slot"]
    return _do(
        request,
        booking.visit,
        lambda: move_booking(actor=request.user, booking=booking, slot=slot),
        _("The time is moved."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: SignedIn, visit_id: UUID) -> HttpResponse:
    """Show who would move; then move them."""
    visit = access.visit(request.user, visit_id, *access.BOOKERS)
    if request.method == "POST":
        return _share(request, visit)
    sharing = assign.preview_sharing(visit=visit)
    page = staffing_page(visit, people_access.handled(request.user), timezone.now())
    _note(request, page.rows)
    context = {
        "visit": visit,
        "sharing": sharing,
        "moves": moves_of(page, [(move.booking.pk, move.to) for move in sharing.moves]),
        "stuck": stuck_of(page, sharing.stuck),
        "advice": advice.LEFT,
        "in_the_way": advice.in_the_way(sharing.bindings),
        "would_do": advice.what_would_do(sharing.more_slots),
    }
    return render(request, "booking/ward/share.html", context)


def _share(request: SignedIn, visit: Visit) -> HttpResponse:
    try:
        done = assign.share_out(actor=request.user, visit=visit, seen=request.POST.get("seen", ""))
    except (BookingRefused, StepNotAllowed) as refusal:
        messages.error(request, refusal_sentence(refusal))
        return redirect("booking:share", visit.pk)
    told = ngettext(
        "One person has a new time and is told.",
        "%(count)s people have a new time and are told.",
        len(done.moves),
    )
    messages.success(request, told % {"count": len(done.moves)})
    return redirect("booking:staffing", visit.pk)


def _do(request: SignedIn, visit: Visit, act: Callable[[], object], done: str) -> HttpResponse:
    """Do it and go back to the page, with the word `done` or with why it could not be done."""
    try:
        act()
    except (BookingRefused, StepNotAllowed) as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        messages.success(request, done)
    return redirect("booking:staffing", visit.pk)


def _ward_page(
    request: SignedIn,
    unit: CareUnit,
    form: WardRuleForm | None = None,
    minimum_form: MinimumForm | None = None,
) -> HttpResponse:
    rules = queries.ward_rules(unit, timezone.localdate())
    titles = queries.titles_at(unit)
    staying = {minimum.title for minimum in rules.minimums}
    now = {"most_away": rules.most_away, "walking_minutes": rules.walking_minutes}
    context: dict[str, Any] = {
        "unit": unit,
        "rules": rules,
        "rule_form": form or WardRuleForm(initial=now),
        "form": minimum_form or MinimumForm(titles=titles),
        "errors_of": minimum_form or form,
        "quick": [title for title in titles[:6] if title not in staying],
    }
    return render(request, "booking/ward/ward.html", context)


def _note(request: SignedIn, rows: list[TimeRow]) -> None:
    people = [row.booking.need.staff for row in rows if not row.hidden]
    note_looks(actor=request.user, people=people)
