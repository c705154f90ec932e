"""Users and their roles."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enrolment.people import access
from enrolment.people.access import Role, SignedIn
from enrolment.people.forms import InvitationForm
from enrolment.people.queries.accounts import users_with_roles
from enrolment.people.services.accounts import (
    LastAdministrator,
    invite_user,
    send_password_link,
    take_role,
)


@require_safe
def users(request: SignedIn) -> HttpResponse:
    access.federation(request.user, Role.ADMINISTRATOR)
    return render(request, "people/users.html", {"rows": users_with_roles(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def new_user(request: SignedIn) -> HttpResponse:
    federation = access.federation(request.user, Role.ADMINISTRATOR)
    municipalities = access.municipalities(request.user, Role.ADMINISTRATOR)
    units = access.units(request.user, Role.ADMINISTRATOR)
    form = InvitationForm(
        request.POST or None,
        municipalities=municipalities.filter(federation=federation),
        units=units.filter(municipality__federation=federation),
    )
    if form.is_valid():
        invite_user(
            actor=request.user,
            federation=federation,
            site=request.build_absolute_uri("/"),
            **form.invitation(),
        )
        messages.success(request, _("The role is given."))
        return redirect("people:users")
    return render(request, "people/new_user.html", {"form": form})


@require_POST
def remove_role(request: SignedIn, membership_id: int) -> HttpResponse:
    membership = access.membership(request.user, membership_id)
    try:
        take_role(actor=request.user, membership=membership)
    except LastAdministrator:
        messages.error(
            request, _("Give somebody else the role first. The federation needs an administrator.")
        )
        return redirect("people:users")
    messages.success(request, _("The role is removed."))
    return redirect("desk:start" if membership.user == request.user else "people:users")


@require_POST
def password_link(request: SignedIn, user_id: UUID) -> HttpResponse:
    federation = access.federation(request.user, Role.ADMINISTRATOR)
    user = access.colleague(request.user, user_id)
    site = request.build_absolute_uri("/")
    send_password_link(actor=request.user, user=user, federation=federation, site=site)
    messages.success(request, _("A link to choose a password is on its way by e-mail."))
    return redirect("people:users")
