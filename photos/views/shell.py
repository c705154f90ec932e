"""The capture station: pages that are the same for everybody and open without a network.

Nothing here knows who asks: people and visits come through photos.api.station.
"""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from booking.domain.states import IdDocument
from photos.domain import face
from photos.domain.findings import Answer
from photos.queries import station_files
from photos.queries.station_words import station_words

# The template can write no other id; the station puts the right one in its place.
NIL = "00000000-0000-0000-0000-000000000000"
# What each model of the station's worker is called there.
MODELS = {
    "near": face.DETECTOR_NEAR,
    "back": face.DETECTOR_BACK,
    "full": face.DETECTOR_FULL,
    "landmarks": face.LANDMARKS,
    "iris": face.IRIS,
    "blendshapes": face.BLENDSHAPES,
    "person": face.PERSON,
}
WITH_WASM: dict[str, Any] = {
    **settings.SECURE_CSP,
    "script-src": [CSP.SELF, CSP.WASM_UNSAFE_EVAL],
}
BACKGROUND = "#0b0f12"


@csp_override(WITH_WASM)
@login_not_required
@require_safe
def station(request: HttpRequest) -> HttpResponse:
    """Answer with the shell, in which all states of the station lie ready."""
    return _same_for_everybody(HttpResponse(_shell()))


@login_not_required
@require_safe
def person(request: HttpRequest) -> HttpResponse:
    """Answer with the window that is turned towards the person."""
    return _same_for_everybody(HttpResponse(_person()))


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Answer with the service worker: the list of files, and a version that changes with them.

    It keeps the station alone, but its scope is the whole house, since a browser asks the worker
    for the scripts of the station's own threads by where those scripts lie.
    """
    pages = [reverse("photos:station"), reverse("photos:station_person")]
    files = station_files.addresses(station_files.station_files())
    context = {
        "version": station_files.version_of([_shell(), _person()]),
        "addresses": _as_json([*pages, reverse("photos:station_manifest"), *files]),
    }
    script = render_to_string("photos/station/sw.js", context)
    response = _same_for_everybody(HttpResponse(script, content_type="text/javascript"))
    response["Service-Worker-Allowed"] = "/"
    return response


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Answer with what a browser needs to install the station as an application of its own."""
    return _same_for_everybody(
        JsonResponse(
            {
                "id": reverse("photos:station"),
                "name": _("Fotorundan, the photo station"),
                "short_name": "Fotorundan",
                "lang": "sv",
                "start_url": reverse("photos:station"),
                "scope": reverse("photos:station"),
                "display": "standalone",
                "background_color": BACKGROUND,
                "theme_color": BACKGROUND,
                "icons": _icons(),
            },
            content_type="application/manifest+json",
        )
    )


def _shell() -> str:
    context = {
        "demo": settings.DEMO,
        "config": _config(),
        "words": station_words(),
        "documents": [document.value for document in IdDocument],
        "answers": [answer.value for answer in Answer],
    }
    return render_to_string("photos/station/shell.html", context)


def _person() -> str:
    return render_to_string("photos/station/person.html")


def _config() -> dict[str, Any]:
    """Return where everything is. A worker's address can't be hashed inside a module."""
    return {
        "addresses": _addresses(),
        "encoder": static("photos/station/encode_worker.js"),
        "live": static("photos/station/live/live_worker.js"),
        "wasm": static("litert/core/litert.wasm"),
        "models": _models(),
        "time_zone": settings.TIME_ZONE,
    }


def _addresses() -> dict[str, str]:
    here = reverse("photos:station")
    return {
        "station": here,
        "person": reverse("photos:station_person"),
        "worker": reverse("photos:station_worker"),
        "state": reverse("photos:station_state"),
        "visits": reverse("photos:station_visits"),
        "package": reverse("photos:station_package", args=[NIL]),
        "record": reverse("photos:station_record", args=[NIL, NIL]),
        "laptop": reverse("photos:station_laptop", args=[NIL]),
        "wrap_up": reverse("photos:wrap_up", args=[NIL]),
        "log_in": f"{reverse('people:log_in')}?next={here}",
    }


def _models() -> dict[str, str]:
    return {part: static(f"models/{name}") for part, name in MODELS.items()}


def _icons() -> list[dict[str, str]]:
    drawn = {"src": static("theme/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    sizes = {"192x192": station_files.ICONS[0], "512x512": station_files.ICONS[1]}
    points = [
        {"src": static(name), "sizes": size, "type": "image/png", "purpose": "any maskable"}
        for size, name in sizes.items()
    ]
    return [drawn, *points]


def _as_json(addresses: list[str]) -> str:
    return json.dumps(addresses, indent=2).replace("<", "\\u003c")


def _same_for_everybody[Response: HttpResponse](response: Response) -> Response:
    """Let a browser keep it, and ask each time whether it is still the same."""
    response["Cache-Control"] = "no-cache"
    return response
