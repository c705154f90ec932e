"""The station's upload: one picture a request, under the id it was given at the shutter.

`PUT /api/besok/<visit>/bilder/<capture>` with the bytes as body and the headers X-Booking,
X-Sha256 (of those bytes), X-Taken-At (ISO 8601) and X-Source. The answer is JSON: a receipt with
201, or 200 when the picture was here already; else `code` and `message`.
"""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from enrolment.people.models import User
from photos import access, advice, faults
from photos.domain.intake import Refused
from photos.forms import UploadForm
from photos.services.assess import judged_now
from photos.services.captures import Receipt, receive_capture
from photos.services.refusals import PhotoRefused
from photos.storage import DiskFull

HEADERS = {
    "booking": "X-Booking",
    "sha256": "X-Sha256",
    "taken_at": "X-Taken-At",
    "source": "X-Source",
}
STATUS = {
    "bad_request": 400,
    "cut_off": 400,
    "hash_mismatch": 400,
    "log_in": 401,
    "conflict": 409,
    "not_checked_in": 409,
    "too_large": 413,
    "disk_full": 507,
}


@login_not_required
@require_http_methods(["PUT"])
def capture_upload(request: HttpRequest, visit_id: UUID, capture_id: UUID) -> JsonResponse:
    if not isinstance(request.user, User):
        return _fault("log_in")
    visit = access.visit(request.user, visit_id)
    if int(request.headers.get("Content-Length") or 0) > settings.UPLOAD_LIMIT:
        return _fault("too_large", limit_mb=settings.UPLOAD_LIMIT // 1_000_000)
    form = UploadForm({name: request.headers.get(header) for name, header in HEADERS.items()})
    if not form.is_valid():
        return _fault("bad_request")
    facts = form.cleaned_data
    facts["booking"] = access.booking(request.user, facts["booking"], visit)
    try:
        data = request.body
        receipt = receive_capture(actor=request.user, capture_id=capture_id, data=data, **facts)
    except (Refused, PhotoRefused, DiskFull, UnreadablePostError) as error:
        return _refused(error)
    return _received(request.user, receipt)


def _received(user: User, receipt: Receipt) -> JsonResponse:
    judged = judged_now(actor=user, capture_id=receipt.capture_id)
    answer = {
        "capture": receipt.capture_id,
        "sha256": receipt.sha256,
        "status": "judged" if judged else "kept",
        "findings_url": reverse("photos:verdict", args=[receipt.capture_id]),
    }
    return JsonResponse(answer, status=201 if receipt.new else 200)


def _refused(error: Exception) -> JsonResponse:
    match error:
        case Refused():
            message = advice.sentence(error.code, error.params)
            return JsonResponse({"code": error.code, "message": message}, status=422)
        case PhotoRefused():
            return _fault(error.code)
        case DiskFull():
            return _fault("disk_full")
    return _fault("cut_off")


def _fault(code: str, **params: int) -> JsonResponse:
    message = faults.sentence(code, **params)
    return JsonResponse({"code": code, "message": message}, status=STATUS[code])
