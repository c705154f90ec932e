"""Find the columns of a staff file by their Swedish or English headings, in any order."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file.columns import (
    Headings,
    by_heading,
    find_headings,
    known_headings,
)
from enrolment.people.domain.staff_file.sheet import StaffFileError


class Field(StrEnum):
    """What a column can hold, by the attribute of StaffRow it fills."""

    HSA_ID = "hsa_id"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    TITLE = "title"
    EMAIL = "email"
    PHONE = "phone"
    UNIT = "unit"
    CARD_EXPIRES = "card_expires"
    PROTECTED = "protected"
    PERSONNUMMER = "personnummer"


MANDATORY = (Field.HSA_ID, Field.GIVEN_NAME, Field.FAMILY_NAME, Field.UNIT)

# Letter case, accents, spaces, punctuation and anything in brackets don't matter.
HEADINGS: Mapping[Field, tuple[str, ...]] = {
    Field.HSA_ID: ("HSA-id", "HSA-id person", "HSA-id medarbetare", "Staff HSA-id"),
    Field.GIVEN_NAME: ("Förnamn", "Tilltalsnamn", "Given name", "First name"),
    Field.FAMILY_NAME: ("Efternamn", "Family name", "Last name", "Surname"),
    Field.TITLE: ("Titel", "Befattning", "Yrkestitel", "Title", "Job title"),
    Field.EMAIL: ("E-post", "E-postadress", "Mejl", "Mail", "E-mail", "E-mail address"),
    Field.PHONE: ("Telefon", "Telefonnummer", "Mobil", "Mobiltelefon", "Phone", "Mobile"),
    Field.UNIT: ("Enhet", "Enhetens HSA-id", "HSA-id enhet", "Unit", "Care unit", "Unit HSA-id"),
    Field.CARD_EXPIRES: (
        *("Kort giltigt till", "Kortet giltigt till", "Giltig till", "Giltigt till", "Går ut"),
        *("Card expires", "Card valid until", "Card valid to", "Valid until", "Valid to"),
    ),
    Field.PROTECTED: (
        *("Skyddade personuppgifter", "Skyddad identitet", "Skyddad"),
        *("Protected", "Protected identity", "Protected personal data"),
    ),
    Field.PERSONNUMMER: ("Personnummer", "Personal identity number"),
}


def known_staff_headings(cells: Sequence[str]) -> int:
    """Count the cells that are headings of a staff file."""
    return known_headings(cells, _FIELDS)


def find_staff_headings(cells: Sequence[str]) -> Headings[Field]:
    """Find the columns. Raises StaffFileError for a mandatory column missing or one twice."""
    found = find_headings(cells, _FIELDS)
    missing = tuple(field.value for field in MANDATORY if field not in found.columns)
    if missing:
        raise StaffFileError(Code.HEADINGS_MISSING, fields=missing)
    return found


_FIELDS = by_heading(HEADINGS)
