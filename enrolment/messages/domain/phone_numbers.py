"""Telephone numbers as a gateway wants them: E.164, a plus sign and the country first."""

import re

# E.164 has at most 15 digits; a Swedish mobile number is +46 7 and eight more.
_INTERNATIONAL = re.compile(r"\+[1-9]\d{7,14}")
_SWEDISH_MOBILE = re.compile(r"\+467\d{8}")
_SEPARATORS = re.compile(r"[\s\-/().]")


class PhoneNumberError(ValueError):
    """No SMS can go there; `code` is `not_a_number` or `not_mobile`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def normal(number: str) -> str:
    """Return a number as people write it in the form `+46701234567`.

    A number without country is Swedish. Raises PhoneNumberError for what is no number, and for a
    Swedish one that is not mobile.
    """
    digits = _SEPARATORS.sub("", number.replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"+46{digits[1:]}"
    if not (digits.isascii() and _INTERNATIONAL.fullmatch(digits)):
        raise PhoneNumberError("not_a_number")
    if digits.startswith("+46") and not _SWEDISH_MOBILE.fullmatch(digits):
        raise PhoneNumberError("not_mobile")
    return digits
