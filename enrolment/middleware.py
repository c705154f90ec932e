"""What goes around every request: headers, the second wall between federations, a way on."""

from collections.abc import Callable
from inspect import getclosurevars
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render, resolve_url
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from enrolment import wall
from enrolment.people import access

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def house_headers(get_response: GetResponse) -> GetResponse:
    """Let our own pages alone use the camera, and let no cache keep what is about people.

    Static files never come this far: WhiteNoise answers for them.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def federation_wall(get_response: GetResponse) -> GetResponse:
    """Let a request reach the federations of the signed-in user alone, and nobody's none.

    Only PostgreSQL can; on SQLite there is nothing to do.
    """
    if connection.vendor != "postgresql":
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with wall.narrowed(access.federation_ids(request.user)):
            return get_response(request)

    return middleware


def way_on(get_response: GetResponse) -> GetResponse:
    """Show the way on from an address that can't be opened, such as that of a button.

    Whom the log-in has sent there is led to the nearest page above it. An API tells in its own way.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.path.startswith("/api/"):
            return response
        above = _page_above(request.path)
        if _comes_from_log_in(request):
            messages.info(request, _("You are logged in. What you did before was not saved."))
            return redirect(above)
        return _not_allowed(request, above, response["Allow"])

    return middleware


def _not_allowed(request: HttpRequest, above: str, allowed: str) -> HttpResponse:
    page = render(request, "405.html", {"above": above}, status=405)
    page["Allow"] = allowed
    return page


def _page_above(path: str) -> str:
    """Return the nearest address above that can be opened: at last the start page."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _opens(path):
            return path
    return path


def _opens(path: str) -> bool:
    """Say whether the address is of a page; Django keeps what a view takes in its closure alone."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    return "GET" in getclosurevars(view).nonlocals.get("request_method_list", ["GET"])


def _comes_from_log_in(request: HttpRequest) -> bool:
    came_from = urlsplit(request.headers.get("Referer", "")).path
    return request.method == "GET" and came_from == resolve_url(settings.LOGIN_URL)
