"""Översikt: who needs a card and by when, in the reader's own units."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from enrolment.people.domain.stages import Stage, Urgency
from enrolment.people.models import CardNeed
from enrolment.people.queries import needs as need_queries
from enrolment.people.services.needs import advance_need
from tests import builders

pytestmark = pytest.mark.django_db

PAGE = "/oversikt/"


def soon(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def manager(unit):
    return builders.user("care_manager", within=unit)


def need(unit, days: int = 10, family_name: str = "Öberg", stage: Stage | None = None, **more):
    made = builders.need(builders.staff(unit, family_name=family_name, **more), soon(days))
    if stage:
        advance_need(actor=builders.user(), need=made, stage=stage)
    return made


def shown(response) -> list:
    return [row.need for row in response.context["rows"]]


def test_the_nearest_due_date_stands_first_and_then_the_register_order(log_in, unit, manager):
    late, last, first, early = (
        need(unit, 50),
        need(unit, 20, "Örn"),
        need(unit, 20, "Ek"),
        need(unit, -3),
    )
    response = log_in(manager).get(PAGE)
    assert shown(response) == [early, first, last, late]


@pytest.mark.parametrize(("role", "plans"), [("planner", True), ("administrator", False)])
def test_a_planner_of_the_federation_goes_on_to_the_rounds(log_in, unit, role, plans):
    user = builders.user(role, within=unit.municipality.federation)
    assert log_in(user).get(PAGE).context["may_plan"] is plans


def test_a_care_manager_does_not_plan(log_in, manager):
    page = log_in(manager).get(PAGE)
    assert page.context["may_plan"] is False
    assert 'href="/rundor/"' not in page.content.decode()


def test_each_row_leads_to_the_person_and_says_how_urgent_it_is(log_in, unit, manager):
    people = {need(unit, days).staff: days for days in (35, 36, 60, 61)}
    response = log_in(manager).get(PAGE)
    assert [row.urgency for row in response.context["rows"]] == [
        Urgency.CRITICAL,
        Urgency.REMIND,
        Urgency.REMIND,
        Urgency.NORMAL,
    ]
    for person in people:
        assert f"/medarbetare/{person.pk}/" in response.content.decode()


def test_the_answer_counts_those_due_before_a_first_of_the_month(unit, manager):
    today = date(2026, 11, 21)
    for due in (date(2026, 11, 1), date(2026, 12, 31), date(2027, 1, 1)):
        builders.need(builders.staff(unit), due)
    booked = builders.need(builders.staff(unit), date(2026, 12, 1))
    advance_need(actor=manager, need=booked, stage=Stage.BOOKED)
    answer = need_queries.answer(manager, today)
    assert (answer.before, answer.count, answer.without_time) == (date(2027, 1, 1), 3, 2)
    assert answer.to_activate == 0


def test_whose_card_is_made_needs_it_activated_and_no_card(log_in, unit, manager):
    made = [need(unit) for _ in range(3)]
    for each, stage in zip(made, ("delivered", "acknowledged", "needs_card"), strict=True):
        CardNeed.objects.filter(pk=each.pk).update(stage=stage)
    page = log_in(manager).get(PAGE).content.decode()
    assert "En behöver kort före" in page
    assert "2 kort ska aktiveras före dess." in page


@pytest.mark.parametrize(
    ("today", "before"),
    [
        (date(2026, 1, 20), date(2026, 3, 1)),
        (date(2026, 1, 26), date(2026, 4, 1)),
        (date(2026, 12, 31), date(2027, 3, 1)),
        (date(2028, 1, 31), date(2028, 4, 1)),
    ],
)
def test_the_day_is_the_first_after_at_least_five_weeks(manager, today, before):
    assert need_queries.answer(manager, today).before == before


def test_the_answer_stands_first_with_how_many_have_no_time(log_in, unit, manager):
    need(unit)
    need(unit)
    need(unit, stage=Stage.BOOKED)
    page = log_in(manager).get(PAGE).content.decode()
    assert "3 behöver kort före" in page
    assert "2 saknar tid" in page


def test_each_unit_where_a_visit_is_needed_has_its_own_way_to_book(log_in, unit):
    other, booked = builders.unit(unit.municipality, "Granliden"), builders.unit(unit.municipality)
    need(unit, 20)
    need(other, 10)
    need(other, 30)
    need(booked, 5, stage=Stage.BOOKED)
    response = log_in(builders.user("planner", within=unit.municipality)).get(PAGE)
    rows = [(row.unit_id, row.people, row.first_due) for row in response.context["to_book"]]
    assert rows == [(other.pk, 2, soon(10)), (unit.pk, 1, soon(20))]
    for row in response.context["to_book"]:
        assert f"/besok/boka/?unit={row.unit_id}" in response.content.decode()


def test_what_there_is_to_do_is_counted_and_shown_by_kind(log_in, unit, manager):
    made = {name: need(unit) for name in ("new", "expiring", "replaced", "retake", "activation")}
    changes = {
        "new": {"reason": "new"},
        "replaced": {"reason": "lost"},
        "retake": {"stage": "retake"},
        "activation": {"stage": "acknowledged"},
    }
    for name, change in changes.items():
        type(made[name]).objects.filter(pk=made[name].pk).update(**change)
    need(unit, stage=Stage.BOOKED)
    client = log_in(manager)
    assert client.get(PAGE).context["tasks"] == dict.fromkeys(made, 1)
    for name, one in made.items():
        assert shown(client.get(PAGE, {"task": name})) == [one]
    assert len(shown(client.get(PAGE, {"task": "x"}))) == 6


def test_closed_needs_and_other_units_are_not_shown(log_in, unit, manager):
    need(unit, stage=Stage.LAPSED)
    need(builders.unit(unit.municipality))
    need(builders.unit())
    assert shown(log_in(manager).get(PAGE)) == []


def test_protected_persons_are_shown_to_their_handlers_alone(log_in, unit, manager):
    secret = need(unit, protected=True, given_name="Hemlig")
    client = log_in(manager)
    response = client.get(PAGE)
    assert shown(response) == []
    assert response.context["answer"].count == 0
    secret.staff.handlers.add(manager)
    page = client.get(PAGE)
    assert shown(page) == [secret]
    assert "Hemlig" in page.content.decode()
    assert "Öberg" not in page.content.decode()


def test_the_list_is_filtered_by_unit_and_stage(log_in, unit):
    other = builders.unit(unit.municipality)
    here, booked, there = need(unit), need(unit, stage=Stage.BOOKED), need(other)
    client = log_in(builders.user("planner", within=unit.municipality))
    assert set(shown(client.get(PAGE))) == {here, booked, there}
    assert shown(client.get(PAGE, {"unit": other.pk})) == [there]
    assert shown(client.get(PAGE, {"stage": "booked"})) == [booked]
    assert shown(client.get(PAGE, {"stage": "booked", "unit": other.pk})) == []


def test_a_filter_outside_the_readers_units_or_of_nonsense_filters_nothing(log_in, unit, manager):
    mine = need(unit)
    client = log_in(manager)
    for told in ({"unit": builders.unit().pk}, {"unit": "x"}, {"stage": "x"}, {"page": "x"}):
        assert shown(client.get(PAGE, told)) == [mine]


def test_htmx_gets_the_list_alone_and_a_restored_page_gets_all(log_in, unit, manager):
    need(unit)
    client = log_in(manager)
    part = client.get(PAGE, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert 'id="needs"' in part.content.decode()
    assert part["Vary"].count("HX-Request") == 1
    whole = client.get(PAGE, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.content.decode()


@pytest.mark.parametrize(("role", "books"), [("care_manager", True), ("id_administrator", False)])
def test_those_who_book_are_led_to_booking(log_in, unit, role, books):
    client = log_in(builders.user(role, within=unit))
    page = client.get(PAGE, {"unit": unit.pk}).content.decode()
    assert (f"/besok/boka/?unit={unit.pk}" in page) is books


@pytest.mark.parametrize("role", ["technician", "card_issuer"])
def test_those_who_read_no_register_find_no_page(log_in, unit, role):
    client = log_in(builders.user(role, within=unit.municipality.federation))
    assert client.get(PAGE).status_code == 404


def test_a_long_list_has_pages_and_asks_no_more_for_more_rows(
    log_in, unit, manager, django_assert_num_queries
):
    client = log_in(manager)
    need(unit)
    with django_assert_num_queries(13):
        client.get(PAGE)
    for days in range(60):
        need(unit, days)
    with django_assert_num_queries(13):
        first = client.get(PAGE)
    assert len(shown(first)) == 50
    assert len(shown(client.get(PAGE, {"page": 2}))) == 11


# --- Search -------------------------------------------------------------------------------------


def found(client, words: str) -> list:
    return list(client.get("/medarbetare/", {"q": words}).context["page"].object_list)


def test_staff_are_found_by_parts_of_the_name_and_by_hsa_id(log_in, unit, manager):
    person = builders.staff(unit, "Åsa", "Öberg", hsa_id="SE5560000000-Q77")
    builders.staff(unit, "Nils", "Ek")
    client = log_in(manager)
    for words in ("åsa", "ÖBERG", "åsa öb", "öberg åsa", "se5560000000-q77", " Q77 "):
        assert found(client, words) == [person], words
    for words in ("", "nisse", "åsa ek", "%"):
        assert found(client, words) == [], words


def test_search_finds_nobody_outside_protected_or_gone(log_in, unit, manager):
    builders.staff(builders.unit(), "Åsa")
    builders.staff(unit, "Åsa", left_on=soon(-1))
    secret = builders.staff(unit, "Åsa", protected=True)
    client = log_in(manager)
    assert found(client, "åsa") == []
    secret.handlers.add(manager)
    assert found(client, "åsa") == [secret]


def test_search_asks_no_more_for_more_people(log_in, unit, manager, django_assert_num_queries):
    client = log_in(manager)
    for _number in range(12):
        need(unit)
    with django_assert_num_queries(7):
        response = client.get("/medarbetare/", {"q": "öberg"})
    assert len(response.context["page"].object_list) == 12


def test_search_is_closed_to_technicians(log_in, unit):
    client = log_in(builders.user("technician", within=unit.municipality.federation))
    assert client.get("/medarbetare/", {"q": "åsa"}).status_code == 404
