"""What is done to people in a visit through its page: book, move, cancel, note, check in."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from booking.models import Booking, Slot, Visit
from booking.services.bookings import book_people, book_slot
from booking.services.checkin import check_in
from enrolment.people.models import CardNeed
from tests import builders

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visit() -> Visit:
    return builders.visit()


@pytest.fixture
def manager(visit, log_in):
    return log_in(builders.user("care_manager", within=visit.unit))


def page(name: str, *ids) -> str:
    return reverse(f"booking:{name}", args=ids)


def need_at(visit: Visit) -> CardNeed:
    return builders.need(builders.staff(visit.unit))


def slots(visit: Visit) -> list[Slot]:
    return list(visit.slots.order_by("starts_at"))


def booked(visit: Visit, place: int = 0) -> Booking:
    return book_slot(actor=visit.booked_by, slot=slots(visit)[place], need=need_at(visit))


def text(response) -> str:
    return response.content.decode()


# --- Add ----------------------------------------------------------------------------------------


def test_people_are_added_to_the_first_free_times(manager, visit):
    booked(visit)
    needs = [need_at(visit), need_at(visit)]
    answer = manager.post(
        page("add", visit.pk), {"needs": [need.pk for need in needs]}, follow=True
    )
    assert "2 personer har fått en tid" in text(answer)
    places = Booking.objects.order_by("slot__starts_at").values_list("slot", flat=True)
    assert list(places) == [slot.pk for slot in slots(visit)[:3]]


def test_adding_twice_is_once(manager, visit):
    asked = {"needs": [need_at(visit).pk]}
    for _ in range(2):
        assert manager.post(page("add", visit.pk), asked).status_code == 302
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("whom", ["nobody", "unknown", "another unit", "nonsense"])
def test_who_cannot_be_added_is_said(manager, visit, whom):
    other = builders.need(builders.staff(builders.unit(visit.unit.municipality)))
    chosen = {"nobody": [], "unknown": [uuid.uuid4()], "another unit": [other.pk]}
    answer = manager.post(page("add", visit.pk), {"needs": chosen.get(whom, ["x"])}, follow=True)
    assert "notice-error" in text(answer)
    assert Booking.objects.count() == 0


def test_more_people_than_times_adds_nobody(manager):
    visit = builders.visit(slot_minutes=40)
    client_needs = [need_at(visit).pk for _ in range(3)]
    visit_manager = visit.booked_by
    manager.force_login(visit_manager)
    answer = manager.post(page("add", visit.pk), {"needs": client_needs}, follow=True)
    assert "plats för 2 personer och du valde 3" in text(answer)
    assert Booking.objects.count() == 0


# --- One time -----------------------------------------------------------------------------------


def test_one_person_is_booked_in_a_chosen_time(manager, visit):
    need, slot = need_at(visit), slots(visit)[7]
    asked = {"slot": slot.pk, "need": need.pk}
    answer = manager.post(page("book", visit.pk), asked, follow=True)
    assert "Tiden är bokad" in text(answer)
    assert Booking.objects.get().slot == slot


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_taken_time_offers_the_three_nearest(manager, visit, headers):
    booked(visit, 5)
    need = need_at(visit)
    asked = {"slot": slots(visit)[5].pk, "need": need.pk}
    answer = manager.post(page("book", visit.pk), asked, headers=headers)
    assert answer.status_code == 200
    nearest = [slots(visit)[place] for place in (4, 6, 3)]
    assert answer.context["nearest"] == nearest
    for slot in nearest:
        assert f'name="slot" value="{slot.pk}"' in text(answer)
    assert f'name="need" value="{need.pk}"' in text(answer)
    assert "Tiden blev just upptagen" in text(answer)
    again = {"slot": nearest[0].pk, "need": need.pk}
    manager.post(page("book", visit.pk), again)
    assert need.bookings.get().slot == nearest[0]


def test_a_taken_time_in_a_full_visit_says_what_to_do(manager, log_in):
    visit = builders.visit(slot_minutes=60, hours=1)
    client = log_in(visit.booked_by)
    booked(visit)
    asked = {"slot": slots(visit)[0].pk, "need": need_at(visit).pk}
    answer = client.post(page("book", visit.pk), asked)
    assert "Boka ett annat besök" in text(answer)


@pytest.mark.parametrize("field", ["slot", "need"])
@pytest.mark.parametrize("value", ["", "x", "999999"])
def test_an_unknown_time_or_person_is_said(manager, visit, field, value):
    asked = {"slot": slots(visit)[0].pk, "need": need_at(visit).pk} | {field: value}
    answer = manager.post(page("book", visit.pk), asked, follow=True)
    assert "notice-error" in text(answer)
    assert Booking.objects.count() == 0


def test_a_time_that_has_passed_is_said(manager, visit):
    slot = slots(visit)[0]
    Slot.objects.filter(pk=slot.pk).update(ends_at=timezone.now())
    asked = {"slot": slot.pk, "need": need_at(visit).pk}
    answer = manager.post(page("book", visit.pk), asked, follow=True)
    assert "Den tiden har varit. Välj en senare." in text(answer)
    assert Booking.objects.count() == 0


# --- Move, cancel, note -------------------------------------------------------------------------


def test_a_person_is_moved(manager, visit):
    booking, slot = booked(visit), slots(visit)[3]
    answer = manager.post(page("move", visit.pk, booking.pk), {"slot": slot.pk}, follow=True)
    assert "Tiden är flyttad" in text(answer)
    booking.refresh_from_db()
    assert (booking.slot, booking.sequence) == (slot, 1)


def test_a_move_by_htmx_answers_with_the_times_and_the_word(manager, visit):
    booking, slot = booked(visit), slots(visit)[3]
    answer = text(manager.post(page("move", visit.pk, booking.pk), {"slot": slot.pk}, headers=HTMX))
    assert answer.strip().startswith('<section id="slots"')
    assert 'hx-swap-oob="true"' in answer
    assert "Tiden är flyttad" in answer
    assert "<html" not in answer


def test_a_move_to_a_taken_time_offers_the_nearest(manager, visit):
    booking, other = booked(visit, 0), booked(visit, 5)
    answer = manager.post(page("move", visit.pk, booking.pk), {"slot": other.slot_id})
    assert answer.context["nearest"] == [slots(visit)[place] for place in (4, 6, 3)]
    booking.refresh_from_db()
    assert booking.sequence == 0


def test_a_move_to_a_time_of_another_visit_is_said(manager, visit):
    booking, elsewhere = booked(visit), slots(builders.visit(visit.unit))[0]
    answer = manager.post(page("move", visit.pk, booking.pk), {"slot": elsewhere.pk}, follow=True)
    assert "Välj en tid i samma besök" in text(answer)


def test_a_full_visit_says_why_a_time_cannot_be_moved(manager, visit):
    booking = booked(visit)
    address = page("slot", visit.pk, booking.slot_id)
    assert 'class="soft"' not in text(manager.get(address, headers=HTMX))
    Slot.objects.filter(visit=visit).exclude(pk=booking.slot_id).delete()
    told = text(manager.get(address, headers=HTMX))
    assert 'class="soft"' in told
    assert 'name="slot"' not in told


def test_a_persons_time_is_cancelled(manager, visit):
    booking = booked(visit)
    answer = manager.post(page("cancel_person", visit.pk, booking.pk), follow=True)
    assert "Tiden är avbokad" in text(answer)
    booking.refresh_from_db()
    assert booking.status == "cancelled"


def test_what_can_no_longer_be_done_is_said(manager, visit):
    booking = booked(visit)
    manager.post(page("no_show", visit.pk, booking.pk))
    answer = manager.post(page("cancel_person", visit.pk, booking.pk), follow=True)
    assert "notice-error" in text(answer)


def test_a_visit_is_called_off(manager, visit):
    booked(visit)
    answer = manager.post(page("cancel", visit.pk), follow=True)
    assert "Besöket är avbokat" in text(answer)
    visit.refresh_from_db()
    assert visit.status == "cancelled"


def test_a_visit_under_way_is_not_called_off(manager, visit):
    check_in(actor=visit.technician.user, booking=booked(visit), document="passport")
    answer = manager.post(page("cancel", visit.pk), follow=True)
    assert "Någon är redan incheckad" in text(answer)


# --- The technician -----------------------------------------------------------------------------


@pytest.fixture
def activation() -> Booking:
    visit = builders.visit(kind="activation")
    need = need_at(visit)
    CardNeed.objects.filter(pk=need.pk).update(stage="delivered")
    [booking] = book_people(actor=visit.booked_by, visit=visit, needs=[need])
    return booking


def test_the_technician_checks_in_at_an_activation_visit(activation, log_in):
    client = log_in(activation.visit.technician.user)
    address = page("check_in", activation.visit_id, activation.pk)
    assert address in text(client.get(page("slot", activation.visit_id, activation.slot_id)))
    answer = client.post(address, {"document": "passport"}, follow=True)
    assert "Personen är incheckad" in text(answer)
    assert activation.identity_check.document == "passport"


@pytest.mark.parametrize("document", ["", "library_card"])
def test_a_check_in_asks_for_a_document(activation, log_in, document):
    client = log_in(activation.visit.technician.user)
    address = page("check_in", activation.visit_id, activation.pk)
    answer = client.post(address, {"document": document}, follow=True)
    assert "Välj vilken id-handling som visades" in text(answer)


def test_the_technician_closes_the_visit_when_everybody_is_noted(visit, log_in):
    booking = booked(visit)
    client = log_in(visit.technician.user)
    assert "1 återstår" in text(client.post(page("close", visit.pk), follow=True))
    client.post(page("no_show", visit.pk, booking.pk))
    assert "Besöket är avslutat" in text(client.post(page("close", visit.pk), follow=True))


# --- The wall -----------------------------------------------------------------------------------


def all_changes(booking: Booking) -> list[tuple[str, dict]]:
    visit, slot = booking.visit_id, slots(booking.visit)[3]
    need = need_at(booking.visit)
    return [
        (page("add", visit), {"needs": [need.pk]}),
        (page("book", visit), {"slot": slot.pk, "need": need.pk}),
        (page("move", visit, booking.pk), {"slot": slot.pk}),
        (page("cancel_person", visit, booking.pk), {}),
        (page("cancel", visit), {}),
        (page("no_show", visit, booking.pk), {}),
        (page("check_in", visit, booking.pk), {"document": "passport"}),
        (page("close", visit), {}),
    ]


@pytest.mark.parametrize("role", ["care_manager", "planner", "administrator", "technician"])
def test_nothing_can_be_changed_from_another_federation(role, visit, log_in):
    client = log_in(builders.user(role, within=builders.federation()))
    answers = {client.post(*change).status_code for change in all_changes(booked(visit))}
    assert answers == {404}


@pytest.mark.parametrize("role", ["card_issuer", "id_administrator"])
def test_nothing_can_be_changed_in_another_role(role, visit, log_in):
    client = log_in(builders.user(role, within=visit.unit.municipality.federation))
    answers = {client.post(*change).status_code for change in all_changes(booked(visit))}
    assert answers == {404}


def test_the_technician_books_moves_and_cancels_nobody(visit, log_in):
    client = log_in(visit.technician.user)
    answers = [client.post(*change).status_code for change in all_changes(booked(visit))[:5]]
    assert answers == [404] * 5


def test_the_manager_checks_nobody_in(manager, visit):
    booking = booked(visit)
    address = page("check_in", visit.pk, booking.pk)
    assert manager.post(address, {"document": "passport"}).status_code == 404
    assert manager.post(page("close", visit.pk)).status_code == 404


def test_a_booking_is_found_in_its_own_visit_only(manager, visit):
    booking, other = booked(visit), builders.visit(visit.unit)
    assert manager.post(page("cancel_person", other.pk, booking.pk)).status_code == 404


def test_a_protected_persons_booking_is_changed_by_the_handler_alone(manager, visit):
    need = builders.need(builders.staff(visit.unit, protected=True))
    booking = book_slot(actor=visit.booked_by, slot=slots(visit)[0], need=need)
    address = page("cancel_person", visit.pk, booking.pk)
    assert manager.post(address).status_code == 404
    need.staff.handlers.add(manager.session["_auth_user_id"])
    assert manager.post(address).status_code == 302


def test_changes_are_made_by_post_alone(manager, visit):
    asks_first = reverse("booking:cancel", args=[visit.pk])
    changes = {address for address, _ in all_changes(booked(visit))} - {asks_first}
    assert {manager.get(address).status_code for address in changes} == {405}
