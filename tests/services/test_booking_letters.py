"""A booked person is told by e-mail with a calendar object, and no more is told than needed."""

import re
from datetime import datetime

import pytest
from icalendar import Calendar

from booking.models import Booking
from booking.services.bookings import book_slot, cancel_booking, move_booking
from enrolment.messages.models import Message
from tests import builders

pytestmark = pytest.mark.django_db

PERSONNUMMER = "198506062390"


def booked(kind: str = "photo", at=None, **staff) -> Booking:
    visit = builders.visit(at, kind=kind)
    person = builders.staff(visit.unit, **staff)
    need = builders.need(person)
    if kind == "activation":
        type(need).objects.filter(pk=need.pk).update(stage="delivered")
    return book_slot(actor=builders.user(), slot=visit.slots.earliest("starts_at"), need=need)


def event(message: Message):
    calendar = Calendar.from_ical(message.calendar)
    [found] = calendar.walk("VEVENT")
    assert calendar["METHOD"] == message.calendar_method
    return found


def test_a_booking_is_confirmed_with_when_where_and_what_to_bring():
    unit = builders.unit(name="Björkgården")
    type(unit).objects.filter(pk=unit.pk).update(room_note="Samtalsrum 2")
    unit.refresh_from_db()
    booking = booked(at=unit, given_name="Åsa")
    message = Message.objects.get()
    assert message.recipient == booking.need.staff.email
    assert message.key == f"booking:{booking.pk}:0:request"
    local = booking.slot.starts_at.astimezone(builders.STOCKHOLM)
    for words in ("Åsa", "Björkgården", "Storgatan 1", "531 30 Lidköping", "Samtalsrum 2"):
        assert words in message.body
    assert f"{local:%H.%M}" in message.body
    assert f"{local:%H.%M}" in message.subject


def test_the_confirmation_is_in_swedish_and_asks_for_a_physical_document_and_the_present_card():
    booked()
    body = Message.objects.get().body
    assert "giltig fysisk legitimation" in body.lower()
    assert "nuvarande SITHS-kort" in body
    assert "kl. " in body


def test_the_calendar_object_is_a_request_in_utc_with_the_bookings_own_uid(settings):
    settings.DEFAULT_FROM_EMAIL = "Fotorundan <tider@example.org>"
    booking = booked()
    message = Message.objects.get()
    found = event(message)
    assert message.calendar_method == "REQUEST"
    assert found["UID"] == f"{booking.pk}@fotorundan"
    assert found["SEQUENCE"] == 0
    assert found["DTSTART"].dt == booking.slot.starts_at
    assert found["DTEND"].dt == booking.slot.ends_at
    assert found["DTSTART"].to_ical().endswith(b"Z")
    assert found["ORGANIZER"] == "mailto:tider@example.org"
    assert found["ATTENDEE"] == f"mailto:{booking.need.staff.email}"
    assert "Storgatan 1" in found["LOCATION"]


def test_moves_and_the_cancellation_keep_the_uid_and_count_up(monkeypatch):
    monkeypatch.setattr(Message, "UNSAID", {})  # what was withdrawn is read here too
    booking = booked()
    slots = list(booking.visit.slots.order_by("starts_at"))
    for slot in slots[1:3]:
        move_booking(actor=builders.user(), booking=booking, slot=slot)
    cancel_booking(actor=builders.user(), booking=booking)
    messages = list(Message.objects.order_by("created_at"))
    told = [(event(message)["SEQUENCE"], message.calendar_method) for message in messages]
    assert told == [(0, "REQUEST"), (1, "REQUEST"), (2, "REQUEST"), (3, "CANCEL")]
    assert {event(message)["UID"] for message in messages} == {f"{booking.pk}@fotorundan"}
    assert event(messages[2])["DTSTART"].dt == slots[2].starts_at
    assert event(messages[3])["STATUS"] == "CANCELLED"
    stamps: list[datetime] = [event(message)["DTSTAMP"].dt for message in messages]
    assert stamps == sorted(stamps)


def test_an_activation_asks_for_the_new_card_too():
    booked("activation")
    assert "nya SITHS-kort" in Message.objects.get().body


def test_no_personnummer_is_ever_written():
    visit = builders.visit()
    person = builders.staff(visit.unit)
    person.seal_personnummer(PERSONNUMMER)
    person.save()
    booking = book_slot(actor=builders.user(), slot=visit.slots.first(), need=builders.need(person))
    cancel_booking(actor=builders.user(), booking=booking)
    for message in Message.objects.all():
        text = f"{message.subject}{message.body}{message.calendar}"
        assert PERSONNUMMER not in text
        assert not re.search(r"\d{6}[-+]?\d{4}", text.replace(str(booking.pk), ""))


@pytest.mark.parametrize("staff", [{"protected": True}, {"email": ""}])
def test_protected_persons_and_people_without_an_address_get_no_mail(staff):
    booking = booked(**staff)
    move_booking(
        actor=builders.user(), booking=booking, slot=booking.visit.slots.latest("starts_at")
    )
    cancel_booking(actor=builders.user(), booking=booking)
    assert Message.objects.count() == 0


def test_names_with_markup_and_line_breaks_stay_text():
    booked(given_name="Åsa & <b>Bo</b>", family_name="Öberg\r\nATTENDEE:mailto:x@example.org")
    message = Message.objects.get()
    assert "Åsa & <b>Bo</b>" in message.body
    assert len(event(message).property_items()) == len(set(event(message).property_items()))
    assert "x@example.org" not in str(event(message)["ATTENDEE"])
