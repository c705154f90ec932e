"""What a staff file says: good rows, and faults by row and column."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from enrolment.people.domain.personnummer import Personnummer
from enrolment.people.domain.refusal import Param


@dataclass(frozen=True, slots=True)
class StaffRow:
    """What a file, or the register, says of one person; `unit` is the unit's HSA-id.

    Empty text and None mean that nothing is said. `number` is the row in the file; two rows that
    say the same are equal whatever their numbers.
    """

    hsa_id: str
    given_name: str
    family_name: str
    unit: str
    title: str = ""
    email: str = ""
    phone: str = ""
    card_expires: date | None = None
    protected: bool | None = None
    personnummer: Personnummer | None = None
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, or odd, in one cell: row number and column heading as in the file.

    `column` is empty where the whole row is meant; `params` are the values of the code's sentence.
    """

    row: int
    column: str
    code: StrEnum
    params: dict[str, Param]


@dataclass(frozen=True, slots=True)
class StaffTable:
    """A staff file as read.

    A row is in `rows`, or has faults. `warnings` are about rows that are taken. `mentioned` are the
    HSA-ids of all persons, those of faulty rows too; `unsure_units` are the units of rows whose
    person can't be told.
    """

    rows: tuple[StaffRow, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    unknown_columns: tuple[str, ...]
    mentioned: frozenset[str]
    unsure_units: frozenset[str]
