"""Enheter: the list, one unit with its staff, adding one and correcting one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrolment.people.models import CareUnit
from tests import builders

pytestmark = pytest.mark.django_db

FORM = {
    "hsa_id": "SE5560000000-E777",
    "name": "Älvgården",
    "street": "Storgatan 1",
    "postcode": "531 30",
    "town": "Lidköping",
    "latitude": "58,5052",
    "longitude": "13.1577",
    "km_to_office": "54,5",
}


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def planner(unit):
    return builders.user("planner", within=unit.municipality.federation)


def soon(days: int):
    return timezone.localdate() + timedelta(days=days)


# --- The list -----------------------------------------------------------------------------------


def test_each_unit_shows_its_staff_its_needs_and_the_first_day(log_in, unit, planner):
    for days in (30, 10):
        builders.need(builders.staff(unit), soon(days))
    builders.staff(unit)
    builders.staff(unit, left_on=soon(-1))
    empty = builders.unit(unit.municipality, "Örngården")
    rows = log_in(planner).get("/enheter/").context["rows"]
    assert [(row.unit, row.staff, row.needs, row.next_due) for row in rows] == [
        (unit, 3, 2, soon(10)),
        (empty, 0, 0, None),
    ]


def test_protected_persons_are_not_counted_but_for_their_handlers(log_in, unit, planner):
    secret = builders.staff(unit, protected=True)
    builders.need(secret, soon(10))
    client = log_in(planner)
    row = client.get("/enheter/").context["rows"][0]
    assert (row.staff, row.needs) == (0, 0)
    secret.handlers.add(planner)
    row = client.get("/enheter/").context["rows"][0]
    assert (row.staff, row.needs) == (1, 1)


def test_the_list_holds_the_readers_units_alone(log_in, unit):
    builders.unit(unit.municipality)
    builders.unit()
    client = log_in(builders.user("care_manager", within=unit))
    assert [row.unit for row in client.get("/enheter/").context["rows"]] == [unit]


def test_the_list_asks_no_more_for_more_units(log_in, unit, planner, django_assert_num_queries):
    client = log_in(planner)
    for size in (1, 20):
        for _number in range(size):
            builders.need(builders.staff(builders.unit(unit.municipality)))
        with django_assert_num_queries(9):
            client.get("/enheter/")


@pytest.mark.parametrize("page", ["/enheter/", "/enheter/ny/"])
def test_technicians_find_no_units(log_in, unit, page):
    client = log_in(builders.user("technician", within=unit.municipality.federation))
    assert client.get(page).status_code == 404


# --- One unit -----------------------------------------------------------------------------------


def test_a_unit_shows_its_facts_and_its_staff_in_register_order(log_in, unit, planner):
    CareUnit.objects.filter(pk=unit.pk).update(room_note="Plan 2", contact_name="Lena Ek")
    last, first = builders.staff(unit, family_name="Åberg"), builders.staff(unit, family_name="Ek")
    builders.staff(unit, left_on=soon(-1))
    need = builders.need(last, soon(10))
    response = log_in(planner).get(f"/enheter/{unit.pk}/")
    page = response.content.decode()
    assert list(response.context["page"].object_list) == [first, last]
    assert [p.open_needs for p in response.context["page"].object_list] == [[], [need]]
    assert response.context["need_count"] == 1
    assert "Plan 2" in page
    assert "Lena Ek" in page
    assert f"?unit={unit.pk}" in page


def test_another_federations_unit_is_not_there(log_in, unit, planner):
    client = log_in(planner)
    assert client.get(f"/enheter/{unit.pk}/").status_code == 200
    assert client.get(f"/enheter/{builders.unit().pk}/").status_code == 404


@pytest.mark.parametrize(
    ("role", "books", "changes"),
    [
        ("care_manager", True, False),
        ("planner", True, True),
        ("id_administrator", False, False),
        ("administrator", True, True),
    ],
)
def test_each_role_is_offered_what_it_may_do(log_in, unit, role, books, changes):
    client = log_in(builders.user(role, within=unit))
    page = client.get(f"/enheter/{unit.pk}/").content.decode()
    assert (f"/besok/ny/?unit={unit.pk}" in page or f"?unit={unit.pk}" in page) is books
    assert (f"/enheter/{unit.pk}/andra/" in page) is changes
    assert client.get(f"/enheter/{unit.pk}/andra/").status_code == (200 if changes else 404)


def test_a_large_unit_has_pages_and_asks_no_more(log_in, unit, planner, django_assert_num_queries):
    client = log_in(planner)
    for size in (1, 55):
        for _number in range(size):
            builders.need(builders.staff(unit))
        with django_assert_num_queries(12):
            response = client.get(f"/enheter/{unit.pk}/")
    assert len(response.context["page"].object_list) == 50
    assert response.context["page"].paginator.count == 56


# --- Add and correct ----------------------------------------------------------------------------


def test_a_unit_is_added_with_comma_or_point_in_its_numbers(log_in, unit, planner):
    client = log_in(planner)
    response = client.post("/enheter/ny/", {**FORM, "municipality": unit.municipality.pk})
    added = CareUnit.objects.get(hsa_id="SE5560000000-E777")
    assert response.url == f"/enheter/{added.pk}/"
    assert (added.latitude, added.longitude, added.km_to_office) == (58.5052, 13.1577, 54.5)
    assert added.municipality == unit.municipality


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hsa_id": "777"}, "hsa_id"),
        ({"latitude": "158"}, "latitude"),
        ({"longitude": "öst"}, "longitude"),
        ({"name": ""}, "name"),
        ({"municipality": ""}, "municipality"),
    ],
)
def test_a_wrong_fact_is_told_at_its_field_and_the_rest_is_kept(
    log_in, unit, planner, wrong, field
):
    told = {**FORM, "municipality": unit.municipality.pk, **wrong}
    response = log_in(planner).post("/enheter/ny/", told)
    assert list(response.context["form"].errors) == [field]
    assert "Storgatan 1" in response.content.decode()
    assert CareUnit.objects.count() == 1


def test_a_taken_hsa_id_is_told_at_its_field_in_any_case(log_in, unit, planner):
    told = {**FORM, "municipality": unit.municipality.pk, "hsa_id": unit.hsa_id.lower()}
    response = log_in(planner).post("/enheter/ny/", told)
    assert list(response.context["form"].errors) == ["hsa_id"]


def test_a_unit_is_not_added_to_a_municipality_out_of_reach(log_in, unit):
    other = builders.unit().municipality
    client = log_in(builders.user("planner", within=unit.municipality))
    for municipality, added in ((other, False), (unit.municipality, True)):
        client.post("/enheter/ny/", {**FORM, "municipality": municipality.pk})
        assert CareUnit.objects.filter(hsa_id="SE5560000000-E777").exists() is added


def test_a_unit_is_corrected_and_keeps_its_hsa_id(log_in, unit, planner):
    told = {**FORM, "name": "Nya gården", "room_note": "Plan 2"}
    response = log_in(planner).post(f"/enheter/{unit.pk}/andra/", told)
    assert response.url == f"/enheter/{unit.pk}/"
    hsa_id = unit.hsa_id
    unit.refresh_from_db()
    assert (unit.name, unit.room_note, unit.hsa_id) == ("Nya gården", "Plan 2", hsa_id)


def test_a_care_manager_corrects_no_unit(log_in, unit):
    client = log_in(builders.user("care_manager", within=unit))
    response = client.post(f"/enheter/{unit.pk}/andra/", {**FORM, "name": "Kapad"})
    assert response.status_code == 404
    unit.refresh_from_db()
    assert unit.name == "Björkgården"
