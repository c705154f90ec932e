"""Orders, batches, and the panel about a person's card."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enrolment.cards import access, faults, queries
from enrolment.cards.domain.states import OrderStatus
from enrolment.cards.forms import OrderFilter
from enrolment.cards.services.batches import (
    PackageGone,
    fetch_package,
    retry_batch,
    seal_batch,
)
from enrolment.cards.services.orders import cancel_order, open_orders
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.domain.refusal import Refusal
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


@require_safe
def batches(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.KEEPERS)
    seen = queries.batch_list(access.batches(request.user))
    page = Paginator(seen, ROWS_A_PAGE).get_page(request.GET.get("page"))
    counters = queries.counters(access.issuers(request.user))
    return render(request, "cards/batches.html", {"counters": counters, "page": page})


@require_POST
def seal(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    issuer = access.issuer(request.user, issuer_id)
    try:
        batch = seal_batch(actor=request.user, issuer=issuer)
    except Refusal as refusal:
        messages.error(request, faults.sentence(faults.note(refusal)))
        return redirect("cards:batches")
    messages.success(request, _("Batch %(name)s is sealed.") % {"name": batch.name})
    return redirect("cards:batch", batch_id=batch.pk)


@require_safe
def batch(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.batch(request.user, batch_id)
    context = {
        "batch": batch,
        "steps": queries.batch_steps(batch),
        "history": queries.history(batch),
        "fault": faults.sentence(batch.error) if batch.error else "",
    }
    return render(request, "cards/batch.html", context)


@require_safe
def batch_progress(request: SignedIn, batch_id: UUID) -> HttpResponse:
    """Answer the page that waits: nothing new, or have it load itself again."""
    batch = access.batch(request.user, batch_id)
    context = {"batch": batch, "steps": queries.batch_steps(batch)}
    response = render(request, "cards/parts/progress.html", context)
    if batch.error or batch.status not in queries.UNFINISHED:
        response["HX-Refresh"] = "true"
    return response


@require_safe
def package(request: SignedIn, batch_id: UUID) -> FileResponse | HttpResponse:
    batch = access.batch(request.user, batch_id)
    try:
        path = fetch_package(actor=request.user, batch=batch)
    except PackageGone:
        messages.error(request, _("The package is not in its place. Ask operations to restore it."))
        return redirect("cards:batch", batch_id=batch.pk)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@require_POST
def retry(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.batch(request.user, batch_id)
    retry_batch(actor=request.user, batch=batch)
    return redirect("cards:batch", batch_id=batch.pk)


@require_safe
def for_person(request: SignedIn, staff_id: UUID) -> HttpResponse:
    staff = people_access.staff_member(request.user, staff_id)
    context = {
        "orders": queries.person_orders(staff),
        "issuers": set(access.issuers(request.user)),
    }
    return render(request, "cards/parts/person.html", context)
