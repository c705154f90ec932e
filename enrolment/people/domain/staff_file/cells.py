"""Read one cell's text as what its column holds. Every function raises Refusal for other text."""

import re
import unicodedata
from datetime import date, timedelta

from enrolment.people.domain.refusal import Code, Refusal

YES = {"ja", "j", "yes", "y", "x", "1", "true", "sant"}
NO = {"nej", "n", "no", "0", "false", "falskt"}

# What spreadsheet programs take for a formula (OWASP, CSV injection), and their error values.
FORMULA_STARTS = "=+-@＝＋－＠#"
UNREADABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
REPLACEMENT_CHARACTER = "\ufffd"

SHOWN_LENGTH = 60
FIRST_YEAR, LAST_YEAR = 2000, 2099
EXCEL_DAY_ZERO = date(1899, 12, 30)

_TIME = r"(?:[ T][0-9:.]+)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_DIGITS_ONLY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})(?:\2|[ -]+)(\d{4})", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)

_SIGN = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9]{_SIGN}*(?:\.{_SIGN}+)*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")


def read_text(text: str, limit: int) -> str:
    """Return the text with single spaces, at most `limit` characters and nothing hidden in it."""
    tidy = unicodedata.normalize("NFC", re.sub(r"[ \u00a0]+", " ", text))
    if REPLACEMENT_CHARACTER in tidy or any(unicodedata.category(c) in UNREADABLE for c in tidy):
        raise Refusal(Code.UNREADABLE_CHARACTERS)
    if tidy[0] in FORMULA_STARTS:
        raise Refusal(Code.FORMULA, sign=tidy[0])
    if len(tidy) > limit:
        raise Refusal(Code.VALUE_TOO_LONG, limit=limit, length=len(tidy))
    return tidy


def read_phone(text: str, limit: int) -> str:
    """Return a telephone number as it is written; a plus before its digits is no formula."""
    international = re.match(r"\+\d", text, re.ASCII)
    return "+" + read_text(text[1:], limit - 1) if international else read_text(text, limit)


def read_email(text: str, limit: int) -> str:
    """Return an e-mail address."""
    if not _EMAIL.fullmatch(text):
        raise Refusal(Code.EMAIL, value=text[:SHOWN_LENGTH])
    return read_text(text, limit)


def read_yes_or_no(text: str) -> bool:
    """Return True for ja or yes and its short forms, False for nej or no."""
    word = text.casefold()
    if word not in YES | NO:
        raise Refusal(Code.YES_OR_NO, value=text[:SHOWN_LENGTH])
    return word in YES


def read_date(text: str) -> date:
    """Return a date of this century.

    Takes 2027-02-28, 20270228, 28/2 2027, 28.2.2027 and Excel's count of days since 1899-12-30.
    """
    try:
        found = _date(text)
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Refusal(Code.DATE, value=text[:SHOWN_LENGTH])
    return found


def _date(text: str) -> date | None:
    """Return the date in one of the forms, None for another form. ValueError: no such day."""
    if match := _YEAR_FIRST.fullmatch(text):
        return date(int(match[1]), int(match[3]), int(match[4]))
    if match := _DIGITS_ONLY.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.fullmatch(text):
        return date(int(match[4]), int(match[3]), int(match[1]))
    if match := _SERIAL.fullmatch(text):
        return EXCEL_DAY_ZERO + timedelta(days=int(match[1]))
    return None
