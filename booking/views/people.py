"""People in a visit: book them in, move them, check them in, let them go."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import access, queries
from booking.domain.states import IdDocument
from booking.forms import PeopleForm, PersonInSlotForm, SlotForm
from booking.forms.own_time import NEED_REASONS, WalkInForm
from booking.models import Visit
from booking.queries import own_page
from booking.services.bookings import book_people, book_slot, cancel_booking, move_booking
from booking.services.checkin import check_in as check_person_in
from booking.services.checkin import record_no_show
from booking.services.own_links import renew_way
from booking.services.refusals import BookingRefused
from booking.services.walk_ins import walk_in
from booking.views.page import (
    back_to,
    carry_out,
    free_slots,
    people_to_add,
    refusal_sentence,
)
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn
from enrolment.people.models import CardNeed
from enrolment.people.services.protection import note_looks


@require_safe
def slot(request: SignedIn, visit_id: UUID, slot_id: int) -> HttpResponse:
    slot = access.slot(request.user, visit_id, slot_id)
    visit = slot.visit
    units = access.named_units(request.user, visit)
    row = queries.slot_row(slot, people_access.handled(request.user), timezone.now(), units)
    people = [] if row.booking else people_to_add(request.user, visit)
    seen = [row.booking.need.staff] if row.booking and not row.hidden else []
    note_looks(actor=request.user, people=[*seen, *(need.staff for need in people)])
    context = {
        "row": row,
        "visit": visit,
        "people": people,
        "free": free_slots(visit),
        "may_book": access.may_book(request.user, visit),
        "is_technician": visit.technician.user_id == request.user.pk,
        "documents": [document.value for document in IdDocument],
    }
    inline = request.headers.get("HX-Request")
    return render(request, "booking/slot.html#row" if inline else "booking/slot.html", context)


@require_POST
def add(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.shared_visit(request.user, visit_id, *access.BOOKERS)
    form = PeopleForm(request.POST, needs=_open_needs(request, visit))
    if not form.is_valid():
        return _say_errors(request, visit, form)
    needs = list(form.cleaned_data["needs"])
    done = ngettext("One person has a time.", "%(count)s people have a time.", len(needs))
    act = partial(book_people, actor=request.user, visit=visit, needs=needs)
    return carry_out(request, visit, act, done % {"count": len(needs)})


@require_POST
def book(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.shared_visit(request.user, visit_id, *access.BOOKERS)
    needs = _open_needs(request, visit)
    form = PersonInSlotForm(request.POST, slots=visit.slots.all(), needs=needs)
    if not form.is_valid():
        return _say_errors(request, visit, form)
    act = partial(book_slot, actor=request.user, **form.cleaned_data)
    return carry_out(request, visit, act, _("The time is booked."))


@require_POST
def move(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id, *access.BOOKERS)
    form = SlotForm(request.POST, slots=booking.visit.slots.all())
    if not form.is_valid():
        return _say_errors(request, booking.visit, form)
    act = partial(move_booking, actor=request.user, booking=booking, **form.cleaned_data)
    return carry_out(request, booking.visit, act, _("The time is moved."))


@require_POST
def cancel_person(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id, *access.BOOKERS)
    act = partial(cancel_booking, actor=request.user, booking=booking)
    return carry_out(request, booking.visit, act, _("The time is cancelled."))


@require_POST
def new_code(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id, *access.BOOKERS)
    try:
        way = renew_way(actor=request.user, booking=booking)
    except BookingRefused as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        done = _("The earlier link and code are closed. The new code is %(code)s.")
        messages.success(request, done % {"code": way.code})
    return back_to(request, booking.visit)


@require_http_methods(["GET", "HEAD", "POST"])
def walk_in_person(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id, Role.TECHNICIAN)
    asked, handled = request.GET.get("q", "").strip(), people_access.handled(request.user)
    people = own_page.people_here(visit, asked, handled)
    if request.method != "POST":
        found = list(own_page.with_open_need(people)[: own_page.MOST_FOUND]) if asked else []
        note_looks(actor=request.user, people=found)
        context = {"visit": visit, "asked": asked, "found": found, "reasons": NEED_REASONS}
        return render(request, "booking/own/walk_in.html", context)
    form = WalkInForm(request.POST, people=people)
    if not form.is_valid():
        return _say_errors(request, visit, form)
    act = partial(walk_in, actor=request.user, visit=visit, **form.cleaned_data)
    return carry_out(request, visit, act, _("The person has a time now, as a drop-in."))


@require_POST
def no_show(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id)
    act = partial(record_no_show, actor=request.user, booking=booking)
    return carry_out(request, booking.visit, act, _("Noted that the person did not come."))


@require_POST
def check_in(request: SignedIn, visit_id: UUID, booking_id: UUID) -> HttpResponse:
    booking = access.booking(request.user, visit_id, booking_id, Role.TECHNICIAN)
    document = request.POST.get("document", "")
    act = partial(check_person_in, actor=request.user, booking=booking, document=document)
    return carry_out(request, booking.visit, act, _("The person is checked in."))


def _open_needs(request: SignedIn, visit: Visit) -> QuerySet[CardNeed]:
    needs = people_access.needs(request.user, *access.BOOKERS).select_related(None)
    return queries.open_needs(needs, *queries.units_of(visit))


def _say_errors(request: SignedIn, visit: Visit, form: Form) -> HttpResponse:
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))
    return back_to(request, visit)
