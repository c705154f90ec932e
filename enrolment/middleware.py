"""The response headers Django has no setting for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

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
