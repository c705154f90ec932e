"""Staff files made in the test: CSV and XLSX from rows of cells."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from openpyxl import Workbook

from enrolment.people.domain.personnummer import Personnummer
from enrolment.people.domain.staff_file import (
    Field,
    StaffFileError,
    StaffRow,
    StaffTable,
    read_staff_file,
)

TODAY = date(2026, 5, 12)
UNIT, OTHER_UNIT = "SE5560000000-E001", "SE5560000000-E002"
SWEDISH = {
    Field.HSA_ID: "HSA-id",
    Field.GIVEN_NAME: "Förnamn",
    Field.FAMILY_NAME: "Efternamn",
    Field.TITLE: "Titel",
    Field.EMAIL: "E-post",
    Field.PHONE: "Telefon",
    Field.UNIT: "Enhet (HSA-id)",
    Field.CARD_EXPIRES: "Kort giltigt till",
    Field.PROTECTED: "Skyddade personuppgifter (ja/nej)",
    Field.PERSONNUMMER: "Personnummer",
}
HEADINGS = list(SWEDISH.values())
CELLS = {
    Field.HSA_ID: "SE5560000000-P001",
    Field.GIVEN_NAME: "Åsa",
    Field.FAMILY_NAME: "Öberg",
    Field.TITLE: "Undersköterska",
    Field.EMAIL: "asa@example.org",
    Field.PHONE: "0510-12 34 56",
    Field.UNIT: UNIT,
    Field.CARD_EXPIRES: "2027-02-28",
    Field.PROTECTED: "nej",
    Field.PERSONNUMMER: "611212-2871",
}
ROW = list(CELLS.values())
STAFF = StaffRow(
    hsa_id="SE5560000000-P001",
    given_name="Åsa",
    family_name="Öberg",
    title="Undersköterska",
    email="asa@example.org",
    phone="0510-12 34 56",
    unit=UNIT,
    card_expires=date(2027, 2, 28),
    protected=False,
    personnummer=Personnummer("196112122871"),
)


def as_csv(
    rows: Sequence[Sequence[object]], delimiter: str = ";", encoding: str = "utf-8"
) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    workbook, file = Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(file)
    return file.getvalue()


def zipped(parts: dict[str, bytes], base: bytes = b"") -> bytes:
    """Return an archive with the parts of `base` and those given, which replace its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (unzipped(base) | parts).items():
            archive.writestr(name, content)
    return file.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    if not data:
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def person(number: int, **cells: object) -> list[object]:
    """Return a row like ROW of another person, with the named cells changed."""
    changed = {Field(name): cell for name, cell in cells.items()}
    return list((CELLS | {Field.HSA_ID: f"SE5560000000-P{number:04}"} | changed).values())


def read(data: bytes, name: str = "personal.csv") -> StaffTable:
    return read_staff_file(data, name, units={UNIT, OTHER_UNIT}, today=TODAY)


def read_rows(*rows: Sequence[object], headings: Sequence[str] = HEADINGS) -> StaffTable:
    return read(as_csv([headings, *rows]))


def refused(data: bytes, name: str = "personal.csv") -> StaffFileError:
    with pytest.raises(StaffFileError) as refusal:
        read(data, name)
    return refusal.value
