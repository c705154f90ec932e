"""Batches: the list, sealing one, its way to the issuer and its package."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enrolment.cards import access, faults, queries
from enrolment.cards.models import Batch
from enrolment.cards.services.batches import (
    NotToResend,
    PackageGone,
    fetch_package,
    resend_batch,
    retry_batch,
    seal_batch,
    sealing_fault,
)
from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from enrolment.people.domain.refusal import Refusal

ROWS_A_PAGE = 50


@require_safe
def batches(request: SignedIn) -> HttpResponse:
    people_access.hold(request.user, *access.KEEPERS)
    seen = queries.batch_list(access.batches(request.user))
    page = Paginator(seen, ROWS_A_PAGE).get_page(request.GET.get("page"))
    counters = queries.counters(access.issuers(request.user))
    stops = {
        counter.issuer: faults.sentence(faults.note(fault))
        for counter in counters.each
        if counter.waiting and (fault := sealing_fault(counter.issuer, timezone.now()))
    }
    context = {
        "counters": counters,
        "page": page,
        "stops": stops,
        "unfinished": queries.UNFINISHED,
    }
    return render(request, "cards/batches.html", context)


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
        **_progress(batch),
        "history": queries.history(batch),
        "recipients": queries.recipients_of(batch),
        "can_resend": queries.can_resend(batch),
        "counts": queries.answer_counts(batch),
        "fault": faults.sentence(batch.error) if batch.error else "",
        "receipts": queries.receipts_of(access.receipts(request.user), batch),
    }
    return render(request, "cards/batch.html", context)


@require_safe
def batch_progress(request: SignedIn, batch_id: UUID) -> HttpResponse:
    """Answer the page that waits: nothing new, or have it load itself again."""
    batch = access.batch(request.user, batch_id)
    context = _progress(batch)
    response = render(request, "cards/parts/progress.html", context)
    if not context["moves"]:
        response["HX-Refresh"] = "true"
    return response


def _progress(batch: Batch) -> dict[str, Any]:
    unfinished = batch.status in queries.UNFINISHED
    return {
        "batch": batch,
        "steps": queries.batch_steps(batch),
        "unfinished": unfinished,
        "moves": unfinished and not batch.error,
    }


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


@require_POST
def resend(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.batch(request.user, batch_id)
    try:
        resend_batch(actor=request.user, batch=batch)
        messages.success(request, _("Batch %(name)s is sent again.") % {"name": batch.name})
    except NotToResend:
        messages.error(request, _("Only a batch that the card issuer couldn't open is sent again."))
    return redirect("cards:batch", batch_id=batch.pk)
