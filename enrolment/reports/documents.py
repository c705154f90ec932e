"""The documents of the house: each is put together here, and shown as a page or as a PDF."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.domain.states import VisitKind
from booking.models import Booking, Visit
from enrolment.cards.models import Batch, Issuer
from enrolment.people.models import CareUnit
from enrolment.reports.domain.paper import (
    Checklist,
    Column,
    Fact,
    Facts,
    Listing,
    Paper,
    Part,
    Section,
    Signatures,
)
from enrolment.reports.pdf import render
from enrolment.reports.queries import Stop, day_of

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


def day_sheet_pdf(visit: Visit, seen: QuerySet[Visit] | None = None) -> bytes:
    """Return the day sheet as a PDF; `seen` narrows it to the visits that may be seen."""
    return render(day_sheet(visit, seen))


def delivery_note_pdf(batch: Batch) -> bytes:
    """Return the delivery note as a PDF."""
    return render(delivery_note(batch))


def day_sheet(visit: Visit, seen: QuerySet[Visit] | None = None) -> Paper:
    """Return what a technician brings along on the day of a visit: where to go, whom to meet.

    A protected person has a time on it and nothing else.
    """
    day = day_of(visit, seen)
    kinds = dict.fromkeys(VisitKind(stop.visit.kind) for stop in day.stops)
    parts: list[Part] = [part for stop in day.stops for part in _stop(stop)]
    kit = dict.fromkeys(str(item) for kind in kinds for item in KIT[kind])
    if kit:
        parts.append(Checklist(_("To bring"), list(kit)))
    return Paper(
        title=_("Day sheet for %(day)s") % {"day": _day(day.visit.starts_at)},
        author=day.visit.unit.municipality.federation.name,
        over=day.visit.technician.user.name,
        lead="" if day.stops else _("No visits this day. Ask the planner what applies."),
        page_words=_page_words(),
        parts=parts,
    )


def delivery_note(batch: Batch) -> Paper:
    """Return what goes with a package: its name, its content in figures, its checksum; no names."""
    return Paper(
        title=_("Delivery note %(batch)s") % {"batch": batch.name},
        author=batch.issuer.federation.name,
        over=batch.issuer.name,
        page_words=_page_words(),
        parts=[
            Facts(_batch_facts(batch)),
            Section(
                _("Signatures"),
                _("Compare the checksum of the file you received with the one above."),
            ),
            Signatures(
                [_("Handed over by"), _("Received by")],
                [_("Date"), _("Name in print"), _("Signature")],
            ),
        ],
    )


def _stop(stop: Stop) -> list[Part]:
    visit, unit = stop.visit, stop.visit.unit
    window = {"unit": unit.name, "from": _clock(visit.starts_at), "to": _clock(visit.ends_at)}
    heading = Section(_("%(from)s–%(to)s %(unit)s") % window, _load(stop))
    return [heading, Facts(_place(unit)), *_people(stop)]


def _load(stop: Stop) -> str:
    count = len(stop.bookings)
    booked = ngettext("%(count)s person booked", "%(count)s people booked", count)
    free = ngettext("%(count)s time free", "%(count)s times free", stop.free)
    return f"{booked % {'count': count}}, {free % {'count': stop.free}}"


def _place(unit: CareUnit) -> list[Fact]:
    contact = ", ".join(filter(None, [unit.contact_name, unit.contact_phone]))
    facts = [
        Fact(_("Address"), f"{unit.street}, {unit.postcode} {unit.town}"),
        Fact(_("Room, door and parking"), unit.room_note),
        Fact(_("Contact"), contact),
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
    slot, staff = booking.slot, booking.need.staff
    time = _clock(slot.starts_at)
    if visit.stations > 1:
        time = _("%(time)s place %(station)s") % {"time": time, "station": slot.station}
    if staff.protected:
        return [time, _("Protected time, ask the handler"), ""]
    return [time, staff.name, staff.title]


def _batch_facts(batch: Batch) -> list[Fact]:
    federation, header = batch.issuer.federation, batch.header
    is_test = batch.issuer.environment == Issuer.Environment.TEST
    return [
        Fact(_("Batch"), batch.name),
        Fact(_("Number"), str(batch.number)),
        Fact(_("Sender"), f"{federation.name}, {federation.hsa_id}"),
        Fact(_("Card issuer"), batch.issuer.name),
        Fact(_("Purpose"), _("Test, no cards are made") if is_test else _("Cards to be made")),
        Fact(_("Sealed"), _moment(batch.sealed_at)),
        Fact(_("Orders"), str(header["order_count"])),
        Fact(_("Photos"), str(header["photo_count"])),
        Fact(_("File"), f"{batch.name}.zip", code=True),
        Fact(_("Size"), _size(batch.package_bytes or 0)),
        Fact(_("Checksum (SHA-256)"), _in_groups(batch.package_sha256), code=True),
        Fact(_("Signed with the certificate"), _in_groups(header["signer_fingerprint"]), code=True),
        Fact(_("Batch before"), header["previous_batch_id"] or _("None, this is the first")),
    ]


def _size(count: int) -> str:
    return _("%(size)s (%(count)s bytes)") % {
        "size": filesizeformat(count),
        "count": number_format(count, force_grouping=True),
    }


def _in_groups(digits: str) -> str:
    """Return hex digits so that two people can compare them aloud: by eight, half on a line."""
    groups = [digits[at : at + 8] for at in range(0, len(digits), 8)]
    return "\n".join(" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4))


def _moment(at: datetime) -> str:
    return _("%(day)s at %(clock)s") % {"day": _day(at), "clock": _clock(at)}


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "l j F Y")


def _clock(at: datetime) -> str:
    return timezone.localtime(at).strftime("%H.%M")


def _page_words() -> str:
    return _("Page %(page)s of %(pages)s")
