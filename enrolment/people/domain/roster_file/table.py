"""What a roster file says: shifts, and faults by row and column."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from enrolment.people.domain.refusal import Param


class Kind(StrEnum):
    """What a row is about: at work, at work but busy, or not at work (which makes no shift)."""

    WORK = "work"
    BUSY = "busy"
    ABSENT = "absent"


class RosterCode(StrEnum):
    """What only a roster file can be wrong in; `enrolment.people.faults` has the sentences."""

    TIME = "time"
    TIME_SKIPPED = "time_skipped"
    SHIFT_KIND = "shift_kind"
    SHIFTS_OVERLAP = "shifts_overlap"
    PERSON_MISSING = "person_missing"
    PERSON_UNKNOWN = "person_unknown"
    EMAIL_SHARED = "email_shared"
    PERSONS_DIFFER = "persons_differ"


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A good row of somebody at work, or busy there.

    `person` is the register's key, `day` the date the row stands on; instants are in UTC.
    """

    number: int
    person: str
    day: date
    kind: Kind
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """A good row of somebody who is not at work that day."""

    number: int
    person: str
    day: date


@dataclass(frozen=True, slots=True)
class RosterFault:
    """What is wrong in one cell: row number and column heading as in the file.

    `column` is empty where the whole row is meant; `person` is the register's key, empty where the
    row tells nobody known.
    """

    row: int
    column: str
    code: StrEnum
    params: dict[str, Param]
    person: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster file as read: a row is in `shifts` or `absences`, or has a fault."""

    shifts: tuple[ShiftRow, ...]
    absences: tuple[AbsenceRow, ...]
    faults: tuple[RosterFault, ...]
    unknown_columns: tuple[str, ...]

    @property
    def days(self) -> tuple[date, date] | None:
        """Return the first and the last day of the good rows; None where there are none."""
        days = [*(row.day for row in self.shifts), *(row.day for row in self.absences)]
        return (min(days), max(days)) if days else None

    @property
    def people(self) -> set[str]:
        """Return the keys of the people of the good rows."""
        return {row.person for row in self.shifts} | {row.person for row in self.absences}
