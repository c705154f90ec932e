"""The page of one visit, and how everything done on it answers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from booking import access, faults, queries
from booking.domain.states import VisitStatus
from booking.models import Slot, Visit
from booking.queries.travel import drive_can_be_noted
from booking.services.refusals import BookingRefused, SlotTaken
from enrolment.people import access as people_access
from enrolment.people import faults as people_faults
from enrolment.people.access import SignedIn
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.models import CardNeed, CareUnit, Staff, User
from enrolment.people.services.protection import note_looks


def visit_page(request: SignedIn, visit: Visit, **more: Any) -> HttpResponse:
    """Show the visit; in an htmx answer only its list of times and what there is to say."""
    context = _context(request.user, visit) | more
    note_looks(actor=request.user, people=_shown(context))
    if request.headers.get("HX-Request"):
        return render(request, "booking/visit.html#slots", context | {"swapped": True})
    return render(request, "booking/visit.html", context)


def carry_out(
    request: SignedIn, visit: Visit, act: Callable[[], object], done: str
) -> HttpResponse:
    """Do it and go back to the visit, with the word `done` or with why it could not be done."""
    try:
        act()
    except SlotTaken as taken:
        return visit_page(request, visit, nearest=taken.nearest, typed=request.POST)
    except (BookingRefused, StepNotAllowed) as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        messages.success(request, done)
    return back_to(request, visit)


def back_to(request: SignedIn, visit: Visit) -> HttpResponse:
    """Return to the visit, or in an htmx answer show how it is now."""
    if request.headers.get("HX-Request"):
        return visit_page(request, access.shared_visit(request.user, visit.pk))
    return redirect("booking:visit", visit.pk)


def refusal_sentence(refusal: BookingRefused | StepNotAllowed) -> str:
    """Return what to tell the person who was refused."""
    if isinstance(refusal, StepNotAllowed):
        return people_faults.sentence(refusal)
    return faults.sentence(refusal.code, **vars(refusal))


def people_to_add(
    user: User, visit: Visit, units: Sequence[CareUnit] | None = None
) -> list[CardNeed]:
    """Return whom the user may still book in the visit, whose `units` may be known already."""
    needs = people_access.needs(user, *access.BOOKERS)
    needs = queries.open_needs(needs, *(units or queries.units_of(visit)))
    return list(queries.bookable_needs(needs, visit.kind))


def free_slots(visit: Visit) -> list[Slot]:
    """Return the visit's free slots."""
    return list(queries.free_slots(visit, timezone.now()))


def _shown(context: dict[str, Any]) -> Iterator[Staff]:
    """Yield the people whom the page names."""
    rows = (row for row in context["rows"] if row.booking and not row.hidden)
    yield from (row.booking.need.staff for row in rows)
    yield from (need.staff for need in context["people"])


def _context(user: User, visit: Visit) -> dict[str, Any]:
    named = access.named_units(user, visit)
    rows = queries.slot_rows(visit, people_access.handled(user), timezone.now(), named)
    units = queries.units_of(visit)
    is_technician = visit.technician.user_id == user.pk
    is_open = visit.status == VisitStatus.OPEN
    may_change = is_open and access.may_change(user, visit)
    may_book = may_change or (is_open and access.may_book(user, visit))
    return {
        "visit": visit,
        "rows": rows,
        "taken": sum(row.booking is not None for row in rows),
        "room": any(row.free for row in rows),
        "may_book": may_book,
        "may_change": may_change,
        "may_book_anew": visit.status == VisitStatus.CANCELLED and access.may_change(user, visit),
        "guests": units[1:],
        "is_guest": named is not None,
        "is_technician": is_technician,
        "may_note_drive": is_technician and drive_can_be_noted(visit, timezone.localdate()),
        "may_plan": not people_access.reach(user)[0].isdisjoint(access.PLANNERS),
        "people": people_to_add(user, visit, units) if may_book else [],
    }
