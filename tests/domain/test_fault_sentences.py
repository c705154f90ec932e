import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

import pytest
from django.utils import translation

from enrolment.people.domain import hsa_id, personnummer, stages
from enrolment.people.domain.refusal import Code, Refusal
from enrolment.people.domain.staff_file import Fault
from enrolment.people.domain.stages import Stage
from enrolment.people.faults import HEADING_NAMES, SENTENCES, sentence
from tests.staff_file_builders import HEADINGS, as_csv, as_xlsx, person, read, read_rows, zipped

TODAY = date(2026, 5, 12)
BIG = {"xl/media/zeros": b"\0" * 70_000_000}

REFUSED: dict[Code, Callable[[], object]] = {
    Code.STEP_NOT_ALLOWED: lambda: stages.check_step(Stage.BOOKED, Stage.APPROVED),
    Code.PERSONNUMMER_FORM: lambda: personnummer.parse("6112", TODAY),
    Code.PERSONNUMMER_DATE: lambda: personnummer.parse("202601912393", date(2025, 1, 1)),
    Code.PERSONNUMMER_CHECK_DIGIT: lambda: personnummer.parse("6112122872", TODAY),
    Code.HSA_ID_FORM: lambda: hsa_id.parse("P001"),
    Code.HSA_ID_TOO_LONG: lambda: hsa_id.parse("SE5560000000-" + "A" * 19),
    Code.FILE_EMPTY: lambda: read(b""),
    Code.FILE_TOO_LARGE: lambda: read(b"a" * 10_000_001),
    Code.FILE_UNPACKS_TOO_LARGE: lambda: read(zipped(BIG, as_xlsx([HEADINGS])), "a.xlsx"),
    Code.FILE_TYPE: lambda: read(b"%PDF-1.7"),
    Code.FILE_BROKEN: lambda: read(b"PK\x03\x04", "a.xlsx"),
    Code.FILE_QUOTES: lambda: read(b'HSA-id\n"SE\n\n'),
    Code.FILE_NO_ROWS: lambda: read(as_csv([HEADINGS])),
    Code.FILE_TOO_MANY_ROWS: lambda: read(b"a\n" * 20_002),
    Code.HEADINGS_MISSING: lambda: read(b"Titel\nChef"),
    Code.HEADING_TWICE: lambda: read(b"Titel;Title\nChef;Chef"),
}
FOUND: dict[Code, list[object]] = {
    Code.HSA_ID_ODD_CHARACTERS: person(1, hsa_id="SE5560000000-P.1"),
    Code.ROW_TOO_LONG: [*person(1), "Chef"],
    Code.VALUE_MISSING: person(1, given_name=""),
    Code.VALUE_TOO_LONG: person(1, given_name="Å" * 81),
    Code.UNREADABLE_CHARACTERS: person(1, given_name="Å\nsa"),
    Code.FORMULA: person(1, given_name="=1"),
    Code.UNIT_UNKNOWN: person(1, unit="SE5560000000-E999"),
    Code.DATE: person(1, card_expires="31/2"),
    Code.EMAIL: person(1, email="100 % fel"),
    Code.YES_OR_NO: person(1, protected="kanske"),
    Code.HSA_ID_TWICE: person(0),
}


def refusal_of(code: Code) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        REFUSED[code]()
    return refusal.value


def fault_of(code: Code) -> Fault:
    if code is Code.PERSONNUMMER_TAKEN:  # told where the file is held against the register
        return Fault(2, "Personnummer", code, {})
    if code is Code.ROW_QUOTES:
        table = read(as_csv([HEADINGS]) + b'"SE"5560000000-P001')
    else:
        table = read_rows(person(0), FOUND[code])
    (fault,) = [*table.faults, *table.warnings]
    return fault


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("code", list(Code))
def test_every_code_is_met_and_its_sentence_is_whole(code: Code, language: str):
    said = refusal_of(code) if code in REFUSED else fault_of(code)
    assert said.code == code
    with translation.override(language):
        text = sentence(said)
    assert re.fullmatch(r"[A-ZÅÄÖ].+\.", text)
    assert "%(" not in text
    assert all(str(value) in text for value in _shown(said))


def _shown(said: Refusal | Fault) -> list[object]:
    wanted = re.findall(r"%\((\w+)\)s", str(SENTENCES[Code(said.code)]))
    return [said.params[name] for name in wanted if name != "fields"]


def test_missing_headings_are_named_as_they_should_be_written():
    with translation.override("en"):
        text = sentence(refusal_of(Code.HEADINGS_MISSING))
    assert text == "Add these headings to the first row: HSA-id, Given name, Family name, Unit."


@pytest.mark.parametrize("language", ["en", "sv"])
def test_headings_written_as_told_are_understood(language: str):
    with translation.override(language):
        headings = [str(HEADING_NAMES[field]) for field in HEADING_NAMES]
    row = ["SE5560000000-P001", "Åsa", "Öberg", "SE5560000000-E001"]
    assert len(read_rows(row, headings=headings).rows) == 1


def test_the_code_of_another_room_is_no_business_of_this_catalogue():
    with pytest.raises(ValueError, match="no_such_code"):
        sentence(Refusal(OtherRoom.CODE))


class OtherRoom(StrEnum):
    CODE = "no_such_code"
