"""The checks: which number is measured, against which limit, and what to advise.

A check is a row of `CHECKS`; its limit is the profile's of the same key. Components bear the names
of ISO/IEC 29794-5 where the standard has one. The rows stand with their measures: where the head
is and how large (`place`), how it is held and what it does (`face`), light and colour (`light`),
the background (`background`), and what the pixels and the file are worth (`detail`).
"""

from dataclasses import replace

from photos.domain.checks.background import BACKGROUND
from photos.domain.checks.check import Area, Check
from photos.domain.checks.detail import DETAIL
from photos.domain.checks.eyewear import EYEWEAR
from photos.domain.checks.face import FACE
from photos.domain.checks.light import LIGHT
from photos.domain.checks.place import PLACE
from photos.domain.findings import Advice, Answer, Finding
from photos.domain.profile import Profile
from photos.domain.subject import Subject

__all__ = ["CHECKS", "Area", "Check", "check_nobody", "check_subject"]

CHECKS: tuple[Check, ...] = (*PLACE, *FACE, *EYEWEAR, *LIGHT, *BACKGROUND, *DETAIL)


def check_subject(subject: Subject, profile: Profile) -> list[Finding]:
    """Return the findings of every check, in their order."""
    return [check.of(subject, profile) for check in CHECKS]


def check_nobody(profile: Profile) -> list[Finding]:
    """Return the findings for a picture without a face: the first fails, no other has a value."""
    unmeasured = [check.finding(None, profile) for check in CHECKS]
    no_face = replace(unmeasured[0], answer=Answer.FAIL, advice=Advice("no_face"))
    return [no_face, *unmeasured[1:]]
