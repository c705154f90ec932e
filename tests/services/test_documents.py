"""Day sheet and delivery note: what stands on them, what never does, and the same bytes again."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from booking.models import Visit
from booking.services.bookings import cancel_booking
from booking.services.visits import cancel_visit
from enrolment.cards.models import Batch
from enrolment.cards.services.batches import build_batch
from enrolment.reports import documents
from enrolment.reports.domain.paper import Facts, Listing, Section
from tests import builders, card_builders, photo_builders

pytestmark = pytest.mark.django_db


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def sheet(visit: Visit) -> str:
    return text_of(documents.day_sheet_pdf(visit))


def built() -> Batch:
    batch = card_builders.batch(2)
    build_batch(batch_id=batch.pk)
    return Batch.objects.get(pk=batch.pk)


# --- Day sheet --------------------------------------------------------------------------------


def test_the_day_sheet_says_where_whom_and_when():
    unit = builders.unit(name="Björkgården")
    unit.room_note, unit.contact_name, unit.contact_phone = "Plan 2", "Maria Ek", "0510-12 34"
    unit.save()
    visit = builders.visit(unit)
    photo_builders.booked(visit, given_name="Örjan", family_name="Åström", title="Läkare")
    text = sheet(visit)
    for told in [
        "09.00–11.00 Björkgården",
        "Storgatan 1, 531 30 Lidköping",
        "Plan 2",
        "Maria Ek, 0510-12 34",
        "Örjan Åström",
        "Läkare",
    ]:
        assert told in text
    assert listing_of(visit).rows == [["09.00", "Örjan Åström", "Läkare"]]


def listing_of(visit: Visit) -> Listing:
    return next(part for part in documents.day_sheet(visit).parts if isinstance(part, Listing))


def stop_of(visit: Visit) -> Section:
    parts = documents.day_sheet(visit).parts
    return [part for part in parts if isinstance(part, Section)][1]


def test_a_protected_person_has_a_time_and_nothing_else():
    visit = builders.visit()
    photo_builders.booked(visit, given_name="Hemlig", title="Läkare", protected=True)
    photo_builders.booked(visit, given_name="Åsa")
    text = sheet(visit)
    assert "Åsa" in text
    assert "Hemlig" not in text
    assert "Läkare" not in text
    assert listing_of(visit).rows[0][0] == "09.00"


def test_the_days_other_visits_of_the_technician_are_on_it_in_their_order():
    visit = builders.visit(builders.unit(name="Morgongården"))
    by, federation = visit.technician, visit.unit.municipality

    def other(name: str, hour: int = 9, days: int = 0, technician=by) -> Visit:
        starts_at = builders.tomorrow(hour) + timedelta(days=days)
        return builders.visit(builders.unit(federation, name), technician, 1, starts_at=starts_at)

    other("Kvällsgården", 16)
    other("Middagsgården", 12)
    other("Imorgongården", days=1)
    other("Andragården", technician=builders.technician(federation.federation))
    cancelled = other("Inställdgården", 14)
    cancel_visit(actor=builders.user(), visit=cancelled)
    parts = documents.day_sheet(visit).parts
    [_roads, *stops] = [part.heading for part in parts if isinstance(part, Section)]
    assert stops == [
        "09.00–11.00 Morgongården",
        "12.00–13.00 Middagsgården",
        "16.00–17.00 Kvällsgården",
    ]


def test_a_cancelled_booking_is_off_the_sheet_and_its_time_is_free():
    visit = builders.visit()
    booking = photo_builders.booked(visit, given_name="Avbokade")
    free = visit.slots.count()
    assert str(free - 1) in stop_of(visit).lead
    cancel_booking(actor=builders.user(), booking=booking)
    assert str(free) in stop_of(visit).lead
    assert "Avbokade" not in sheet(visit)


def test_two_stations_are_told_apart():
    visit = builders.visit(stations=2)
    for _ in range(2):
        photo_builders.booked(visit)
    assert len({row[0] for row in listing_of(visit).rows}) == 2


def test_a_long_list_runs_over_pages_that_are_numbered_and_repeat_the_head():
    visit = builders.visit(hours=4)
    for number in range(40):
        photo_builders.booked(visit, family_name=f"Nummer{number}")
    pdf = PdfReader(io.BytesIO(documents.day_sheet_pdf(visit)))
    pages = [page.extract_text() for page in pdf.pages]
    assert len(pages) == 2
    for number, page in enumerate(pages, start=1):
        assert documents.day_sheet(visit).page_words % {"page": number, "pages": 2} in page
        assert listing_of(visit).columns[1].heading in page
    assert all(f"Nummer{number}" in "".join(pages) for number in range(40))


# --- Delivery note ----------------------------------------------------------------------------


def test_the_delivery_note_has_the_figures_and_the_checksum_and_no_name():
    batch = built()
    text = text_of(documents.delivery_note_pdf(batch))
    [facts, *_rest] = documents.delivery_note(batch).parts
    assert isinstance(facts, Facts)
    values = [fact.value for fact in facts.rows]
    assert batch.name in text
    assert f"{batch.name}.zip" in values
    assert batch.package_sha256 in ["".join(value.split()) for value in values]
    assert batch.package_sha256 in "".join(text.split())
    assert values.count("2") == 2
    assert "Öberg" not in text
    assert batch.sealed_by.name not in text


# --- The PDF itself ---------------------------------------------------------------------------


def test_the_same_document_gives_the_same_bytes_and_another_gives_others():
    batch = built()
    first = documents.delivery_note_pdf(batch)
    assert documents.delivery_note_pdf(batch) == first
    batch.package_sha256 = "0" * 64
    assert documents.delivery_note_pdf(batch) != first


def test_title_author_and_language_are_told():
    pdf = PdfReader(io.BytesIO(documents.delivery_note_pdf(built())))
    assert pdf.metadata.title == documents.delivery_note(Batch.objects.get()).title
    assert pdf.metadata.author == "Ådalens IT"
    assert pdf.trailer["/Root"]["/Lang"] == "sv-SE"
