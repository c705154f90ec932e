"""What speaks against a time that somebody chose: the hours of the unit and of the technician."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from booking.models import Technician
from booking.queries import planning
from enrolment.people.models import CareUnit


def off_hours(
    unit: CareUnit, technician: Technician, starts_at: datetime, ends_at: datetime
) -> list[str]:
    """Return a sentence for each of the two whose hours do not hold the time; it may be meant."""
    day = timezone.localdate(starts_at)
    told = []
    open_from = [(each.opens_at, each.closes_at) for each in planning.open_windows(unit, day, day)]
    if not _holds(open_from, starts_at, ends_at):
        told.append(_unit(unit.name, open_from))
    works = [(each.starts_at, each.ends_at) for each in planning.work_days([technician], day, day)]
    if not _holds(works, starts_at, ends_at):
        told.append(_technician(technician.user.name, works))
    return told


def _holds(hours: list[tuple[datetime, datetime]], first: datetime, last: datetime) -> bool:
    return any(begins <= first and last <= ends for begins, ends in hours)


def _unit(name: str, hours: list[tuple[datetime, datetime]]) -> str:
    if not hours:
        return _("%(unit)s takes no visits that day.") % {"unit": name}
    told = _("%(unit)s takes visits %(from)s–%(to)s that day.")
    return told % {"unit": name, **_clocks(*hours[0])}


def _technician(name: str, hours: list[tuple[datetime, datetime]]) -> str:
    if not hours:
        return _("%(name)s does not work that day.") % {"name": name}
    told = _("%(name)s works %(from)s–%(to)s that day.")
    return told % {"name": name, **_clocks(*hours[0])}


def _clocks(begins: datetime, ends: datetime) -> dict[str, str]:
    return {
        "from": f"{timezone.localtime(begins):%H.%M}",
        "to": f"{timezone.localtime(ends):%H.%M}",
    }
