"""Take a roster file in: its good rows become shifts, its faults are told."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from enrolment.audit.services import Actor, record
from enrolment.people.domain.roster_file import Roster, ShiftRow, read_roster_file
from enrolment.people.models import CareUnit, Federation, Shift, Staff

CHUNK = 500


@dataclass(frozen=True)
class RosterImport:
    """What was read, and how many shifts the people of the file have in its days now."""

    roster: Roster
    shifts: int
    people: int


@transaction.atomic
def import_roster(
    *,
    actor: Actor,
    federation: Federation,
    name: str,
    content: bytes,
    unit: CareUnit | None = None,
) -> RosterImport:
    """Replace the shifts of the people in the file, within its days, by those of its good rows.

    With a unit only people who work there are known; else everybody in the federation. The same
    file twice changes nothing. Raises StaffFileError for a file that can't be read at all.
    """
    Federation.objects.select_for_update().get(pk=federation.pk)
    roster = _read(federation, unit, name, content)
    if (days := roster.days) is not None:
        first, last = (_midnight(day) for day in (days[0], days[1] + timedelta(days=1)))
        people = Staff.objects.filter(pk__in=roster.people)
        within = Shift.objects.filter(staff__in=people, starts_at__gte=first, starts_at__lt=last)
        within.delete()
        _save(roster.shifts)
    counts = {"shifts": len(roster.shifts), "people": len(roster.people)}
    record(
        actor=actor,
        action="people.import_roster",
        subject=unit or federation,
        federation_id=federation.pk,
        faults=len(roster.faults),
        **counts,
    )
    return RosterImport(roster, **counts)


def _read(federation: Federation, unit: CareUnit | None, name: str, content: bytes) -> Roster:
    staff = Staff.objects.filter(federation=federation, left_on=None)
    if unit is not None:
        staff = staff.filter(unit=unit)
    people: dict[str, str] = {}
    emails: dict[str, list[str]] = defaultdict(list)
    for key, hsa_id, email in staff.values_list("pk", "hsa_id", "email"):
        people[hsa_id] = str(key)
        if email:
            emails[email.casefold()].append(str(key))
    return read_roster_file(content, name, people=people, emails=emails)


def _save(rows: Iterable[ShiftRow]) -> None:
    Shift.objects.bulk_create(
        [
            Shift(staff_id=r.person, kind=r.kind, starts_at=r.starts_at, ends_at=r.ends_at)
            for r in rows
        ],
        batch_size=CHUNK,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
