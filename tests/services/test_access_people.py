"""The doors: what each role sees and may change, and 404 for all the rest."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from enrolment.people import access
from enrolment.people.access import NEED_OPENERS, READERS, STAFF_EDITORS, Role
from enrolment.people.models import StaffFile
from tests import builders

pytestmark = pytest.mark.django_db

NOBODY = AnonymousUser()


@pytest.fixture
def house():
    """Return two units of one municipality, one of a neighbour, one of another federation."""

    class House:
        unit = builders.unit(name="Björkgården")
        municipality = unit.municipality
        federation = municipality.federation
        sister = builders.unit(municipality, "Ängslyckan")
        neighbour = builders.unit(builders.municipality(federation, "Grannby"), "Granbacken")
        stranger = builders.unit(name="Främlingen")

    return House()


def place(house, scope: str):
    return getattr(house, scope)


SCOPES = {
    "unit": {"unit"},
    "municipality": {"unit", "sister"},
    "federation": {"unit", "sister", "neighbour"},
}
ALL = ("unit", "sister", "neighbour", "stranger")


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", READERS)
def test_a_reader_sees_the_units_staff_and_needs_of_the_scope(house, role, scope):
    user = builders.user(role, within=place(house, scope))
    needs = {name: builders.need(builders.staff(place(house, name))) for name in ALL}
    seen = {place(house, name) for name in SCOPES[scope]}
    assert set(access.units(user, role)) == seen
    assert {person.unit for person in access.staff(user)} == seen
    assert {need.staff.unit for need in access.needs(user)} == seen
    for name, need in needs.items():
        if name in SCOPES[scope]:
            assert access.need(user, need.pk) == need
            assert access.staff_member(user, need.staff_id) == need.staff
            assert access.unit(user, need.staff.unit_id, role) == need.staff.unit
            continue
        with pytest.raises(Http404):
            access.need(user, need.pk)
        with pytest.raises(Http404):
            access.staff_member(user, need.staff_id)
        with pytest.raises(Http404):
            access.unit(user, need.staff.unit_id, role)


@pytest.mark.parametrize("role", set(Role) - set(READERS))
def test_technicians_and_card_issuers_see_no_register(house, role):
    user = builders.user(role, within=house.federation)
    person = builders.staff(house.unit)
    assert not access.staff(user)
    with pytest.raises(Http404):
        access.staff_member(user, person.pk)


def test_a_role_opens_only_the_doors_that_ask_for_it(house):
    user = builders.user(Role.ID_ADMINISTRATOR, within=house.federation)
    person = builders.staff(house.unit)
    assert access.staff_member(user, person.pk) == person
    with pytest.raises(Http404):
        access.staff_member(user, person.pk, *NEED_OPENERS)
    with pytest.raises(Http404):
        access.unit(user, house.unit.pk, *STAFF_EDITORS)


def test_two_roles_are_kept_apart_by_place(house):
    user = builders.user(Role.CARE_MANAGER, within=house.unit)
    builders.give_role(user, Role.PLANNER, house.neighbour)
    assert set(access.units(user)) == {house.unit, house.neighbour}
    assert list(access.units(user, Role.PLANNER)) == [house.neighbour]
    assert access.roles(user) == {Role.CARE_MANAGER, Role.PLANNER}


def test_who_is_not_active_or_not_logged_in_sees_nothing(house):
    person = builders.staff(house.unit)
    user = builders.user(Role.ADMINISTRATOR, within=house.federation)
    assert access.staff_member(user, person.pk) == person
    user.is_active = False
    for nobody in (user, NOBODY):
        assert access.roles(nobody) == set()
        assert not access.staff(nobody)
        assert not access.units(nobody)
        assert not access.protected_staff(nobody)
        with pytest.raises(Http404):
            access.hold(nobody)


def test_whoever_holds_one_of_the_roles_anywhere_may_enter(house):
    user = builders.user(Role.TECHNICIAN, within=house.unit)
    access.hold(user, Role.TECHNICIAN)
    with pytest.raises(Http404):
        access.hold(user, *READERS)


def test_the_federation_is_only_for_roles_of_the_whole_of_it(house):
    whole = builders.user(Role.PLANNER, within=house.federation)
    assert access.federation(whole, *STAFF_EDITORS) == house.federation
    for part in (house.municipality, house.unit):
        with pytest.raises(Http404):
            access.federation(builders.user(Role.PLANNER, within=part), *STAFF_EDITORS)
    with pytest.raises(Http404):
        access.federation(whole, Role.ADMINISTRATOR)


def test_municipalities_are_for_roles_of_the_whole_of_them(house):
    found = {
        scope: set(access.municipalities(builders.user(Role.PLANNER, within=place(house, scope))))
        for scope in SCOPES
    }
    neighbour = house.neighbour.municipality
    assert found == {
        "unit": set(),
        "municipality": {house.municipality},
        "federation": {house.municipality, neighbour},
    }


# --- Protected persons --------------------------------------------------------------------------


def test_a_protected_person_is_seen_by_the_handler_and_by_nobody_else(house):
    person = builders.staff(house.unit, protected=True)
    need = builders.need(person)
    handler, other = (builders.user(Role.CARE_MANAGER, within=house.unit) for _ in range(2))
    person.handlers.add(handler)
    assert access.staff_member(handler, person.pk) == person
    assert access.need(handler, need.pk) == need
    assert not access.staff(other)
    assert not access.needs(other)
    with pytest.raises(Http404):
        access.staff_member(other, person.pk)
    with pytest.raises(Http404):
        access.staff_member(builders.user(Role.ADMINISTRATOR, within=house.federation), person.pk)


def test_a_handler_outside_the_unit_sees_nothing(house):
    person = builders.staff(house.unit, protected=True)
    handler = builders.user(Role.CARE_MANAGER, within=house.neighbour)
    person.handlers.add(handler)
    assert not access.staff(handler)


def test_administrators_name_handlers_for_the_protected_of_their_federation(house):
    person = builders.staff(house.unit, protected=True)
    builders.staff(house.unit)
    strange = builders.staff(house.stranger, protected=True)
    boss = builders.user(Role.ADMINISTRATOR, within=house.federation)
    assert list(access.protected_staff(boss)) == [person]
    assert access.protected_person(boss, person.pk) == person
    for user, hidden in (
        (boss, strange),
        (builders.user(Role.PLANNER, within=house.federation), person),
    ):
        with pytest.raises(Http404):
            access.protected_person(user, hidden.pk)


# --- Files, users and the demo ------------------------------------------------------------------


def test_a_staff_file_is_for_those_who_may_import_it(house):
    boss = builders.user(Role.ADMINISTRATOR, within=house.federation)
    file = StaffFile.objects.create(
        federation=house.federation, name="a.csv", sealed_content=b"", uploaded_by=boss
    )
    planner = builders.user(Role.PLANNER, within=house.federation)
    assert access.staff_file(planner, file.pk) == file
    others = [
        builders.user(Role.PLANNER, within=house.municipality),
        builders.user(Role.CARE_MANAGER, within=house.federation),
        builders.user(Role.ADMINISTRATOR, within=house.stranger.municipality.federation),
    ]
    for other in others:
        with pytest.raises(Http404):
            access.staff_file(other, file.pk)


def test_roles_and_users_are_the_administrators_of_the_federation(house):
    boss = builders.user(Role.ADMINISTRATOR, within=house.federation)
    member = builders.user(Role.CARE_MANAGER, within=house.unit)
    stranger = builders.user(Role.CARE_MANAGER, within=house.stranger)
    held = member.memberships.get()
    assert access.membership(boss, held.pk) == held
    assert access.colleague(boss, member.pk) == member
    with pytest.raises(Http404):
        access.membership(boss, stranger.memberships.get().pk)
    with pytest.raises(Http404):
        access.colleague(boss, stranger.pk)
    with pytest.raises(Http404):
        access.membership(member, held.pk)


def test_anybody_may_be_anybody_in_the_demo_and_nobody_elsewhere(house, settings):
    user = builders.user(Role.CARE_MANAGER, within=house.unit)
    builders.give_role(user, Role.PLANNER, house.unit)
    without_role = builders.user()
    settings.DEMO = True
    assert list(access.demo_users()) == [user]
    assert access.demo_user(user.pk) == user
    with pytest.raises(Http404):
        access.demo_user(without_role.pk)
    settings.DEMO = False
    assert not access.demo_users()
    with pytest.raises(Http404):
        access.demo_user(user.pk)


def test_an_id_that_does_not_exist_is_404(house):
    boss = builders.user(Role.ADMINISTRATOR, within=house.federation)
    for door in (access.staff_member, access.need, access.unit, access.staff_file):
        with pytest.raises(Http404):
            door(boss, uuid4())
