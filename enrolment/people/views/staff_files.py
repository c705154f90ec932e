"""Take in a staff file: upload, look at the changes, say yes, see what was done."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enrolment.people import access
from enrolment.people.access import STAFF_EDITORS, SignedIn
from enrolment.people.domain.csv_for_people import write_csv
from enrolment.people.domain.staff_file import StaffFileError
from enrolment.people.faults import sentence
from enrolment.people.forms import ImportForm, StaffFileForm
from enrolment.people.models import Federation, StaffFile
from enrolment.people.queries.staff_changes import (
    changes_in,
    handled_by,
    unit_names,
    waiting_files,
)
from enrolment.people.services.staff_files import (
    AlreadyImported,
    ChangesDiffer,
    discard_staff_file,
    import_staff_file,
    note_faults_fetched,
    receive_staff_file,
)
from enrolment.people.views.file_preview import Preview, fault_line


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedIn) -> HttpResponse:
    federation = access.federation(request.user, *STAFF_EDITORS)
    form = StaffFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid() and (file := _received(request, federation, form)):
        return redirect("people:import_preview", file.pk)
    context = {"form": form, "waiting": waiting_files(request.user)}
    return render(request, "people/import.html", context)


@require_safe
def preview(request: SignedIn, file_id: UUID) -> HttpResponse:
    file = access.staff_file(request.user, file_id)
    if file.imported_at:
        return render(request, "people/import_result.html", {"file": file})
    found = changes_in(file, timezone.localdate())
    page = Preview(found, unit_names(file.federation), handled_by(request.user))
    context = {
        "file": file,
        "found": found,
        "sections": page.sections(request.GET),
        "warnings": [fault_line(warning) for warning in found.warnings],
        "form": ImportForm(initial={"seen": found.fingerprint}),
    }
    return render(request, "people/import_preview.html", context)


@require_POST
def confirm(request: SignedIn, file_id: UUID) -> HttpResponse:
    file = access.staff_file(request.user, file_id)
    form = ImportForm(request.POST)
    if form.is_valid():
        _imported(request, file, form)
    return redirect("people:import_preview", file.pk)


@require_POST
def discard(request: SignedIn, file_id: UUID) -> HttpResponse:
    file = access.staff_file(request.user, file_id)
    try:
        discard_staff_file(actor=request.user, file=file)
    except AlreadyImported:
        return redirect("people:import_preview", file.pk)
    messages.success(request, _("The file is thrown away. Nothing was saved."))
    return redirect("people:import")


@require_safe
def faults(request: SignedIn, file_id: UUID) -> HttpResponse:
    file = access.staff_file(request.user, file_id)
    if not file.sealed_content:
        raise Http404
    lines = list(map(fault_line, changes_in(file, timezone.localdate()).faults))
    note_faults_fetched(actor=request.user, file=file, faults=len(lines))
    head = (_("Row"), _("Column"), _("What to do"))
    content = write_csv([head, *((line.row, line.column, line.advice) for line in lines)])
    disposition = {"Content-Disposition": 'attachment; filename="att-ratta.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=disposition)


def _received(request: SignedIn, federation: Federation, form: StaffFileForm) -> StaffFile | None:
    """Keep the file, or put into the form what is wrong with it."""
    try:
        return receive_staff_file(
            actor=request.user,
            federation=federation,
            name=form.cleaned_data["file"].name,
            content=form.content(),
            today=timezone.localdate(),
        )
    except StaffFileError as error:
        form.add_error("file", sentence(error))
        return None


def _imported(request: SignedIn, file: StaffFile, form: ImportForm) -> None:
    """Take the file in, or say why the changes are shown once more."""
    try:
        import_staff_file(
            actor=request.user,
            file=file,
            seen=form.cleaned_data["seen"],
            mark_left=form.cleaned_data["mark_left"],
            today=timezone.localdate(),
        )
    except ChangesDiffer:
        messages.warning(
            request, _("The register has changed since you looked. Check the changes once more.")
        )
    except AlreadyImported:
        messages.info(request, _("The file was already imported."))
