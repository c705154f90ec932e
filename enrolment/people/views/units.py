"""Care units: the list, one unit, adding one and correcting one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enrolment.people import access
from enrolment.people.access import NEED_OPENERS, READERS, STAFF_EDITORS, SignedIn
from enrolment.people.forms import NewUnitForm, UnitForm
from enrolment.people.queries.needs import open_needs
from enrolment.people.queries.units import page_of_staff, unit_rows
from enrolment.people.services.organisation import add_unit, change_unit
from enrolment.people.services.protection import note_looks


@require_safe
def units(request: SignedIn) -> HttpResponse:
    access.hold(request.user, *READERS)
    may_add = access.municipalities(request.user, *STAFF_EDITORS).exists()
    context = {"rows": unit_rows(request.user), "may_add": may_add}
    return render(request, "people/units.html", context)


@require_safe
def unit(request: SignedIn, unit_id: UUID) -> HttpResponse:
    unit = access.unit(request.user, unit_id, *READERS)
    page = page_of_staff(request.user, unit=unit, number=request.GET.get("page", ""))
    note_looks(actor=request.user, people=page)
    context = {
        "unit": unit,
        "page": page,
        "need_count": open_needs(request.user, unit=unit).count(),
        "may_change": access.units(request.user, *STAFF_EDITORS).filter(pk=unit.pk).exists(),
        "may_book": access.units(request.user, *NEED_OPENERS).filter(pk=unit.pk).exists(),
    }
    return render(request, "people/unit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_unit(request: SignedIn) -> HttpResponse:
    municipalities = access.municipalities(request.user, *STAFF_EDITORS)
    access.hold(request.user, *STAFF_EDITORS)
    form = NewUnitForm(request.POST or None, municipalities=municipalities)
    if form.is_valid():
        municipality = form.cleaned_data["municipality"]
        added = add_unit(actor=request.user, municipality=municipality, facts=form.facts())
        messages.success(request, _("The unit is added."))
        return redirect("people:unit", added.pk)
    return render(request, "people/unit_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def edit_unit(request: SignedIn, unit_id: UUID) -> HttpResponse:
    unit = access.unit(request.user, unit_id, *STAFF_EDITORS)
    form = UnitForm(request.POST or None, instance=unit)
    if form.is_valid():
        change_unit(actor=request.user, unit=unit, facts=form.facts())
        messages.success(request, _("The unit is saved."))
        return redirect("people:unit", unit.pk)
    return render(request, "people/unit_form.html", {"form": form, "unit": unit})
