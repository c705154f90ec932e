"""A ward's rules and a visit's times against them, through their pages."""

import pytest
from django.urls import reverse
from django.utils import timezone

from booking.models import StruckSlot, Visit, WardMinimum, WardRule
from booking.services.assign import assign_people, lock_booking_time
from enrolment.audit.models import Entry
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    made = builders.visit(slot_minutes=10, hours=1)
    WardRule.objects.create(unit=made.unit, most_away=1, walking_minutes=0)
    return made


@pytest.fixture
def manager(visit, log_in):
    return log_in(builders.user("care_manager", within=visit.unit))


def page(name: str, *ids) -> str:
    return reverse(f"booking:{name}", args=ids)


def booked(visit: Visit, **more):
    need = builders.need(builders.staff(visit.unit, **more))
    (booking,) = assign_people(actor=visit.booked_by, visit=visit, needs=[need])
    return booking


def clock(booking) -> str:
    booking.refresh_from_db()
    return f"{timezone.localtime(booking.slot.starts_at):%H.%M}"


def text(answer) -> str:
    return answer.content.decode()


# --- The ward's rules -----------------------------------------------------------------------------


def test_a_manager_sets_the_wards_rule_and_takes_it_back(visit, manager):
    place = page("ward", visit.unit_id)
    answer = manager.post(place, {"most_away": "3", "walking_minutes": "7"}, follow=True)
    assert answer.context["rules"].most_away == 3
    assert WardRule.objects.get(unit=visit.unit).walking_minutes == 7
    answer = manager.post(place, {"most_away": "0", "walking_minutes": "x"})
    assert answer.context["rule_form"].errors.keys() == {"most_away", "walking_minutes"}
    assert WardRule.objects.get(unit=visit.unit).most_away == 3
    manager.post(page("drop_ward_rule", visit.unit_id))
    assert not WardRule.objects.exists()


def test_one_of_a_title_always_stays_with_one_click(visit, manager):
    builders.staff(visit.unit, title="Sjuksköterska")
    place = page("add_minimum", visit.unit_id)
    answer = manager.get(page("ward", visit.unit_id))
    assert answer.context["quick"] == ["Sjuksköterska"]
    typed = {"title": "Sjuksköterska", "least": "1", "starts": "00:00", "ends": "23:59"}
    answer = manager.post(place, typed, follow=True)
    assert answer.context["quick"] == []
    minimum = WardMinimum.objects.get()
    assert (minimum.title, minimum.least) == ("Sjuksköterska", 1)
    manager.post(page("remove_minimum", visit.unit_id, minimum.pk))
    assert not WardMinimum.objects.exists()


def test_a_number_of_all_staff_can_be_asked_for(visit, manager):
    typed = {"title": "*", "least": "3", "starts": "09:00", "ends": "12:00"}
    manager.post(page("add_minimum", visit.unit_id), typed)
    assert WardMinimum.objects.get().title == ""


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [({"ends": "09:00"}, "ends"), ({"title": "Kirurg"}, "title"), ({"least": "0"}, "least")],
)
def test_a_minimum_that_can_not_be_is_not_added(visit, manager, typed, wrong):
    form = {"title": "*", "least": "2", "starts": "09:00", "ends": "10:00"} | typed
    answer = manager.post(page("add_minimum", visit.unit_id), form)
    assert list(answer.context["form"].errors) == [wrong]
    assert not WardMinimum.objects.exists()


def test_a_minimum_of_another_unit_stays(visit, manager):
    minimum = builders.ward_minimum(builders.unit(visit.unit.municipality))
    manager.post(page("remove_minimum", visit.unit_id, minimum.pk))
    assert WardMinimum.objects.get() == minimum


# --- A visit's times ------------------------------------------------------------------------------


def test_the_page_shows_times_picture_and_who_is_left(visit, manager):
    booking = booked(visit, given_name="Karin", title="Undersköterska")
    builders.ward_minimum(visit.unit, "Undersköterska", least=1)
    answer = manager.get(page("staffing", visit.pk))
    assert answer.context["page"].is_short
    assert text(answer).count("Karin Öberg") >= 3
    assert "<svg" in text(answer)
    builders.staff(visit.unit, title="Undersköterska")
    answer = manager.get(page("staffing", visit.pk))
    assert not answer.context["page"].is_short
    assert answer.context["page"].rows[0].booking == booking


def test_a_ward_that_stays_staffed_asks_for_nothing(visit, manager):
    booking = booked(visit, title="Undersköterska")
    builders.staff(visit.unit, title="Undersköterska")
    answer = text(manager.get(page("staffing", visit.pk)))
    assert "Strukna tider" not in answer
    assert "btn-primary" not in answer
    StruckSlot.objects.create(slot=visit.slots.last(), booking=booking)
    builders.ward_minimum(visit.unit, "Undersköterska", least=2)
    answer = text(manager.get(page("staffing", visit.pk)))
    assert "Strukna tider" in answer
    assert "btn-primary" in answer


def test_an_empty_visit_says_the_next_step(visit, manager):
    answer = manager.get(page("staffing", visit.pk))
    assert "<figure" not in text(answer)
    assert page("visit", visit.pk) in text(answer)


def test_a_time_is_locked_unlocked_and_moved_by_hand(visit, manager):
    booking = booked(visit)
    manager.post(page("lock_time", visit.pk, booking.pk))
    booking.refresh_from_db()
    assert booking.locked
    manager.post(page("unlock_time", visit.pk, booking.pk))
    booking.refresh_from_db()
    assert not booking.locked
    last = visit.slots.order_by("starts_at").last()
    answer = manager.post(page("move_time", visit.pk, booking.pk), {"slot": last.pk})
    assert answer["Location"] == page("staffing", visit.pk)
    assert clock(booking) == "09.40"
    answer = manager.post(page("move_time", visit.pk, booking.pk), {"slot": "x"}, follow=True)
    assert [str(message) for message in answer.context["messages"]]
    assert clock(booking) == "09.40"


def test_who_moves_is_shown_before_it_is_done(visit, manager):
    first, second = booked(visit), booked(visit)
    StruckSlot.objects.create(booking=first, slot=first.slot)
    place = page("share", visit.pk)
    answer = manager.get(place)
    [(row, to)] = answer.context["moves"]
    assert row.booking == first
    assert clock(first) == "09.00"
    answer = manager.post(place, {"seen": answer.context["sharing"].fingerprint}, follow=True)
    assert (clock(first), clock(second)) == ("09.20", "09.10")
    assert to.starts_at == first.slot.starts_at
    assert manager.get(place).context["moves"] == []


def test_a_page_that_is_out_of_date_moves_nobody(visit, manager):
    first = booked(visit)
    StruckSlot.objects.create(booking=first, slot=first.slot)
    seen = manager.get(page("share", visit.pk)).context["sharing"].fingerprint
    lock_booking_time(actor=visit.booked_by, booking=first)
    answer = manager.post(page("share", visit.pk), {"seen": seen})
    assert answer["Location"] == page("share", visit.pk)
    assert clock(first) == "09.00"


def test_what_is_in_the_way_is_said(visit, manager):
    first = booked(visit, title="Sjuksköterska")
    StruckSlot.objects.create(booking=first, slot=first.slot)
    builders.ward_minimum(visit.unit, "Sjuksköterska", least=1)
    answer = manager.get(page("share", visit.pk))
    assert answer.context["moves"] == []
    [(row, _why)] = answer.context["stuck"]
    assert row.booking == first
    [sentence] = answer.context["in_the_way"]
    assert "sjuksköterska" in sentence
    assert "9.00" in sentence


def test_a_protected_person_is_seen_and_changed_by_handlers_only(visit, manager, log_in):
    booking = booked(visit, given_name="Björn", family_name="Hemlig", protected=True)
    answer = manager.get(page("staffing", visit.pk))
    assert "Björn" not in text(answer)
    assert str(booking.need.staff.hsa_id) not in text(answer)
    assert manager.post(page("lock_time", visit.pk, booking.pk)).status_code == 404
    handler = builders.user("care_manager", within=visit.unit)
    booking.need.staff.handlers.add(handler)
    client = log_in(handler)
    answer = client.get(page("staffing", visit.pk))
    assert "Björn" in text(answer)
    assert "Hemlig" not in text(answer)
    assert Entry.objects.filter(action="people.note_look").exists()


@pytest.mark.parametrize("name", ["staffing", "share"])
def test_the_pages_are_for_those_who_book(visit, log_in, name):
    booked(visit)
    client = log_in(visit.technician.user)
    assert client.get(page(name, visit.pk)).status_code == 404
    stranger = builders.user("care_manager", within=builders.unit(visit.unit.municipality))
    assert log_in(stranger).get(page(name, visit.pk)).status_code == 404


def test_the_page_takes_as_many_queries_for_many_as_for_few(
    visit, manager, django_assert_max_num_queries
):
    booked(visit)
    with django_assert_max_num_queries(40) as few:
        manager.get(page("staffing", visit.pk))
    for booking in [booked(visit), booked(visit), booked(visit)]:
        builders.shift(booking.need.staff, builders.tomorrow(7))
    with django_assert_max_num_queries(len(few)):
        manager.get(page("staffing", visit.pk))
