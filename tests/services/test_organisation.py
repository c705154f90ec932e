"""Federations, municipalities, units, users and roles are set up, corrected and taken back."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from enrolment.audit.models import Entry
from enrolment.audit.services import System
from enrolment.messages.models import Message
from enrolment.people.domain.hsa_id import HsaIdError
from enrolment.people.models import CareUnit, Federation, Membership, Municipality, User
from enrolment.people.services.accounts import (
    LastAdministrator,
    invite_user,
    send_password_link,
    take_role,
)
from enrolment.people.services.organisation import (
    PlaceElsewhere,
    UnitFacts,
    add_municipality,
    add_unit,
    add_user,
    change_unit,
    create_federation,
    give_role,
)
from enrolment.people.services.protection import (
    NotInFederation,
    name_handler,
    note_look,
    release_handler,
)
from tests import builders

pytestmark = pytest.mark.django_db

HAND = System("test")
FACTS = UnitFacts(
    hsa_id="se5560000000-e100",
    name="Älvgården",
    street="Storgatan 1",
    postcode="531 30",
    town="Lidköping",
    latitude=58.5,
    longitude=13.2,
)


def last_action() -> str:
    return Entry.objects.latest("pk").action


# --- Organisations ------------------------------------------------------------------------------


def federation(**more) -> Federation:
    told = {"name": "Göta IT", "slug": "gota", "hsa": "se5560000000-f1", "contact": "Korthjälpen"}
    return create_federation(actor=HAND, **{**told, **more})


def test_a_federation_is_made_with_its_hsa_id_in_capitals():
    assert federation().hsa_id == "SE5560000000-F1"
    assert last_action() == "people.create_federation"


@pytest.mark.parametrize(
    ("taken", "error"),
    [({"slug": "other"}, ValidationError), ({"hsa": "SE5560000000-F2"}, ValidationError)],
)
def test_a_federation_with_a_taken_slug_or_hsa_id_is_refused(taken, error):
    federation()
    with pytest.raises(error):
        federation(**taken)
    assert Federation.objects.count() == 1


def test_a_federation_needs_a_true_hsa_id():
    with pytest.raises(HsaIdError):
        federation(hsa="5560000000")


def test_a_municipality_has_its_code_once_in_a_federation():
    first, second = builders.federation(), builders.federation()
    for owner in (first, second):
        add_municipality(actor=HAND, federation=owner, code="1494", name="Lidköping")
    with pytest.raises(ValidationError):
        add_municipality(actor=HAND, federation=first, code="1494", name="Skara")
    assert Municipality.objects.count() == 2


def test_a_unit_is_added_with_its_facts_and_sorts_as_swedish():
    unit = add_unit(actor=HAND, municipality=builders.municipality(), facts=FACTS)
    assert (unit.hsa_id, unit.name) == ("SE5560000000-E100", "Älvgården")
    other = replace(FACTS, hsa_id="SE5560000000-E101", name="Zetagården")
    add_unit(actor=HAND, municipality=unit.municipality, facts=other)
    assert [u.name for u in CareUnit.objects.order_by("sort_key")] == ["Zetagården", "Älvgården"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"hsa_id": "E100"}, HsaIdError),
        ({"latitude": 91.0}, ValidationError),
        ({"longitude": -181.0}, ValidationError),
        ({"name": ""}, ValidationError),
    ],
)
def test_a_unit_with_a_wrong_fact_is_refused(wrong, error):
    with pytest.raises(error):
        add_unit(actor=HAND, municipality=builders.municipality(), facts=replace(FACTS, **wrong))
    assert not CareUnit.objects.exists()


def test_a_long_name_of_wide_letters_fits():
    unit = add_unit(
        actor=HAND, municipality=builders.municipality(), facts=replace(FACTS, name="Å" * 120)
    )
    assert len(unit.sort_key) <= 120


def test_a_unit_is_corrected_and_its_order_follows():
    unit = add_unit(actor=HAND, municipality=builders.municipality(), facts=FACTS)
    change_unit(actor=HAND, unit=unit, facts=replace(FACTS, name="Ågården", room_note="Plan 2"))
    unit.refresh_from_db()
    assert (unit.name, unit.room_note) == ("Ågården", "Plan 2")
    assert unit.sort_key < "{b"
    assert last_action() == "people.change_unit"


def test_a_wrong_correction_is_refused():
    unit = add_unit(actor=HAND, municipality=builders.municipality(), facts=FACTS)
    with pytest.raises(ValidationError):
        change_unit(actor=HAND, unit=unit, facts=replace(FACTS, latitude=100.0))
    unit.refresh_from_db()
    assert unit.latitude == 58.5


# --- Users and roles ----------------------------------------------------------------------------


def new_user(owner, email="Kim@Example.org", password="") -> User:
    return add_user(actor=HAND, federation=owner, email=email, name="Kim", password=password)


def test_a_user_is_found_by_address_in_any_case_and_has_only_the_given_password():
    user = new_user(builders.federation(), password="ett långt lösenord")
    assert User.objects.get_by_natural_key("KIM@example.ORG") == user
    assert user.check_password("ett långt lösenord")
    assert not user.check_password("")


def test_without_a_password_none_works():
    assert not new_user(builders.federation()).has_usable_password()


def test_an_address_is_one_user():
    owner = builders.federation()
    new_user(owner)
    with pytest.raises(ValidationError):
        new_user(owner, email="kim@EXAMPLE.org")
    assert User.objects.count() == 1


def test_a_role_given_twice_is_held_once():
    owner, user = builders.federation(), builders.user()
    first, second = (
        give_role(actor=HAND, user=user, role="planner", federation=owner) for _ in range(2)
    )
    assert first == second
    assert last_action() == "people.give_role"


@pytest.mark.parametrize("kind", ["municipality", "unit"])
def test_a_role_is_never_given_for_a_place_in_another_federation(kind):
    here, elsewhere = builders.unit(), builders.unit()
    places = {"municipality": elsewhere.municipality, "unit": elsewhere}
    owner, user = here.municipality.federation, builders.user()
    with pytest.raises(PlaceElsewhere):
        give_role(actor=user, user=user, role="planner", federation=owner, **{kind: places[kind]})
    assert not Membership.objects.exists()


def test_the_database_refuses_a_role_for_a_municipality_and_a_unit_at_once():
    unit = builders.unit()
    municipality = unit.municipality
    with pytest.raises(IntegrityError):
        Membership.objects.create(
            user=builders.user(),
            role="planner",
            federation=municipality.federation,
            municipality=municipality,
            unit=unit,
        )


def test_the_database_refuses_the_same_role_twice():
    owner, user = builders.federation(), builders.user()
    Membership.objects.create(user=user, role="planner", federation=owner)
    with pytest.raises(IntegrityError):
        Membership.objects.create(user=user, role="planner", federation=owner)


def test_a_role_is_taken_back_with_one_line():
    user = builders.user("planner", within=builders.federation())
    held = user.memberships.get()
    take_role(actor=HAND, membership=held)
    assert not user.memberships.exists()
    line = Entry.objects.latest("pk")
    assert (line.action, line.details) == (
        "people.take_role",
        {"role": "planner", "user": str(user.pk)},
    )
    assert line.federation_id == held.federation_id


def test_the_last_administrator_stays_and_the_last_but_one_may_go():
    owner = builders.federation()
    first = builders.user("administrator", within=owner).memberships.get()
    with pytest.raises(LastAdministrator):
        take_role(actor=HAND, membership=first)
    builders.user("administrator", within=owner)
    take_role(actor=HAND, membership=first)
    assert Membership.objects.filter(federation=owner).count() == 1


def test_an_administrator_of_a_unit_or_elsewhere_does_not_count_as_the_last():
    unit = builders.unit()
    owner = unit.municipality.federation
    last = builders.user("administrator", within=owner).memberships.get()
    builders.user("administrator", within=unit)
    builders.user("administrator", within=builders.federation())
    with pytest.raises(LastAdministrator):
        take_role(actor=HAND, membership=last)


def invite(owner, email="ny@example.org", **place) -> Membership:
    return invite_user(
        actor=HAND,
        federation=owner,
        email=email,
        name="Ny Person",
        role="care_manager",
        municipality=place.get("municipality"),
        unit=place.get("unit"),
        site="https://kort.example/",
    )


def test_somebody_new_is_added_given_the_role_and_sent_a_link():
    unit = builders.unit()
    held = invite(unit.municipality.federation, unit=unit)
    assert (held.user.email, held.unit) == ("ny@example.org", unit)
    message = Message.objects.get()
    assert message.recipient == "ny@example.org"
    assert "https://kort.example/losenord/" in message.body


def test_somebody_known_gets_the_role_only():
    owner, known = builders.federation(), builders.user(name="Känd Person")
    held = invite(owner, email=known.email.upper())
    assert held.user == known
    assert User.objects.get(pk=known.pk).name == "Känd Person"
    assert not Message.objects.exists()


def test_each_password_link_is_a_message_of_its_own():
    owner, user = builders.federation(), builders.user()
    for _again in range(2):
        send_password_link(actor=HAND, user=user, federation=owner, site="https://kort.example")
    assert Message.objects.count() == 2


# --- Protected persons --------------------------------------------------------------------------


def test_a_look_at_a_protected_person_is_recorded_and_at_another_is_not():
    user = builders.user()
    note_look(actor=user, staff=builders.staff())
    assert not Entry.objects.exists()
    person = builders.staff(protected=True)
    note_look(actor=user, staff=person)
    line = Entry.objects.get()
    assert (line.action, line.actor) == ("people.note_look", user.audit_name)
    assert line.subject == f"staff:{person.pk}"


def test_a_handler_is_named_and_released():
    person = builders.staff(protected=True)
    handler = builders.user("care_manager", within=person.unit)
    name_handler(actor=HAND, staff=person, handler=handler)
    assert list(person.handlers.all()) == [handler]
    release_handler(actor=HAND, staff=person, handler=handler)
    assert not person.handlers.exists()
    actions = list(Entry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["people.name_handler", "people.release_handler"]


def test_a_handler_comes_from_the_persons_federation():
    person = builders.staff(protected=True)
    stranger = builders.user("care_manager", within=builders.unit())
    with pytest.raises(NotInFederation):
        name_handler(actor=HAND, staff=person, handler=stranger)
    assert not person.handlers.exists()
