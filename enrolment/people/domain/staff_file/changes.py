"""Compare a staff file with the register: who is new, changed, gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from enrolment.people.domain.personnummer import Personnummer
from enrolment.people.domain.staff_file.headings import Field
from enrolment.people.domain.staff_file.table import StaffRow, StaffTable

type Value = str | date | bool | Personnummer | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that the file gives another value."""

    field: Field
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Change:
    """A person whom both know, and what the file says otherwise."""

    row: StaffRow
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What taking the file would do; `gone` are rows of the register, the others of the file."""

    new: tuple[StaffRow, ...]
    changed: tuple[Change, ...]
    gone: tuple[StaffRow, ...]
    unchanged: tuple[StaffRow, ...]


def compare(table: StaffTable, existing: Mapping[str, StaffRow]) -> Changes:
    """Compare the good rows with the register's staff, by HSA-id.

    An empty cell, like a missing column, says nothing: it never erases what is known. Gone are only
    people of units that the good rows name, so a file of one unit never empties another; nobody
    named in a faulty row is gone, nor anybody of a unit where a row's person can't be told.
    """
    known = [
        Change(row, _field_changes(existing[row.hsa_id], row))
        for row in table.rows
        if row.hsa_id in existing
    ]
    units = {row.unit for row in table.rows} - table.unsure_units
    return Changes(
        new=tuple(row for row in table.rows if row.hsa_id not in existing),
        changed=tuple(change for change in known if change.fields),
        gone=tuple(
            person
            for key, person in existing.items()
            if person.unit in units and key not in table.mentioned
        ),
        unchanged=tuple(change.row for change in known if not change.fields),
    )


def _field_changes(old: StaffRow, new: StaffRow) -> tuple[FieldChange, ...]:
    values = [(field, getattr(old, field), getattr(new, field)) for field in Field]
    return tuple(
        FieldChange(field, before, after)
        for field, before, after in values
        if after not in ("", None, before)
    )
