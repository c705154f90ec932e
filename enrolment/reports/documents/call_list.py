"""The call list of a visit, and slips for those whom no e-mail reaches."""

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.domain.states import VisitKind
from booking.models import Booking, Visit
from booking.queries import own_time
from enrolment.messages.services import page_address
from enrolment.reports.documents import words
from enrolment.reports.domain.paper import (
    Code,
    Column,
    Fact,
    Listing,
    Paper,
    Part,
    Slip,
    Slips,
)
from enrolment.reports.queries import Stop, stop_of


def call_list(visit: Visit) -> Paper:
    """Return who comes when, each with a code to scan; then slips for those without e-mail.

    A protected person has a time on it and nothing else.
    """
    stop, ways = stop_of(visit), own_time.slips(visit)
    count = len(stop.bookings)
    booked = ngettext("%(count)s person booked", "%(count)s people booked", count)
    return Paper(
        title=_("Call list for %(day)s") % {"day": words.day(visit.starts_at)},
        author=visit.unit.municipality.federation.name,
        over=visit.unit.name,
        lead=booked % {"count": count} if count else _("Nobody has a time in this visit yet."),
        page_words=words.page_words(),
        parts=[*_list(stop, ways), *_slips(visit, ways)],
    )


def _list(stop: Stop, ways: Sequence[own_time.Slip]) -> list[Part]:
    if not stop.bookings:
        return []
    codes = {way.booking.pk: way.code for way in ways}
    last = _("Photo") if stop.visit.kind == VisitKind.PHOTO else _("Activated")
    listing = Listing(
        caption=_("Times"),
        columns=[Column(_("Time"), 0.15), Column(_("Name"), 0.33), Column(_("Code"), 0.18)],
        rows=[_row(booking, stop.visit, codes) for booking in stop.bookings],
        ticks=[Column(_("Here"), 0.1), Column(last, 0.1)],
        codes=[_scan(codes.get(booking.pk)) for booking in stop.bookings],
        code_column=Column(_("To scan"), 0.14),
    )
    return [listing]


def _row(booking: Booking, visit: Visit, codes: dict[UUID, str]) -> list[str]:
    staff = booking.need.staff
    name = words.protected_time() if staff.protected else words.name_at(staff, visit)
    return [words.time_of(booking.slot, visit), name, codes.get(booking.pk, "")]


def _scan(code: str | None) -> Code | None:
    return Code(code) if code else None


def _slips(visit: Visit, ways: Sequence[own_time.Slip]) -> list[Part]:
    alone = [way for way in ways if not way.booking.need.staff.email]
    if not alone:
        return []
    lead = _("For people without e-mail. Cut along the lines, and hand each person the slip.")
    return [Slips(_("Slips"), lead, [_slip(visit, way) for way in alone])]


def _slip(visit: Visit, way: own_time.Slip) -> Slip:
    starts_at, unit = way.booking.slot.starts_at, visit.unit
    facts = [
        Fact(_("Your time"), words.moment(starts_at).capitalize()),
        Fact(_("Where"), f"{unit.name}, {unit.street}, {unit.town}"),
        Fact(_("Bring"), _("Your physical id document, still valid")),
        Fact(_("Change your time"), page_address(reverse("booking:own_code"))),
        Fact(_("Code"), way.code, code=True),
    ]
    return Slip(way.booking.need.staff.name, facts, Code(way.address))
