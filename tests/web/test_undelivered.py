"""Whoever looks after messages sees who was not told, and sends again or says it is dealt with."""

from uuid import uuid4

import pytest
from django.urls import reverse

from booking.services.bookings import book_slot
from enrolment.audit.services import System
from enrolment.messages.models import Message
from enrolment.messages.services import Email, Sms, write_message
from tests import builders

pytestmark = pytest.mark.django_db

PAGE = "desk:undelivered"


def failed_letter(unit=None, error: str = "SMTPRecipientsRefused: 550 5.1.1 No", **staff):
    """Return a booking whose letter did not arrive, and the letter."""
    visit = builders.visit(unit)
    need = builders.need(builders.staff(visit.unit, **staff))
    booking = book_slot(actor=builders.user(), slot=visit.slots.first(), need=need)
    message = Message.objects.get(key=f"booking:{booking.pk}:0:request")
    Message.objects.filter(pk=message.pk).update(state="failed", attempts=1, error=error)
    return booking, message


def keeper(booking, role: str = "planner"):
    return builders.user(role, within=booking.visit.unit.municipality.federation)


def test_the_list_names_the_person_the_cause_and_what_to_do(log_in):
    booking, message = failed_letter(given_name="Åsa", family_name="Otur")
    page = log_in(keeper(booking)).get(reverse(PAGE)).content.decode()
    assert "Åsa Otur" in page
    assert message.recipient in page
    assert "550 5.1.1 No" in page
    assert reverse("people:staff", args=[booking.need.staff_id]) in page


def test_whoever_is_told_without_having_a_time_is_shown_by_address(log_in):
    booking, _message = failed_letter()
    letter = write_message(
        actor=System("test"),
        federation_id=booking.need.staff.federation_id,
        key=f"visit:{uuid4()}:booked:{uuid4()}",
        email=Email("chef@example.org", "Besök", "Hej"),
    )
    Message.objects.filter(pk=letter.pk).update(state="failed", error="Odd: 1")
    page = log_in(keeper(booking)).get(reverse(PAGE)).content.decode()
    assert "chef@example.org" in page


@pytest.mark.parametrize("role", ["planner", "id_administrator", "administrator"])
def test_who_looks_after_messages_opens_the_page(role, log_in):
    booking, message = failed_letter()
    answer = log_in(keeper(booking, role)).get(reverse(PAGE))
    assert message.recipient in answer.content.decode()


@pytest.mark.parametrize("role", ["care_manager", "technician", "card_issuer"])
def test_others_do_not(role, log_in):
    booking, _message = failed_letter()
    assert log_in(keeper(booking, role)).get(reverse(PAGE)).status_code == 404


def test_only_the_own_federations_messages_are_listed_and_touched(log_in):
    _booking, message = failed_letter()
    stranger = builders.user("planner", within=builders.federation())
    client = log_in(stranger)
    assert message.recipient not in client.get(reverse(PAGE)).content.decode()
    for name in ("desk:send_again", "desk:settle_message"):
        assert client.post(reverse(name, args=[message.pk])).status_code == 404
    message.refresh_from_db()
    assert (message.state, message.settled_at) == ("failed", None)


def test_sent_again_it_goes_to_the_persons_present_address(log_in):
    booking, message = failed_letter()
    staff = booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(email="ratt@example.org")
    client = log_in(keeper(booking))
    client.post(reverse("desk:send_again", args=[message.pk]))
    message.refresh_from_db()
    assert (message.state, message.recipient) == ("waiting", "ratt@example.org")
    assert message.recipient not in client.get(reverse(PAGE)).content.decode()
    client.post(reverse("desk:send_again", args=[message.pk]))
    message.refresh_from_db()
    assert message.attempts == 1, "twice is once"


def test_dealt_with_it_leaves_the_list_once(log_in):
    booking, message = failed_letter()
    client = log_in(keeper(booking))
    for _twice in range(2):
        client.post(reverse("desk:settle_message", args=[message.pk]))
    message.refresh_from_db()
    assert message.settled_at
    assert message.recipient not in client.get(reverse(PAGE)).content.decode()


def test_an_sms_to_no_mobile_number_waits_for_a_right_one(log_in):
    booking, _message = failed_letter(phone="08-465 004 00")
    sms = write_message(
        actor=System("test"),
        federation_id=booking.need.staff.federation_id,
        key=f"reminder:{booking.pk}:0:reminder_3d:sms",
        sms=Sms("08-465 004 00", "Hej"),
    )
    client = log_in(keeper(booking))
    client.post(reverse("desk:send_again", args=[sms.pk]))
    sms.refresh_from_db()
    assert sms.state == "failed"
    staff = booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(phone="070-174 06 05")
    client.post(reverse("desk:send_again", args=[sms.pk]))
    sms.refresh_from_db()
    assert (sms.state, sms.recipient) == ("waiting", "+46701740605")


def test_a_person_protected_since_is_hidden(log_in):
    booking, message = failed_letter(given_name="Hemligia", family_name="Skyddström")
    staff = booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=True)
    page = log_in(keeper(booking)).get(reverse(PAGE)).content.decode()
    for trace in ("Hemligia", "Skyddström", message.recipient, str(staff.pk)):
        assert trace not in page


def test_nothing_is_sent_again_to_a_person_protected_since(log_in):
    booking, message = failed_letter()
    staff = booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=True)
    boss = keeper(booking)
    staff.handlers.add(boss)
    client, address = log_in(boss), reverse("desk:send_again", args=[message.pk])
    assert address not in client.get(reverse(PAGE)).content.decode()
    client.post(address)
    message.refresh_from_db()
    assert message.state == "failed"


def test_the_list_can_be_narrowed(log_in):
    booking, message = failed_letter()
    client = log_in(keeper(booking))
    for query, shown in [
        ({"subject": "booking"}, True),
        ({"subject": "reminder"}, False),
        ({"subject": "other"}, False),
        ({"channel": "email"}, True),
        ({"channel": "sms"}, False),
        ({"subject": "nonsense", "channel": "nonsense"}, True),
    ]:
        page = client.get(reverse(PAGE), query).content.decode()
        assert (message.recipient in page) is shown, query


def test_the_page_asks_the_database_as_much_for_many_as_for_one(
    log_in, django_assert_max_num_queries
):
    booking, _message = failed_letter()
    client = log_in(keeper(booking))
    for _more in range(4):
        failed_letter(booking.visit.unit)
    with django_assert_max_num_queries(12):
        client.get(reverse(PAGE))
