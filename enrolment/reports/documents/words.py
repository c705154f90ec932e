"""Words that several documents use."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from booking.models import Slot, Visit
from enrolment.people.models import CareUnit, Staff


def clock(at: datetime) -> str:
    """Return a moment as the clock shows it here."""
    return timezone.localtime(at).strftime("%H.%M")


def day(at: datetime) -> str:
    """Return the day of a moment, with its weekday."""
    return date_format(timezone.localtime(at), "l j F Y")


def moment(at: datetime) -> str:
    """Return day and clock of a moment."""
    return _("%(day)s at %(clock)s") % {"day": day(at), "clock": clock(at)}


def time_of(slot: Slot, visit: Visit) -> str:
    """Return when a slot begins, and at which place where there are several side by side."""
    if visit.stations == 1:
        return clock(slot.starts_at)
    values = {"time": clock(slot.starts_at), "station": slot.station}
    return _("%(time)s place %(station)s") % values


def name_at(staff: Staff, visit: Visit) -> str:
    """Return a person's name, with the unit where that is not the one visited."""
    return staff.name if staff.unit_id == visit.unit_id else f"{staff.name}, {staff.unit.name}"


def street_of(unit: CareUnit) -> str:
    """Return the unit's address on one line."""
    return f"{unit.street}, {unit.postcode} {unit.town}"


def protected_time() -> str:
    """Return what stands in place of a protected person's name."""
    return _("Protected time, ask the handler")


def page_words() -> str:
    """Return how a page is numbered."""
    return _("Page %(page)s of %(pages)s")
