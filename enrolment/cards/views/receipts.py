"""Receipts: the list, what one says, handing in a file, and typing for an issuer that phones."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrolment.cards import access, queries
from enrolment.cards.domain.receipt_fields import ReceiptKind
from enrolment.cards.forms import TYPED, ReceiptFileForm, SettleForm, TypedForm
from enrolment.cards.models import Batch, Receipt
from enrolment.cards.queries import receipts as receipt_queries
from enrolment.cards.services.receipts import (
    NotDeliveredYet,
    NotQuarantined,
    settle_receipt,
    take_receipt,
    type_receipt,
)
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.services.protection import note_looks

ROWS_A_PAGE = 50
# A form of more orders would be too long to fill in: such a batch is answered by a file.
MOST_TYPED = 300


@require_safe
def receipts(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.KEEPERS)
    seen = access.receipts(request.user)
    listed = receipt_queries.receipt_list(seen)
    context = {
        "page": Paginator(listed, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "quarantined": receipt_queries.quarantined(seen).count(),
        "issuers": access.issuers(request.user),
    }
    return render(request, "cards/receipts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: SignedIn, receipt_id: UUID) -> HttpResponse:
    receipt = access.receipt(request.user, receipt_id)
    form = SettleForm(request.POST or None)
    if form.is_valid():
        return _settle(request, receipt, form.cleaned_data["note"])
    lines = receipt_queries.receipt_lines(receipt, access.orders(request.user))
    page = Paginator(lines, ROWS_A_PAGE).get_page(request.GET.get("page"))
    note_looks(actor=request.user, people=[line.order.need.staff for line in page])
    rows = receipt_queries.line_rows(page)
    context = {"receipt": receipt, "page": page, "rows": rows, "form": form}
    context |= receipt_queries.shown_fault(receipt)
    return render(request, "cards/receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.KEEPERS)
    issuers = access.issuers(request.user)
    form = ReceiptFileForm(request.POST or None, request.FILES or None, issuers=issuers)
    if form.is_valid() and (taken := _take(request, form)):
        return _show(request, taken)
    return render(request, "cards/receipt_upload.html", {"form": form, "issuers": issuers})


@require_http_methods(["GET", "HEAD", "POST"])
def technical(request: SignedIn, batch_id: UUID) -> HttpResponse:
    return _type(request, batch_id, ReceiptKind.TECHNICAL)


@require_http_methods(["GET", "HEAD", "POST"])
def content(request: SignedIn, batch_id: UUID) -> HttpResponse:
    return _type(request, batch_id, ReceiptKind.CONTENT)


@require_http_methods(["GET", "HEAD", "POST"])
def production(request: SignedIn, batch_id: UUID) -> HttpResponse:
    return _type(request, batch_id, ReceiptKind.PRODUCTION)


def _type(request: SignedIn, batch_id: UUID, kind: ReceiptKind) -> HttpResponse:
    batch = access.answered_batch(request.user, batch_id)
    orders = list(queries.delivered_orders(batch)[: MOST_TYPED + 1])
    context = {"batch": batch, "kind": kind, "most": MOST_TYPED}
    if kind != ReceiptKind.TECHNICAL and len(orders) > MOST_TYPED:
        return render(request, "cards/receipt_too_long.html", context)
    asked = [] if kind == ReceiptKind.TECHNICAL else orders
    form = TYPED[kind](request.POST or None, orders=asked)
    if form.is_valid() and (taken := _take_typed(request, batch, form)):
        return _show(request, taken)
    return render(request, "cards/receipt_typed.html", context | {"form": form})


def _take(request: SignedIn, form: ReceiptFileForm) -> Receipt | None:
    file = form.cleaned_data["file"]
    try:
        return take_receipt(
            actor=request.user,
            issuer=form.cleaned_data["issuer"],
            data=file.read(),
            name=file.name,
            via=Receipt.Via.PAGE,
        )
    except NotDeliveredYet:
        form.add_error("file", _("The batch is not delivered yet. Hand in the receipt later."))
        return None


def _take_typed(request: SignedIn, batch: Batch, form: TypedForm) -> Receipt | None:
    document = form.document(batch, timezone.now())
    try:
        return type_receipt(actor=request.user, batch=batch, document=document)
    except NotDeliveredYet:
        form.add_error(None, _("The batch is being sent again. Type the receipt later."))
        return None


def _settle(request: SignedIn, receipt: Receipt, note: str) -> HttpResponse:
    try:
        settle_receipt(actor=request.user, receipt=receipt, note=note)
        messages.success(request, _("The receipt is settled."))
    except NotQuarantined:
        messages.error(request, _("Somebody has settled the receipt already."))
    return redirect("cards:receipts")


def _show(request: SignedIn, receipt: Receipt) -> HttpResponse:
    """Show what became of a receipt that was handed in."""
    if receipt.state == Receipt.State.TAKEN:
        messages.success(request, _("The receipt is taken."))
    return redirect("cards:receipt", receipt_id=receipt.pk)
