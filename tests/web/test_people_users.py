"""Users and roles, for the administrators of the federation alone."""

import pytest
from django.utils.translation import gettext as _

from enrolment.audit.models import Entry
from enrolment.messages.models import Message
from enrolment.people.models import Membership, User
from tests import builders

pytestmark = pytest.mark.django_db

PAGE, NEW = "/anvandare/", "/anvandare/ny/"
TOLD = {"email": "ny@example.org", "name": "Ny Person", "role": "care_manager"}


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def federation(unit):
    return unit.municipality.federation


@pytest.fixture
def boss(federation):
    return builders.user("administrator", within=federation, name="Anna Administratör")


def test_the_list_shows_everybody_with_a_role_here_and_nobody_else(log_in, boss, unit):
    member = builders.user("care_manager", within=unit, name="Bo Chef")
    builders.give_role(member, "planner", unit.municipality)
    builders.give_role(member, "planner", builders.federation())
    builders.user("planner", within=builders.federation())
    rows = log_in(boss).get(PAGE).context["rows"]
    assert [(row.user, [held.role for held in row.roles]) for row in rows] == [
        (boss, ["administrator"]),
        (member, ["care_manager", "planner"]),
    ]
    assert [held.place for held in rows[1].roles] == ["Björkgården", "Ådal"]


def test_the_list_asks_no_more_for_more_users(log_in, boss, unit, django_assert_num_queries):
    client = log_in(boss)
    for size in (1, 25):
        for _number in range(size):
            builders.user("care_manager", within=unit)
        with django_assert_num_queries(5):
            client.get(PAGE)


@pytest.mark.parametrize("role", ["care_manager", "planner", "technician", "id_administrator"])
@pytest.mark.parametrize("page", [PAGE, NEW, "/skyddade/"])
def test_other_roles_find_no_users(log_in, federation, role, page):
    client = log_in(builders.user(role, within=federation))
    assert client.get(page).status_code == 404
    assert client.post(NEW, TOLD).status_code == 404


def test_an_administrator_of_a_unit_finds_no_users(log_in, unit):
    assert log_in(builders.user("administrator", within=unit)).get(PAGE).status_code == 404


# --- Give ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["federation", "municipality", "unit"])
def test_somebody_new_gets_a_role_where_it_was_said(log_in, boss, unit, scope):
    places = {"federation": "federation", "municipality": unit.municipality.pk, "unit": unit.pk}
    response = log_in(boss).post(NEW, {**TOLD, "place": places[scope]})
    assert response.url == PAGE
    held = Membership.objects.get(user__email="ny@example.org")
    assert (held.role, held.federation) == ("care_manager", unit.municipality.federation)
    assert held.municipality == (unit.municipality if scope == "municipality" else None)
    assert held.unit == (unit if scope == "unit" else None)
    assert Entry.objects.filter(action="people.give_role").count() == 1


def test_the_new_user_is_sent_a_link_to_this_house(log_in, boss):
    log_in(boss).post(NEW, {**TOLD, "place": "federation"})
    message = Message.objects.get()
    assert message.recipient == "ny@example.org"
    assert "http://testserver/losenord/" in message.body


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "ny"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "king"}, "role"),
        ({"role": ""}, "role"),
        ({"place": ""}, "place"),
        ({"place": "moon"}, "place"),
    ],
)
def test_a_wrong_form_is_told_and_adds_nobody(log_in, boss, wrong, field):
    response = log_in(boss).post(NEW, {**TOLD, "place": "federation", **wrong})
    assert list(response.context["form"].errors) == [field]
    assert User.objects.count() == 1


def test_no_role_is_given_in_another_federation(log_in, boss):
    stranger = builders.unit()
    for place in (stranger.pk, stranger.municipality.pk):
        response = log_in(boss).post(NEW, {**TOLD, "place": place})
        assert list(response.context["form"].errors) == ["place"]
    assert not User.objects.filter(email="ny@example.org").exists()


# --- Take back ----------------------------------------------------------------------------------


def remove(client, held: Membership):
    return client.post(f"/anvandare/roll/{held.pk}/", follow=True)


def texts(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_a_role_is_removed(log_in, boss, unit):
    member = builders.user("care_manager", within=unit)
    response = remove(log_in(boss), member.memberships.get())
    assert texts(response) == [_("The role is removed.")]
    assert not member.memberships.exists()


def test_the_last_administrator_stays(log_in, boss):
    response = remove(log_in(boss), boss.memberships.get())
    assert response.request["PATH_INFO"] == "/anvandare/"
    assert texts(response) == [
        _("Give somebody else the role first. The federation needs an administrator.")
    ]
    assert boss.memberships.exists()


def test_who_removes_the_own_role_is_led_out(log_in, boss, federation):
    builders.user("administrator", within=federation)
    response = log_in(boss).post(f"/anvandare/roll/{boss.memberships.get().pk}/")
    assert response.url == "/"
    assert log_in(boss).get(PAGE).status_code == 404


def test_roles_elsewhere_and_roles_by_others_are_out_of_reach(log_in, boss, unit):
    member = builders.user("care_manager", within=unit)
    stranger = builders.user("planner", within=builders.federation()).memberships.get()
    assert remove(log_in(boss), stranger).status_code == 404
    client = log_in(builders.user("planner", within=unit.municipality.federation))
    assert remove(client, member.memberships.get()).status_code == 404
    assert Membership.objects.filter(pk__in=[stranger.pk, member.memberships.get().pk]).count() == 2


def test_a_role_is_removed_by_post_alone(log_in, boss):
    assert log_in(boss).get(f"/anvandare/roll/{boss.memberships.get().pk}/").status_code == 405


# --- Password links -----------------------------------------------------------------------------


def test_a_new_link_is_sent_to_a_colleague_and_to_nobody_elsewhere(log_in, boss, unit):
    member = builders.user("care_manager", within=unit)
    stranger = builders.user("planner", within=builders.federation())
    client = log_in(boss)
    assert client.post(f"/anvandare/{member.pk}/lank/").url == PAGE
    assert Message.objects.get().recipient == member.email
    assert client.post(f"/anvandare/{stranger.pk}/lank/").status_code == 404
    assert Message.objects.count() == 1


# --- Handlers of protected persons --------------------------------------------------------------


def test_handlers_are_named_and_removed_by_hsa_id_without_names(log_in, boss, unit):
    person = builders.staff(unit, "Hemlig", "Person", protected=True)
    handler = builders.user("care_manager", within=unit)
    client = log_in(boss)
    client.post("/skyddade/", {"person": person.pk, "handler": handler.pk})
    assert list(person.handlers.all()) == [handler]
    page = client.get("/skyddade/").content.decode()
    assert person.hsa_id in page
    assert "Hemlig" not in page
    client.post(f"/skyddade/{person.pk}/{handler.pk}/")
    assert not person.handlers.exists()


def test_a_handler_who_lost_every_role_can_still_be_removed(log_in, boss, unit):
    person, handler = builders.staff(unit, protected=True), builders.user()
    person.handlers.add(handler)
    client = log_in(boss)
    assert client.post(f"/skyddade/{person.pk}/{boss.pk}/").status_code == 404
    assert client.post(f"/skyddade/{person.pk}/{handler.pk}/").status_code == 302
    assert not person.handlers.exists()


def test_handlers_and_persons_of_others_cannot_be_chosen(log_in, boss, unit):
    person = builders.staff(unit, protected=True)
    plain, strange = builders.staff(unit), builders.staff(protected=True)
    stranger = builders.user("care_manager", within=strange.unit)
    client = log_in(boss)
    for told in ((person, stranger), (strange, boss), (plain, boss)):
        response = client.post("/skyddade/", {"person": told[0].pk, "handler": told[1].pk})
        assert response.context["form"].errors, told
    assert client.post(f"/skyddade/{strange.pk}/{boss.pk}/").status_code == 404
    assert not person.handlers.exists()


def test_who_administers_two_federations_keeps_their_handlers_apart(log_in, boss, unit):
    person, elsewhere = builders.staff(unit, protected=True), builders.unit()
    builders.give_role(boss, "administrator", elsewhere.municipality.federation)
    handler = builders.user("care_manager", within=elsewhere)
    response = log_in(boss).post("/skyddade/", {"person": person.pk, "handler": handler.pk})
    assert list(response.context["form"].errors) == ["handler"]
    assert not person.handlers.exists()


def test_the_list_of_protected_asks_no_more_for_more(log_in, boss, unit, django_assert_num_queries):
    client = log_in(boss)
    for size in (1, 12):
        for _number in range(size):
            builders.staff(unit, protected=True).handlers.add(boss)
        with django_assert_num_queries(8):
            client.get("/skyddade/")
