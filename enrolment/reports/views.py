"""Paper: each document as a page, and as a PDF."""

from collections.abc import Callable
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

# The papers about a visit that stands: what each is made by, and what its PDF is called.
OF_VISIT: dict[str, tuple[Callable[[Visit], Paper], str]] = {
    "poster": (documents.poster, "affisch"),
    "call_list": (documents.call_list, "upprop"),
    "blank_form": (documents.blank_form, "nodblankett"),
}


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
def of_visit(request: HttpRequest, visit_id: UUID, name: str) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    make, _file = OF_VISIT[name]
    return _page(request, visit, name, make(visit))


@require_safe
def of_visit_pdf(request: SignedIn, visit_id: UUID, name: str) -> HttpResponse:
    visit = access.standing_visit(request.user, visit_id)
    make, file = OF_VISIT[name]
    return _pdf(request, visit, name, make(visit), file)


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


@require_safe
def field_guide(request: HttpRequest) -> HttpResponse:
    context = {
        "paper": documents.field_guide(access.organisation(request.user)),
        "pdf_url": reverse("reports:field_guide_pdf"),
        "back_url": reverse("desk:start"),
        "back_label": _("Start"),
    }
    return render(request, "reports/paper.html", context)


@require_safe
def field_guide_pdf(request: HttpRequest) -> HttpResponse:
    paper = documents.field_guide(access.organisation(request.user))
    return _shown(pdf.render(paper), "faltguide")


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
