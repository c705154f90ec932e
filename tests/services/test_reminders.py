"""People are reminded in time, once, of the time they have now; managers and technicians too."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from booking.models import Booking, Visit, Waiting
from booking.services.bookings import book_slot, cancel_booking, move_booking
from booking.services.letters import send_offer, send_request
from booking.services.reminders import send_reminders
from booking.services.visits import cancel_visit
from enrolment.messages import tasks
from enrolment.messages.models import Message
from enrolment.people.models import Staff
from enrolment.people.services.rules import set_rule
from tests import builders

pytestmark = pytest.mark.django_db

DAYS, HOURS = timedelta(days=1), timedelta(hours=1)
PHONE = "070-174 06 05"


def in_days(days: int, hour: int = 9) -> datetime:
    return builders.tomorrow(hour) + timedelta(days=days - 1)


def visit(days: int = 10, **more) -> Visit:
    return builders.visit(starts_at=in_days(days), **more)


def booked(at: Visit | None = None, **staff) -> Booking:
    at = at or visit()
    need = builders.need(builders.staff(at.unit, **staff))
    return book_slot(actor=builders.user(), slot=at.slots.earliest("starts_at"), need=need)


def rule(booking: Booking, **values: str) -> None:
    federation = booking.visit.unit.municipality.federation
    for key, value in values.items():
        set_rule(
            actor=builders.user(),
            federation=federation,
            key=key,
            value=value,
            valid_from=date(2026, 1, 1),
        )


def reminders() -> list[Message]:
    return list(Message.objects.filter(key__startswith="reminder:").order_by("created_at"))


def starts(booking: Booking) -> datetime:
    return booking.slot.starts_at


# --- When -----------------------------------------------------------------------------------------


def test_reminders_go_three_days_and_a_day_before_and_once_each():
    booking = booked()
    at = starts(booking)
    for before, expected in [
        (72 * HOURS + timedelta(seconds=1), 0),
        (72 * HOURS, 1),
        (71 * HOURS, 1),
        (24 * HOURS + timedelta(seconds=1), 1),
        (24 * HOURS, 2),
        (23 * HOURS, 2),
    ]:
        send_reminders(now=at - before)
        assert len(reminders()) == expected, before
    three_days, a_day = reminders()
    assert "giltig fysisk legitimation" in three_days.body.lower()
    assert "/min-tid/" in a_day.body
    assert three_days.calendar == "", "the calendar knows the time already"


def test_a_reminder_that_comes_too_late_to_help_is_left_out():
    at = starts(booked())
    assert send_reminders(now=at - 47 * HOURS) == 0
    assert send_reminders(now=at - 1 * HOURS) == 0


def test_whoever_hears_of_a_time_late_is_not_reminded_of_it_at_once():
    booking = booked(visit(days=2))
    now = starts(booking) - 48 * HOURS - timedelta(minutes=1)
    assert send_reminders(now=now) == 0
    assert send_reminders(now=starts(booking) - 24 * HOURS) == 1


def test_a_time_that_moved_lately_is_news_and_not_reminded_of():
    booking = booked()
    slot = booking.visit.slots.latest("starts_at")
    moved = move_booking(actor=builders.user(), booking=booking, slot=slot)
    invited = Message.objects.filter(key=f"booking:{booking.pk}:1:request")
    invited.update(created_at=slot.starts_at - 30 * HOURS)
    assert send_reminders(now=slot.starts_at - 49 * HOURS) == 0
    assert send_reminders(now=slot.starts_at - 23 * HOURS) == 1
    assert reminders()[0].key.startswith(f"reminder:{moved.pk}:1:")


def test_a_reminder_that_waits_is_withdrawn_when_the_time_moves_and_the_new_time_has_its_own():
    booking = booked()
    send_reminders(now=starts(booking) - 72 * HOURS)
    slot = booking.visit.slots.latest("starts_at")
    move_booking(actor=builders.user(), booking=booking, slot=slot)
    assert [message.state for message in reminders()] == ["withdrawn"]
    send_reminders(now=slot.starts_at - 71 * HOURS)
    old, new = reminders()
    assert (old.state, new.state) == ("withdrawn", "waiting")
    assert f"{slot.starts_at.astimezone(builders.STOCKHOLM):%H.%M}" in new.body


def test_a_cancelled_time_is_not_reminded_of():
    booking = booked()
    send_reminders(now=starts(booking) - 72 * HOURS)
    cancel_booking(actor=builders.user(), booking=booking)
    assert send_reminders(now=starts(booking) - 24 * HOURS) == 0
    assert [message.state for message in reminders()] == ["withdrawn"]


def test_nobody_is_reminded_of_a_visit_that_is_called_off():
    booking = booked()
    cancel_visit(actor=builders.user(), visit=booking.visit)
    assert send_reminders(now=starts(booking) - 72 * HOURS) == 0


def test_a_time_that_moves_while_the_minute_runs_is_not_reminded_of(monkeypatch):
    booking = booked()
    from booking.services import reminders as module

    held = module.lock_booking

    def moved_meanwhile(which):
        Booking.objects.filter(pk=which.pk).update(sequence=7)
        return held(which)

    monkeypatch.setattr(module, "lock_booking", moved_meanwhile)
    assert send_reminders(now=starts(booking) - 72 * HOURS) == 0
    assert reminders() == []


@pytest.mark.parametrize("staff", [{"protected": True}, {"email": ""}])
def test_protected_persons_and_people_without_an_address_are_not_reminded(staff):
    booking = booked(**staff)
    send_reminders(now=starts(booking) - 72 * HOURS)
    assert reminders() == []


def test_what_waits_for_somebody_who_has_become_protected_is_withdrawn():
    hidden, other = booked(), booked()
    staff = hidden.need.staff
    type(staff).objects.filter(pk=staff.pk).update(protected=True)
    send_reminders(now=timezone.now())
    states = {m.key.split(":")[1]: m.state for m in Message.objects.filter(key__startswith="book")}
    assert states == {str(hidden.pk): "withdrawn", str(other.pk): "waiting"}


def test_so_is_what_waits_of_a_time_given_up_and_an_offer():
    at = visit()
    booking = booked(at)
    cancel_booking(actor=builders.user(), booking=booking)
    waiting = Waiting.objects.create(
        visit=at,
        need=booking.need,
        slot=at.slots.latest("starts_at"),
        status="offered",
        answer_by=timezone.now() + HOURS,
    )
    send_offer(actor=builders.user(), waiting=waiting)
    Staff.objects.filter(pk=booking.need.staff_id).update(protected=True)
    send_reminders(now=timezone.now())
    kept = Message.objects.exclude(state="withdrawn")
    assert kept.filter(key__startswith=f"booking:{booking.pk}:").count() == 0
    assert Message.objects.get(key__startswith=f"offer:{waiting.pk}:").state == "withdrawn"


def test_and_a_letter_to_others_in_which_the_name_stands():
    at = visit()
    manager_of(at)
    hidden = builders.need(builders.staff(at.unit, "Åke", "Ek")).staff
    elsewhere = builders.staff(builders.unit(), "Åke", "Ek")
    builders.need(builders.staff(at.unit, "Åke", "Eklund"))
    send_reminders(now=at.starts_at - 7 * DAYS)
    letter = told(f"visit:{at.pk}:week")[0]
    assert "- Åke Ek\n" in letter.body
    for staff, state in ((elsewhere, "waiting"), (hidden, "withdrawn")):
        Staff.objects.filter(pk=staff.pk).update(protected=True)
        send_reminders(now=timezone.now())
        letter.refresh_from_db()
        assert letter.state == state


def test_a_letter_with_a_longer_name_in_it_is_sent():
    at = visit()
    manager_of(at)
    builders.need(builders.staff(at.unit, "Åke", "Eklund"))
    send_reminders(now=at.starts_at - 7 * DAYS)
    builders.staff(at.unit, "Åke", "Ek", protected=True)
    send_reminders(now=timezone.now())
    assert told(f"visit:{at.pk}:week")[0].state == "waiting"


# --- By SMS ---------------------------------------------------------------------------------------


def test_with_the_rule_on_reminders_go_by_sms_too_and_invitations_to_those_without_address():
    at = visit()
    first = booked(at, phone=PHONE)
    rule(first, sms="on", quiet_from="00:00", quiet_until="00:00")
    need = builders.need(builders.staff(at.unit, email="", phone=PHONE))
    second = book_slot(actor=builders.user(), slot=at.slots.latest("starts_at"), need=need)
    told = Message.objects.get(key=f"booking:{second.pk}:0:request")
    assert (told.channel, told.recipient, told.calendar) == ("sms", "+46701740605", "")
    send_reminders(now=starts(first) - 70 * HOURS)
    channels = {(message.key.split(":")[1], message.channel) for message in reminders()}
    assert channels == {
        (str(first.pk), "email"),
        (str(first.pk), "sms"),
        (str(second.pk), "sms"),
    }


def test_with_the_rule_off_nobody_gets_an_sms():
    booking = booked(email="", phone=PHONE)
    send_reminders(now=starts(booking) - 72 * HOURS)
    assert not Message.objects.exists()


def test_in_quiet_hours_an_sms_waits_and_a_mail_does_not():
    booking = booked(phone=PHONE)
    now = timezone.localtime()
    ends = (now + timedelta(hours=2)).time().replace(second=0, microsecond=0)
    begins = (now - timedelta(hours=2)).time().replace(second=0, microsecond=0)
    rule(booking, sms="on", quiet_from=f"{begins:%H:%M}", quiet_until=f"{ends:%H:%M}")
    send_reminders(now=starts(booking) - 72 * HOURS)
    tasks.send_waiting()
    states = {message.channel: message.state for message in reminders()}
    assert states == {"email": "sent", "sms": "waiting"}
    waits = Message.objects.get(channel="sms").not_before
    assert timezone.localtime(waits).time() == ends
    assert now < waits < now + timedelta(hours=2)


# --- Managers and technicians ---------------------------------------------------------------------


def manager_of(at: Visit):
    return builders.user("care_manager", within=at.unit, name="Chef Ek")


def told(prefix: str) -> list[Message]:
    return list(Message.objects.filter(key__startswith=prefix).order_by("recipient"))


def test_a_week_before_the_manager_hears_once_who_lacks_a_time():
    at = visit()
    manager = manager_of(at)
    booked(at, family_name="Bokad")
    builders.need(builders.staff(at.unit, "Åke", "Utan"))
    builders.need(builders.staff(at.unit, "Hemlig", "Hemligsson", protected=True))
    send_reminders(now=at.starts_at - 7 * DAYS - timedelta(seconds=1))
    assert told("visit:") == []
    for _minute in range(2):
        send_reminders(now=at.starts_at - 7 * DAYS)
    letters = {message.recipient: message.body for message in told(f"visit:{at.pk}:week")}
    assert manager.email in letters
    body = letters[manager.email]
    assert "- Åke Utan" in body
    assert "Bokad" not in body
    assert "Hemlig" not in body
    assert f"/besok/{at.pk}/" in body


def test_a_visit_booked_at_short_notice_is_not_told_of_as_a_week_ahead():
    at = visit(days=5)
    manager_of(at)
    send_reminders(now=at.starts_at - 7 * DAYS + HOURS)
    assert told("visit:") == []


def test_on_the_same_day_the_manager_hears_who_did_not_come():
    at = visit()
    manager_of(at)
    missing = booked(at, given_name="Åke", family_name="Borta")
    Booking.objects.filter(pk=missing.pk).update(status="no_show")
    send_reminders(now=at.ends_at + 1 * HOURS)
    assert told("visit:") == [], "it may still be closed"
    for _minute in range(2):
        send_reminders(now=at.ends_at + 2 * HOURS)
    body = told(f"visit:{at.pk}:summary")[0].body
    assert "- Åke Borta" in body
    assert len({message.key for message in told("visit:")}) == len(told("visit:"))


def test_a_closed_visit_is_summed_up_at_once_and_an_old_one_never():
    at, old = visit(), visit(days=12)
    for each in (at, old):
        manager_of(each)
    Visit.objects.filter(pk=at.pk).update(status="closed")
    send_reminders(now=at.starts_at + HOURS)
    assert told(f"visit:{at.pk}:summary")
    send_reminders(now=old.ends_at + 13 * HOURS)
    assert told(f"visit:{old.pk}:summary") == []


def test_the_technician_hears_once_in_the_afternoon_of_tomorrows_visits():
    at = visit()
    eve = at.starts_at.date() - timedelta(days=1)

    def o_clock(hour: int) -> datetime:
        return timezone.make_aware(datetime.combine(eve, time(hour)))

    send_reminders(now=o_clock(14))
    assert told("technician:") == []
    for hour in (15, 16):
        send_reminders(now=o_clock(hour))
    [letter] = told("technician:")
    assert letter.recipient == at.technician.user.email
    assert "09.00–11.00 Björkgården, Storgatan 1, 531 30 Lidköping" in letter.body


def test_a_minute_with_nothing_due_asks_little(django_assert_max_num_queries):
    at = visit()
    for slot in list(at.slots.order_by("starts_at")[:5]):
        need = builders.need(builders.staff(at.unit))
        send_request(
            actor=builders.user(),
            booking=book_slot(actor=builders.user(), slot=slot, need=need),
        )
    now = at.starts_at - 71 * HOURS
    send_reminders(now=now)
    with django_assert_max_num_queries(12):
        assert send_reminders(now=now) == 0
