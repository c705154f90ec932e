"""Read the times of a shift, and lay them on the clock of a day, the two odd nights too."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from enrolment.people.domain.refusal import Refusal
from enrolment.people.domain.roster_file.table import Kind, RosterCode
from enrolment.people.domain.staff_file.cells import NO, SHOWN_LENGTH

SWEDEN = ZoneInfo("Europe/Stockholm")
MINUTES_PER_DAY = 24 * 60

KINDS = {
    Kind.WORK: "arbete arbetspass pass tjänst ordinarie dag kväll natt work shift",
    Kind.BUSY: "upptagen möte utbildning handledning busy meeting training",
    Kind.ABSENT: (
        "frånvaro frånvarande ledig ledighet semester sjuk sjukfrånvaro vab tjänstledig "
        "föräldraledig komp absent absence leave off vacation sick holiday"
    ),
}

_CLOCK = re.compile(r"(?:kl\.?\s*)?(\d{1,2})(?:[:.](\d{2})(?:[:.]00)?)?", re.ASCII | re.IGNORECASE)
_DIGITS = re.compile(r"(\d{1,2})(\d{2})", re.ASCII)
_FRACTION = re.compile(r"0?\.\d+", re.ASCII)


def read_clock(text: str) -> int:
    """Return minutes after midnight: of 7, 7.00, 07:00, 0700, kl. 7.00, 24:00, Excel's 0.29.

    Raises Refusal.
    """
    if _FRACTION.fullmatch(text):
        return round(float(text) * MINUTES_PER_DAY)
    found = _CLOCK.fullmatch(text) or _DIGITS.fullmatch(text)
    if found:
        hour, minute = int(found[1]), int(found[2] or 0)
        if minute < 60 and hour * 60 + minute <= MINUTES_PER_DAY:
            return hour * 60 + minute
    raise Refusal(RosterCode.TIME, value=text[:SHOWN_LENGTH])


def read_kind(text: str) -> Kind:
    """Return what the row is about, by its first word. Raises Refusal."""
    word = text.casefold().split()[0].rstrip(".,:;")
    if (kind := _WORDS.get(word)) is None:
        raise Refusal(RosterCode.SHIFT_KIND, value=text[:SHOWN_LENGTH])
    return kind


def read_mark(text: str) -> bool:
    """Return whether a cell that is filled means yes: everything does but no."""
    return text.casefold() not in NO


def start_of(day: date, minutes: int) -> datetime:
    """Return the instant, in UTC; of an hour that comes twice the first. Raises Refusal."""
    if minutes == MINUTES_PER_DAY:
        raise Refusal(RosterCode.TIME, value="24:00")
    return _instant(day, minutes, fold=0)


def end_of(day: date, start: int, minutes: int) -> datetime:
    """Return when a shift from `start` ends: on the next day where the end is not later.

    Of an hour that comes twice the second, so that the shift covers both. Raises Refusal.
    """
    return _instant(day, minutes if minutes > start else minutes + MINUTES_PER_DAY, fold=1)


def _instant(day: date, minutes: int, fold: int) -> datetime:
    day += timedelta(days=minutes // MINUTES_PER_DAY)
    hour, minute = divmod(minutes % MINUTES_PER_DAY, 60)
    local = datetime.combine(day, time(hour, minute, fold=fold), SWEDEN)
    instant = local.astimezone(UTC)
    if instant.astimezone(SWEDEN).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Refusal(RosterCode.TIME_SKIPPED, value=f"{hour:02}:{minute:02}")
    return instant


_WORDS = {word: kind for kind, words in KINDS.items() for word in words.split()}
