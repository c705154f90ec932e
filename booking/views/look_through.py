"""The look-through before a visit is booked or changed: a page that Back and reload find again."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.services.visits import Filled, preview_visits
from enrolment.people.access import SignedIn
from enrolment.people.models import CareUnit
from enrolment.people.services.protection import note_looks


def show(
    request: SignedIn,
    name: str,
    form: Form,
    visits: list[Filled],
    guests: Sequence[CareUnit] = (),
    **more: object,
) -> HttpResponse:
    """Show who would come when; the page named `name` books it. Raises what preview_visits does."""
    previews = preview_visits(actor=request.user, visits=visits, guests=guests)
    people = [need for each in visits for need in each.needs]
    note_looks(actor=request.user, people=[need.staff for need in people])
    parts = [
        {"plan": filled.plan, "preview": preview}
        for filled, preview in zip(visits, previews, strict=True)
    ]
    # A change gets a new form key: what it leads to is another booking.
    context = {
        "parts": parts,
        "plan": visits[0].plan,
        "people": len(people),
        "guests": guests,
        "typed": form,
        "action": reverse(name),
        "change_url": _address(name, request.GET, step="change", form_key=str(uuid4())),
    }
    return render(request, "booking/review.html", context | more)


def check_again(request: SignedIn, address: str) -> HttpResponse:
    """Go back to what was looked through: it tells what now stands against it."""
    messages.warning(request, _("Something changed while you looked it through. Check it again."))
    return redirect(address)


def address_of(request: SignedIn, name: str, *place: UUID, step: str = "review") -> str:
    """Return the address of the look-through with what was sent to be done."""
    return _address(name, request.POST, *place, step=step)


def _address(name: str, told: QueryDict, *place: UUID, **other: str) -> str:
    data = told.copy()
    data.pop("csrfmiddlewaretoken", None)
    for key, value in other.items():
        data[key] = value
    return reverse(name, args=place, query=data)
