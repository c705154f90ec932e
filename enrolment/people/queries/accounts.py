"""Users and their roles."""

from dataclasses import dataclass

from django.db.models import FETCH_RAISE, Prefetch

from enrolment import wall
from enrolment.people import access
from enrolment.people.access import SomeUser
from enrolment.people.models import Federation, Membership, Staff, User


@dataclass(frozen=True)
class UserRow:
    """A user and the roles held in the federations the reader administers."""

    user: User
    roles: list[Membership]


def users_with_roles(user: SomeUser) -> list[UserRow]:
    """Return everybody with a role in the administrator's federations, by name."""
    held = access.memberships(user).select_related("user", "federation", "municipality", "unit")
    rows: dict[User, list[Membership]] = {}
    ordered = held.order_by("user__name", "user__email", "federation__name", "role", "pk")
    for membership in ordered.fetch_mode(FETCH_RAISE):
        rows.setdefault(membership.user, []).append(membership)
    return [UserRow(holder, roles) for holder, roles in rows.items()]


def protected_with_handlers(user: SomeUser) -> list[Staff]:
    """Return the protected persons whose handlers the user names, with unit and handlers."""
    handlers = Prefetch("handlers", queryset=User.objects.order_by("name"))
    people = access.protected_staff(user).prefetch_related(handlers).order_by("hsa_id")
    return list(people.fetch_mode(FETCH_RAISE))


@wall.lifted()
def demo_doors() -> dict[Federation, list[Membership]]:
    """Return, for the demo's log-in page, one user for each role of each federation."""
    held = Membership.objects.filter(user__in=access.demo_users())
    held = held.select_related("user", "federation", "municipality", "unit")
    doors: dict[Federation, dict[str, Membership]] = {}
    for membership in held.order_by("federation__name", "pk").fetch_mode(FETCH_RAISE):
        doors.setdefault(membership.federation, {}).setdefault(membership.role, membership)
    return {federation: _in_order(found) for federation, found in doors.items()}


def _in_order(doors: dict[str, Membership]) -> list[Membership]:
    return [doors[role] for role in Membership.Role.values if role in doors]
