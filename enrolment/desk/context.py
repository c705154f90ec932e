"""What every page shows: the navigation, who is logged in as what, and the demo banner."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from booking import access as booking_access
from enrolment.cards import access as cards_access
from enrolment.people import access
from enrolment.people.access import Role

# The pages that are reached by way of another one.
BEHIND = {
    "desk:setup": (
        "people:users",
        "people:import",
        "people:protected",
        "cards:issuers",
        "desk:log",
        "desk:health",
        "desk:texts",
    ),
    "booking:rounds": ("booking:round_week", "booking:replan"),
    "booking:list": ("booking:feeds",),
}


def house(request: HttpRequest) -> dict[str, Any]:
    """Return `navigation`, `demo`, `demo_reset_url` and `version` for templates/base.html."""
    anywhere, wide = access.reach(request.user)
    doors = [door for door in _doors() if door[2] & anywhere]
    doors += [door for door in _wide_doors() if door[2] & wide]
    return {
        "navigation": [_item(request, name, label) for name, label, _roles in doors],
        "demo": settings.DEMO,
        "demo_reset_url": reverse("desk:reset_demo") if settings.DEMO else "",
        "version": settings.VERSION,
    }


def _doors() -> list[tuple[str, str, set[Role]]]:
    return [
        ("people:overview", _("Overview"), set(access.READERS)),
        ("people:units", _("Units"), set(access.READERS)),
        ("booking:list", _("Visits"), set(booking_access.READERS)),
        ("photos:review", _("Review"), {Role.ID_ADMINISTRATOR}),
        ("cards:orders", _("Orders"), set(cards_access.KEEPERS)),
        ("cards:batches", _("Batches"), set(cards_access.KEEPERS)),
    ]


def _wide_doors() -> list[tuple[str, str, set[Role]]]:
    """Return the doors that open only to those whose role is for a whole federation."""
    return [
        ("booking:rounds", _("Rounds"), set(booking_access.PLANNERS)),
        ("booking:planning", _("Planning"), {Role.PLANNER}),
        ("people:import", _("Import"), {Role.PLANNER}),
        ("cards:receipts", _("Receipts"), set(cards_access.KEEPERS)),
        ("cards:clear_up", _("To clear up"), {Role.ID_ADMINISTRATOR}),
        ("desk:undelivered", _("Not delivered"), {Role.PLANNER}),
        ("desk:setup", _("Set up"), {Role.ADMINISTRATOR}),
        ("cards:deliveries", _("Batches to you"), {Role.CARD_ISSUER}),
        ("cards:hand_in_receipt", _("Receipt"), {Role.CARD_ISSUER}),
    ]


def _item(request: HttpRequest, name: str, label: str) -> dict[str, Any]:
    places = [reverse(each) for each in (name, *BEHIND.get(name, ()))]
    return {
        "url": places[0],
        "label": label,
        "current": any(request.path.startswith(place) for place in places),
    }
