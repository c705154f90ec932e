"""The start page says what waits for each role, and lets nobody else in."""

import pytest
from django.urls import reverse

from enrolment.messages.models import Message
from enrolment.people.access import Role
from tests import builders


def test_the_start_page_asks_for_log_in(client):
    response = client.get(reverse("desk:start"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("people:log_in"))


@pytest.mark.django_db
def test_a_care_manager_sees_who_needs_a_card(log_in):
    unit = builders.unit()
    builders.need(builders.staff(unit))
    builders.need(builders.staff(builders.unit()))
    page = log_in(builders.user(Role.CARE_MANAGER, within=unit)).get(reverse("desk:start"))
    assert "En person saknar tid för fotografering" in page.content.decode()
    assert "Det första kortet behövs senast måndag 1 mars" in page.content.decode()
    assert reverse("booking:new") in page.content.decode()


@pytest.mark.django_db
def test_a_technician_sees_the_next_visit(log_in):
    visit = builders.visit()
    page = log_in(visit.technician.user).get(reverse("desk:start")).content.decode()
    assert f"Nästa besök: {visit.unit.name}" in page
    assert "kl. 09.00" in page
    assert "behöver kort" not in page


@pytest.mark.django_db
def test_somebody_without_a_role_has_nothing_to_do(log_in):
    page = log_in(builders.user()).get(reverse("desk:start")).content.decode()
    assert "Inget väntar på dig" in page


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CARE_MANAGER, Role.ADMINISTRATOR, Role.TECHNICIAN])
def test_the_navigation_holds_the_doors_of_the_role(log_in, role):
    federation = builders.federation()
    page = log_in(builders.user(role, within=federation)).get(reverse("desk:start"))
    has_setup = f'href="{reverse("desk:setup")}"' in page.content.decode()
    assert has_setup is (role == Role.ADMINISTRATOR)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.PLANNER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("scope", ["federation", "municipality", "unit"])
def test_the_navigation_holds_no_door_that_is_shut(log_in, role, scope):
    unit = builders.unit()
    places = {"unit": unit, "municipality": unit.municipality}
    within = places.get(scope, unit.municipality.federation)
    client = log_in(builders.user(role, within=within))
    doors = [item["url"] for item in client.get(reverse("desk:start")).context["navigation"]]
    assert [url for url in doors if client.get(url).status_code != 200] == []
    wide = {Role.PLANNER: "people:import", Role.ADMINISTRATOR: "desk:setup"}[role]
    assert (reverse(wide) in doors) is (scope == "federation")


@pytest.mark.django_db
def test_an_administrator_sets_up_from_one_page(log_in):
    client = log_in(builders.user(Role.ADMINISTRATOR, within=builders.federation()))
    page = client.get(reverse("desk:setup"))
    places = [place.name for place in page.context["places"]]
    assert "cards:issuers" in places
    assert [name for name in places if client.get(reverse(name)).status_code != 200] == []
    inside = client.get(reverse("people:users")).context["navigation"]
    assert [item["url"] for item in inside if item["current"]] == [reverse("desk:setup")]


@pytest.mark.django_db
def test_what_did_not_arrive_stands_on_the_page_of_those_who_look_after_it(log_in):
    unit = builders.unit()
    federation = unit.municipality.federation
    told = f'href="{reverse("desk:undelivered")}">Se vad som inte kom fram'
    keeper = log_in(builders.user(Role.ID_ADMINISTRATOR, within=federation))
    assert told not in keeper.get(reverse("desk:start")).content.decode()
    Message.objects.create(federation_id=federation.pk, key="a", state="failed")
    assert told in keeper.get(reverse("desk:start")).content.decode()
    manager = log_in(builders.user(Role.CARE_MANAGER, within=unit))
    assert told not in manager.get(reverse("desk:start")).content.decode()


@pytest.mark.django_db
def test_the_set_up_page_is_for_administrators_of_a_whole_federation(log_in):
    for user in (
        builders.user(Role.ADMINISTRATOR, within=builders.unit()),
        builders.user(Role.PLANNER, within=builders.federation()),
    ):
        assert log_in(user).get(reverse("desk:setup")).status_code == 404


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(log_in, django_assert_max_num_queries):
    unit = builders.unit()
    for _person in range(12):
        builders.need(builders.staff(unit))
    client = log_in(builders.user(Role.ADMINISTRATOR, within=unit.municipality.federation))
    with django_assert_max_num_queries(26):
        client.get(reverse("desk:start"))


def test_the_accessibility_statement_needs_no_log_in(client):
    page = client.get(reverse("desk:accessibility"))
    assert page.status_code == 200
    assert "EN 301 549" in page.content.decode()


def test_every_page_carries_the_strict_policy(client):
    response = client.get(reverse("desk:accessibility"))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["Permissions-Policy"].startswith("camera=(self)")
    assert response["X-Frame-Options"] == "DENY"


def test_the_demo_is_not_reset_in_production(client, settings):
    settings.DEMO = False
    assert client.post(reverse("desk:reset_demo")).status_code == 404


@pytest.mark.django_db
def test_without_a_demo_to_go_back_to_the_page_says_so(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    page = client.post(reverse("desk:reset_demo"), follow=True)
    assert "Kör make demo" in page.content.decode()


def test_no_cache_keeps_a_page(client):
    assert "no-store" in client.get(reverse("desk:accessibility"))["Cache-Control"]


def test_the_demo_is_reset_by_post_only(client):
    assert client.get(reverse("desk:reset_demo")).status_code == 405
