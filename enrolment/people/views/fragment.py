"""Answer htmx with the part of a page it asked for, everybody else with the page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any]
) -> HttpResponse:
    """Render the page, or its partial `part` where htmx swaps it in."""
    asked = "HX-Request" in request.headers
    restored = "HX-History-Restore-Request" in request.headers
    name = f"{template}#{part}" if asked and not restored else template
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
