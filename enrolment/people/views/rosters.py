"""Upload a roster: of one unit, or of the whole federation; see what was taken and what not."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from enrolment.people import access
from enrolment.people.access import NEED_OPENERS, STAFF_EDITORS, SignedIn
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.faults import sentence
from enrolment.people.forms import RosterForm
from enrolment.people.models import CareUnit, Federation
from enrolment.people.queries.rosters import roster_cover, shown_faults
from enrolment.people.services.rosters import RosterImport, import_roster


@require_http_methods(["GET", "HEAD", "POST"])
def roster(request: SignedIn, unit_id: UUID) -> HttpResponse:
    unit = access.unit(request.user, unit_id, *NEED_OPENERS)
    return _page(request, unit.municipality.federation, unit)


@require_http_methods(["GET", "HEAD", "POST"])
def roster_import(request: SignedIn) -> HttpResponse:
    return _page(request, access.federation(request.user, *STAFF_EDITORS), None)


def _page(request: SignedIn, federation: Federation, unit: CareUnit | None) -> HttpResponse:
    form = RosterForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    taken = _taken(request, form, federation, unit) if form.is_valid() else None
    context: dict[str, Any] = {"form": form, "unit": unit}
    context["cover"] = roster_cover(unit) if unit else None
    if taken:
        faults = shown_faults(request.user, taken.roster.faults)
        context |= {
            "taken": taken,
            "lines": [
                {"row": fault.row, "column": fault.column, "advice": sentence(fault)}
                for fault in faults
            ],
            "untold": len(taken.roster.faults) - len(faults),
        }
    return render(request, "people/roster.html", context)


def _taken(
    request: SignedIn, form: RosterForm, federation: Federation, unit: CareUnit | None
) -> RosterImport | None:
    """Take the file in, or put into the form what is wrong with it."""
    try:
        return import_roster(
            actor=request.user,
            federation=federation,
            unit=unit,
            name=form.cleaned_data["file"].name,
            content=form.content(),
        )
    except StaffFileError as error:
        form.add_error("file", sentence(error))
        return None
