"""Read, check and mask Swedish identity numbers: personnummer and samordningsnummer.

Ten or twelve digits, with or without a sign before the last four. Of ten digits, a plus means that
the person turns at least a hundred this year (Folkbokföringslagen 18 §); of twelve, the sign says
nothing. A samordningsnummer has 60 added to its day. Where the date of birth is unknown, its month
is 00 and its day 60, as in Skatteverket's official test numbers.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from enrolment.people.domain.refusal import Code, Refusal

_FORM = re.compile(
    r"(?P<century>[0-9]{2})?(?P<year>[0-9]{2})(?P<rest>[0-9]{4})(?P<sign>[-+]?)(?P<last>[0-9]{4})"
)
_DASHES = str.maketrans({"‐": "-", "‑": "-", "–": "-", "−": "-"})
_COORDINATION_DAYS = 60


class PersonnummerError(Refusal):
    """The text is not an identity number. Its parameters never hold the number."""


@dataclass(frozen=True, slots=True)
class Personnummer:
    """An identity number: `digits` holds all twelve, and stays out of repr and str."""

    digits: str = field(repr=False)

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """Return the date of birth with the last four digits hidden: 19811118-****."""
        return f"{self.digits[:8]}-****"


def parse(text: str, today: date) -> Personnummer:
    """Read an identity number as of `today`, spaces around it allowed. Raises PersonnummerError."""
    match = _FORM.fullmatch(text.strip().translate(_DASHES))
    if match is None:
        raise PersonnummerError(Code.PERSONNUMMER_FORM)
    if not _luhn(match["year"] + match["rest"] + match["last"]):
        raise PersonnummerError(Code.PERSONNUMMER_CHECK_DIGIT)
    year = _full_year(match, today)
    if not _is_past_date(year, int(match["rest"][:2]), int(match["rest"][2:]), today):
        raise PersonnummerError(Code.PERSONNUMMER_DATE)
    return Personnummer(f"{year:04}{match['rest']}{match['last']}")


def _luhn(ten: str) -> bool:
    """Check the last of ten digits (Luhn, ISO/IEC 7812-1 annex B)."""
    products = (int(digit) * (2 - place % 2) for place, digit in enumerate(ten))
    return sum(product // 10 + product % 10 for product in products) % 10 == 0


def _full_year(match: re.Match[str], today: date) -> int:
    if match["century"]:
        return int(match["century"] + match["year"])
    latest = today.year - (today.year - int(match["year"])) % 100
    return latest - 100 if match["sign"] == "+" else latest


def _is_past_date(year: int, month: int, day: int, today: date) -> bool:
    """Say whether the date exists and has been; an unknown month or day counts as the first."""
    if day >= _COORDINATION_DAYS:
        month, day = month or 1, (day - _COORDINATION_DAYS) or 1
    try:
        return date(year, month, day) <= today
    except ValueError:
        return False
