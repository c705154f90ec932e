"""Reads of rosters: which days they cover, and whose rows a reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min
from django.utils import timezone

from enrolment.people.access import SomeUser, handled
from enrolment.people.domain.roster_file import RosterFault
from enrolment.people.models import CareUnit, Shift, Staff


@dataclass(frozen=True)
class Cover:
    """From which day to which there are shifts, and of how many people."""

    first: date
    last: date
    people: int


def roster_cover(unit: CareUnit) -> Cover | None:
    """Return what is known of the unit's shifts from today on; None where nothing is."""
    work = Shift.objects.filter(staff__unit=unit, staff__left_on=None, kind=Shift.Kind.WORK)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    found = work.filter(starts_at__gte=today).aggregate(
        first=Min("starts_at"), last=Max("starts_at"), people=Count("staff", distinct=True)
    )
    if found["first"] is None:
        return None
    first, last = timezone.localdate(found["first"]), timezone.localdate(found["last"])
    return Cover(first, last, found["people"])


def shown_faults(user: SomeUser, faults: Iterable[RosterFault]) -> list[RosterFault]:
    """Return the faults without those about protected persons whom the user does not handle."""
    faults = list(faults)
    named = {fault.person for fault in faults if fault.person}
    protected = Staff.objects.filter(pk__in=named, protected=True).values_list("pk", flat=True)
    hidden = {str(key) for key in set(protected) - handled(user)}
    return [fault for fault in faults if fault.person not in hidden]
