"""An issuer's certificates for the administrator: look, compare, take into use, retire."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from enrolment.cards import access, faults
from enrolment.cards.domain.issuer_certificates import groups
from enrolment.cards.forms.certificates import (
    CertificateForm,
    ConfirmCertificateForm,
    RevocationListForm,
)
from enrolment.cards.models import Issuer
from enrolment.cards.services.certificates import (
    Inspected,
    add_certificate,
    add_revocation_list,
    inspect_certificate,
    retire_certificate,
)
from enrolment.people.access import SignedIn
from enrolment.people.domain.refusal import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def new_certificate(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    """Read a certificate and show its fingerprint to compare; nothing is kept yet."""
    issuer = access.managed_issuer(request.user, issuer_id)
    form = CertificateForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        purpose = form.cleaned_data["purpose"]
        try:
            found = inspect_certificate(
                issuer=issuer, purpose=purpose, data=form.content(), at=timezone.now()
            )
        except Refusal as refused:
            form.add_error(form.source, faults.certificate(refused))
        else:
            yes = ConfirmCertificateForm(initial={"purpose": purpose, "pem": found.pem})
            return _ask(request, issuer, yes, found, purpose)
    return render(request, "cards/certificate_form.html", {"form": form, "issuer": issuer})


@require_POST
def confirm_certificate(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    """Take the certificate into use once its fingerprint has been compared."""
    issuer = access.managed_issuer(request.user, issuer_id)
    form = ConfirmCertificateForm(request.POST)
    if form.lacks_certificate():
        return redirect("cards:new_certificate", issuer.pk)
    told = {"issuer": issuer, "purpose": form.cleaned_data["purpose"], "data": form.content()}
    try:
        if form.is_valid():
            add_certificate(actor=request.user, **told)
            messages.success(request, _("The certificate is in use."))
            return redirect("cards:issuer", issuer.pk)
        found = inspect_certificate(**told, at=timezone.now())
    except Refusal as refused:
        messages.error(request, faults.certificate(refused))
        return redirect("cards:issuer", issuer.pk)
    return _ask(request, issuer, form, found, told["purpose"])


@require_POST
def retire(request: SignedIn, certificate_id: UUID) -> HttpResponse:
    certificate = access.managed_certificate(request.user, certificate_id)
    retire_certificate(actor=request.user, certificate=certificate)
    messages.success(request, _("The certificate is retired. It is kept, but not used."))
    return redirect("cards:issuer", certificate.issuer_id)


@require_http_methods(["GET", "HEAD", "POST"])
def new_revocation_list(request: SignedIn, issuer_id: UUID) -> HttpResponse:
    issuer = access.managed_issuer(request.user, issuer_id)
    form = RevocationListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            add_revocation_list(actor=request.user, issuer=issuer, data=form.content())
        except Refusal as refused:
            form.add_error("file", faults.revocation_list(refused))
        else:
            messages.success(request, _("The revocation list is kept, and used from now on."))
            return redirect("cards:issuer", issuer.pk)
    return render(request, "cards/revocation_list.html", {"form": form, "issuer": issuer})


def _ask(
    request: SignedIn,
    issuer: Issuer,
    form: ConfirmCertificateForm,
    found: Inspected,
    purpose: str,
) -> HttpResponse:
    """Show what was read, and ask whether its fingerprint has been compared."""
    context = {"form": form, "issuer": issuer, "found": found, "purpose": purpose}
    context["groups"] = groups(found.fingerprint)
    return render(request, "cards/certificate_confirm.html", context)
