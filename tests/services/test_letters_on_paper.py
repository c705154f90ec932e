"""Names on paper: every letter of Europe as written, in every document, and copied out the same."""

import io
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from booking.models import Visit
from enrolment.cards.models import Batch
from enrolment.cards.services.batches import build_batch
from enrolment.reports import documents, pdf
from enrolment.reports.domain.lettering import BOLD, CODE, FONT_FILES, PLAIN
from enrolment.reports.domain.paper import Code, Fact, Facts, Paper, Section, Slip, Slips
from tests import builders, card_builders, photo_builders

pytestmark = pytest.mark.django_db
LETTERS = "śńőłčžđşğăŚŃŐŁČŽĐŞĞĂ"
PEOPLE = ("Kamiński", "Őry", "Đorđević", "Yıldırımoğlu", "Ștefănescu", "Žižka", "Łączna")
LARGEST_BYTES = 200_000


def read(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def paper(**more) -> Paper:
    given = {"title": "A", "author": "B", "over": "C", "page_words": "%(page)s/%(pages)s"}
    return Paper(**{**given, "parts": [], **more})


@pytest.fixture
def visit() -> Visit:
    """A visit where everything that has a name has one with such letters."""
    unit = builders.unit(name=f"Gården {LETTERS}")
    unit.street, unit.contact_name = "Kościuszkogatan 1", "Małgorzata Čapková"
    unit.save()
    visit = builders.visit(unit)
    visit.technician.user.name = "Tomáš Dvořák"
    visit.technician.user.save()
    for number, name in enumerate(PEOPLE):
        email = f"p{number}@example.org" if number % 2 else ""
        photo_builders.booked(visit, given_name="Zoë", family_name=name, email=email)
    return visit


def note() -> Paper:
    batch = card_builders.batch()
    build_batch(batch_id=batch.pk)
    batch = Batch.objects.get(pk=batch.pk)
    batch.issuer.name = f"Kortverket {LETTERS}"
    return documents.delivery_note(batch)


PAPERS: dict[str, tuple[Callable[[Visit], Paper], tuple[str, ...]]] = {
    "poster": (documents.poster, (LETTERS, "Kościuszkogatan 1")),
    "day sheet": (documents.day_sheet, (LETTERS, *PEOPLE, "Małgorzata Čapková", "Tomáš Dvořák")),
    "call list": (documents.call_list, (LETTERS, *PEOPLE, "Kościuszkogatan 1")),
    "emergency form": (documents.blank_form, (LETTERS,)),
    "field guide": (lambda _visit: documents.field_guide(f"Förbundet {LETTERS}"), (LETTERS,)),
    "delivery note": (lambda _visit: note(), (LETTERS,)),
}


@pytest.mark.parametrize("name", PAPERS)
def test_names_come_out_of_the_document_as_written_and_it_is_small(name, visit):
    make, told = PAPERS[name]
    content = pdf.render(make(visit))
    text = read(content)
    assert [words for words in told if words not in text] == []
    assert len(content) < LARGEST_BYTES


def test_a_slip_bears_the_name_as_written(visit):
    slips = next(part for part in documents.call_list(visit).parts if isinstance(part, Slips))
    assert [slip.name for slip in slips.slips] == [f"Zoë {name}" for name in PEOPLE[::2]]
    text = read(pdf.render(paper(parts=[slips])))
    assert all(slip.name in text for slip in slips.slips)


def test_every_letter_of_extended_latin_greek_and_cyrillic_is_printed_and_copied():
    blocks = [
        *range(0xC0, 0x250),
        *range(0x386, 0x3D0),
        *range(0x400, 0x460),
        *range(0x1E80, 0x1EFA),
    ]
    letters = [chr(code) for code in blocks if unicodedata.category(chr(code)) in {"Lu", "Ll"}]
    words = ["".join(letters[at : at + 20]) for at in range(0, len(letters), 20)]
    parts = [Section(word, word) for word in words]
    text = read(pdf.render(paper(parts=parts)))
    assert len(letters) > 600
    assert [word for word in words if text.count(word) != 2] == []


def test_the_fonts_go_along_with_what_tells_their_letters():
    code = Facts([Fact("Łódź", "0a1b", code=True)])
    reader = PdfReader(io.BytesIO(pdf.render(paper(title="Őry", parts=[code]))))
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    brought = {str(font["/BaseFont"]).partition("+")[2]: font for font in fonts if brings(font)}
    assert set(brought) == {PLAIN, BOLD, CODE}
    assert all("/ToUnicode" in font for font in brought.values())


def brings(font: DictionaryObject) -> bool:
    return "/FontDescriptor" in font and "/FontFile2" in font["/FontDescriptor"].get_object()


@pytest.mark.parametrize(("name", "read_as"), [("王小明", "WangXiaoMing"), ("ሰላም", "selam")])
def test_a_name_in_a_script_the_font_lacks_can_be_read(name, read_as):
    slip = Slip(name, [Fact("A", "B")], Code("C"))
    text = read(pdf.render(paper(title=name, parts=[Slips("", "", [slip])])))
    assert text.count(read_as) == 4  # the title, the foot of both pages, the slip
    assert "?" not in text


@pytest.mark.parametrize("written", ["<b>&amp;</b>", "a <para> & b"])
def test_what_looks_like_markup_is_printed_as_written(written):
    assert written in read(pdf.render(paper(title=written)))


# --- The files --------------------------------------------------------------------------------


def test_a_missing_font_says_what_to_run(settings, tmp_path: Path):
    settings.FONTS_DIR = tmp_path
    with pytest.raises(pdf.FontMissing, match=r"DejaVuSans\.ttf.*manage\.py fetch_assets"):
        pdf.render(paper())


def test_a_missing_font_is_told_before_the_house_starts(settings, tmp_path: Path):
    assert run_checks() == []
    (tmp_path / FONT_FILES[PLAIN]).touch()
    settings.FONTS_DIR = tmp_path
    found = run_checks()
    assert [error.id for error in found] == ["reports.E001"] * 2
    assert f"{FONT_FILES[CODE]} is not in {tmp_path}" in found[-1].msg
    assert all("fetch_assets" in error.hint for error in found)
