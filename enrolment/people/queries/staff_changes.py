"""What taking an uploaded staff file would do to the register; nothing is saved here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from enrolment import vault
from enrolment.people import access
from enrolment.people.access import SomeUser
from enrolment.people.domain.personnummer import Personnummer
from enrolment.people.domain.refusal import Code
from enrolment.people.domain.staff_file import (
    Changes,
    Fault,
    StaffRow,
    StaffTable,
    compare,
    read_staff_file,
)
from enrolment.people.models import CareUnit, Federation, Staff, StaffFile


@dataclass(frozen=True)
class Register:
    """A federation's staff by HSA-id, those who have left too, and its units' HSA-ids by key."""

    federation: Federation
    staff: dict[str, Staff]
    units: dict[UUID, str]

    def employed(self, file_rows: Iterable[StaffRow]) -> dict[str, StaffRow]:
        """Return those who still work here as rows to compare with the file's."""
        told = {row.hsa_id: row.personnummer for row in file_rows}
        return {
            key: self._as_row(person, told.get(key))
            for key, person in self.staff.items()
            if person.left_on is None
        }

    def _as_row(self, person: Staff, told: Personnummer | None) -> StaffRow:
        return StaffRow(
            hsa_id=person.hsa_id,
            given_name=person.given_name,
            family_name=person.family_name,
            unit=self.units[person.unit_id],
            title=person.title,
            email=person.email,
            phone=person.phone,
            card_expires=person.card_expires,
            protected=person.protected,
            personnummer=self._personnummer(person, told),
        )

    def _personnummer(self, person: Staff, told: Personnummer | None) -> Personnummer | None:
        """Open a sealed number only where the file names another."""
        if told is None or not person.personnummer_index:
            return None
        if person.personnummer_index == Staff.index_of(told.digits, self.federation.pk):
            return told
        return Personnummer(person.personnummer)


@dataclass(frozen=True)
class FileChanges:
    """New, changed, gone and wrong, for a person to look at before saying yes.

    `returning` are the HSA-ids among the new who have left and come back, `protected` those of
    protected persons. `fingerprint` changes when the file would do something else than it did when
    it was last looked at.
    """

    changes: Changes
    returning: frozenset[str]
    protected: frozenset[str]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    unknown_columns: tuple[str, ...]
    fingerprint: str

    @property
    def something_to_save(self) -> bool:
        """Return whether saying yes would change the register."""
        return bool(self.changes.new or self.changes.changed or self.changes.gone)

    @property
    def faulty_rows(self) -> int:
        """Return how many rows cannot be taken."""
        return len({fault.row for fault in self.faults})


def changes_in(file: StaffFile, today: date) -> FileChanges:
    """Compare the file with the register of its federation. Raises StaffFileError."""
    return compare_with(register_of(file.federation), file, today)


def waiting_files(user: SomeUser) -> list[StaffFile]:
    """Return the uploaded files that wait for a yes, the newest first, with their uploaders."""
    waiting = access.staff_files(user).filter(imported_at=None).order_by("-uploaded_at")
    return list(waiting.defer("sealed_content").select_related("uploaded_by"))


def unit_names(federation: Federation) -> dict[str, str]:
    """Return the names of the federation's units by HSA-id."""
    units = CareUnit.objects.filter(municipality__federation=federation)
    return dict(units.values_list("hsa_id", "name"))


def handled_by(user: SomeUser) -> frozenset[str]:
    """Return the HSA-ids of the protected persons the user handles."""
    handled = access.staff(user).filter(protected=True)
    return frozenset(handled.values_list("hsa_id", flat=True))


def register_of(federation: Federation) -> Register:
    """Load the federation's whole staff, in two queries."""
    units = CareUnit.objects.filter(municipality__federation=federation)
    people = Staff.objects.filter(federation=federation).order_by("sort_key", "hsa_id")
    return Register(
        federation=federation,
        staff={person.hsa_id: person for person in people},
        units=dict(units.values_list("pk", "hsa_id")),
    )


def compare_with(register: Register, file: StaffFile, today: date) -> FileChanges:
    """Compare the file with a register that is already loaded. Raises StaffFileError."""
    content = vault.unseal(bytes(file.sealed_content), file.vault_place)
    units = frozenset(register.units.values())
    table = read_staff_file(content, file.name, units=units, today=today)
    table = _without_taken_numbers(table, register)
    changes = compare(table, register.employed(table.rows))
    seen = repr((changes.new, changes.changed, changes.gone, table.faults))
    return FileChanges(
        changes=changes,
        returning=frozenset(row.hsa_id for row in changes.new if row.hsa_id in register.staff),
        protected=_protected(table, register),
        faults=table.faults,
        warnings=table.warnings,
        unknown_columns=table.unknown_columns,
        fingerprint=vault.blind_index(seen, f"people_stafffile:changes:{file.pk}"),
    )


def _protected(table: StaffTable, register: Register) -> frozenset[str]:
    """Return the HSA-ids of those whom the register or the file calls protected."""
    known = {key for key, person in register.staff.items() if person.protected}
    return frozenset(known | {row.hsa_id for row in table.rows if row.protected})


def _without_taken_numbers(table: StaffTable, register: Register) -> StaffTable:
    """Turn rows whose personnummer is another person's into faults."""
    holders = {
        person.personnummer_index: key
        for key, person in register.staff.items()
        if person.personnummer_index
    }
    good, faults = [], list(table.faults)
    for row in table.rows:
        if _holder(row, holders, register.federation) == row.hsa_id:
            good.append(row)
        else:
            faults.append(Fault(row.number, "Personnummer", Code.PERSONNUMMER_TAKEN, {}))
    faults.sort(key=lambda fault: fault.row)
    return replace(table, rows=tuple(good), faults=tuple(faults))


def _holder(row: StaffRow, holders: dict[str, str], federation: Federation) -> str:
    """Return the HSA-id of whoever has the row's personnummer, first come first served."""
    if row.personnummer is None:
        return row.hsa_id
    index = Staff.index_of(row.personnummer.digits, federation.pk)
    return holders.setdefault(index, row.hsa_id)
