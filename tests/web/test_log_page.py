"""The log's page: for administrators of the whole federation, and silent on protected persons."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.audit.services import System, anchor_logs, record
from enrolment.desk import log_words, services
from enrolment.people.access import Role
from enrolment.people.services.organisation import give_role
from enrolment.people.services.protection import name_handler
from photos.services.looks import look_at_card
from tests import builders, card_builders, issuer_builders, photo_builders
from tests.log_builders import settle

pytestmark = pytest.mark.django_db
PAGE = "/logg/"


@pytest.fixture
def unit():
    return builders.unit()


@pytest.fixture
def federation(unit):
    return unit.municipality.federation


@pytest.fixture
def boss(federation):
    return builders.user("administrator", within=federation, name="Anna Administratör")


def note(actor, action, subject, federation, **details) -> Entry:
    record(actor=actor, action=action, subject=subject, federation_id=federation.pk, **details)
    settle()
    return Entry.objects.latest("pk")


def texts(response) -> list[str]:
    return [line.entry.action for line in response.context["lines"]]


def rows(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_the_newest_line_comes_first_with_a_name_and_a_sentence(log_in, boss, unit, federation):
    note(boss, "people.change_unit", unit, federation)
    note(System("postman"), "messages.send_message", unit, federation)
    page = log_in(boss).get(PAGE)
    assert texts(page) == ["messages.send_message", "people.change_unit"]
    first, second = page.context["lines"]
    assert (first.by, second.by) == ("system:postman", "Anna Administratör")
    assert second.said == log_words.SENTENCES["people.change_unit"]
    assert [line.entry.sequence for line in (first, second)] == [2, 1]
    assert "Anna Administratör" in page.content.decode()


def test_another_federation_s_lines_and_the_house_s_stay_away(log_in, boss, unit, federation):
    other = builders.federation()
    note(boss, "people.log_in", unit, other)
    record(actor=boss, action="people.log_in", subject=unit, federation_id=None)
    assert texts(log_in(boss).get(PAGE)) == []


@pytest.mark.parametrize(
    "role", ["care_manager", "planner", "technician", "id_administrator", "card_issuer"]
)
def test_other_roles_find_no_log(role, log_in, federation, unit):
    person = builders.staff(unit)
    client = log_in(builders.user(role, within=federation))
    for address in (PAGE, f"{PAGE}logg.csv", f"{PAGE}{person.pk}/", f"{PAGE}{person.pk}/logg.csv"):
        assert client.get(address).status_code == 404


def test_an_administrator_of_a_part_finds_no_log(log_in, unit):
    person = builders.staff(unit)
    client = log_in(builders.user("administrator", within=unit.municipality))
    assert client.get(PAGE).status_code == 404
    assert client.get(f"{PAGE}{person.pk}/").status_code == 404
    page = client.get(reverse("people:staff", args=[person.pk])).content.decode()
    assert f"{PAGE}{person.pk}/" not in page


def test_a_person_elsewhere_is_not_found(log_in, boss):
    assert log_in(boss).get(f"{PAGE}{builders.staff().pk}/").status_code == 404


def test_who_has_looked_at_a_person_s_photo_is_asked_from_the_person_s_page(log_in):
    capture = photo_builders.judged(photo_builders.checked_in())
    person = capture.booking.need.staff
    boss = builders.user("administrator", within=person.federation)
    technician = photo_builders.technician(capture.booking)
    look_at_card(actor=technician, capture=capture)
    other = builders.staff(person.unit)
    builders.need(other)
    settle()
    client = log_in(boss)
    address = f"{PAGE}{person.pk}/"
    assert address in client.get(reverse("people:staff", args=[person.pk])).content.decode()
    page = client.get(address)
    assert texts(page)[0] == "photos.look"
    assert page.context["lines"][0].by == technician.name
    assert {"people.open_need", "booking.check_in", "photos.receive_capture"} <= set(texts(page))
    assert {line.person for line in page.context["lines"]} == {person}
    assert person.name in page.content.decode()


def test_lines_are_chosen_by_who_what_and_when(log_in, boss, unit, federation):
    other = builders.user("planner", within=federation, name="Per Planerare")
    note(boss, "people.change_unit", unit, federation)
    note(other, "people.change_unit", unit, federation)
    note(other, "booking.open_visit", unit, federation)
    client = log_in(boss)
    assert texts(client.get(PAGE, {"actor": other.audit_name})) == [
        "booking.open_visit",
        "people.change_unit",
    ]
    assert texts(client.get(PAGE, {"group": "visits"})) == ["booking.open_visit"]
    today = timezone.localdate()
    assert len(texts(client.get(PAGE, {"first": today, "last": today}))) == 3
    assert texts(client.get(PAGE, {"first": today + timedelta(days=1)})) == []
    assert texts(client.get(PAGE, {"last": today - timedelta(days=1)})) == []
    assert len(texts(client.get(PAGE, {"first": "x", "group": "x", "actor": "x"}))) == 3
    ends_of_time = {"first": "0001-01-01", "last": "9999-12-31"}
    assert len(texts(client.get(PAGE, ends_of_time))) == 3


def test_a_role_given_names_to_whom(log_in, boss, federation):
    planner = builders.user(name="Per Planerare")
    give_role(actor=boss, user=planner, role=Role.PLANNER, federation=federation)
    (line,) = log_in(boss).get(PAGE).context["lines"]
    assert line.whom == "Per Planerare"


def test_pages_are_turned_and_ask_no_more_for_more_lines(
    log_in, boss, unit, federation, django_assert_max_num_queries
):
    client = log_in(boss)
    person = builders.staff(unit)
    for _number in range(51):
        note(boss, "people.open_need", builders.need(person) if _number == 0 else unit, federation)
    with django_assert_max_num_queries(28):
        page = client.get(PAGE)
    assert len(page.context["lines"]) == 50
    assert len(client.get(PAGE, {"page": 2}).context["lines"]) == 2


@pytest.mark.parametrize("handles", [True, False])
def test_a_protected_person_is_named_to_handlers_alone(handles, log_in, boss, unit, federation):
    person = builders.staff(unit, protected=True)
    need = builders.need(person)
    if handles:
        name_handler(actor=boss, staff=person, handler=boss)
    note(boss, "people.note_look", person, federation)
    note(boss, "messages.write_message", unit, federation, key=f"invited:{need.pk}")
    client = log_in(boss)
    page = client.get(PAGE).content.decode()
    file = client.get(f"{PAGE}logg.csv").content.decode()
    for text in (page, file):
        assert (person.given_name in text or person.hsa_id in text) == handles
        assert not any(str(pk) in text for pk in (person.pk, need.pk)) or handles
    assert client.get(f"{PAGE}{person.pk}/").status_code == (200 if handles else 404)
    looks = Entry.objects.filter(action="people.note_look", subject=f"staff:{person.pk}")
    assert looks.count() == (4 if handles else 1)


def test_the_lines_leave_as_a_file_and_that_is_logged(log_in, boss, unit, federation):
    person = builders.staff(unit)
    note(boss, "people.open_need", builders.need(person), federation)
    note(System("=1+1"), "people.change_unit", unit, federation, count=3)
    response = log_in(boss).get(f"{PAGE}logg.csv", {"actor": ""})
    assert response["Content-Disposition"] == 'attachment; filename="logg.csv"'
    first, second, _third = rows(response)
    assert list(first.values())[2] == "system:=1+1"
    assert list(first.values())[5:] == [f"careunit:{unit.pk}", "count 3"]
    assert list(second.values())[4] == person.hsa_id
    logged = Entry.objects.latest("pk")
    assert (logged.action, logged.details) == ("desk.fetch_log", {"lines": 3})
    assert (logged.actor, logged.subject) == (boss.audit_name, f"federation:{federation.pk}")


def test_a_name_that_begins_as_a_formula_is_made_harmless(log_in, federation, unit):
    boss = builders.user("administrator", within=federation, name="=HYPERLINK(1)")
    note(boss, "people.change_unit", unit, federation)
    (row,) = rows(log_in(boss).get(f"{PAGE}logg.csv"))
    assert list(row.values())[2] == "'=HYPERLINK(1)"


def test_too_many_lines_for_one_file_are_refused_and_not_cut(
    log_in, boss, unit, federation, monkeypatch
):
    monkeypatch.setattr(services, "MOST_LINES", 2)
    for _number in range(3):
        note(boss, "people.change_unit", unit, federation)
    response = log_in(boss).get(f"{PAGE}logg.csv", follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert len(list(response.context["messages"])) == 1
    assert not Entry.objects.filter(action="desk.fetch_log").exists()


def test_the_page_tells_how_far_the_log_is_anchored(
    log_in, boss, unit, federation, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    client = log_in(boss)
    assert client.get(PAGE).context["anchor"] is None
    note(boss, "people.change_unit", unit, federation)
    anchor_logs(now=timezone.now())
    note(boss, "people.change_unit", unit, federation)
    assert client.get(PAGE).context["anchor"].sequence == 1
    assert client.get(PAGE).context["anchor"].day == timezone.localdate()


def test_the_page_names_the_house_and_operations_not_their_parts(log_in, boss, unit, federation):
    machine, _secret = issuer_builders.token(card_builders.issuer(federation))
    note(System("package-builder"), "messages.send_message", unit, federation)
    note(System("register_issuer"), "cards.register_issuer", unit, federation)
    note(machine, "cards.fetch_package", unit, federation)
    page = log_in(boss).get(PAGE)
    told = [line.who for line in page.context["lines"]][:3]
    assert told == ["Kortutgivarens dator", "Driften, med kommando", "Fotorundan"]
    assert not any(raw in page.content.decode() for raw in ("system:", "token:"))
