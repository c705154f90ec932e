"""The field guide: two pages, one for each thing that may happen, nothing the font cannot draw."""

import io
import re

import pytest
from django.urls import reverse
from django.utils.translation import override
from pypdf import PdfReader

from enrolment.people.models import Membership
from enrolment.reports import documents, pdf
from enrolment.reports.access import organisation
from enrolment.reports.domain.paper import Facts, Listing, Section
from tests import builders
from tests.architecture.test_places import ROOT

pytestmark = pytest.mark.django_db
STATION = ROOT / "templates/photos/station"
KEY = re.compile(r"<kbd[^>]*>([^<]+)</kbd>")
PRESSED = re.compile(r"Press (\w+(?:\+\w)?)")
LONG = "Kommunalförbundet för gemensam it och telefoni i Västra Skaraborg"


def pages_of(organisation: str) -> list[str]:
    reader = PdfReader(io.BytesIO(pdf.render(documents.field_guide(organisation))))
    return [page.extract_text() for page in reader.pages]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", ["Ådalens IT", LONG])
def test_the_guide_is_two_pages(language, name):
    with override(language):
        assert len(pages_of(name)) == 2


def test_both_pages_bear_the_organisation_and_no_letter_is_missing():
    pages = pages_of("Ådalens IT")
    assert all("Ådalens IT" in page for page in pages)
    guide = documents.field_guide("Ådalens IT")
    told = [fact.value for part in guide.parts if isinstance(part, Facts) for fact in part.rows]
    [steps] = [part for part in guide.parts if isinstance(part, Listing)]
    told += [cell for row in steps.rows for cell in row]
    assert "".join(pages).count("?") == "".join(told).count("?")


def test_each_part_of_a_visit_has_its_heading_and_no_heading_stands_last_on_a_page():
    guide = documents.field_guide("Ådalens IT")
    headings = [part.heading for part in guide.parts if isinstance(part, Section)]
    assert len(headings) == 6
    for page in pages_of("Ådalens IT"):
        lines = [line for line in page.splitlines() if line.strip()]
        assert not {lines[-1], lines[-2]} & set(headings)
    assert all(heading in "\n".join(pages_of("Ådalens IT")) for heading in headings)


def test_the_day_is_on_the_first_page_and_all_that_may_come_between_on_the_second():
    guide = documents.field_guide("Ådalens IT")
    headings = [part.heading for part in guide.parts if isinstance(part, Section)]
    first, second = pages_of("Ådalens IT")
    assert [heading in first for heading in headings] == [True] * 4 + [False] * 2
    assert [heading in second for heading in headings] == [False] * 4 + [True] * 2


def test_every_key_it_names_is_one_of_the_stations():
    with override("en"):
        guide = documents.field_guide("Ådalens IT")
    [steps] = [part for part in guide.parts if isinstance(part, Listing)]
    told = [fact.value for part in guide.parts if isinstance(part, Facts) for fact in part.rows]
    named = set(PRESSED.findall(" ".join(told)))
    named |= {key for row in steps.rows for key in row[2].split(" or ")}
    assert {"1–5", "Esc", "Enter", "Ctrl+Z", "F2"} < named
    assert named <= {
        key for page in STATION.glob("*.html") for key in KEY.findall(page.read_text())
    }


def test_the_same_guide_gives_the_same_bytes():
    first, second = (pdf.render(documents.field_guide("Ådalens IT")) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("role", Membership.Role)
def test_whoever_is_logged_in_may_read_it_under_the_own_federations_name(role, client):
    unit = builders.unit()
    client.force_login(builders.user(role, within=unit.municipality.federation))
    page = client.get(reverse("reports:field_guide"))
    assert unit.municipality.federation.name == page.context["paper"].author
    assert reverse("reports:field_guide_pdf") in page.text
    file = client.get(reverse("reports:field_guide_pdf"))
    assert file["Content-Type"] == "application/pdf"
    assert len(PdfReader(io.BytesIO(file.content)).pages) == 2


@pytest.mark.parametrize("name", ["field_guide", "field_guide_pdf"])
def test_nobody_reads_it_without_logging_in(name, client):
    answer = client.get(reverse(f"reports:{name}"))
    assert answer.status_code == 302
    assert "/logga-in/" in answer["Location"]


def test_somebody_without_a_federation_has_no_name_on_it():
    assert organisation(builders.user()) == ""
