"""A mail's life: what a calendar holds after an invitation, moves and a cancellation."""

from datetime import timedelta
from email.utils import parseaddr

import pytest
from django.utils import timezone
from icalendar import Calendar

from booking.domain.invitations import readdressed
from booking.models import Booking
from booking.services.bookings import book_slot, cancel_booking, move_booking
from booking.services.letters import send_again
from enrolment.messages import tasks
from enrolment.messages.models import Message
from tests import builders
from tests.post_builders import Diary, calendar_part, post_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings):
    settings.DEFAULT_FROM_EMAIL = "Fotorundan <tider@example.org>"
    with post_office(settings) as arrived:
        yield arrived


def send() -> None:
    """Let the sweeper send what waits."""
    tasks.send_waiting()


def booked(**staff) -> Booking:
    visit = builders.visit()
    need = builders.need(builders.staff(visit.unit, **staff))
    return book_slot(actor=builders.user(), slot=visit.slots.earliest("starts_at"), need=need)


def test_invited_moved_twice_and_cancelled_leaves_nothing_in_the_calendar(post):
    boss, diary = builders.user(), Diary()
    booking = booked()
    slots = list(booking.visit.slots.order_by("starts_at")[:3])
    uid = f"{booking.pk}@fotorundan"
    send()
    diary.take(post.mails[0])
    assert diary.events == {uid: (0, slots[0].starts_at)}
    for place, slot in enumerate(slots[1:], 1):
        booking = move_booking(actor=boss, booking=booking, slot=slot)
        send()
        diary.take(post.mails[place])
        assert diary.events == {uid: (place, slot.starts_at)}
    cancel_booking(actor=boss, booking=booking)
    send()
    diary.take(post.mails[3])
    assert diary.events == {}
    assert diary.sequences == {uid: [0, 1, 2, 3]}
    assert len(post.mails) == 4


def test_in_whatever_order_the_mails_arrive_the_calendar_ends_empty(post):
    boss, booking = builders.user(), booked()
    slots = list(booking.visit.slots.order_by("starts_at")[:2])
    send()
    booking = move_booking(actor=boss, booking=booking, slot=slots[1])
    send()
    cancel_booking(actor=boss, booking=booking)
    send()
    diary = Diary()
    for mail in (post.mails[2], post.mails[0], post.mails[1]):
        diary.take(mail)
    assert diary.events == {}


def test_each_mail_is_what_outlook_wants(post):
    booking = booked()
    before = timezone.now().replace(microsecond=0)
    cancel_booking(actor=builders.user(), booking=booking)
    send()
    [mail] = post.mails
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "text/plain",
        "text/calendar",
    ]
    calendar = Calendar.from_ical(calendar_part(mail).get_content())
    [event] = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event["ORGANIZER"] == f"mailto:{parseaddr(mail['From'])[1]}"
    assert event["ATTENDEE"] == f"mailto:{mail['To']}"
    assert before <= event.decoded("DTSTAMP") <= timezone.now()
    assert event["DTSTART"].to_ical().endswith(b"Z")
    assert "VTIMEZONE" not in calendar_part(mail).get_content()


def test_an_earlier_letter_that_still_waits_is_not_sent_after_a_newer_one(post):
    booking = booked()
    moved = move_booking(
        actor=builders.user(), booking=booking, slot=booking.visit.slots.latest("starts_at")
    )
    send()
    [mail] = post.mails
    assert Calendar.from_ical(calendar_part(mail).get_content()).walk("VEVENT")[0]["SEQUENCE"] == 1
    assert Message.objects.get(key=f"booking:{moved.pk}:0:request").state == "withdrawn"


def test_the_letter_tells_the_own_way_to_the_time_and_the_reminder_of_it(post):
    booked()
    send()
    body = post.mails[0].get_body(("plain",)).get_content()
    link = booking_link(body)
    assert "/min-tid/" in link
    assert len(link.rsplit("/", 2)[1]) >= 43, "256 bits"


def booking_link(body: str) -> str:
    [line] = [line for line in body.splitlines() if "/min-tid/" in line]
    return line.rpartition(" ")[2]


def test_a_cancelled_time_has_no_link(post):
    booking = booked()
    cancel_booking(actor=builders.user(), booking=booking)
    assert "/min-tid/" not in Message.objects.get(state="waiting").body


def test_a_letter_that_did_not_arrive_goes_to_the_corrected_address(post):
    booking = booked(email="fel@example.org")
    message = Message.objects.get()
    Message.objects.update(state="failed", attempts=1, error="SMTPRecipientsRefused: 550 5.1.1")
    staff = booking.need.staff
    type(staff).objects.filter(pk=staff.pk).update(email="ratt@example.org")
    send_again(actor=builders.user(), message=message)
    send()
    [mail] = post.mails
    diary = Diary()
    diary.take(mail)
    assert diary.events == {f"{booking.pk}@fotorundan": (0, booking.slot.starts_at)}
    text = calendar_part(mail).get_content()
    assert mail["To"] == "ratt@example.org"
    assert "ratt@example.org" in text.replace("\r\n ", "")
    assert b"fel@example.org" not in post.raw[0]


def test_an_object_for_another_address_differs_in_that_alone():
    text = Message.objects.get(key=f"booking:{booked().pk}:0:request").calendar
    other = readdressed(text, "ny@example.org")
    before, after = (Calendar.from_ical(each).walk("VEVENT")[0] for each in (text, other))
    assert after["ATTENDEE"] == "mailto:ny@example.org"
    assert after["ATTENDEE"].params == before["ATTENDEE"].params
    after["ATTENDEE"] = before["ATTENDEE"]
    assert after.to_ical() == before.to_ical()
    with pytest.raises(ValueError, match="CR or LF"):
        readdressed(text, "a@example.org\r\nX-EVIL:1")


def test_an_activation_is_told_like_a_photo():
    visit = builders.visit(kind="activation", starts_at=builders.tomorrow() + timedelta(days=1))
    need = builders.need(builders.staff(visit.unit))
    type(need).objects.filter(pk=need.pk).update(stage="delivered")
    book_slot(actor=builders.user(), slot=visit.slots.earliest("starts_at"), need=need)
    assert "Ditt nya SITHS-kort" in Message.objects.get().body
