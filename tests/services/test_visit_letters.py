"""Care managers hear of visits to their units: booked, changed, called off, each once."""

import pytest

from booking.services.bookings import book_slot
from booking.services.visit_letters import (
    send_visit_booked,
    send_visit_cancelled,
    send_visit_changed,
    send_visit_planned,
)
from enrolment.messages.models import Message
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    """Return a visit whose letters so far are put away."""
    visit = builders.visit()
    Message.objects.all().delete()
    return visit


def letters() -> list[Message]:
    return list(Message.objects.filter(key__startswith="visit:", state="waiting"))


def test_the_manager_hears_when_and_where_and_how_many(visit):
    need = builders.need(builders.staff(visit.unit, family_name="Bokad"))
    book_slot(actor=builders.user(), slot=visit.slots.first(), need=need)
    for _twice in range(2):
        send_visit_booked(actor=builders.user(), visit=visit)
    [letter] = letters()
    assert letter.recipient == visit.booked_by.email
    assert "kl. 09.00–11.00" in letter.body
    assert "Antal personer med tid: 1" in letter.body
    assert f"/besok/{visit.pk}/" in letter.body
    assert "Bokad" not in letter.body


def test_each_change_is_told_and_takes_back_what_still_waits(visit):
    boss = builders.user()
    send_visit_booked(actor=boss, visit=visit)
    send_visit_changed(actor=boss, visit=visit)
    send_visit_changed(actor=boss, visit=visit)
    [letter] = letters()
    assert ":changed:" in letter.key
    assert Message.objects.filter(key__contains=":changed:").count() == 2
    send_visit_cancelled(actor=boss, visit=visit)
    [letter] = letters()
    assert letter.key.startswith(f"visit:{visit.pk}:cancelled:")
    assert "avbokat" in letter.subject


def test_managers_of_units_that_share_the_visit_hear_too(visit):
    guest = builders.unit(visit.unit.municipality, "Ängen")
    visit.guest_units.add(guest)
    there = builders.user("care_manager", within=guest)
    elsewhere = builders.user("care_manager", within=builders.unit(visit.unit.municipality))
    send_visit_booked(actor=builders.user(), visit=visit)
    told = {letter.recipient for letter in letters()}
    assert there.email in told
    assert elsewhere.email not in told


def test_a_visit_of_a_round_is_told_once_and_taken_back_with_the_visit(visit):
    guest = builders.unit(visit.unit.municipality, "Ängen")
    visit.guest_units.add(guest)
    there = builders.user("care_manager", within=guest)
    for _twice in range(2):
        send_visit_planned(actor=builders.user(), visit=visit)
    assert {letter.recipient for letter in letters()} == {visit.booked_by.email, there.email}
    [letter] = [each for each in letters() if each.recipient == there.email]
    assert letter.subject.endswith(": boka in dina medarbetare")
    assert f"/besok/{visit.pk}/" in letter.body
    send_visit_cancelled(actor=builders.user(), visit=visit)
    assert all(":cancelled:" in each.key for each in letters())
    letter.refresh_from_db()
    assert letter.state == "withdrawn"
