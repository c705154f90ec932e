"""What has to be cleared up: orders that the issuer rejected, and cards that came back."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enrolment.cards import access
from enrolment.cards.queries.receipts import clear_up_rows, to_clear_up
from enrolment.cards.services.remedies import NothingToClearUp, end_need, order_again
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn
from enrolment.people.services.protection import note_looks

ROWS_A_PAGE = 50


@require_safe
def clear_up(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, Role.ID_ADMINISTRATOR)
    waiting = to_clear_up(access.orders_to_mend(request.user))
    page = Paginator(waiting, ROWS_A_PAGE).get_page(request.GET.get("page"))
    note_looks(actor=request.user, people=[order.need.staff for order in page])
    return render(request, "cards/clear_up.html", {"page": page, "rows": clear_up_rows(page)})


@require_POST
def again(request: SignedIn, order_id: UUID) -> HttpResponse:
    order = access.order_to_mend(request.user, order_id)
    try:
        order_again(actor=request.user, order=order)
        done = _("%(name)s is ready to order again under Orders.")
        messages.success(request, done % {"name": order.need.staff.shown_name})
    except NothingToClearUp:
        messages.error(request, _("Somebody has cleared this up already."))
    return redirect("cards:clear_up")


@require_POST
def end(request: SignedIn, order_id: UUID) -> HttpResponse:
    order = access.order_to_mend(request.user, order_id)
    try:
        end_need(actor=request.user, order=order)
        done = _("The card need of %(name)s is ended.")
        messages.success(request, done % {"name": order.need.staff.shown_name})
    except NothingToClearUp:
        messages.error(request, _("Somebody has cleared this up already."))
    return redirect("cards:clear_up")
