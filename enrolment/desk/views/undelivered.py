"""Messages that did not arrive: who was not told what, and what to do about it."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.services.letters import send_again
from booking.services.refusals import ProtectedPerson
from enrolment.cards.access import KEEPERS
from enrolment.desk import access, queries
from enrolment.desk.forms import UndeliveredFilter
from enrolment.messages.domain.phone_numbers import PhoneNumberError
from enrolment.messages.services import MessageMoved, settle_message
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.services.protection import note_looks

ROWS_A_PAGE = 50


@require_safe
def undelivered(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *KEEPERS)
    form = UndeliveredFilter(request.GET)
    waiting = queries.chosen_messages(access.failed_messages(request.user), **form.choice())
    page = Paginator(waiting, ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows = queries.undelivered_rows(page, people_access.handled(request.user))
    note_looks(actor=request.user, people=[row.staff for row in rows if row.staff])
    context = {"page": page, "rows": rows, "filter": form}
    return render(request, "desk/undelivered.html", context)


@require_POST
def again(request: SignedIn, message_id: UUID) -> HttpResponse:
    message = access.failed_message(request.user, message_id)
    try:
        send_again(actor=request.user, message=message)
        messages.success(request, _("The message is sent again."))
    except MessageMoved:
        messages.error(request, _("Somebody has dealt with the message already."))
    except ProtectedPerson:
        messages.error(request, _("Nothing is sent to a protected person. A handler calls."))
    except PhoneNumberError:
        messages.error(request, _("Correct the phone number first. It must be a mobile number."))
    return redirect("desk:undelivered")


@require_POST
def settle(request: SignedIn, message_id: UUID) -> HttpResponse:
    message = access.failed_message(request.user, message_id)
    try:
        settle_message(actor=request.user, message=message)
        messages.success(request, _("The message no longer stands here."))
    except MessageMoved:
        messages.error(request, _("Somebody has dealt with the message already."))
    return redirect("desk:undelivered")
