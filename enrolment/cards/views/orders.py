"""Card orders: the list, opening them and withdrawing one."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enrolment.cards import access, queries
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.forms import OrderFilter
from enrolment.cards.services.orders import cancel_order, open_orders
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.domain.steps import StepNotAllowed
from enrolment.people.services.protection import note_looks

ROWS_A_PAGE = 50


@require_safe
def orders(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.KEEPERS)
    chosen = OrderFilter(request.GET).chosen
    seen = queries.order_list(access.orders(request.user), **chosen)
    page = Paginator(seen, ROWS_A_PAGE).get_page(request.GET.get("page"))
    note_looks(actor=request.user, people=[order.need.staff for order in page])
    context = {
        "counters": queries.counters(access.issuers(request.user)),
        "page": page,
        "rows": queries.order_rows(page),
        "statuses": list(OrderStatus),
        "chosen": chosen,
        "sees_photos": access.sees_photos(request.user),
    }
    return render(request, "cards/orders.html", context)


@require_POST
def order_cards(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    issuer = access.issuer(request.user, issuer_id)
    count = len(open_orders(actor=request.user, issuer=issuer))
    done = ngettext("%(count)s order is opened.", "%(count)s orders are opened.", count)
    messages.success(request, done % {"count": count})
    return redirect("cards:orders")


@require_POST
def withdraw_order(request: SignedIn, order_id: UUID) -> HttpResponse:
    order = access.order(request.user, order_id)
    try:
        cancel_order(actor=request.user, order=order)
        messages.success(
            request,
            _("The order for %(name)s is withdrawn.") % {"name": order.need.staff.shown_name},
        )
    except StepNotAllowed:
        messages.error(request, _("The order lies in a batch and can't be withdrawn."))
    return redirect("cards:orders")
