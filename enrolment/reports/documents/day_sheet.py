"""What a technician brings along on the day of a visit."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.domain.states import VisitKind
from booking.models import Booking, Visit
from enrolment.people.models import CareUnit
from enrolment.reports.documents import words
from enrolment.reports.domain.paper import (
    Checklist,
    Column,
    Fact,
    Facts,
    Listing,
    Paper,
    Part,
    Section,
)
from enrolment.reports.pdf import render
from enrolment.reports.queries import Day, Stop, Way, day_of

KIT: dict[VisitKind, Sequence[Promise]] = {
    VisitKind.PHOTO: (
        gettext_lazy("Camera with a charged battery"),
        gettext_lazy("Spare battery and memory card"),
        gettext_lazy("Tripod"),
        gettext_lazy("Grey background with stand"),
        gettext_lazy("Two lamps"),
        gettext_lazy("Extension lead"),
        gettext_lazy("Laptop with charger"),
    ),
    VisitKind.ACTIVATION: (
        gettext_lazy("Laptop with charger"),
        gettext_lazy("Card reader"),
        gettext_lazy("Extension lead"),
        gettext_lazy("Your own card"),
    ),
}


def day_sheet(visit: Visit, seen: QuerySet[Visit] | None = None) -> Paper:
    """Return where to go, whom to meet and how long it takes; `seen` narrows it to some visits.

    The roads stand on a sheet that holds the whole day. A protected person has a time on it and
    nothing else.
    """
    day = day_of(visit, seen)
    return Paper(
        title=_("Day sheet for %(day)s") % {"day": words.day(day.visit.starts_at)},
        author=day.visit.unit.municipality.federation.name,
        over=day.visit.technician.user.name,
        lead="" if day.stops else _("No visits this day. Ask the planner what applies."),
        page_words=words.page_words(),
        parts=[*_route(day), *_kit(day), *(part for stop in day.stops for part in _stop(stop))],
    )


def day_sheet_pdf(visit: Visit, seen: QuerySet[Visit] | None = None) -> bytes:
    """Return the day sheet as a PDF."""
    return render(day_sheet(visit, seen))


def _route(day: Day) -> list[Part]:
    if not day.ways:
        return []
    out = [
        Fact(words.clock(stop.leave_at), _way(way))
        for stop, way in zip(day.stops, day.ways, strict=False)
        if stop.leave_at
    ]
    home = Fact(_("Home"), _way(day.ways[-1]))
    return [Section(_("The day's roads"), _lunch(day)), Facts([*out, home])]


def _way(way: Way) -> str:
    values = {"from": way.origin, "to": way.destination, "minutes": way.minutes, "km": way.km}
    return _("%(from)s to %(to)s, %(minutes)s minutes, %(km)s km") % values


def _lunch(day: Day) -> str:
    if day.lunch_at is None:
        return _("There is no time for lunch between the visits. Ask the planner.")
    return _("There is time for lunch at %(clock)s.") % {"clock": words.clock(day.lunch_at)}


def _stop(stop: Stop) -> list[Part]:
    visit, unit = stop.visit, stop.visit.unit
    window = {
        "unit": unit.name,
        "from": words.clock(visit.starts_at),
        "to": words.clock(visit.ends_at),
    }
    heading = Section(_("%(from)s–%(to)s %(unit)s") % window, _load(stop))
    return [heading, Facts(_place(stop, unit)), *_people(stop)]


def _load(stop: Stop) -> str:
    count = len(stop.bookings)
    booked = ngettext("%(count)s person booked", "%(count)s people booked", count)
    free = ngettext("%(count)s time free", "%(count)s times free", stop.free)
    return f"{booked % {'count': count}}, {free % {'count': stop.free}}"


def _place(stop: Stop, unit: CareUnit) -> list[Fact]:
    contact = ", ".join(filter(None, [unit.contact_name, unit.contact_phone]))
    facts = [
        Fact(_("Address"), words.street_of(unit)),
        Fact(_("Room, door and parking"), unit.room_note),
        Fact(_("Contact"), contact),
        Fact(_("Begin to set up"), words.clock(stop.set_up_at)),
        Fact(_("Kit"), stop.visit.kit.name if stop.visit.kit else ""),
    ]
    return [fact for fact in facts if fact.value]


def _people(stop: Stop) -> list[Part]:
    if not stop.bookings:
        return []
    last = _("Photo") if stop.visit.kind == VisitKind.PHOTO else _("Activated")
    listing = Listing(
        caption=_("Times"),
        columns=[Column(_("Time"), 0.16), Column(_("Name"), 0.34), Column(_("Title"), 0.27)],
        rows=[_person(booking, stop.visit) for booking in stop.bookings],
        ticks=[Column(_("Id document"), 0.13), Column(last, 0.1)],
    )
    return [listing]


def _person(booking: Booking, visit: Visit) -> list[str]:
    time, staff = words.time_of(booking.slot, visit), booking.need.staff
    if staff.protected:
        return [time, words.protected_time(), ""]
    return [time, words.name_at(staff, visit), staff.title]


def _kit(day: Day) -> list[Part]:
    kinds = dict.fromkeys(VisitKind(stop.visit.kind) for stop in day.stops)
    things = dict.fromkeys(str(item) for kind in kinds for item in KIT[kind])
    return [Checklist(_("To bring"), list(things))] if things else []
