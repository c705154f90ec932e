"""One member of staff, and opening a need by hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enrolment.people import access
from enrolment.people.access import NEED_OPENERS, SignedIn
from enrolment.people.domain.stages import Reason
from enrolment.people.forms import NeedForm
from enrolment.people.models import Staff
from enrolment.people.queries.persons import masked_personnummer, need_histories
from enrolment.people.services.needs import NeedAlreadyOpen, PersonHasLeft, open_need
from enrolment.people.services.protection import note_look


@require_http_methods(["GET", "HEAD"])
def staff(request: SignedIn, staff_id: UUID) -> HttpResponse:
    person = access.staff_member(request.user, staff_id)
    return _person_page(request, person, NeedForm())


@require_http_methods(["POST"])
def open_need_by_hand(request: SignedIn, staff_id: UUID) -> HttpResponse:
    person = access.staff_member(request.user, staff_id, *NEED_OPENERS)
    form = NeedForm(request.POST)
    if form.is_valid() and _opened(request, person, form):
        messages.success(request, _("The card need is opened."))
        return redirect("people:staff", person.pk)
    return _person_page(request, person, form)


def _opened(request: SignedIn, person: Staff, form: NeedForm) -> bool:
    """Open the need, or put the reason why not into the form."""
    told = form.cleaned_data
    reason = Reason(told["reason"])
    try:
        open_need(actor=request.user, staff=person, reason=reason, due_on=told["due_on"])
    except NeedAlreadyOpen:
        form.add_error(None, _("There is already an open card need. One card is made at a time."))
    except PersonHasLeft:
        form.add_error(None, _("This person has left. Import a new staff file if that is wrong."))
    return not form.errors


def _person_page(request: SignedIn, person: Staff, form: NeedForm) -> HttpResponse:
    note_look(actor=request.user, staff=person)
    histories = need_histories(person)
    open_now = bool(histories) and histories[0].need.open
    openers = access.staff(request.user, *NEED_OPENERS)
    context = {
        "person": person,
        "personnummer": masked_personnummer(person),
        "open_need": histories[0] if open_now else None,
        "earlier": histories[1:] if open_now else histories,
        "may_open": person.left_on is None and openers.filter(pk=person.pk).exists(),
        "may_read_log": access.administers(request.user, person.federation_id),
        "form": form,
    }
    return render(request, "people/staff.html", context)
