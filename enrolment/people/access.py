"""The single doors of the people room: what this user may see and may change.

Every door starts from the user's memberships. Outside them the answer is 404, so that nobody
learns what exists elsewhere.
"""

from ipaddress import IPv6Address, IPv6Network
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from enrolment.people.models import (
    CardNeed,
    CareUnit,
    Federation,
    Membership,
    Municipality,
    Staff,
    StaffFile,
    User,
)

Role = Membership.Role
SomeUser = User | AnonymousUser


class SignedIn(HttpRequest):
    """A request as the log-in middleware lets it through, for the views of every room."""

    user: User


def place(request: HttpRequest) -> str:
    """Return the network address that a request comes from, as our own proxy tells it.

    Of an IPv6 address the network of 64 bits: whoever has one has all of its addresses.
    """
    told = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    address = told.rpartition(",")[2].strip() or request.META["REMOTE_ADDR"]
    return _network(address)


READERS = (Role.CARE_MANAGER, Role.PLANNER, Role.ID_ADMINISTRATOR, Role.ADMINISTRATOR)
NEED_OPENERS = (Role.CARE_MANAGER, Role.PLANNER, Role.ADMINISTRATOR)
STAFF_EDITORS = (Role.PLANNER, Role.ADMINISTRATOR)


def roles(user: SomeUser) -> set[str]:
    """Return the roles the user holds anywhere."""
    return {membership.role for membership in _memberships(user)}


def reach(user: SomeUser) -> tuple[set[str], set[str]]:
    """Return the roles the user holds anywhere, and those held for a whole federation."""
    held = _memberships(user)
    return {m.role for m in held}, {m.role for m in held if _is_wide(m)}


def federation_ids(user: SomeUser) -> set[UUID]:
    """Return the ids of the federations in which the user holds any role."""
    return {membership.federation_id for membership in _memberships(user)}


def hold(user: SomeUser, *allowed: str) -> None:
    """Raise Http404 unless the user holds one of the roles somewhere."""
    if not _memberships(user, *allowed):
        raise Http404


def federations(user: SomeUser, *allowed: str) -> QuerySet[Federation]:
    """Return the federations in which the user holds one of the roles for the whole federation."""
    held = [m.federation_id for m in _memberships(user, *allowed) if _is_wide(m)]
    return Federation.objects.filter(pk__in=held).order_by("name")


def federation(user: SomeUser, *allowed: str) -> Federation:
    """Return the user's own federation in one of the roles, or 404."""
    return get_object_or_404(federations(user, *allowed)[:1])


def administers(user: SomeUser, federation_id: UUID) -> bool:
    """Say whether the user administers the whole federation."""
    return federations(user, Role.ADMINISTRATOR).filter(pk=federation_id).exists()


def municipalities(user: SomeUser, *allowed: str) -> QuerySet[Municipality]:
    """Return the municipalities for the whole of which the user holds one of the roles."""
    within = Q(pk__in=[])
    for membership in _memberships(user, *allowed):
        if membership.municipality_id:
            within |= Q(pk=membership.municipality_id)
        elif membership.unit_id is None:
            within |= Q(federation=membership.federation_id)
    return Municipality.objects.filter(within).select_related("federation").order_by("sort_key")


def within(user: SomeUser, *allowed: str, federation: str, unit: str) -> Q:
    """Return the condition "where the user holds one of the roles"; without one it is never so.

    `federation` and `unit` are the fields by which the rows come to theirs.
    """
    municipality = "municipality" if unit == "pk" else f"{unit}__municipality"
    held = Q(pk__in=[])
    for membership in _memberships(user, *allowed):
        if membership.unit_id:
            held |= Q(**{unit: membership.unit_id})
        elif membership.municipality_id:
            held |= Q(**{municipality: membership.municipality_id})
        else:
            held |= Q(**{federation: membership.federation_id})
    return held


def units(user: SomeUser, *allowed: str) -> QuerySet[CareUnit]:
    """Return the units for which the user holds one of the roles."""
    here = within(user, *allowed, federation="municipality__federation", unit="pk")
    return (
        CareUnit.objects.filter(here)
        .select_related("municipality__federation")
        .order_by("sort_key", "pk")
    )


def unit(user: SomeUser, unit_id: UUID, *allowed: str) -> CareUnit:
    """Return one unit of `units`, or 404."""
    return get_object_or_404(units(user, *allowed), pk=unit_id)


def staff(user: SomeUser, *allowed: str) -> QuerySet[Staff]:
    """Return the staff the user may see in one of the roles.

    A protected person is seen by the handlers named for that person and by nobody else.
    """
    here = within(user, *(allowed or READERS), federation="federation", unit="unit")
    seen = Q(protected=False) | Q(pk__in=handled(user))
    return Staff.objects.filter(here & seen).select_related("unit__municipality__federation")


def staff_member(user: SomeUser, staff_id: UUID, *allowed: str) -> Staff:
    """Return one person of `staff`, or 404."""
    return get_object_or_404(staff(user, *allowed), pk=staff_id)


def handled(user: SomeUser) -> set[UUID]:
    """Return the ids of the protected persons the user is named a handler for."""
    if not isinstance(user, User):
        return set()
    return set(user.protected_staff.values_list("pk", flat=True))


def needs(user: SomeUser, *allowed: str) -> QuerySet[CardNeed]:
    """Return the card needs of the staff the user may see."""
    allowed = allowed or READERS
    here = within(user, *allowed, federation="staff__federation", unit="staff__unit")
    seen = Q(staff__protected=False) | Q(staff__in=handled(user))
    return CardNeed.objects.filter(here & seen).select_related(
        "staff__unit__municipality__federation"
    )


def need(user: SomeUser, need_id: UUID, *allowed: str) -> CardNeed:
    """Return one need of `needs`, or 404."""
    return get_object_or_404(needs(user, *allowed), pk=need_id)


def staff_files(user: SomeUser) -> QuerySet[StaffFile]:
    """Return the uploaded staff files the user may import."""
    return StaffFile.objects.filter(federation__in=federations(user, *STAFF_EDITORS))


def staff_file(user: SomeUser, file_id: UUID) -> StaffFile:
    """Return one file of `staff_files`, or 404."""
    return get_object_or_404(staff_files(user).select_related("federation"), pk=file_id)


def memberships(user: SomeUser) -> QuerySet[Membership]:
    """Return the roles held in the federations the user administers."""
    return Membership.objects.filter(federation__in=federations(user, Role.ADMINISTRATOR))


def membership(user: SomeUser, membership_id: int) -> Membership:
    """Return one of `memberships`, or 404."""
    return get_object_or_404(memberships(user).select_related("federation"), pk=membership_id)


def colleagues(user: SomeUser) -> QuerySet[User]:
    """Return the active users with a role in a federation the user administers."""
    held = memberships(user).values("user")
    return User.objects.filter(is_active=True, pk__in=held).order_by("name", "email")


def colleague(user: SomeUser, user_id: UUID) -> User:
    """Return one of `colleagues`, or 404."""
    return get_object_or_404(colleagues(user), pk=user_id)


def protected_staff(user: SomeUser) -> QuerySet[Staff]:
    """Return the protected persons for whom the user, an administrator, names handlers.

    This is no right to see them: the page shows HSA-id and unit only.
    """
    administered = federations(user, Role.ADMINISTRATOR)
    protected = Staff.objects.filter(federation__in=administered, protected=True, left_on=None)
    return protected.select_related("unit", "federation")


def protected_person(user: SomeUser, staff_id: UUID) -> Staff:
    """Return one of `protected_staff`, or 404."""
    return get_object_or_404(protected_staff(user), pk=staff_id)


def handler(user: SomeUser, staff_id: UUID, handler_id: UUID) -> tuple[Staff, User]:
    """Return a protected person and one of that person's handlers, still with a role or not."""
    person = protected_person(user, staff_id)
    return person, get_object_or_404(person.handlers, pk=handler_id)


def demo_users() -> QuerySet[User]:
    """Return those whom anybody may log in as: in the demo all who hold a role, else nobody."""
    if not settings.DEMO:
        return User.objects.none()
    return User.objects.filter(is_active=True, memberships__isnull=False).distinct()


def demo_user(user_id: UUID) -> User:
    """Return one of `demo_users`, or 404."""
    return get_object_or_404(demo_users(), pk=user_id)


def _network(address: str) -> str:
    try:
        whole = IPv6Address(address)
    except ValueError:
        return address
    return str(whole.ipv4_mapped or IPv6Network((whole, 64), strict=False))


def _memberships(user: SomeUser, *allowed: str) -> list[Membership]:
    if not isinstance(user, User) or not user.is_active:
        return []
    held = list(user.memberships.all())
    return [membership for membership in held if not allowed or membership.role in allowed]


def _is_wide(membership: Membership) -> bool:
    return membership.municipality_id is None and membership.unit_id is None
