"""Poster, call list, slips and emergency form: what stands on them, and that a code can be read."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from booking.models import Visit
from booking.queries import own_time
from booking.services.bookings import cancel_booking
from enrolment.people.models import Staff
from enrolment.reports import documents, pdf
from enrolment.reports.domain.paper import Facts, Listing, Paper, Scan, Slips
from tests import builders, photo_builders

pytestmark = pytest.mark.django_db


def pages_of(paper: Paper) -> list[str]:
    reader = PdfReader(io.BytesIO(pdf.render(paper)))
    return [page.extract_text() for page in reader.pages]


def part_of(paper: Paper, kind: type):
    return next((part for part in paper.parts if isinstance(part, kind)), None)


@pytest.fixture
def visit() -> Visit:
    visit = builders.visit(builders.unit(name="Björkgården"))
    photo_builders.booked(visit, given_name="Örjan", family_name="Åström")
    photo_builders.booked(visit, given_name="Siv", family_name="Utan-Post", email="")
    photo_builders.booked(visit, given_name="Hemlig", family_name="Person", protected=True)
    return visit


# --- Poster -----------------------------------------------------------------------------------


def test_the_poster_says_what_when_where_and_names_nobody(visit):
    paper = documents.poster(visit)
    [page] = pages_of(paper)
    for words in ("SITHS", "09.00–11.00", "Björkgården", "Storgatan 1", "/min-tid/"):
        assert words in page
    for person in Staff.objects.all():
        assert person.given_name not in page
        assert person.family_name not in page
    assert visit.technician.user.name not in page
    assert part_of(paper, Scan).code.text.endswith(reverse("booking:own_code"))


def test_the_poster_tells_no_door_code_and_leaves_room_for_the_room(visit):
    visit.unit.room_note = "Kod 1234, plan 2"
    assert "1234" not in str(documents.poster(visit))
    lines = [fact.value for fact in part_of(documents.poster(visit), Facts).rows]
    assert [line.strip("_") for line in lines].count("\n") == 1
    assert "____" in pages_of(documents.poster(visit))[0]


def test_a_poster_with_long_names_is_one_page(visit):
    visit.unit.name = "Vård- och omsorgsboendet Stora Björkgården vid Kyrkogatan, avdelning Norr"
    visit.unit.street = "Stora Kyrkogatan 112, uppgång C, fjärde våningen"
    assert len(pages_of(documents.poster(visit))) == 1


def test_the_poster_of_an_activation_asks_for_the_new_card(visit):
    activation = builders.visit(
        visit.unit, visit.technician, kind="activation", starts_at=builders.tomorrow(13)
    )
    photo, other = (str(documents.poster(each).parts[0]) for each in (visit, activation))
    assert photo != other
    assert documents.poster(visit).title != documents.poster(activation).title


# --- Call list and slips ------------------------------------------------------------------------


def test_the_call_list_has_each_persons_time_code_and_something_to_scan(visit):
    listing = part_of(documents.call_list(visit), Listing)
    first, second = own_time.slips(visit)
    assert [row[0] for row in listing.rows] == ["09.00", "09.04", "09.08"]
    assert [row[1] for row in listing.rows[:2]] == ["Örjan Åström", "Siv Utan-Post"]
    assert [row[2] for row in listing.rows] == [first.code, second.code, ""]
    assert [code and code.text for code in listing.codes] == [first.code, second.code, None]
    page = pages_of(documents.call_list(visit))[0]
    assert first.code in page
    assert second.code in page


def test_a_protected_person_has_a_time_on_the_call_list_and_nothing_else(visit):
    text = "".join(pages_of(documents.call_list(visit)))
    person = Staff.objects.get(protected=True)
    for secret in ("Hemlig", person.hsa_id, person.email):
        assert secret not in text
        assert secret not in str(documents.call_list(visit))
    assert "09.08" in text


def test_slips_are_for_people_without_email_and_carry_the_way_to_their_time(visit):
    slips = part_of(documents.call_list(visit), Slips)
    [way] = [way for way in own_time.slips(visit) if not way.booking.need.staff.email]
    [slip] = slips.slips
    values = [fact.value for fact in slip.facts]
    assert slip.name == "Siv Utan-Post"
    assert slip.code.text == way.address
    assert way.code in values
    assert any("09.04" in value for value in values)
    assert any(value.endswith(reverse("booking:own_code")) for value in values)
    _list, page = pages_of(documents.call_list(visit))
    assert "Siv Utan-Post" in page
    assert "Örjan" not in page


def test_without_anybody_there_is_no_list_and_no_slip(visit):
    for booking in visit.bookings.all():
        cancel_booking(actor=builders.user(), booking=booking)
    assert list(documents.call_list(visit).parts) == []


def test_a_guest_is_listed_with_the_unit(visit):
    guest = builders.unit(visit.unit.municipality, "Solgläntan")
    Staff.objects.filter(given_name="Siv").update(unit=guest)
    rows = part_of(documents.call_list(visit), Listing).rows
    assert [row[1] for row in rows[:2]] == ["Örjan Åström", "Siv Utan-Post, Solgläntan"]


def test_twelve_slips_are_cut_at_no_page_break(visit):
    for _ in range(12):
        photo_builders.booked(visit, family_name="Lapp", email="")
    pages = [page for page in pages_of(documents.call_list(visit)) if "/min-tid/" in page]
    codes = [way.code for way in own_time.slips(visit) if not way.booking.need.staff.email]
    assert len(pages) > 1
    for page in pages:
        whole = sum(code in page for code in codes)
        assert page.count("/min-tid/") == page.count("Storgatan 1") == whole
    assert all(sum(code in page for page in pages) == 1 for code in codes)


# --- Emergency form -----------------------------------------------------------------------------


def test_the_emergency_form_is_empty_and_one_page(visit):
    [page] = pages_of(documents.blank_form(visit))
    assert "Björkgården" in page
    assert "HSA-id" in page
    for name in ("Örjan", "Siv", "Hemlig"):
        assert name not in page
