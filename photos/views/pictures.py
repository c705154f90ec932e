"""The only way to a picture's bytes, and the panel that a person's page borrows."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enrolment.people import access as people_access
from enrolment.people.access import SignedIn
from photos import access
from photos.domain.intake import png
from photos.queries.review import latest_of_person
from photos.services.looks import look_at_capture, look_at_card


@require_safe
def card_image(request: SignedIn, capture_id: UUID) -> HttpResponse:
    capture = access.seen_capture(request.user, capture_id)
    try:
        return picture_response(look_at_card(actor=request.user, capture=capture), "kort")
    except FileNotFoundError as error:
        raise Http404 from error


@require_safe
def capture_image(request: SignedIn, capture_id: UUID) -> HttpResponse:
    capture = access.seen_capture(request.user, capture_id)
    try:
        return picture_response(look_at_capture(actor=request.user, capture=capture), "bild")
    except FileNotFoundError as error:
        raise Http404 from error


@require_safe
def for_person(request: SignedIn, staff_id: UUID) -> HttpResponse:
    staff = people_access.staff_member(request.user, staff_id)
    capture = latest_of_person(staff)
    seen = capture is not None and access.may_see(request.user, capture)
    return render(request, "photos/parts/person.html", {"capture": capture, "seen": seen})


def picture_response(data: bytes, name: str) -> HttpResponse:
    """Answer with a picture that no cache keeps and that can do nothing but be shown."""
    kind = "png" if data.startswith(png.START) else "jpeg"
    response = HttpResponse(data, content_type=f"image/{kind}")
    response["Cache-Control"] = "no-store, private"
    response["Content-Disposition"] = f'inline; filename="{name}.{kind}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response
