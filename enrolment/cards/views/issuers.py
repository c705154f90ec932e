"""Card issuers for the administrator: the list, one issuer, its settings, people and keys."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enrolment.cards import access, queries
from enrolment.cards.forms.issuers import IssuerForm, NewIssuerForm, PersonForm, TokenForm
from enrolment.cards.services.issuers import (
    NotACardIssuer,
    add_person,
    change_issuer,
    register_issuer,
    remove_person,
)
from enrolment.cards.services.tokens import TokenRefused, issue_token, revoke_token
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn


@require_safe
def issuers(request: SignedIn) -> HttpResponse:
    people_access.federation(request.user, Role.ADMINISTRATOR)
    now = timezone.now()
    context = {
        "rows": queries.issuer_rows(access.managed_issuers(request.user), now),
        "own": queries.own_certificates(now),
    }
    return render(request, "cards/issuers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_issuer(request: SignedIn) -> HttpResponse:
    people_access.federation(request.user, Role.ADMINISTRATOR)
    federations = people_access.federations(request.user, Role.ADMINISTRATOR)
    form = NewIssuerForm(request.POST or None, federations=federations)
    if form.is_valid():
        try:
            issuer = register_issuer(actor=request.user, **form.facts())
        except ValidationError:
            form.add_error("slug", _("Choose another short name. Another issuer has this one."))
        else:
            messages.success(request, _("The card issuer is registered. Add its certificate."))
            return redirect("cards:issuer", issuer.pk)
    return render(request, "cards/issuer_form.html", {"form": form})


@require_safe
def issuer(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    issuer = access.managed_issuer(request.user, issuer_id)
    now = timezone.now()
    context = {
        "issuer": issuer,
        "host_key": queries.host_key(issuer),
        "certificates": queries.certificates_of(issuer, now),
        "revocation_lists": queries.revocation_list_rows(issuer, now),
        "tokens": queries.token_rows(issuer, now),
        "people": queries.acting_people(issuer),
        "on_their_way": queries.batches_on_their_way(issuer),
    }
    return render(request, "cards/issuer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_issuer(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    issuer = access.managed_issuer(request.user, issuer_id)
    name = issuer.name
    form = IssuerForm(request.POST or None, instance=issuer)
    if form.is_valid():
        change_issuer(actor=request.user, issuer=issuer, settings=form.settings())
        messages.success(request, _("The settings are saved."))
        return redirect("cards:issuer", issuer.pk)
    context = {"form": form, "issuer": issuer, "name": name}
    context["on_their_way"] = queries.batches_on_their_way(issuer)
    return render(request, "cards/issuer_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    issuer = access.managed_issuer(request.user, issuer_id)
    form = PersonForm(request.POST or None, people=access.people_to_add(issuer))
    if form.is_valid():
        try:
            add_person(actor=request.user, issuer=issuer, user=form.cleaned_data["user"])
        except NotACardIssuer:
            messages.error(request, _("Give the user the role card issuer first."))
        else:
            messages.success(request, _("The user may now act as the card issuer."))
        return redirect("cards:issuer", issuer.pk)
    return render(request, "cards/issuer_person.html", {"form": form, "issuer": issuer})


@require_POST
def drop_person(request: SignedIn, issuer_id: UUID, user_id: UUID) -> HttpResponse:
    issuer, person = access.managed_person(request.user, issuer_id, user_id)
    remove_person(actor=request.user, issuer=issuer, user=person)
    messages.success(request, _("The user acts as the card issuer no more."))
    return redirect("cards:issuer", issuer.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new_token(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    issuer = access.managed_issuer(request.user, issuer_id)
    form = TokenForm(request.POST or None)
    context = {"form": form, "issuer": issuer}
    if form.is_valid():
        try:
            token, secret = issue_token(
                actor=request.user,
                issuer=issuer,
                name=form.cleaned_data["name"],
                valid_until=form.valid_until(),
            )
        except TokenRefused:
            form.add_error("last_day", _("Choose today or a later day, at most two years ahead."))
        else:
            context |= {"token": token, "secret": secret}
            return render(request, "cards/token_secret.html", context)
    return render(request, "cards/token_form.html", context)


@require_POST
def end_token(request: SignedIn, token_id: UUID) -> HttpResponse:
    token = access.managed_token(request.user, token_id)
    revoke_token(actor=request.user, token=token)
    messages.success(request, _("The key is revoked. It opens nothing more."))
    return redirect("cards:issuer", token.issuer_id)
