"""The form to write on while the system is away."""

from django.utils.translation import gettext as _

from booking.domain.states import VisitKind
from booking.models import Visit
from enrolment.reports.documents import words
from enrolment.reports.domain.paper import Column, Fact, Facts, Listing, Paper, Section, Signatures

LINES = 14


def blank_form(visit: Visit) -> Paper:
    """Return an empty list for the visit: who came, by which id document; nobody is named."""
    last = _("Photo") if visit.kind == VisitKind.PHOTO else _("Activated")
    return Paper(
        title=_("Emergency form"),
        author=visit.unit.municipality.federation.name,
        over=visit.unit.name,
        lead=_("Write here while the system is away. Check the people in when it is back."),
        page_words=words.page_words(),
        parts=[
            Facts([Fact(_("The visit"), words.moment(visit.starts_at))]),
            Listing(
                caption=_("People"),
                columns=[
                    Column(_("No."), 0.06),
                    Column(_("Time"), 0.1),
                    Column(_("Name"), 0.3),
                    Column(_("HSA-id"), 0.3),
                ],
                rows=[[str(number), "", "", ""] for number in range(1, LINES + 1)],
                ticks=[Column(_("Id document"), 0.14), Column(last, 0.1)],
                roomy=True,
            ),
            Section(_("Signatures")),
            Signatures([_("Technician")], [_("Date"), _("Name in print"), _("Signature")]),
        ],
    )
