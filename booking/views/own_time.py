"""People's own pages, without log-in: the link is the key, and opens one person's time alone."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from booking.domain.own_calendar import own_calendar
from booking.domain.own_codes import WrongCode
from booking.domain.own_time import DeclineReason, Gone
from booking.domain.states import VisitKind
from booking.forms import SlotForm
from booking.forms.own_time import (
    CODE_SENTENCES,
    CODE_UNKNOWN,
    CODES_STOPPED,
    CodeForm,
    DeclineForm,
    StrikeForm,
)
from booking.models import OwnLink, Waiting
from booking.queries import own_page
from booking.queries.own_page import OwnTime
from booking.queries.own_time import token_of
from booking.services import own_time, waitlist
from booking.services.own_links import OwnHand, TooManyWrongCodes, link_of, link_of_code
from booking.services.refusals import BookingRefused, SlotTaken
from booking.views.page import refusal_sentence
from enrolment import wall
from enrolment.people import access as people_access
from enrolment.people.domain.steps import StepNotAllowed

OwnView = Callable[[HttpRequest, OwnTime], HttpResponse]
STATUSES = {
    Gone.UNKNOWN: HTTPStatus.NOT_FOUND,
    Gone.EXPIRED: HTTPStatus.GONE,
    Gone.ENDED: HTTPStatus.GONE,
}


def unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the page out of caches and search engines, and its address out of what others are told.

    Not "no-referrer": with that the browser says of a form only that it comes from nowhere, and the
    protection against forged forms turns it down.
    """

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store, private"
        return response

    return login_not_required(answer)


def by_link(view: OwnView) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the view to whoever holds the link, within the link's own federation alone."""

    @unlisted
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        link, now = link_of(token), timezone.now()
        reason = own_page.gone(link, now)
        if link is None or reason:
            status = STATUSES[reason or Gone.UNKNOWN]
            return render(request, "booking/own/gone.html", {"gone": reason}, status=status)
        with wall.narrowed([link.need.staff.federation_id]):
            return view(request, own_page.own_time(link, now))

    return opened


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        link = _link_by_code(request, form)
        if link:
            return redirect("booking:own_time", token_of(link))
    return render(request, "booking/own/code.html", {"form": form})


@by_link
@require_safe
def time(request: HttpRequest, own: OwnTime) -> HttpResponse:
    return _page(request, "time", own)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, own: OwnTime) -> HttpResponse:
    if request.method != "POST":
        return _page(request, "move", own)
    form = SlotForm(request.POST, slots=own.visit.slots.all())
    if not form.is_valid():
        return _page(request, "move", own, form=form)
    try:
        own_time.take_slot(link=own.link, slot=form.cleaned_data["slot"])
    except SlotTaken:
        nearest = own_page.nearest_times(own, form.cleaned_data["slot"], timezone.now())
        return _page(request, "move", own, nearest=nearest)
    except (BookingRefused, StepNotAllowed) as refusal:
        return _refused(request, own, refusal)
    messages.success(request, _("Your new time is booked."))
    return _back(own)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def strike(request: HttpRequest, own: OwnTime) -> HttpResponse:
    if request.method != "POST":
        return _page(request, "strike", own)
    form = StrikeForm(request.POST, slots=own.visit.slots.all())
    if not form.is_valid():
        return _page(request, "strike", own, form=form)
    times = {slot.starts_at for slot in form.cleaned_data["slots"]}
    try:
        struck = own_time.strike_times(link=own.link, times=times)
    except BookingRefused as refusal:
        return _refused(request, own, refusal)
    messages.success(request, _struck(struck))
    return _back(own)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, own: OwnTime) -> HttpResponse:
    form = DeclineForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "give_up", own, form=form)
    reason = DeclineReason(form.cleaned_data["reason"])
    try:
        own_time.give_up(link=own.link, reason=reason)
    except (BookingRefused, StepNotAllowed) as refusal:
        return _refused(request, own, refusal)
    messages.success(request, _("Your time is given back. Your manager sees why."))
    return _back(own)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest, own: OwnTime) -> HttpResponse:
    if request.method != "POST":
        return _back(own)
    hand = OwnHand(own.link.pk)
    try:
        if "leave" not in request.POST:
            waitlist.join_waitlist(actor=hand, visit=own.visit, need=own.link.need)
            messages.success(request, _("You are on the waiting list. You keep the time you have."))
        elif own.wait:
            waitlist.leave_waitlist(actor=hand, waiting=own.wait)
            messages.success(request, _("You are no longer on the waiting list."))
    except BookingRefused as refusal:
        return _refused(request, own, refusal)
    return _back(own)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, own: OwnTime) -> HttpResponse:
    if request.method != "POST":
        return _back(own)
    waiting = own_page.own_offer(own.link, request.POST.get("offer", ""))
    if waiting is None:
        messages.error(request, _("The time you were offered is no longer kept for you."))
        return _back(own)
    try:
        messages.success(request, _answer(request, own, waiting))
    except (BookingRefused, StepNotAllowed) as refusal:
        return _refused(request, own, refusal)
    return _back(own)


@by_link
@require_safe
def calendar(request: HttpRequest, own: OwnTime) -> HttpResponse:
    if own.booking is None or own.state != "coming":
        return _back(own)
    booking, unit = own.booking, own.visit.unit
    photo = own.visit.kind == VisitKind.PHOTO
    data = own_calendar(
        uid=f"{booking.pk}-own@fotorundan",
        sequence=booking.sequence,
        stamp=timezone.now(),
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        summary=_("Photo for your SITHS card") if photo else _("Activate your SITHS card"),
        location=f"{unit.name}, {unit.street}, {unit.town}",
    )
    headers = {"Content-Disposition": 'attachment; filename="min-tid.ics"'}
    return HttpResponse(data, content_type="text/calendar; charset=utf-8", headers=headers)


def _page(request: HttpRequest, name: str, own: OwnTime, **more: Any) -> HttpResponse:
    now = timezone.now()
    context = {
        "own": own,
        "token": token_of(own.link),
        "free": own_page.free_times(own, now) if own.movable else [],
        "times": own_page.all_times(own.visit) if own.striking else [],
        "nearest": None,
    }
    return render(request, f"booking/own/{name}.html", context | more)


def _back(own: OwnTime) -> HttpResponse:
    return redirect("booking:own_time", token_of(own.link))


def _refused(
    request: HttpRequest, own: OwnTime, refusal: BookingRefused | StepNotAllowed
) -> HttpResponse:
    """Say why not, on the page as it is now: somebody may have changed the time meanwhile."""
    messages.error(request, refusal_sentence(refusal))
    return _back(own)


def _answer(request: HttpRequest, own: OwnTime, waiting: Waiting) -> str:
    hand = OwnHand(own.link.pk)
    if "decline" in request.POST:
        waitlist.decline_offer(actor=hand, waiting=waiting)
        return _("Thank you for answering. Somebody else is offered the time.")
    own_time.accept_offer(actor=hand, waiting=waiting)
    return _("Your new time is booked.")


def _link_by_code(request: HttpRequest, form: CodeForm) -> OwnLink | None:
    """Return the link of the code in the form, or None with the reason said in the form."""
    place = people_access.place(request)
    try:
        link = link_of_code(code=form.cleaned_data["code"], place=place)
    except WrongCode as wrong:
        form.add_error("code", CODE_SENTENCES[wrong.fault])
        return None
    except TooManyWrongCodes:
        form.add_error("code", CODES_STOPPED)
        return None
    if link is None:
        form.add_error("code", CODE_UNKNOWN)
    return link


def _struck(number: int) -> str:
    if not number:
        return _("Noted: every time suits you.")
    return ngettext(
        "Noted: one time does not suit you.",
        "Noted: %(count)s times do not suit you.",
        number,
    ) % {"count": number}
