"""Take a staff file in: keep it sealed, then do exactly what was shown and agreed to."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from enrolment import vault
from enrolment.audit.services import Actor, record
from enrolment.people.domain.sorting import sort_key
from enrolment.people.domain.staff_file import StaffRow, read_staff_file
from enrolment.people.models import CareUnit, Federation, Staff, StaffFile, User
from enrolment.people.queries.staff_changes import (
    FileChanges,
    Register,
    changes_in,
    compare_with,
    register_of,
)
from enrolment.people.services.needs import lapse_needs_of, open_needs_by_rule

__all__ = [
    "AlreadyImported",
    "ChangesDiffer",
    "changes_in",
    "discard_staff_file",
    "import_staff_file",
    "receive_staff_file",
]

TOLD = ("given_name", "family_name", "title", "email", "phone", "card_expires", "protected")
SAVED = (*TOLD, "unit", "sort_key", "sealed_personnummer", "personnummer_index", "left_on")
SORT_KEY_LENGTH = 170
CHUNK = 500


class ChangesDiffer(Exception):
    """The register has changed: the file would do something else than what was shown."""


class AlreadyImported(Exception):
    """The file has been taken in, or thrown away."""


@transaction.atomic
def receive_staff_file(
    *, actor: User, federation: Federation, name: str, content: bytes, today: date
) -> StaffFile:
    """Keep an uploaded file sealed until somebody says yes to its changes.

    Raises StaffFileError for a file that cannot be read; nothing is kept of it.
    """
    read_staff_file(content, name, units=frozenset(), today=today)
    _forget_imported_files(federation)
    file = StaffFile(federation=federation, name=name, uploaded_by=actor)
    file.sealed_content = vault.seal(content, file.vault_place)
    file.save(force_insert=True)
    _record(actor, "people.receive_staff_file", file, size=len(content))
    return file


@transaction.atomic
def import_staff_file(
    *, actor: Actor, file: StaffFile, seen: str, mark_left: bool, today: date
) -> StaffFile:
    """Save the good rows of the file and open the needs that the rules ask for.

    `seen` is the fingerprint of the changes somebody said yes to. With `mark_left` the people of
    the file's units whom it does not mention have left as of today. `file.outcome` counts what was
    done. Raises ChangesDiffer or AlreadyImported, and then nothing is saved.
    """
    Federation.objects.select_for_update().get(pk=file.federation_id)
    waiting = StaffFile.objects.filter(pk=file.pk, imported_at=None)
    if (current := waiting.select_related("federation").first()) is None:
        raise AlreadyImported
    file = current
    register = register_of(file.federation)
    found = compare_with(register, file, today)
    if found.fingerprint != seen:
        raise ChangesDiffer
    _save_people(register, _rows_to_save(found))
    left = _mark_left(actor, register, found, today) if mark_left else 0
    needs = _open_needs(actor, file.federation, found, today)
    file.imported_at = timezone.now()
    file.outcome = _outcome(found, left=left, needs=needs)
    file.save(update_fields=["imported_at", "outcome"])
    _record(actor, "people.import_staff_file", file, **file.outcome)
    return file


@transaction.atomic
def discard_staff_file(*, actor: Actor, file: StaffFile) -> None:
    """Throw an uploaded file away. Raises AlreadyImported."""
    deleted, _rows = StaffFile.objects.filter(pk=file.pk, imported_at=None).delete()
    if not deleted:
        raise AlreadyImported
    _record(actor, "people.discard_staff_file", file)


def note_faults_fetched(*, actor: Actor, file: StaffFile, faults: int) -> None:
    """Record that the list of the file's faults left as a file."""
    _record(actor, "people.fetch_faults", file, faults=faults)


def _forget_imported_files(federation: Federation) -> None:
    """Empty the files already taken in: they were only kept for their lists of faults."""
    imported = StaffFile.objects.filter(federation=federation).exclude(imported_at=None)
    imported.update(sealed_content=b"")


def _rows_to_save(found: FileChanges) -> list[StaffRow]:
    return [*found.changes.new, *(change.row for change in found.changes.changed)]


def _save_people(register: Register, rows: Iterable[StaffRow]) -> None:
    keys = {hsa_id: key for key, hsa_id in register.units.items()}
    people = [_person(register, row) for row in rows]
    for person, row in zip(people, rows, strict=True):
        person.unit_id = keys[row.unit]
    Staff.objects.bulk_create(
        people,
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=SAVED,
    )


def _person(register: Register, row: StaffRow) -> Staff:
    """Return the person as the row tells; what it does not tell stays as it was."""
    person = register.staff.get(row.hsa_id)
    person = person or Staff(federation=register.federation, hsa_id=row.hsa_id)
    for name in TOLD:
        if (value := getattr(row, name)) not in ("", None):
            setattr(person, name, value)
    person.sort_key = sort_key(person.family_name, person.given_name)[:SORT_KEY_LENGTH]
    person.left_on = None
    if row.personnummer:
        person.seal_personnummer(row.personnummer.digits)
    return person


def _mark_left(actor: Actor, register: Register, found: FileChanges, today: date) -> int:
    gone = [register.staff[row.hsa_id] for row in found.changes.gone]
    for person in gone:
        person.left_on = today
    Staff.objects.bulk_update(gone, ["left_on"], batch_size=CHUNK)
    lapse_needs_of(actor=actor, federation=register.federation, staff=gone, why="left")
    return len(gone)


def _open_needs(actor: Actor, federation: Federation, found: FileChanges, today: date) -> int:
    named = {row.unit for row in (*_rows_to_save(found), *found.changes.unchanged)}
    units = CareUnit.objects.filter(municipality__federation=federation, hsa_id__in=named)
    opened = [
        open_needs_by_rule(actor=actor, unit=unit, today=today)
        for unit in units.select_related("municipality")
    ]
    return sum(map(len, opened))


def _outcome(found: FileChanges, *, left: int, needs: int) -> dict[str, int]:
    counts = Counter(
        new=len(found.changes.new),
        changed=len(found.changes.changed),
        unchanged=len(found.changes.unchanged),
        faults=found.faulty_rows,
    )
    return {**counts, "left": left, "needs": needs}


def _record(actor: Actor, action: str, file: StaffFile, **counts: int) -> None:
    record(
        actor=actor,
        action=action,
        subject=file,
        federation_id=file.federation_id,
        **counts,
    )
