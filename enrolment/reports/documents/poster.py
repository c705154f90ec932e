"""The poster that a unit puts up before a visit."""

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.domain.states import VisitKind
from booking.models import Visit
from enrolment.messages.services import page_address
from enrolment.reports.documents import words
from enrolment.reports.domain.paper import Code, Fact, Facts, Paper, Scan

LINE = "_" * 20


def poster(visit: Visit) -> Paper:
    """Return what everybody at the unit may read: what, when, where, what to bring; no names."""
    photo = visit.kind == VisitKind.PHOTO
    address = page_address(reverse("booking:own_code"))
    return Paper(
        title=_("We take photos for your SITHS card") if photo else _("Activate your SITHS card"),
        author=visit.unit.municipality.federation.name,
        over=visit.unit.name,
        lead=_("We come to you, so nobody needs to travel."),
        page_words=words.page_words(),
        parts=[
            Facts(_facts(visit)),
            Scan(
                _("Change your time"),
                _("Go to %(address)s and write the code from your invitation or slip.")
                % {"address": address},
                Code(address),
            ),
        ],
        large=True,
    )


def _facts(visit: Visit) -> list[Fact]:
    window = {"from": words.clock(visit.starts_at), "to": words.clock(visit.ends_at)}
    hours = _("at %(from)s–%(to)s") % window
    return [
        Fact(_("When"), f"{words.day(visit.starts_at).capitalize()}\n{hours}"),
        Fact(_("Where"), f"{visit.unit.name}\n{visit.unit.street}, {visit.unit.town}"),
        # Written by hand: what the technician is told of the way in may hold a door code.
        Fact(_("Room"), f"\n{LINE}"),
        Fact(_("Bring"), "\n".join(_things(visit))),
        Fact(_("Your data"), _privacy(visit)),
    ]


def _things(visit: Visit) -> list[str]:
    document = _("Your physical id document, still valid")
    if visit.kind == VisitKind.PHOTO:
        return [document, _("Your present card, if you have one")]
    return [document, _("Your new card")]


def _privacy(visit: Visit) -> str:
    if visit.kind == VisitKind.PHOTO:
        return _("The photo is used for your card alone.")
    return _("You choose the PIN yourself, and nobody else may know it.")
