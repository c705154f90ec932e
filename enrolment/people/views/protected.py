"""Who handles each protected person; shows HSA-ids, never names."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from enrolment.people import access
from enrolment.people.access import Role, SignedIn
from enrolment.people.forms import HandlerForm
from enrolment.people.queries.accounts import protected_with_handlers
from enrolment.people.services.protection import NotInFederation, name_handler, release_handler


@require_http_methods(["GET", "HEAD", "POST"])
def protected(request: SignedIn) -> HttpResponse:
    access.federation(request.user, Role.ADMINISTRATOR)
    form = HandlerForm(
        request.POST or None,
        people=access.protected_staff(request.user).order_by("hsa_id"),
        users=access.colleagues(request.user),
    )
    if form.is_valid() and _named(request, form):
        messages.success(request, _("The handler is named."))
        return redirect("people:protected")
    context = {"form": form, "people": protected_with_handlers(request.user)}
    return render(request, "people/protected.html", context)


@require_POST
def remove_handler(request: SignedIn, staff_id: UUID, user_id: UUID) -> HttpResponse:
    person, handler = access.handler(request.user, staff_id, user_id)
    release_handler(actor=request.user, staff=person, handler=handler)
    messages.success(request, _("The handler is removed."))
    return redirect("people:protected")


def _named(request: SignedIn, form: HandlerForm) -> bool:
    told = form.cleaned_data
    try:
        name_handler(actor=request.user, staff=told["person"], handler=told["handler"])
    except NotInFederation:
        form.add_error("handler", _("Choose somebody with a role in the person's federation."))
    return not form.errors
