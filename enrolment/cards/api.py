"""The API for card issuers' machines: list batches, fetch packages, answer with receipts.

Every call but that for the OpenAPI document carries `Authorization: Bearer` with a token of the
issuer's (services/tokens.py); a log-in opens nothing here. What can't be done is answered as
RFC 9457 says. docs/reference/issuer-api.md describes every call.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from enrolment import wall
from enrolment.cards import access, faults, queries
from enrolment.cards.domain.byte_range import ByteRange, RangeOutside, read_range
from enrolment.cards.domain.issuer_api import (
    PROBLEMS,
    RECEIPT_ID,
    ApiBatch,
    ApiReceipt,
    BadQuery,
    Problem,
    read_list_query,
)
from enrolment.cards.domain.openapi import PROBLEM_TYPE, openapi_document
from enrolment.cards.domain.package_fields import BATCH_ID, JsonValue
from enrolment.cards.domain.receipt import MOST_BYTES, ReceiptUnreadable, read_receipt
from enrolment.cards.domain.receipt_fields import ReceiptDocument
from enrolment.cards.models import Batch, IssuerToken, Receipt
from enrolment.cards.services.batches import PackageGone, fetch_package
from enrolment.cards.services.rates import CALLS_A_MINUTE, take_turn
from enrolment.cards.services.receipts import (
    NotDeliveredYet,
    TakeFault,
    take_receipt,
)
from enrolment.cards.services.tokens import token_of

JSON, CSV, CMS = "application/json", "text/csv", "application/cms"
CHUNK = 1 << 18

type View = Callable[..., HttpResponseBase]


class Refused(Exception):
    """The call is answered with a problem."""

    def __init__(
        self, problem: Problem, fault: Mapping[str, Any] | None = None, **headers: str
    ) -> None:
        super().__init__(problem)
        self.problem, self.fault = problem, fault
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(self) -> JsonResponse:
        """Return the problem as RFC 9457 describes one."""
        status, title = PROBLEMS[self.problem]
        told = {
            "type": f"urn:kort-problem:{self.problem}",
            "title": title,
            "status": status,
            "code": self.problem,
            "detail": str(faults.API_SENTENCES[self.problem]),
        }
        more = {}
        if self.fault:
            more = {"fault": self.fault["code"], "detail": faults.to_issuer(self.fault)}
        return JsonResponse(
            told | more, status=status, content_type=PROBLEM_TYPE, headers=self.headers
        )


def _door(views: dict[str, View]) -> View:
    """Let in whoever has a token and a turn left, to the view of the method; None: to nothing."""

    @csrf_exempt
    @login_not_required
    def answer(request: HttpRequest, **place: str) -> HttpResponseBase:
        try:
            token = _token(request)
            with wall.narrowed([token.issuer.federation_id]):
                return _of_method(request, views)(request, token, **place)
        except Refused as refused:
            return refused.answer()
        except Http404:
            return Refused(Problem.NOT_FOUND).answer()

    return answer


def _of_method(request: HttpRequest, views: dict[str, View]) -> View:
    view = views.get(request.method or "")
    if view is None:
        raise Refused(Problem.METHOD, Allow=", ".join(views))
    return view


def _token(request: HttpRequest) -> IssuerToken:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Refused(Problem.NO_TOKEN, WWW_Authenticate="Bearer")
    token = token_of(secret.strip())
    if token is None:
        raise Refused(Problem.TOKEN_NOT_VALID, WWW_Authenticate='Bearer error="invalid_token"')
    if wait := take_turn(token):
        raise Refused(Problem.TOO_MANY, Retry_After=str(wait))
    return token


def _batch(token: IssuerToken, name: str) -> Batch:
    if not re.fullmatch(BATCH_ID["pattern"], name):
        raise Http404
    return access.token_batch(token, name)


def _list_batches(request: HttpRequest, token: IssuerToken) -> HttpResponse:
    try:
        asked = read_list_query(dict(request.GET.lists()))
    except BadQuery as error:
        raise Refused(Problem.BAD_QUERY) from error
    batches, more = queries.batches_after(access.token_batches(token), asked)
    next_since = batches[-1].number if more else None
    shown = [_batch_fields(batch) for batch in batches]
    return JsonResponse({"batches": shown, "next_since": next_since})


def _show_batch(request: HttpRequest, token: IssuerToken, batch_id: str) -> HttpResponse:
    batch = _batch(token, batch_id)
    receipts = queries.receipts_of(access.token_receipts(token), batch)
    told = {"receipts": [_receipt_fields(receipt) for receipt in receipts]}
    return JsonResponse(_batch_fields(batch) | told)


def _fetch_package(request: HttpRequest, token: IssuerToken, batch_id: str) -> HttpResponseBase:
    batch = _batch(token, batch_id)
    etag = f'"{batch.encrypted_sha256}"'
    wanted = _range(request, batch, etag)
    try:
        path = fetch_package(actor=token, batch=batch)
    except PackageGone as error:
        raise Refused(Problem.PACKAGE_GONE) from error
    response = _part(path, wanted) if wanted else _whole(path)
    response["ETag"], response["Accept-Ranges"] = etag, "bytes"
    return response


def _range(request: HttpRequest, batch: Batch, etag: str) -> ByteRange | None:
    """Return the part asked for, unless it is to be of another file than this one."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    size = batch.encrypted_bytes or 0
    try:
        return read_range(request.headers.get("Range", ""), size)
    except RangeOutside as error:
        raise Refused(Problem.RANGE, Content_Range=f"bytes */{size}") from error


def _whole(path: Path) -> HttpResponseBase:
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type=CMS)


def _part(path: Path, wanted: ByteRange) -> HttpResponseBase:
    headers = {"Content-Range": wanted.header, "Content-Length": str(wanted.length)}
    return StreamingHttpResponse(
        _bytes_of(path, wanted), status=206, content_type=CMS, headers=headers
    )


def _bytes_of(path: Path, wanted: ByteRange) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(wanted.first)
        left = wanted.length
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def _show_receipt(request: HttpRequest, token: IssuerToken, receipt_id: str) -> HttpResponse:
    receipt = queries.receipt_named(access.token_receipts(token), _receipt_id(receipt_id))
    if receipt is None:
        raise Http404
    return JsonResponse(_receipt_fields(receipt))


def _put_receipt(request: HttpRequest, token: IssuerToken, receipt_id: str) -> HttpResponse:
    name = f"{_receipt_id(receipt_id)}.json"
    data = _body(request, JSON)
    document = _document(token, data, name)
    if document and document.receipt_id != receipt_id:
        raise Refused(Problem.OTHER_ID)
    return _take(token, data, name)


def _post_receipt(request: HttpRequest, token: IssuerToken, batch_id: str) -> HttpResponse:
    batch = _batch(token, batch_id)
    data = _body(request, JSON, CSV)
    name = f"{batch.name}.csv" if request.content_type == CSV else f"{batch.name}.json"
    document = _document(token, data, name)
    if document and document.batch_id != batch.name:
        raise Refused(Problem.OTHER_ID)
    return _take(token, data, name)


def _receipt_id(told: str) -> str:
    if not re.fullmatch(RECEIPT_ID, told):
        raise Http404
    return told


def _body(request: HttpRequest, *types: str) -> bytes:
    """Return the body; what is too large or of another type is refused before it is read."""
    if request.content_type not in types:
        raise Refused(Problem.CONTENT_TYPE)
    length = request.headers.get("Content-Length", "")
    if not re.fullmatch("[0-9]{1,18}", length):
        raise Refused(Problem.NO_LENGTH)
    if int(length) > MOST_BYTES:
        raise Refused(Problem.TOO_LARGE)
    try:
        data = request.body
    except UnreadablePostError as error:
        raise Refused(Problem.CUT_OFF) from error
    if len(data) < int(length):
        raise Refused(Problem.CUT_OFF)
    return data


def _document(token: IssuerToken, data: bytes, name: str) -> ReceiptDocument | None:
    try:
        return read_receipt(data, name, token.issuer.slug)
    except ReceiptUnreadable:
        return None


def _take(token: IssuerToken, data: bytes, name: str) -> HttpResponse:
    seen = access.token_receipts(token)
    known = queries.receipt_of_bytes(seen, hashlib.sha256(data).hexdigest())
    try:
        receipt = take_receipt(
            actor=token,
            issuer=token.issuer,
            data=data,
            name=name,
            via=Receipt.Via.API,
        )
    except NotDeliveredYet as error:
        raise Refused(Problem.NOT_DELIVERED) from error
    return _received(receipt, new=known is None)


def _received(receipt: Receipt, *, new: bool) -> HttpResponse:
    if receipt.state != Receipt.State.TAKEN:
        used = receipt.fault["code"] == TakeFault.ID_USED
        raise Refused(Problem.CONFLICT if used else Problem.QUARANTINED, receipt.fault)
    answer = JsonResponse(_receipt_fields(receipt), status=201 if new else 200)
    if new:
        answer["Location"] = reverse("cards:api_receipt", args=[receipt.receipt_id])
    return answer


def _batch_fields(batch: Batch) -> dict[str, JsonValue]:
    facts: dict[str, Any] = {
        "batch_id": batch.name,
        "batch_no": batch.number,
        "status": batch.status,
        "environment": batch.header["environment"],
        "sealed_at": batch.sealed_at,
        "delivered_at": batch.delivered_at,
        "order_count": batch.header["order_count"],
        "file_name": queries.package_path(batch).name,
        "encrypted_sha256": batch.encrypted_sha256,
        "encrypted_bytes": batch.encrypted_bytes,
        "package_sha256": batch.package_sha256,
        "package_bytes": batch.package_bytes,
    }
    return ApiBatch(**facts).values()


def _receipt_fields(receipt: Receipt) -> dict[str, JsonValue]:
    return ApiReceipt(
        receipt_id=receipt.receipt_id,
        kind=receipt.kind or None,
        batch_id=receipt.batch.name if receipt.batch else None,
        state=receipt.state,
        fault=receipt.fault.get("code"),
        sha256=receipt.sha256,
        received_at=receipt.received_at,
    ).values()


batches = _door({"GET": _list_batches})
batch = _door({"GET": _show_batch})
package = _door({"GET": _fetch_package})
batch_receipts = _door({"POST": _post_receipt})
receipt = _door({"GET": _show_receipt, "PUT": _put_receipt})


@csrf_exempt
@login_not_required
def nowhere(request: HttpRequest) -> HttpResponse:
    """Answer for every other address below the API: there is nothing."""
    return Refused(Problem.NOT_FOUND).answer()


@csrf_exempt
@login_not_required
def document(request: HttpRequest) -> HttpResponse:
    if request.method != "GET":
        return Refused(Problem.METHOD, Allow="GET").answer()
    server = reverse("cards:api_document").removesuffix("/openapi.json")
    found = openapi_document(version=settings.VERSION, server=server, calls=CALLS_A_MINUTE)
    return JsonResponse(found)
