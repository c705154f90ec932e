"""The pages of the booking room: who sees what, and how many queries it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from booking.models import Visit
from booking.services.bookings import book_people, book_slot
from booking.services.checkin import check_in, finish_booking
from booking.services.visits import cancel_visit, close_visit
from enrolment.audit.models import Entry
from enrolment.desk.words import status
from enrolment.people.models import CareUnit
from tests import builders

pytestmark = pytest.mark.django_db


def page(name: str, *ids) -> str:
    return reverse(f"booking:{name}", args=ids)


@pytest.fixture
def visit() -> Visit:
    return builders.visit(slot_minutes=20, hours=1)


@pytest.fixture
def manager(visit):
    return builders.user("care_manager", within=visit.unit)


def booked(visit: Visit, count: int = 1, **staff):
    needs = [builders.need(builders.staff(visit.unit, **staff)) for _ in range(count)]
    return book_people(actor=visit.booked_by, visit=visit, needs=needs)


def text(response) -> str:
    return response.content.decode()


# --- The list -----------------------------------------------------------------------------------


def test_a_manager_sees_the_visits_of_her_units_with_how_full_they_are(visit, manager, log_in):
    booked(visit, 2)
    other = builders.visit(builders.unit(name="Granliden"))
    answer = text(log_in(manager).get(page("list")))
    assert "Björkgården" in answer
    assert "2 av 2" in answer
    assert other.unit.name not in answer


def test_a_visit_without_a_free_time_is_called_full_until_it_is_over(visit, manager, log_in):
    def called(word: str) -> list[bool]:
        label = str(status("visit", word).label)
        return [label in text(log_in(manager).get(at)) for at in (page("list"), its_own)]

    its_own = page("visit", visit.pk)
    booked(visit)
    assert (called("open"), called("full")) == ([True, True], [False, False])
    booked(visit)
    assert (called("open"), called("full")) == ([False, False], [True, True])
    cancel_visit(actor=manager, visit=visit)
    assert (called("full"), called("cancelled")) == ([False, False], [True, True])


def test_the_way_to_the_staffing_is_called_what_the_page_is_called(visit, manager, log_in):
    client = log_in(manager)
    title = text(client.get(page("staffing", visit.pk))).partition("<title>")[2]
    name = title.partition(" – ")[0].strip()
    assert f'href="{page("staffing", visit.pk)}">{name}</a>' in text(
        client.get(page("visit", visit.pk))
    )


def test_a_technician_sees_only_own_visits(visit, log_in):
    builders.visit(
        builders.unit(visit.unit.municipality, name="Granliden"),
        builders.technician(visit.technician.federation),
    )
    answer = text(log_in(visit.technician.user).get(page("list")))
    assert "Mina besök" in answer
    assert "Björkgården" in answer
    assert "Granliden" not in answer
    assert page("new") not in answer


def test_todays_visit_stands_first_and_past_ones_last(visit, manager, log_in):
    now = timezone.now()
    today = Visit.objects.create(
        unit=visit.unit,
        technician=builders.technician(visit.technician.federation),
        kind="photo",
        starts_at=now,
        ends_at=now + timezone.timedelta(minutes=1),
        slot_minutes=4,
        booked_by=manager,
    )
    past = Visit.objects.create(
        unit=visit.unit,
        technician=visit.technician,
        kind="photo",
        starts_at=now - timezone.timedelta(days=2, minutes=5),
        ends_at=now - timezone.timedelta(days=2),
        slot_minutes=4,
        booked_by=manager,
    )
    answer = text(log_in(manager).get(page("list")))
    places = [answer.index(page("visit", one.pk)) for one in (today, visit, past)]
    assert places == sorted(places)
    assert "Ett besök i dag" in answer


def test_an_empty_list_says_the_next_step(log_in):
    manager = builders.user("care_manager", within=builders.unit())
    assert page("new") in text(log_in(manager).get(page("list")))


@pytest.mark.parametrize("role", ["", "card_issuer", "id_administrator"])
def test_the_booking_pages_are_not_there_for_others(role, visit, log_in):
    outsider = builders.user(role, within=visit.unit.municipality.federation)
    client = log_in(outsider)
    for address in (page("list"), page("new"), page("visit", visit.pk)):
        assert client.get(address).status_code == 404


def test_whoever_is_logged_out_is_asked_to_log_in(client, visit):
    assert client.get(page("visit", visit.pk)).status_code == 302


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(connection) as made:
        client.get(address)
    return len(made)


def test_the_list_costs_the_same_for_one_visit_and_for_ten(visit, manager, log_in):
    client = log_in(manager)
    cost = queries_of(client, page("list"))
    for _ in range(9):
        booked(builders.visit(visit.unit))
    assert queries_of(client, page("list")) == cost <= 12


# --- One visit ----------------------------------------------------------------------------------


def test_a_manager_sees_times_people_and_papers(visit, manager, log_in):
    booked(visit, family_name="Åkerblom")
    answer = text(log_in(manager).get(page("visit", visit.pk)))
    assert "1 av 2 tider är bokade" in answer
    assert "Åkerblom" in answer
    assert reverse("reports:day_sheet", args=[visit.pk]) in answer
    assert reverse("reports:blank_form", args=[visit.pk]) in answer
    assert page("cancel", visit.pk) in answer
    assert reverse("photos:visit", args=[visit.pk]) not in answer


def test_the_technician_may_start_and_close_but_not_book(visit, log_in):
    booked(visit)
    builders.need(builders.staff(visit.unit, family_name="Zettergren"))
    answer = text(log_in(visit.technician.user).get(page("visit", visit.pk)))
    assert reverse("photos:visit", args=[visit.pk]) in answer
    assert page("close", visit.pk) in answer
    assert page("cancel", visit.pk) not in answer
    assert "Zettergren" not in answer


@pytest.mark.parametrize("role", ["care_manager", "planner", "technician", "administrator"])
def test_a_visit_of_another_federation_is_not_there(role, visit, log_in):
    stranger = builders.user(role, within=builders.federation())
    assert log_in(stranger).get(page("visit", visit.pk)).status_code == 404


def test_the_manager_of_another_unit_does_not_see_the_visit(visit, log_in):
    other = builders.unit(visit.unit.municipality)
    stranger = builders.user("care_manager", within=other)
    assert log_in(stranger).get(page("visit", visit.pk)).status_code == 404


def test_another_technician_of_the_federation_does_not_see_the_visit(visit, log_in):
    other = builders.technician(visit.technician.federation)
    assert log_in(other.user).get(page("visit", visit.pk)).status_code == 404


def test_a_technician_who_lost_the_role_sees_nothing(visit, log_in):
    visit.technician.user.memberships.all().delete()
    assert log_in(visit.technician.user).get(page("visit", visit.pk)).status_code == 404


def test_a_technician_with_the_role_elsewhere_sees_no_visit_here(visit, log_in):
    user = visit.technician.user
    user.memberships.all().delete()
    builders.give_role(user, "technician", builders.federation())
    assert log_in(user).get(page("visit", visit.pk)).status_code == 404
    builders.give_role(user, "technician", visit.unit.municipality)
    assert log_in(user).get(page("visit", visit.pk)).status_code == 200


def test_a_protected_person_is_seen_by_the_handler_alone(visit, manager, log_in):
    [booking] = booked(visit, given_name="Maria", family_name="Hemlig", protected=True)
    planner = builders.user("planner", within=visit.unit.municipality.federation)
    booking.need.staff.handlers.add(manager)
    seen = text(log_in(manager).get(page("visit", visit.pk)))
    assert "Maria" in seen
    assert "Hemlig" not in seen
    for user in (planner, visit.technician.user):
        unseen = text(log_in(user).get(page("visit", visit.pk)))
        assert "Maria" not in unseen
        assert "Hemlig" not in unseen
        assert booking.need.staff.hsa_id not in unseen
        assert "Upptagen" in unseen


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part of a page"])
def test_a_protected_persons_time_names_nobody(visit, manager, log_in, headers):
    [booking] = booked(visit, given_name="Maria", family_name="Hemlig", protected=True)
    address = page("slot", visit.pk, booking.slot_id)
    unseen = text(log_in(manager).get(address, headers=headers))
    assert "En handläggare kan ändra den" in unseen
    assert {word in unseen for word in ("Maria", "Hemlig", booking.need.staff.hsa_id)} == {False}
    booking.need.staff.handlers.add(manager)
    assert "Maria" in text(log_in(manager).get(address, headers=headers))


def test_opening_a_protected_persons_time_is_noted(visit, manager, log_in):
    [booking] = booked(visit, protected=True)
    address = page("slot", visit.pk, booking.slot_id)
    assert booking.need.staff.given_name not in text(log_in(manager).get(address))
    assert not Entry.objects.filter(action="people.note_look").exists()
    booking.need.staff.handlers.add(manager)
    assert booking.need.staff.given_name in text(log_in(manager).get(address))
    assert Entry.objects.filter(action="people.note_look").count() == 1


def test_a_visit_costs_the_same_for_one_person_and_for_ten(visit, manager, log_in):
    big = builders.visit(visit.unit)
    booked(big)
    builders.need(builders.staff(visit.unit))
    client = log_in(manager)
    cost = queries_of(client, page("visit", big.pk))
    booked(big, 9)
    for _ in range(9):
        builders.need(builders.staff(visit.unit))
    assert queries_of(client, page("visit", big.pk)) == cost <= 20


def test_a_cancelled_visit_says_so_and_offers_nothing(visit, manager, log_in):
    booked(visit)
    cancel_visit(actor=manager, visit=visit)
    answer = text(log_in(manager).get(page("visit", visit.pk)))
    assert "Besöket är avbokat" in answer
    assert f"{page('new')}?unit={visit.unit_id}" in answer
    assert page("cancel", visit.pk) not in answer


def test_a_closed_visit_shows_who_was_done_and_offers_nothing(visit, manager, log_in):
    [booking] = booked(visit)
    technician = visit.technician.user
    check_in(actor=technician, booking=booking, document="passport")
    finish_booking(actor=technician, booking=booking)
    close_visit(actor=technician, visit=visit)
    answer = text(log_in(technician).get(page("visit", visit.pk)))
    assert "Klar" in answer
    assert page("close", visit.pk) not in answer
    assert reverse("photos:visit", args=[visit.pk]) not in answer


# --- One time -----------------------------------------------------------------------------------


def test_a_free_time_offers_people_and_a_taken_one_offers_to_move(visit, manager, log_in):
    [booking] = booked(visit)
    builders.need(builders.staff(visit.unit, family_name="Zettergren"))
    free = visit.slots.exclude(pk=booking.slot_id).get()
    client = log_in(manager)
    offered = text(client.get(page("slot", visit.pk, free.pk)))
    assert "Zettergren" in offered
    assert page("book", visit.pk) in offered
    taken = text(client.get(page("slot", visit.pk, booking.slot_id)))
    assert page("move", visit.pk, booking.pk) in taken
    assert f'value="{free.pk}"' in taken


def test_htmx_gets_only_the_row(visit, manager, log_in):
    slot = visit.slots.first()
    part = log_in(manager).get(page("slot", visit.pk, slot.pk), headers={"HX-Request": "true"})
    assert text(part).strip().startswith("<tr")


def test_a_time_of_another_visit_is_not_there(visit, manager, log_in):
    other = builders.visit(visit.unit)
    address = page("slot", visit.pk, other.slots.first().pk)
    assert log_in(manager).get(address).status_code == 404


def test_names_are_escaped(visit, manager, log_in):
    book_slot(
        actor=manager,
        slot=visit.slots.first(),
        need=builders.need(builders.staff(visit.unit, family_name="<script>alert(1)</script>")),
    )
    CareUnit.objects.filter(pk=visit.unit_id).update(room_note="<img src=x>")
    answer = text(log_in(manager).get(page("visit", visit.pk)))
    assert "<script>alert" not in answer
    assert "<img src=x>" not in answer
