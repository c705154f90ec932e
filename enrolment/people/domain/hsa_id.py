"""Read and check HSA-ids: SE, a ten-digit organisation number, a hyphen and a local part.

Persons and units share the form. The whole is at most 31 characters. The local part is letters and
digits; directories hold a wider set, so other characters give a warning, not a refusal.
"""

import re
from dataclasses import dataclass

from enrolment.people.domain.refusal import Code, Refusal

MAX_LENGTH = 31

_FORM = re.compile(r"SE[0-9]{10}-(?P<local>\S+)")
_USUAL_LOCAL_PART = re.compile(r"[A-Z0-9]+")


class HsaIdError(Refusal):
    """The text is not an HSA-id."""


@dataclass(frozen=True, slots=True)
class HsaId:
    """An HSA-id in capitals, with what is unusual about it as warning codes."""

    text: str
    warnings: tuple[Code, ...] = ()

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> HsaId:
    """Read an HSA-id in any letter case, spaces around it allowed. Raises HsaIdError."""
    tidy = text.strip().upper()
    match = _FORM.fullmatch(tidy)
    if match is None or not tidy.isprintable():
        raise HsaIdError(Code.HSA_ID_FORM)
    if len(tidy) > MAX_LENGTH:
        raise HsaIdError(Code.HSA_ID_TOO_LONG, limit=MAX_LENGTH, length=len(tidy))
    usual = _USUAL_LOCAL_PART.fullmatch(match["local"])
    return HsaId(tidy, () if usual else (Code.HSA_ID_ODD_CHARACTERS,))
