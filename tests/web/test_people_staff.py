"""One member of staff: facts, the way to the card, and a need opened by hand."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.models import CardNeed
from enrolment.people.services.needs import advance_need
from tests import builders

pytestmark = pytest.mark.django_db

NUMBER = "196112122871"


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def manager(unit):
    return builders.user("care_manager", within=unit, name="Cecilia Chef")


def page_of(person) -> str:
    return f"/medarbetare/{person.pk}/"


def need_page(person) -> str:
    return f"/medarbetare/{person.pk}/kortbehov/"


def test_the_page_shows_the_facts_and_borrows_the_panels(log_in, unit, manager):
    person = builders.staff(
        unit, title="Undersköterska", phone="0510-1", card_expires=date(2027, 3, 1)
    )
    response = log_in(manager).get(page_of(person))
    page = response.content.decode()
    for fact in ("Åsa Öberg", "Undersköterska", "0510-1", person.email, person.hsa_id, "2027"):
        assert fact in page, fact
    for panel in ("photos:for_person", "cards:for_person"):
        assert f'hx-get="{reverse(panel, args=[person.pk])}"' in page


def test_the_personnummer_is_masked(log_in, unit, manager):
    person = builders.staff(unit)
    person.seal_personnummer(NUMBER)
    person.save()
    page = log_in(manager).get(page_of(person)).content.decode()
    assert "19611212-****" in page
    assert "2871" not in page


def test_the_way_to_the_card_and_its_steps_are_shown_with_names(log_in, unit, manager):
    need = builders.need(builders.staff(unit))
    advance_need(actor=manager, need=need, stage=Stage.BOOKED)
    response = log_in(manager).get(page_of(need.staff))
    history = response.context["open_need"]
    assert history.need == need
    assert [(step.change.stage, step.by) for step in history.steps] == [
        ("booked", "Cecilia Chef"),
        ("needs_card", "Kim Test"),
    ]
    assert 'class="chain"' in response.content.decode()


def test_earlier_needs_stand_below_the_open_one(log_in, unit, manager):
    first = builders.need(builders.staff(unit))
    advance_need(actor=manager, need=first, stage=Stage.LAPSED)
    second = builders.need(first.staff)
    context = log_in(manager).get(page_of(first.staff)).context
    assert context["open_need"].need == second
    assert [history.need for history in context["earlier"]] == [first]


def test_more_steps_ask_no_more(log_in, unit, manager, django_assert_num_queries):
    need = builders.need(builders.staff(unit))
    client = log_in(manager)
    with django_assert_num_queries(10):
        client.get(page_of(need.staff))
    for stage in (Stage.BOOKED, Stage.NO_SHOW, Stage.BOOKED, Stage.CHECKED_IN):
        advance_need(actor=builders.user(), need=need, stage=stage)
    with django_assert_num_queries(10):
        client.get(page_of(need.staff))


@pytest.mark.parametrize("role", ["technician", "card_issuer"])
def test_a_role_without_the_register_finds_nobody(log_in, unit, role):
    person = builders.staff(unit)
    client = log_in(builders.user(role, within=unit.municipality.federation))
    assert client.get(page_of(person)).status_code == 404


def test_another_units_person_is_not_there(log_in, unit, manager):
    client = log_in(manager)
    assert client.get(page_of(builders.staff(unit))).status_code == 200
    assert client.get(page_of(builders.staff())).status_code == 404
    assert client.get(page_of(builders.staff(builders.unit(unit.municipality)))).status_code == 404


def test_a_look_at_a_protected_person_is_the_handlers_alone_and_leaves_a_line(
    log_in, unit, manager
):
    person = builders.staff(unit, protected=True)
    client = log_in(manager)
    assert client.get(page_of(person)).status_code == 404
    assert not Entry.objects.filter(action="people.note_look").exists()
    person.handlers.add(manager)
    page = client.get(page_of(person))
    assert page.status_code == 200
    assert "Öberg" not in page.content.decode()
    line = Entry.objects.get(action="people.note_look")
    assert (line.actor, line.subject) == (manager.audit_name, f"staff:{person.pk}")
    client.get(page_of(builders.staff(unit)))
    assert Entry.objects.filter(action="people.note_look").count() == 1


def test_a_form_sent_wrong_shows_a_protected_person_and_leaves_a_line_too(log_in, unit, manager):
    person = builders.staff(unit, protected=True)
    person.handlers.add(manager)
    page = log_in(manager).post(need_page(person), {})
    assert person.given_name in page.content.decode()
    assert Entry.objects.filter(action="people.note_look").count() == 1


# --- A need by hand -----------------------------------------------------------------------------

SOON = timezone.localdate() + timedelta(days=90)
YESTERDAY = timezone.localdate() - timedelta(days=1)
LOST = {"reason": "lost", "due_on": SOON.isoformat()}


@pytest.mark.parametrize("role", ["care_manager", "planner", "administrator"])
def test_a_need_is_opened_by_hand(log_in, unit, role):
    person = builders.staff(unit)
    response = log_in(builders.user(role, within=unit)).post(need_page(person), LOST)
    assert response.url == page_of(person)
    need = CardNeed.objects.get()
    assert (need.staff, need.reason, need.due_on) == (person, "lost", SOON)


def test_an_id_administrator_opens_no_need(log_in, unit):
    person = builders.staff(unit)
    client = log_in(builders.user("id_administrator", within=unit))
    assert client.post(need_page(person), LOST).status_code == 404
    assert not client.get(page_of(person)).context["may_open"]
    assert not CardNeed.objects.exists()


def test_nobody_opens_a_need_out_of_reach(log_in, manager):
    assert log_in(manager).post(need_page(builders.staff()), LOST).status_code == 404
    assert not CardNeed.objects.exists()


def test_a_need_is_opened_by_post_alone(log_in, unit, manager):
    assert log_in(manager).get(need_page(builders.staff(unit))).status_code == 405


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "bored"}, "reason"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": "2027-02-31"}, "due_on"),
        ({"due_on": YESTERDAY.isoformat()}, "due_on"),
    ],
)
def test_a_wrong_form_is_told_and_opens_nothing(log_in, unit, manager, wrong, field):
    response = log_in(manager).post(need_page(builders.staff(unit)), {**LOST, **wrong})
    assert list(response.context["form"].errors) == [field]
    assert not CardNeed.objects.exists()


def test_what_was_chosen_is_kept_when_the_form_is_wrong(log_in, unit, manager):
    response = log_in(manager).post(need_page(builders.staff(unit)), {**LOST, "due_on": ""})
    assert 'value="lost" checked' in response.content.decode()


def test_a_second_need_is_refused_with_a_message(log_in, unit, manager):
    need = builders.need(builders.staff(unit))
    response = log_in(manager).post(need_page(need.staff), LOST)
    assert response.context["form"].non_field_errors()
    assert CardNeed.objects.get() == need


def test_somebody_who_has_left_gets_no_need(log_in, unit, manager):
    person = builders.staff(unit, left_on=date(2026, 1, 1))
    client = log_in(manager)
    assert not client.get(page_of(person)).context["may_open"]
    assert client.post(need_page(person), LOST).context["form"].non_field_errors()
    assert not CardNeed.objects.exists()


def test_the_search_answers_whoever_asks_as_htmx_does_too(log_in, unit, manager):
    person = builders.staff(unit)
    answer = log_in(manager).get("/medarbetare/", {"q": "Öberg"}, headers={"HX-Request": "true"})
    assert person.family_name in answer.content.decode()
