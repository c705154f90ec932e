"""Paper: each document as a page, and as a PDF."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.models import Visit
from enrolment.people.access import SignedIn
from enrolment.reports import access, documents, pdf
from enrolment.reports.domain.paper import Paper
from enrolment.reports.services import note_paper


@require_safe
def day_sheet(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id)
    return _page(
        request, visit, "day_sheet", documents.day_sheet(visit, access.visits(request.user))
    )


@require_safe
def day_sheet_pdf(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.visit(request.user, visit_id)
    paper = documents.day_sheet(visit, access.visits(request.user))
    return _pdf(request, visit, "day_sheet", paper, "daglista")


@require_safe
def poster(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    return _page(request, visit, "poster", documents.poster(visit))


@require_safe
def poster_pdf(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    return _pdf(request, visit, "poster", documents.poster(visit), "affisch")


@require_safe
def call_list(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    return _page(request, visit, "call_list", documents.call_list(visit))


@require_safe
def call_list_pdf(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    return _pdf(request, visit, "call_list", documents.call_list(visit), "upprop")


@require_safe
def blank_form(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    return _page(request, visit, "blank_form", documents.blank_form(visit))


@require_safe
def blank_form_pdf(request: SignedIn, visit_id: UUID) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    return _pdf(request, visit, "blank_form", documents.blank_form(visit), "nodblankett")


@require_safe
def delivery_note(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    batch = access.built_batch(request.user, batch_id)
    context = {
        "paper": documents.delivery_note(batch),
        "pdf_url": reverse("reports:delivery_note_pdf", args=[batch_id]),
        "back_url": reverse("cards:batch", args=[batch_id]),
        "back_label": batch.name,
    }
    return render(request, "reports/paper.html", context)


@require_safe
def delivery_note_pdf(request: SignedIn, batch_id: UUID) -> HttpResponse:
    batch = access.built_batch(request.user, batch_id)
    federation = batch.issuer.federation
    note_paper(actor=request.user, paper="delivery_note", about=batch, federation=federation)
    return _shown(documents.delivery_note_pdf(batch), "foljesedel")


def _page(request: HttpRequest, visit: Visit, name: str, paper: Paper) -> HttpResponse:
    """Show a document about a visit as a page."""
    context = {
        "paper": paper,
        "pdf_url": reverse(f"reports:{name}_pdf", args=[visit.pk]),
        "back_url": reverse("booking:visit", args=[visit.pk]),
        "back_label": _("The visit"),
    }
    return render(request, "reports/paper.html", context)


def _pdf(request: SignedIn, visit: Visit, name: str, paper: Paper, file: str) -> HttpResponse:
    """Note that somebody fetched a document about a visit, and answer with it as a PDF."""
    federation = visit.unit.municipality.federation
    note_paper(actor=request.user, paper=name, about=visit, federation=federation)
    return _shown(pdf.render(paper), file)


def _shown(content: bytes, file: str) -> HttpResponse:
    """Answer with a PDF that the browser shows."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{file}.pdf"'
    return response
