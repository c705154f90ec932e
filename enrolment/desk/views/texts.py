"""The federation's own words for each kind of message."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enrolment.desk import queries
from enrolment.desk.forms import TextForm
from enrolment.messages.services import TextRefused, reset_text, set_text
from enrolment.messages.texts import KINDS, Text
from enrolment.people import access as people_access
from enrolment.people.access import Role, SignedIn


@require_safe
def text_list(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, Role.ADMINISTRATOR)
    return render(request, "desk/texts.html", {"rows": queries.text_rows(federation.pk)})


@require_http_methods(["GET", "HEAD", "POST"])
def edit_text(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, Role.ADMINISTRATOR)
    key, channel = _chosen(request)
    text = queries.text_in_use(federation.pk, key, channel)
    form = TextForm(request.POST or None, key=key, channel=channel, text=text)
    if request.method == "POST" and form.is_valid():
        return _save(request, form, federation_id=federation.pk, key=key, channel=channel)
    return render(request, "desk/text.html", _context(federation.pk, key, channel, form))


@require_POST
def preview_text(request: SignedIn) -> HttpResponse:
    """Show how the text looks for the example person, or what hinders it."""
    people_access.federation(request.user, Role.ADMINISTRATOR)
    key, channel = _chosen(request)
    form = TextForm(request.POST, key=key, channel=channel, text=Text("", ""))
    return render(request, "desk/parts/text_preview.html", {"preview": form.preview()})


@require_POST
def house_text(request: SignedIn) -> HttpResponse:
    federation = people_access.federation(request.user, Role.ADMINISTRATOR)
    key, channel = _chosen(request)
    reset_text(actor=request.user, federation_id=federation.pk, key=key, channel=channel)
    messages.success(request, _("The text is Fotorundan's own again."))
    return redirect("desk:texts")


def _save(request: SignedIn, form: TextForm, **which: Any) -> HttpResponse:
    try:
        set_text(actor=request.user, text=form.text(), **which)
    except TextRefused as refusal:
        form.refuse(refusal)
        return render(request, "desk/text.html", _context(**which, form=form))
    messages.success(request, _("The text is saved. Messages from now on use it."))
    return redirect("desk:texts")


def _context(federation_id: Any, key: str, channel: str, form: TextForm) -> dict[str, Any]:
    return {
        "form": form,
        "kind": KINDS[key],
        "channel": channel,
        "which": f"{key}.{channel}",
        "places": queries.places_of(key),
        "own": queries.has_own_text(federation_id, key, channel),
        "preview": form.preview(),
    }


def _chosen(request: HttpRequest) -> tuple[str, str]:
    """Return the kind and the channel that `text` in the address names, or 404."""
    key, _dot, channel = request.GET.get("text", "").partition(".")
    if key not in KINDS or channel not in KINDS[key].channels:
        raise Http404
    return key, channel
