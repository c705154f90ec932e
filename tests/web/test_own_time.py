"""The pages of one's own time: without log-in, for one person's eyes, and clear when they end."""

import re
from datetime import timedelta

import icalendar
import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from booking.models import Booking, OwnLink, Visit, Waiting
from booking.queries.own_time import token_of
from booking.services.assign import lock_booking_time
from booking.services.bookings import book_people, cancel_booking, move_booking
from booking.services.checkin import check_in, finish_booking, record_no_show
from booking.services.own_links import MOST_WRONG_CODES, own_way, renew_way
from booking.services.visits import cancel_visit, close_visit
from booking.services.waitlist import join_waitlist
from booking.views.own_time import by_link
from enrolment import wall
from enrolment.audit.models import Entry
from enrolment.people.domain.stages import Stage
from enrolment.people.models import Staff
from enrolment.people.services.needs import advance_need
from tests import builders
from tests import own_time_builders as own

pytestmark = pytest.mark.django_db
TOKEN_OF_FORM = re.compile(r'(?<=(?:content|..value)=")\w{64}(?=")')


@pytest.fixture
def visit() -> Visit:
    return own.small_visit()


@pytest.fixture
def booking(visit) -> Booking:
    return own.booked(visit, given_name="Åsa", family_name="Hemligefternamn", title="Kurator")


def page(client: Client, of: Booking | OwnLink, name: str = "own_time", **more) -> str:
    answer = client.get(own.address(of, name), **more)
    assert answer.status_code == 200
    return answer.content.decode()


def state(client: Client, of: Booking) -> str:
    """Return what the page says first; in that state every page of the link opens."""
    for name in ("own_move", "own_strike", "own_give_up"):
        page(client, of, name)
    return client.get(own.address(of)).context["own"].state


def post(client: Client, of: Booking | OwnLink, name: str, **form) -> str:
    """Post to a page and return where it leads and says."""
    answer = client.post(own.address(of, name), form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def status_of(booking: Booking) -> str:
    booking.refresh_from_db()
    return booking.status


# --- What is shown, and what is not -------------------------------------------------------------


def test_the_page_shows_first_name_unit_time_and_place_alone(client, booking):
    staff, unit = booking.need.staff, booking.visit.unit
    for name in ("own_time", "own_move", "own_strike", "own_give_up"):
        shown = page(client, booking, name)
        assert "Åsa" in shown
        for secret in ("Hemligefternamn", staff.hsa_id, staff.email, "Kurator", str(staff.pk)):
            assert secret not in shown
    shown = page(client, booking)
    assert unit.street in shown
    assert "kl. 09.00" in shown


@pytest.mark.parametrize("name", ["own_time", "own_move", "own_strike", "own_give_up"])
def test_what_is_sent_keeps_the_address_to_itself(client, booking, name):
    answer = client.get(own.address(booking, name))
    assert answer["Referrer-Policy"] == "strict-origin"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    assert 'name="robots" content="noindex, nofollow"' in answer.content.decode()


def test_nobody_else_s_time_can_be_told_from_the_page(client, visit, booking):
    other = own.booked(visit, given_name="Bertil", family_name="Annan")
    shown = page(client, booking) + page(client, booking, "own_move")
    assert "Bertil" not in shown
    assert f'value="{other.slot_id}"' not in shown


def test_the_log_never_holds_the_token(client, booking):
    post(client, booking, "own_move", slot=own.slots(booking.visit)[2].pk)
    token = own.address(booking).rstrip("/").rpartition("/")[2]
    lines = [str(line) for line in Entry.objects.values_list("actor", "subject", "details")]
    assert f"own-link:{own.link(booking).pk}" in "".join(lines)
    assert token not in "".join(lines)


def test_a_form_from_another_site_is_turned_down(booking):
    strict = Client(enforce_csrf_checks=True)
    address = own.address(booking, "own_give_up")
    assert strict.post(address, {"reason": "sick"}).status_code == 403
    assert status_of(booking) == "booked"


# --- Links that open nothing --------------------------------------------------------------------


def gone(client: Client, address: str, status: int, why: str = "unknown") -> str:
    answer = client.get(address)
    assert (answer.status_code, answer.context["gone"]) == (status, why)
    assert answer["Referrer-Policy"] == "strict-origin"
    for name in ("own_move", "own_give_up"):
        at = reverse(f"booking:{name}", args=[address.split("/")[2]])
        assert client.post(at, {"reason": "sick"}).status_code == status
    return TOKEN_OF_FORM.sub("", answer.content.decode())


def test_an_unknown_link_says_what_to_do(client):
    shown = gone(client, reverse("booking:own_time", args=["x" * 43]), 404)
    assert reverse("booking:own_code") in shown


def test_an_earlier_link_is_as_unknown_as_any_other(client, booking):
    old = own.address(booking)
    renew_way(actor=builders.user(), booking=booking)
    unknown = gone(client, reverse("booking:own_time", args=["x" * 43]), 404)
    assert gone(client, old, 404) == unknown
    assert "09.00" in page(client, booking)


def test_a_link_used_after_its_day_says_so(client, booking):
    address = own.address(booking)
    OwnLink.objects.update(expires_at=timezone.now())
    gone(client, address, 410, "expired")
    assert status_of(booking) == "booked"


def test_a_link_of_an_ended_need_says_so(client, booking):
    address = own.address(booking)
    advance_need(actor=builders.user(), need=booking.need, stage=Stage.LAPSED)
    gone(client, address, 410, "ended")


def test_a_protected_person_s_link_is_unknown(client, booking):
    address = own.address(booking)
    Staff.objects.update(protected=True)
    assert "Åsa" not in gone(client, address, 404)


# --- Each state of the page ---------------------------------------------------------------------


def test_the_page_of_a_visit_called_off(client, booking):
    cancel_visit(actor=builders.user(), visit=booking.visit)
    assert state(client, booking) == "called_off"


def test_the_pages_before_while_and_after(client, booking):
    actor, states = builders.user(), [state(client, booking)]
    check_in(actor=actor, booking=booking, document="passport")
    states.append(state(client, booking))
    finish_booking(actor=actor, booking=booking)
    assert [*states, state(client, booking)] == ["coming", "here", "done"]
    assert own.address(booking, "own_move") not in page(client, booking)


def test_a_missed_time_leads_to_the_newer_one(client, visit, booking):
    record_no_show(actor=builders.user(), booking=booking)
    assert state(client, booking) == "missed"
    later = own.small_visit(at=visit.unit, starts_at=visit.starts_at + timedelta(days=1))
    book_people(actor=builders.user(), visit=later, needs=[booking.need])
    assert state(client, booking) == "elsewhere"
    assert state(client, later.bookings.get()) == "coming"


def test_a_time_that_went_by_says_so(client, booking):
    hour = timedelta(hours=1)
    slot = booking.slot
    slot.starts_at, slot.ends_at = timezone.now() - hour, timezone.now() - hour / 2
    slot.save()
    assert state(client, booking) == "missed"


def test_a_time_given_up_in_a_visit_that_is_over_leads_to_the_manager(client, booking):
    cancel_booking(actor=builders.user(), booking=booking)
    assert state(client, booking) == "no_time"
    close_visit(actor=builders.user(), visit=booking.visit)
    assert state(client, booking) == "over"


def test_the_manager_s_change_is_what_the_page_shows(client, booking):
    page(client, booking)
    move_booking(actor=builders.user(), booking=booking, slot=own.slots(booking.visit)[3])
    assert "kl. 09.39" in page(client, booking)
    cancel_booking(actor=builders.user(), booking=booking)
    assert "kl. 09.39" not in page(client, booking)


# --- What is done -------------------------------------------------------------------------------


def test_the_time_is_moved_and_a_double_click_moves_it_once(client, booking):
    slot = own.slots(booking.visit)[2]
    for _ in range(2):
        assert "kl. 09.26" in post(client, booking, "own_move", slot=slot.pk)
    booking.refresh_from_db()
    assert (booking.slot, booking.sequence) == (slot, 1)


def test_a_time_just_taken_shows_the_nearest(client, visit, booking):
    taken = own.booked(visit)
    shown = post(client, booking, "own_move", slot=taken.slot_id)
    near = own.slots(visit)[2:]
    assert all(f'value="{slot.pk}"' in shown for slot in near)
    assert 'type="radio"' not in shown
    booking.refresh_from_db()
    assert booking.sequence == 0


def test_a_slot_of_another_visit_moves_nothing(client, booking):
    foreign = own.slots(own.small_visit())[0]
    post(client, booking, "own_move", slot=foreign.pk)
    post(client, booking, "own_move")
    booking.refresh_from_db()
    assert booking.sequence == 0


def test_times_are_struck_out_until_the_cut_off(client, booking):
    visit = own.striking(booking.visit)
    slots = own.slots(visit)
    assert own.address(booking, "own_move") not in page(client, booking)
    post(client, booking, "own_strike", slots=[slots[1].pk, slots[2].pk])
    assert booking.struck.count() == 2
    assert page(client, booking, "own_strike").count(" checked") == 2
    post(client, booking, "own_strike", slots=[slot.pk for slot in slots])
    assert booking.struck.count() == 2
    own.striking(visit, -timedelta(seconds=1))
    post(client, booking, "own_strike", slots=[])
    assert booking.struck.count() == 2


def test_whoever_has_a_locked_time_is_not_asked_to_strike_out_any(client, booking):
    own.striking(booking.visit)
    strike, move = (own.address(booking, name) for name in ("own_strike", "own_move"))
    assert strike in page(client, booking)
    lock_booking_time(actor=builders.user(), booking=booking)
    for name in ("own_time", "own_move"):
        assert strike not in page(client, booking, name)
    assert move not in page(client, booking)
    assert 'type="checkbox"' not in page(client, booking, "own_strike")
    post(client, booking, "own_strike", slots=[own.slots(booking.visit)[1].pk])
    assert not booking.struck.exists()


def test_a_time_is_given_back_with_a_reason_and_another_may_be_chosen(client, booking):
    assert status_of(booking) == "booked"
    post(client, booking, "own_give_up")
    post(client, booking, "own_give_up", reason="holiday")
    assert status_of(booking) == "booked"
    for _ in range(2):
        shown = post(client, booking, "own_give_up", reason="sick")
    assert status_of(booking) == "cancelled"
    assert own.address(booking, "own_move") in shown
    post(client, booking, "own_move", slot=own.slots(booking.visit)[3].pk)
    assert booking.need.bookings.get(status="booked").slot == own.slots(booking.visit)[3]


def test_a_cancelled_time_is_not_given_back_again_by_the_page(client, booking):
    cancel_booking(actor=builders.user(), booking=booking)
    post(client, booking, "own_give_up", reason="sick")
    assert booking.changes.get(status="cancelled").why == ""


def test_the_waiting_list_is_joined_and_left(client, visit, booking):
    own.full(visit)
    for _ in range(2):
        post(client, booking, "own_wait")
    assert Waiting.objects.get().status == "waiting"
    for _ in range(2):
        post(client, booking, "own_wait", leave="1")
    assert Waiting.objects.get().status == "ended"


def test_an_offer_is_answered_by_its_own_person_alone(client, visit, booking):
    others = own.full(visit)
    waiting = join_waitlist(actor=builders.user(), visit=visit, need=booking.need)
    cancel_booking(actor=builders.user(), booking=others[1])
    assert f'value="{waiting.pk}"' in page(client, booking)
    post(client, others[0], "own_offer", offer=waiting.pk, accept="1")
    post(client, booking, "own_offer", offer="nonsense", accept="1")
    waiting.refresh_from_db()
    assert waiting.status == "offered"
    for _ in range(2):
        post(client, booking, "own_offer", offer=waiting.pk, accept="1")
    booking.refresh_from_db()
    assert (booking.slot, booking.sequence) == (others[1].slot, 1)


@pytest.mark.parametrize("name", ["own_wait", "own_offer"])
def test_an_answer_s_address_opened_once_more_leads_to_the_time(client, booking, name):
    answer = client.get(own.address(booking, name))
    assert (answer.status_code, answer["Location"]) == (302, own.address(booking))
    assert not Waiting.objects.exists()


def test_when_the_times_are_shared_out_the_page_leads_to_the_free_ones(client, booking):
    move = own.address(booking, "own_move")
    assert move in page(client, booking, "own_strike")
    own.striking(booking.visit)
    assert move not in page(client, booking, "own_strike")


def test_an_offer_is_turned_down(client, visit, booking):
    others = own.full(visit)
    waiting = join_waitlist(actor=builders.user(), visit=visit, need=booking.need)
    cancel_booking(actor=builders.user(), booking=others[1])
    post(client, booking, "own_offer", offer=waiting.pk, decline="1")
    waiting.refresh_from_db()
    assert (waiting.status, status_of(booking)) == ("declined", "booked")


def test_the_own_calendar_has_the_time_and_no_name(client, booking):
    data = client.get(own.address(booking, "own_calendar"))
    assert data["Content-Type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(data.content)
    [event] = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == booking.slot.starts_at
    assert (calendar["method"], event["uid"]) == ("PUBLISH", f"{booking.pk}-own@fotorundan")
    assert "Hemligefternamn" not in data.content.decode()
    assert "Åsa" not in data.content.decode()
    cancel_booking(actor=builders.user(), booking=booking)
    assert client.get(own.address(booking, "own_calendar")).status_code == 302


# --- The code -----------------------------------------------------------------------------------


def by_code(client: Client, code: str):
    return client.post(reverse("booking:own_code"), {"code": code})


def test_the_code_leads_to_the_page(client, booking):
    code = own_way(visit=booking.visit, need=booking.need).code
    answer = by_code(client, code.lower().replace("-", " "))
    assert answer["Location"] == own.address(booking)
    assert answer["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize("code", ["", "ABC", "ABCD-2345", "x" * 41])
def test_what_is_typed_wrongly_is_said(client, code):
    answer = by_code(client, code)
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]


def test_an_unknown_code_is_said_and_many_are_stopped(client, booking):
    wrong = own_way(visit=booking.visit, need=booking.need)
    code = wrong.code
    renew_way(actor=builders.user(), booking=booking)
    said = [str(by_code(client, code).context["form"].errors) for _ in range(MOST_WRONG_CODES + 1)]
    assert len(set(said[:-1])) == 1
    assert said[-1] != said[0]


@pytest.mark.parametrize("people", [2, 4])
def test_the_page_asks_as_much_whatever_the_number_of_times(
    client, people, django_assert_max_num_queries
):
    visit = builders.visit(hours=people, slot_minutes=13)
    booking = own.booked(visit)
    address = own.address(booking, "own_move")
    with django_assert_max_num_queries(16):
        client.get(address)


# --- The second wall ----------------------------------------------------------------------------


@pytest.mark.postgresql
def test_a_link_reaches_its_own_federation_alone(booking, rf):
    elsewhere = own.booked()
    assert set(OwnLink.objects.values_list("visit", flat=True)) == {
        booking.visit_id,
        elsewhere.visit_id,
    }
    seen = by_link(lambda _request, _own: HttpResponse(OwnLink.objects.count()))
    request = rf.get("/")
    request.user = AnonymousUser()
    token = token_of(own.link(booking))
    with wall.narrowed([]):
        assert OwnLink.objects.count() == 0
        assert seen(request, token).content == b"1"
