"""What every page shows: the navigation, who is logged in as what, and the demo banner."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from enrolment.people import access
from enrolment.people.access import Role

BOOKERS = {Role.CARE_MANAGER, Role.PLANNER, Role.ADMINISTRATOR}
OFFICE = {Role.PLANNER, Role.ID_ADMINISTRATOR, Role.ADMINISTRATOR}


def house(request: HttpRequest) -> dict[str, Any]:
    """Return `navigation`, `demo`, `demo_reset_url` and `version` for templates/base.html."""
    roles = access.roles(request.user) if request.user.is_authenticated else set()
    return {
        "navigation": [_item(request, *door) for door in _doors() if door[2] & roles],
        "demo": settings.DEMO,
        "demo_reset_url": reverse("desk:reset_demo") if settings.DEMO else "",
        "version": settings.VERSION,
    }


def _doors() -> list[tuple[str, str, set[Role]]]:
    return [
        ("people:overview", _("Overview"), set(access.READERS)),
        ("people:units", _("Units"), set(access.READERS)),
        ("booking:list", _("Visits"), BOOKERS | {Role.TECHNICIAN}),
        ("photos:review", _("Review"), {Role.ID_ADMINISTRATOR}),
        ("cards:orders", _("Orders"), OFFICE),
        ("cards:batches", _("Batches"), OFFICE),
        ("people:import", _("Import"), set(access.STAFF_EDITORS)),
        ("people:users", _("Users"), {Role.ADMINISTRATOR}),
    ]


def _item(request: HttpRequest, name: str, label: str, roles: set[Role]) -> dict[str, Any]:
    url = reverse(name)
    return {"url": url, "label": label, "current": request.path.startswith(url)}
