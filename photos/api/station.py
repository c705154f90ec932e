"""What the capture station asks and sends, as JSON: docs/reference/station.md.

It works without a network, so nothing here is a page: whoever is logged out is told so with 401,
and each refusal has `code` and `message`. What a laptop sends is named by X-Sha256 (of the sealed
bytes), X-Subject and X-Device (UUIDs).
"""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from booking.models import Visit
from enrolment.people.models import User
from photos import access, faults
from photos.queries.station_package import open_photo_visits, versions_of
from photos.services.refusals import PhotoRefused, TooLarge
from photos.services.station.laptops import report_laptop
from photos.services.station.opening import opened_now
from photos.services.station.packages import prepare_laptop
from photos.services.station.records import RecordReceipt, largest, receive_record
from photos.storage import DiskFull

SHA256 = re.compile(r"[0-9a-f]{64}")
LENGTH = re.compile(r"[0-9]{1,18}")
# The status, and under which code the station knows it where that is another.
FAULTS = {
    "bad_request": (400, ""),
    "cut_off": (400, ""),
    "hash_mismatch": (400, ""),
    "log_in": (401, ""),
    "unknown_visit": (404, ""),
    "unknown_laptop": (404, ""),
    "record_conflict": (409, "conflict"),
    "key_destroyed": (409, ""),
    "too_large": (413, ""),
    "disk_full": (507, ""),
}


class BadRequest(PhotoRefused):
    """A request came without all its facts."""

    code = "bad_request"


@login_not_required
@never_cache
@require_GET
def state(request: HttpRequest) -> JsonResponse:
    user = request.user if isinstance(request.user, User) else None
    told = {"user": str(user.pk) if user else None, "name": user.name if user else ""}
    return JsonResponse(told | {"csrf": get_token(request)})


@login_not_required
@never_cache
@require_GET
def visits(request: HttpRequest) -> JsonResponse:
    if not isinstance(request.user, User):
        return _fault("log_in")
    user, now = request.user, timezone.now()
    shown = [_visit(visit, user) for visit in open_photo_visits(access.visits(user), now)]
    return JsonResponse({"visits": shown})


def of_own_visit(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the technician and the own visit to a view, and answer in JSON where it refuses."""

    @login_not_required
    @wraps(view)
    def answered(request: HttpRequest, visit_id: UUID, **held: UUID) -> HttpResponse:
        if not isinstance(request.user, User):
            return _fault("log_in")
        visit = access.visits(request.user).filter(pk=visit_id).first()
        if visit is None:
            return _fault("unknown_visit")
        try:
            return view(request, request.user, visit, **held)
        except PhotoRefused as refusal:
            return _fault(refusal.code)
        except DiskFull:
            return _fault("disk_full")
        except UnreadablePostError:
            return _fault("cut_off")

    return answered


@never_cache
@require_GET
@of_own_visit
def package(request: HttpRequest, user: User, visit: Visit) -> JsonResponse:
    device = _uuid(request.headers.get("X-Device"))
    return JsonResponse(prepare_laptop(actor=user, visit=visit, device=device))


@require_http_methods(["PUT"])
@of_own_visit
def record(request: HttpRequest, user: User, visit: Visit, record_id: UUID) -> JsonResponse:
    _check_length(request)
    if not SHA256.fullmatch(request.headers.get("X-Sha256", "")):
        raise BadRequest
    receipt = receive_record(
        actor=user,
        visit=visit,
        record_id=record_id,
        subject=_uuid(request.headers.get("X-Subject")),
        device=_uuid(request.headers.get("X-Device")),
        sha256=request.headers["X-Sha256"],
        data=request.body,
    )
    return _received(user, receipt)


@require_POST
@of_own_visit
def laptop(request: HttpRequest, user: User, visit: Visit) -> HttpResponse:
    _check_length(request)
    report_laptop(actor=user, visit=visit, **_report(request.body))
    return HttpResponse(status=204)


def _received(user: User, receipt: RecordReceipt) -> JsonResponse:
    opened = opened_now(actor=user, record_id=receipt.record_id)
    state = "taken" if opened.state == opened.State.SETTLED else opened.state
    answer = {"record": receipt.record_id, "sha256": receipt.sha256, "state": state}
    return JsonResponse(answer, status=201 if receipt.new else 200)


def _visit(visit: Visit, user: User) -> dict[str, object]:
    return {
        "id": visit.pk,
        "unit": visit.unit.name,
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
        "people": getattr(visit, "people", 0),
    } | versions_of(visit, user)


def _report(body: bytes) -> dict[str, Any]:
    """Return device, unsent and cleaned, as `report_laptop` takes them; raise BadRequest."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    unsent = told.get("unsent") if isinstance(told, dict) else None
    if type(unsent) is not int or unsent < 0:
        raise BadRequest
    device = _uuid(told.get("device"))
    return {"device": device, "unsent": unsent, "cleaned": told.get("cleaned") is True}


def _check_length(request: HttpRequest) -> None:
    """Refuse before it is read what is too large. Raises TooLarge or BadRequest."""
    told = request.headers.get("Content-Length") or "0"
    if not LENGTH.fullmatch(told):
        raise BadRequest
    if int(told) > largest():
        raise TooLarge


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise BadRequest from error


def _fault(code: str) -> JsonResponse:
    status, known_as = FAULTS[code]
    message = faults.sentence(code, limit_mb=settings.UPLOAD_LIMIT // 1_000_000)
    return JsonResponse({"code": known_as or code, "message": message}, status=status)
