"""The response headers Django has no setting for, and the second wall between federations."""

from collections.abc import Callable

from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

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
