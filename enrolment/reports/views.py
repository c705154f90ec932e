"""Paper: each document as a page, and as a PDF."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enrolment.people.access import SignedIn
from enrolment.reports import access, documents
from enrolment.reports.services import note_paper


@require_safe
def day_sheet(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id)
    paper = documents.day_sheet(visit, access.visits(request.user))
    context = {"pdf_url": reverse("reports:day_sheet_pdf", args=[visit_id])}
    context |= {"back_url": reverse("booking:visit", args=[visit_id]), "back_label": _("The visit")}
    return render(request, "reports/paper.html", {"paper": paper, **context})


@require_safe
def day_sheet_pdf(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id)
    content = documents.day_sheet_pdf(visit, access.visits(request.user))
    federation = visit.unit.municipality.federation
    note_paper(actor=request.user, paper="day_sheet", about=visit, federation=federation)
    return _pdf(content, "daglista")


@require_safe
def delivery_note(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = access.built_batch(request.user, batch_id)
    context = {"pdf_url": reverse("reports:delivery_note_pdf", args=[batch_id])}
    context |= {"back_url": reverse("cards:batch", args=[batch_id]), "back_label": batch.name}
    return render(
        request, "reports/paper.html", {"paper": documents.delivery_note(batch), **context}
    )


@require_safe
def delivery_note_pdf(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.built_batch(request.user, batch_id)
    content = documents.delivery_note_pdf(batch)
    federation = batch.issuer.federation
    note_paper(actor=request.user, paper="delivery_note", about=batch, federation=federation)
    return _pdf(content, "foljesedel")


def _pdf(content: bytes, name: str) -> HttpResponse:
    """Answer with a PDF that the browser shows."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
