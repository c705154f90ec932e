"""No byte of a protected person's name, number or address is in anything that is sent or fed."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from booking.domain.feeds import published
from booking.domain.states import WaitStatus
from booking.models import Booking, Waiting
from booking.services.bookings import book_slot, cancel_booking, move_booking
from booking.services.feeds import calendar_of, feed_of, make_feed
from booking.services.letters import send_offer, send_reminder, send_request
from booking.services.reminders import send_reminders
from booking.services.retakes import ask_managers
from booking.services.visit_letters import (
    send_visit_booked,
    send_visit_cancelled,
    send_visit_changed,
)
from booking.services.visits import cancel_visit
from enrolment.messages import tasks
from enrolment.messages.models import Message
from enrolment.people.services.rules import set_rule
from tests import builders
from tests.post_builders import post_office

pytestmark = pytest.mark.django_db

SECRET = {
    "given_name": "Hemligia",
    "family_name": "Skyddström",
    "email": "hemlig.adress@example.org",
    "phone": "070-174 06 99",
    "hsa_id": "SE5560000000-SKYDDAD",
}
TRACES = ("Hemligia", "Skyddström", "hemlig.adress", "46701740699", "SKYDDAD")


@pytest.fixture
def world(monkeypatch):
    """Return a visit, a week and a half ahead, with one protected person and one other booked.

    What the messages said is kept, to be read.
    """
    monkeypatch.setattr(Message, "UNSAID", {})
    starts_at = builders.tomorrow() + timedelta(days=10)
    visit = builders.visit(starts_at=starts_at)
    for key, value in {"sms": "on", "quiet_from": "00:00", "quiet_until": "00:00"}.items():
        set_rule(
            actor=builders.user(),
            federation=visit.unit.municipality.federation,
            key=key,
            value=value,
            valid_from=date(2026, 1, 1),
        )
    slots = list(visit.slots.order_by("starts_at"))
    hidden = builders.need(builders.staff(visit.unit, **SECRET, protected=True))
    shown = builders.need(builders.staff(visit.unit, "Synliga", phone="070-174 06 05"))
    boss = builders.user()
    bookings = [
        book_slot(actor=boss, slot=slot, need=need)
        for slot, need in zip(slots, (hidden, shown), strict=False)
    ]
    return visit, bookings, slots


def live_through(visit, bookings, slots) -> None:
    """Let everything happen that anybody is told of."""
    boss = builders.user()
    for booking, slot in zip(bookings, slots[5:], strict=False):
        send_request(actor=boss, booking=booking, why="Din bild var oskarp.")
        moved = move_booking(actor=boss, booking=booking, slot=slot)
        for kind in ("reminder_3d", "reminder_24h"):
            send_reminder(actor=boss, booking=moved, kind=kind)
        waiting = Waiting(
            visit=visit,
            need=booking.need,
            slot=slots[-1],
            status=WaitStatus.OFFERED.value,
            answer_by=timezone.now() + timedelta(hours=5),
        )
        send_offer(actor=boss, waiting=waiting)
    send_visit_booked(actor=boss, visit=visit)
    send_visit_changed(actor=boss, visit=visit)
    needs = [booking.need for booking in bookings]
    ask_managers(actor=boss, unit=visit.unit, needs=needs, key="1")
    for before in (7 * 24, 72, 24, 18):
        send_reminders(now=visit.starts_at - timedelta(hours=before))
    tasks.send_waiting()
    Booking.objects.filter(visit=visit).update(status="no_show")
    send_reminders(now=visit.ends_at + timedelta(hours=3))
    Booking.objects.filter(visit=visit).update(status="booked")
    cancel_booking(actor=boss, booking=Booking.objects.get(pk=bookings[0].pk))
    cancel_visit(actor=boss, visit=visit)
    send_visit_cancelled(actor=boss, visit=visit)
    tasks.send_waiting()


def fed(visit, bookings) -> bytes:
    """Return what all feeds of the visit say."""
    federation = visit.unit.municipality.federation
    whose = [{"unit": visit.unit}, {"technician": visit.technician}]
    whose += [{"staff": b.need.staff} for b in bookings if not b.need.staff.protected]
    found = b""
    for one in whose:
        _feed, address = make_feed(actor=builders.user(), federation=federation, **one)
        feed = feed_of(address.rpartition("/")[2].removesuffix(".ics"))
        found += published(calendar_of(feed, timezone.now()), timezone.now())
    return found


def traces(text: str) -> list[str]:
    return [trace for trace in TRACES if trace.casefold() in text.casefold()]


def test_nothing_told_or_fed_bears_a_trace_of_a_protected_person(world, settings):
    visit, bookings, slots = world
    feeds = fed(visit, bookings)
    with post_office(settings) as post:
        live_through(visit, bookings, slots)
    kinds = {message.key.split(":")[0] for message in Message.objects.all()}
    assert kinds == {"booking", "reminder", "offer", "visit", "retake", "technician"}
    assert any("Synliga" in message.body for message in Message.objects.all())
    for message in Message.objects.all():
        told = f"{message.recipient}{message.subject}{message.body}{message.calendar}"
        assert traces(told.replace("\r\n ", "")) == [], message.key
    assert post.mails
    for mail in post.mails:
        parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
        assert traces(str(mail.items()) + "".join(parts).replace("\r\n ", "")) == []
    assert traces(feeds.decode().replace("\r\n ", "")) == []
    assert b"BEGIN:VEVENT" in feeds


def test_control_the_traces_of_somebody_else_are_found(world, settings):
    visit, bookings, slots = world
    staff = bookings[0].need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=False)
    bookings[0].need.staff.refresh_from_db()
    live_through(visit, bookings, slots)
    told = "".join(
        f"{message.recipient}{message.body}{message.calendar}" for message in Message.objects.all()
    )
    found = traces(told.replace("\r\n ", ""))
    assert {"Hemligia", "Skyddström", "hemlig.adress", "46701740699"} <= set(found)
