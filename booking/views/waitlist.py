"""The waiting list of a visit, as its bookers see it: who waits, who was offered what."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking import access, queries
from booking.forms.own_time import WaitForm
from booking.models import Visit
from booking.queries import own_page
from booking.services.refusals import BookingRefused
from booking.services.waitlist import join_waitlist, leave_waitlist
from booking.views.page import refusal_sentence
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.shared_visit(request.user, visit_id, *access.BOOKERS)
    people, units = people_access.needs(request.user, *access.BOOKERS), queries.units_of(visit)
    bookable = queries.bookable_needs(queries.open_needs(people, *units), visit.kind)
    needs = own_page.may_wait(bookable, visit)
    form = WaitForm(request.POST or None, needs=needs)
    if request.method == "POST" and form.is_valid():
        return _join(request, visit, form)
    context = {
        "visit": visit,
        "form": form,
        "needs": needs,
        "in_line": own_page.in_line(visit, people),
        "given_up": own_page.given_up(visit, people),
    }
    return render(request, "booking/own/waitlist.html", context)


@require_POST
def remove(request: SignedIn, visit_id: UUID, waiting_id: UUID) -> HttpResponse:
    visit = access.shared_visit(request.user, visit_id, *access.BOOKERS)
    people = people_access.needs(request.user, *access.BOOKERS)
    wait = get_object_or_404(own_page.waits(visit, people), pk=waiting_id)
    leave_waitlist(actor=request.user, waiting=wait)
    messages.success(request, _("The person no longer waits."))
    return redirect("booking:waitlist", visit.pk)


def _join(request: SignedIn, visit: Visit, form: WaitForm) -> HttpResponse:
    try:
        join_waitlist(actor=request.user, visit=visit, need=form.cleaned_data["need"])
    except BookingRefused as refusal:
        messages.error(request, refusal_sentence(refusal))
    else:
        messages.success(request, _("The person is on the waiting list."))
    return redirect("booking:waitlist", visit.pk)
