"""A visit is moved or called off by hand: what it does to the people is shown first."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from booking.models import Booking, Visit
from booking.services.bookings import book_people
from booking.services.visits import cancel_visit
from enrolment.people.models import Staff
from tests import builders

pytestmark = pytest.mark.django_db


def page(name: str, visit: Visit) -> str:
    return reverse(f"booking:{name}", args=[visit.pk])


@pytest.fixture
def visit() -> Visit:
    return builders.visit(slot_minutes=10, hours=1)


@pytest.fixture
def client_of(visit, log_in):
    return log_in(builders.user("care_manager", within=visit.unit))


def booked(visit: Visit, count: int = 1, **staff) -> list[Booking]:
    needs = [builders.need(builders.staff(visit.unit, **staff)) for _ in range(count)]
    return book_people(actor=visit.booked_by, visit=visit, needs=needs)


def text(response) -> str:
    return response.content.decode()


def own(visit: Visit, **more) -> dict:
    begins = timezone.localtime(visit.starts_at)
    return {
        "day": begins.date().isoformat(),
        "start": f"{begins:%H:%M}",
        "end": "10:00",
        "stations": "1",
        "technician": visit.technician_id,
        "step": "own",
    } | more


# --- Calling off --------------------------------------------------------------------------------


def test_calling_off_shows_first_who_loses_what_and_whom_to_tell(visit, client_of):
    booked(visit, 2)
    booked(visit, email="")
    answer = text(client_of.get(page("cancel", visit)))
    assert "3 personer blir utan tid" in answer
    assert "En person får ingen e-post. Berätta själv." in answer
    assert "Dig" in answer
    assert Visit.objects.get().status == "open"
    response = client_of.post(page("cancel", visit), follow=True)
    assert "Besöket är avbokat" in text(response)
    assert Visit.objects.get().status == "cancelled"


def test_the_second_who_calls_off_sees_that_it_is_done(visit, client_of):
    cancel_visit(actor=visit.booked_by, visit=visit)
    for ask in (client_of.get, client_of.post):
        assert "Besöket är redan avbokat." in text(ask(page("cancel", visit), follow=True))


def test_a_protected_person_is_named_to_the_handler_alone(visit, client_of):
    [booking] = booked(visit, given_name="Hemlig", protected=True)
    answer = text(client_of.get(page("cancel", visit)))
    assert "Hemlig" not in answer
    assert "En handläggare" in answer
    booking.need.staff.handlers.add(client_of.session["_auth_user_id"])
    assert "Hemlig" in text(client_of.get(page("cancel", visit)))


# --- Moving -------------------------------------------------------------------------------------


def test_other_times_are_proposed_never_the_one_it_has(visit, client_of):
    booked(visit, 2)
    response = client_of.get(page("change", visit))
    starts = {offer.parts[0].starts_at for offer in response.context["found"].offers}
    assert len(starts) == 3
    assert visit.starts_at not in starts


def test_a_proposal_is_looked_through_and_then_moves_everybody(visit, client_of):
    bookings = booked(visit, 2)
    offer = client_of.get(page("change", visit)).context["found"].offers[0]
    shown = client_of.get(page("change", visit), {"step": "offer", "offer": offer.key})
    assert "2 personer får ny tid" in text(shown)
    assert Visit.objects.get().starts_at == visit.starts_at
    done = client_of.post(page("change", visit), shown.context["fields"], follow=True)
    assert "Alla som fått en ny tid får besked." in text(done)
    assert Visit.objects.get().starts_at == offer.parts[0].starts_at
    assert set(Booking.objects.values_list("pk", flat=True)) == {each.pk for each in bookings}


def test_a_wish_that_cannot_be_proposes_nothing(visit, client_of):
    today = timezone.localdate()
    wish = {"from_day": today + timedelta(days=9), "until_day": today + timedelta(days=8)}
    response = client_of.get(page("change", visit), wish)
    assert response.context["found"] is None
    assert response.context["wrong"][0] in text(response)


def test_a_time_outside_the_hours_is_pointed_out_before_it_is_changed(visit, client_of):
    sunday = visit.starts_at + timedelta(days=13 - visit.starts_at.weekday())
    late = client_of.get(page("change", visit), own(visit, day=sunday.date().isoformat()))
    assert len(late.context["off_hours"]) == 2
    assert all(each in text(late) for each in late.context["off_hours"])
    offer = client_of.get(page("change", visit)).context["found"].offers[0]
    usual = client_of.get(page("change", visit), {"step": "offer", "offer": offer.key})
    assert usual.context["off_hours"] == []


def test_a_shorter_visit_says_who_is_left_without(visit, client_of):
    booked(visit, 3)
    answer = text(client_of.get(page("change", visit), own(visit, end="09:20")))
    assert "En person blir utan tid" in answer
    assert "Behöver kort" in answer
    assert Visit.objects.get().ends_at == visit.ends_at


def test_a_refusal_keeps_what_was_typed(visit, client_of):
    builders.visit(visit.unit, visit.technician, starts_at=builders.tomorrow(13))
    response = client_of.get(page("change", visit), own(visit, start="13:00", end="14:00"))
    assert response.context["form"].errors["technician"]
    assert 'value="13:00"' in text(response)


def test_a_technician_booked_elsewhere_meanwhile_is_told_and_nothing_moves(visit, client_of):
    asked = own(visit, start="13:00", end="14:00")
    assert "Kontrollera" in text(client_of.get(page("change", visit), asked))
    builders.visit(visit.unit, visit.technician, starts_at=builders.tomorrow(13))
    response = client_of.post(page("change", visit), asked, follow=True)
    assert "Något har ändrats sedan du tittade igenom." in text(response)
    assert response.context["form"].errors["technician"]
    assert Visit.objects.get(pk=visit.pk).starts_at == visit.starts_at


@pytest.mark.parametrize("key", ["", "x", "1|2027-01-01T09:00:00+00:00"])
def test_a_proposal_that_is_gone_brings_new_ones(visit, client_of, key):
    response = client_of.get(page("change", visit), {"step": "offer", "offer": key})
    assert "Någon har just tagit tiden" in text(response)
    assert response.context["found"].offers


@pytest.mark.parametrize("field", ["day", "start", "end", "stations", "technician"])
def test_what_cannot_be_read_is_pointed_out(visit, client_of, field):
    response = client_of.get(page("change", visit), own(visit, **{field: "x"}))
    assert response.context["form"].errors[field]


def test_a_visit_called_off_is_not_moved(visit, client_of):
    cancel_visit(actor=visit.booked_by, visit=visit)
    assert "redan avbokat" in text(client_of.get(page("change", visit), follow=True))


# --- A visit shared by two units ----------------------------------------------------------------


@pytest.fixture
def guest(visit, log_in):
    unit = builders.unit(visit.unit.municipality, "Granliden")
    visit.guest_units.add(unit)
    return log_in(builders.user("care_manager", within=unit)), unit


def test_a_guest_sees_hours_and_own_people_and_nobody_elses(visit, guest):
    client, unit = guest
    booked(visit, family_name="Värdsson")
    need = builders.need(builders.staff(unit, family_name="Gästsson"))
    client.post(page("add", visit), {"needs": [need.pk]})
    assert Booking.objects.get(need=need).status == "booked"
    for address in (page("visit", visit), reverse("booking:list")):
        answer = text(client.get(address))
        assert "Björkgården" in answer
        assert "Värdsson" not in answer
    answer = text(client.get(page("visit", visit)))
    assert "Gästsson" in answer
    assert "Upptagen" in answer


def test_a_guest_neither_moves_nor_calls_off_the_visit_nor_touches_the_others(visit, guest):
    client, _unit = guest
    [theirs] = booked(visit)
    for name in ("change", "cancel"):
        assert client.get(page(name, visit)).status_code == 404
        assert client.post(page(name, visit)).status_code == 404
        assert page(name, visit) not in text(client.get(page("visit", visit)))
    address = reverse("booking:cancel_person", args=[visit.pk, theirs.pk])
    assert client.post(address).status_code == 404
    assert Staff.objects.filter(pk=theirs.need.staff_id).exists()
    slot = reverse("booking:slot", args=[visit.pk, theirs.slot_id])
    assert theirs.need.staff.name not in text(client.get(slot))


def test_a_guest_books_nobody_of_the_host(visit, guest):
    client, _unit = guest
    need = builders.need(builders.staff(visit.unit))
    client.post(page("add", visit), {"needs": [need.pk]})
    assert not Booking.objects.exists()
