"""What a re-plan changes: each visit's time as it is, and as it would be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid5

from booking.models import RoundPlan, Technician, Visit
from booking.queries.round_days import PlanRead, StopRow
from enrolment.people.models import CareUnit

# What a re-plan keeps in `why`: what has happened, and the mark of one that was loosened.
AWAY, SLOW, CLOSED, LOOSENED = "away", "slow", "closed", ":loosened"
# The field of the form that belongs to what has happened.
FIELD = {AWAY: "technician", SLOW: "slower", CLOSED: "unit"}


@dataclass(frozen=True)
class ChangeRow:
    """A visit that may change: its unit, how many have a time, and what it becomes.

    Without technician and start there is no room for it. Protected persons are not counted.
    """

    visit: Visit
    unit: CareUnit
    people: int
    technician: Technician | None = None
    starts_at: datetime | None = None

    @property
    def moves(self) -> bool:
        """Whether something becomes otherwise than it is."""
        now = (self.visit.technician_id, self.visit.starts_at)
        return self.technician is not None and now != (self.technician.pk, self.starts_at)

    @property
    def ends_at(self) -> datetime | None:
        """When it would end."""
        length = self.visit.ends_at - self.visit.starts_at
        return self.starts_at + length if self.starts_at else None


def changes(row: RoundPlan, read: PlanRead | None = None) -> list[ChangeRow]:
    """Return the visits that the re-plan may change, those with a new time first, by time."""
    read = read or PlanRead(row)
    found = [*_placed(read), *_left(read)]
    return sorted(found, key=lambda each: (each.technician is None, each.visit.starts_at))


def event_code(
    technician: Technician | None, unit: CareUnit | None, slower: int, *, loosen: bool
) -> str:
    """Return what has happened, as a re-plan keeps it."""
    code = f"{SLOW}:{slower}"
    if technician:
        code = f"{AWAY}:{technician.pk}"
    elif unit:
        code = f"{CLOSED}:{unit.pk}"
    return code + LOOSENED if loosen else code


def again(row: RoundPlan) -> dict[str, str]:
    """Return the form that asks for the same re-plan, loosened; empty for one that was."""
    event, _, value = row.why.partition(":")
    if row.why.endswith(LOOSENED) or event not in FIELD:
        return {}
    return {
        "event": event,
        FIELD[event]: value,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "loosen": "on",
        "form_key": str(uuid5(row.pk, LOOSENED)),
    }


def _placed(read: PlanRead) -> list[ChangeRow]:
    found = []
    for day in read.days:
        for stop in day.stops:
            if read.jobs[stop.key].locked is None and stop.visit:
                facts = (stop.unit, stop.people, day.technician, _start(read, stop))
                found.append(ChangeRow(stop.visit, *facts))
    return found


def _start(read: PlanRead, stop: StopRow) -> datetime:
    """Return when people come: as before if it can be, else at whole five minutes."""
    setup = timedelta(minutes=read.minutes[stop.unit.municipality_id, stop.kind].setup)
    same = stop.visit is not None and stop.starts + setup == stop.visit.starts_at
    return stop.starts + setup if same else stop.begins


def _left(read: PlanRead) -> list[ChangeRow]:
    return [
        ChangeRow(left.visit, left.unit, left.people)
        for left in read.left
        if left.visit and read.jobs[left.key].locked is None
    ]
