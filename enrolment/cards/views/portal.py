"""The card issuer's own pages: batches to fetch, and what it answers."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enrolment.cards import access, faults, queries
from enrolment.cards.forms import ReceiptFileForm, RefuseForm
from enrolment.cards.models import CardOrder, Issuer, Receipt
from enrolment.cards.services.answers import accept_rest, acknowledge, refuse_order
from enrolment.cards.services.batches import PackageGone, fetch_package
from enrolment.cards.services.receipts import NotDeliveredYet, take_receipt
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn
from photos.services.looks import look_at_card
from photos.views.pictures import picture_response

ROWS_A_PAGE = 50
RECEIPTS_SHOWN = 10


@require_safe
def deliveries(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, Role.CARD_ISSUER)
    seen = access.issuer_batches(request.user)
    page = Paginator(queries.delivery_list(seen), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "issuers": access.acting_issuers(request.user),
        "page": page,
        "rows": queries.deliveries(page),
        "unanswered": queries.unanswered(seen),
    }
    return render(request, "cards/portal/deliveries.html", context)


@require_safe
def delivery(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.issuer_batch(request.user, batch_id)
    orders = Paginator(queries.delivered_orders(batch), ROWS_A_PAGE)
    page = orders.get_page(request.GET.get("page"))
    counts = queries.answer_counts(batch)
    context = {
        "batch": batch,
        "page": page,
        "rows": queries.delivered_rows(page),
        "counts": counts,
        "answer_by": queries.answer_by(batch, waits=counts.waiting > 0),
        "receipts": queries.receipts_of(access.issuer_receipts(request.user), batch),
    }
    return render(request, "cards/portal/delivery.html", context)


@require_safe
def delivery_package(request: SignedIn, batch_id: UUID) -> FileResponse | HttpResponse:
    batch = access.issuer_batch(request.user, batch_id)
    try:
        path = fetch_package(actor=request.user, batch=batch)
    except PackageGone:
        text = _("The package can't be fetched now. Try again later, or write to %(contact)s.")
        messages.error(request, text % {"contact": batch.issuer.federation.contact})
        return redirect("cards:delivery", batch_id=batch.pk)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@require_POST
def acknowledge_delivery(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.issuer_batch(request.user, batch_id)
    done = _("%(batch)s is receipted as received.") % {"batch": batch.name}
    _answer(request, partial(acknowledge, actor=request.user, batch=batch), done)
    return redirect("cards:delivery", batch_id=batch.pk)


@require_POST
def accept_delivery(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.issuer_batch(request.user, batch_id)
    done = _("The orders in %(batch)s are accepted.") % {"batch": batch.name}
    _answer(request, partial(accept_rest, actor=request.user, batch=batch), done)
    return redirect("cards:delivery", batch_id=batch.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_in_receipt(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, Role.CARD_ISSUER)
    issuers = access.acting_issuers(request.user)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReceiptFileForm(*posted, issuers=issuers)
    if form.is_valid():
        return _hand_in(request, **form.cleaned_data)
    context = {
        "form": form,
        "issuers": issuers,
        "receipts": queries.latest_receipts(access.issuer_receipts(request.user), RECEIPTS_SHOWN),
    }
    return render(request, "cards/portal/hand_in.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def delivered_order(request: SignedIn, order_id: UUID) -> HttpResponse:
    order = access.issuer_order(request.user, order_id)
    form = RefuseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _refuse(request, order, form.cleaned_data)
    context = {"order": order, "row": queries.delivered_row(order), "form": form}
    return render(request, "cards/portal/order.html", context)


@require_safe
def delivered_photo(request: SignedIn, order_id: UUID) -> HttpResponse:
    order = access.issuer_order(request.user, order_id)
    if order.photo is None:
        raise Http404
    try:
        data = look_at_card(actor=request.user, capture=order.photo.capture)
    except FileNotFoundError as error:
        raise Http404 from error
    return picture_response(data, "kort")


def _refuse(request: SignedIn, order: CardOrder, said: dict[str, str]) -> HttpResponse:
    done = _("The photo is rejected. The person gets a new time.")
    _answer(request, partial(refuse_order, actor=request.user, order=order, **said), done)
    return redirect("cards:delivery", batch_id=order.batch_id)


def _hand_in(request: SignedIn, issuer: Issuer, file: "UploadedFile[bytes]") -> HttpResponse:
    take = partial(
        take_receipt,
        actor=request.user,
        issuer=issuer,
        data=file.read(),
        name=file.name or "",
        via=Receipt.Via.PAGE,
    )
    receipt = _answer(request, take, _("The receipt is taken."))
    if receipt is None or receipt.state != Receipt.State.TAKEN:
        return redirect("cards:hand_in_receipt")
    return redirect("cards:delivery", batch_id=receipt.batch_id)


def _answer(request: SignedIn, take: Callable[[], Receipt], done: str) -> Receipt | None:
    """Have a receipt taken and say that it was, or else what to do."""
    try:
        receipt = take()
    except NotDeliveredYet:
        messages.error(request, str(faults.API_SENTENCES["not_delivered"]))
        return None
    if receipt.state == Receipt.State.TAKEN:
        messages.success(request, done)
    else:
        kept = _("The receipt is kept but not taken. %(what_to_do)s")
        messages.error(request, kept % {"what_to_do": faults.to_issuer(receipt.fault)})
    return receipt
