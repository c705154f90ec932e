"""Paper on the web: each document as a page and as a PDF, behind the same doors."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from booking.models import Visit
from enrolment.cards.models import Batch
from enrolment.cards.services.batches import build_batch
from tests import builders, card_builders, photo_builders

pytestmark = pytest.mark.django_db
DAY = ["reports:day_sheet", "reports:day_sheet_pdf"]
NOTE = ["reports:delivery_note", "reports:delivery_note_pdf"]


def text(client: Client, name: str, about: Visit | Batch) -> str:
    answer = client.get(reverse(name, args=[about.pk]))
    assert answer.status_code == 200
    if not name.endswith("_pdf"):
        return answer.content.decode()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


def status(client: Client, name: str, about: Visit | Batch) -> int:
    return client.get(reverse(name, args=[about.pk])).status_code


@pytest.fixture
def visit() -> Visit:
    visit = builders.visit(builders.unit(name="Björkgården"))
    photo_builders.booked(visit, given_name="Örjan", family_name="Åström")
    photo_builders.booked(visit, given_name="Hemlig", protected=True)
    return visit


@pytest.fixture
def batch() -> Batch:
    batch = card_builders.batch()
    build_batch(batch_id=batch.pk)
    return Batch.objects.get(pk=batch.pk)


@pytest.mark.parametrize("name", DAY)
def test_the_day_sheet_is_for_the_technician_and_those_who_book(name, visit, log_in):
    federation = visit.unit.municipality.federation
    for user in (
        visit.technician.user,
        builders.user("care_manager", within=visit.unit),
        builders.user("planner", within=federation),
    ):
        page = text(log_in(user), name, visit)
        assert "Björkgården" in page
        assert "Örjan Åström" in page
        assert "Hemlig" not in page


@pytest.mark.parametrize("name", DAY)
def test_others_get_no_day_sheet(name, visit, log_in):
    federation = visit.unit.municipality.federation
    for user in (
        builders.technician(federation).user,
        builders.user("care_manager", within=builders.unit(visit.unit.municipality)),
        builders.user("planner", within=builders.federation()),
        builders.user("card_issuer", within=federation),
        builders.user(),
    ):
        assert status(log_in(user), name, visit) == 404


@pytest.mark.parametrize("name", DAY)
def test_a_manager_sees_none_of_the_days_visits_to_other_units(name, visit, log_in):
    elsewhere = builders.unit(visit.unit.municipality, "Solgläntan")
    builders.visit(elsewhere, visit.technician, 1, starts_at=builders.tomorrow(14))
    manager = builders.user("care_manager", within=visit.unit)
    assert "Solgläntan" not in text(log_in(manager), name, visit)
    assert "Solgläntan" in text(log_in(visit.technician.user), name, visit)


@pytest.mark.parametrize("name", NOTE)
def test_the_delivery_note_is_for_those_who_handle_batches(name, batch, log_in):
    page = text(log_in(card_builders.keeper(batch.issuer.federation)), name, batch)
    assert batch.name in page
    assert batch.package_sha256[:8] in page
    assert "Öberg" not in page
    for user in (
        card_builders.keeper(builders.federation()),
        builders.user("care_manager", within=batch.issuer.federation),
        builders.user(),
    ):
        assert status(log_in(user), name, batch) == 404


@pytest.mark.parametrize("name", NOTE)
def test_a_batch_without_a_package_has_no_delivery_note(name, log_in):
    batch = card_builders.batch()
    assert status(log_in(card_builders.keeper(batch.issuer.federation)), name, batch) == 404


def test_each_page_leads_to_its_pdf_and_back(visit, batch, log_in):
    page = text(log_in(visit.technician.user), "reports:day_sheet", visit)
    assert reverse("reports:day_sheet_pdf", args=[visit.pk]) in page
    assert reverse("booking:visit", args=[visit.pk]) in page
    keeper = card_builders.keeper(batch.issuer.federation)
    page = text(log_in(keeper), "reports:delivery_note", batch)
    assert reverse("reports:delivery_note_pdf", args=[batch.pk]) in page
    assert reverse("cards:batch", args=[batch.pk]) in page
