"""Remind in time: people of their times, care managers and technicians of their visits.

It is asked each minute, and every message has a key: each is written once, and a time that has
moved has another key.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from booking.models import Booking, Visit
from booking.queries import letters as queries
from booking.services.letters import EMAIL, SMS, send_reminder
from booking.services.locks import lock_booking
from booking.services.visit_letters import (
    send_summary,
    send_technician_day,
    send_week_before,
    summary_key,
    week_key,
)
from enrolment.audit.services import System
from enrolment.messages.queries import is_written, written
from enrolment.messages.services import withdraw_messages

REMINDER = System("reminder")

# House choices: how long a visit may stay unclosed before it is summed up, and the hours within
# which a lost minute is made good.
UNCLOSED = timedelta(hours=2)
LATE_AT_MOST = timedelta(hours=12)
WEEK = timedelta(days=7)
EVE = time(15, 0)


@dataclass(frozen=True)
class Reminder:
    """A kind of reminder: due `before` the time, and of no use after `until`."""

    kind: str
    before: timedelta
    until: timedelta


REMINDERS = (
    Reminder("reminder_3d", timedelta(hours=72), timedelta(hours=48)),
    Reminder("reminder_24h", timedelta(hours=24), timedelta(hours=2)),
)


def send_reminders(*, now: datetime) -> int:
    """Write what is due and not yet written; return how many times people are reminded of."""
    _spare_protected()
    _remind_managers(now)
    _sum_up(now)
    _remind_technicians(now)
    return sum(_remind_people(reminder, now) for reminder in REMINDERS)


def _remind_people(reminder: Reminder, now: datetime) -> int:
    coming = queries.bookings_between(now + reminder.until, now + reminder.before)
    counted = coming.values_list("pk", "sequence")
    times = {pk: _time_keys(pk, sequence, reminder) for pk, sequence in counted}
    done = written(key for keys in times.values() for key in keys)
    fresh = queries.told_of(pk for pk, keys in times.items() if not done.keys() & set(keys))
    told_at = written(_invitation_key(booking) for booking in fresh)
    due = [booking for booking in fresh if _is_due(booking, reminder, told_at)]
    return sum(_remind(booking, reminder) for booking in due)


@transaction.atomic
def _remind(booking: Booking, reminder: Reminder) -> bool:
    """Remind of the time unless it has moved or gone since it was read."""
    current = lock_booking(booking)
    if (current.sequence, current.status) != (booking.sequence, booking.status):
        return False
    send_reminder(actor=REMINDER, booking=current, kind=reminder.kind)
    return True


def _is_due(booking: Booking, reminder: Reminder, told_at: dict[str, datetime]) -> bool:
    """Tell whether the person heard of the time before the reminder fell due: else it is news."""
    told = told_at.get(_invitation_key(booking), booking.created_at)
    return told <= booking.slot.starts_at - reminder.before


def _invitation_key(booking: Booking) -> str:
    return f"booking:{booking.pk}:{booking.sequence}:request"


def _time_keys(pk: object, sequence: int, reminder: Reminder) -> list[str]:
    return [f"reminder:{pk}:{sequence}:{reminder.kind}:{channel}" for channel in (EMAIL, SMS)]


def _spare_protected() -> None:
    """Withdraw what still waits to tell of somebody who has become protected since."""
    for message in queries.telling_of_protected():
        withdraw_messages(prefix=message.key)


def _remind_managers(now: datetime) -> None:
    for visit in queries.visits_between(now + WEEK - LATE_AT_MOST, now + WEEK):
        early = visit.created_at <= visit.starts_at - WEEK
        if early and not is_written(week_key(visit)):
            with transaction.atomic():
                send_week_before(actor=REMINDER, visit=visit)


def _sum_up(now: datetime) -> None:
    over = queries.visits_over(now, for_at_most=LATE_AT_MOST, unclosed=UNCLOSED)
    for visit in over:
        if not is_written(summary_key(visit)):
            with transaction.atomic():
                send_summary(actor=REMINDER, visit=visit)


def _remind_technicians(now: datetime) -> None:
    local = timezone.localtime(now)
    if local.time() < EVE:
        return
    day = local.date() + timedelta(days=1)
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    next_midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    by_technician: dict[int, list[Visit]] = defaultdict(list)
    for visit in queries.visits_between(midnight, next_midnight):
        by_technician[visit.technician_id].append(visit)
    for visits in by_technician.values():
        with transaction.atomic():
            send_technician_day(
                actor=REMINDER, technician=visits[0].technician, day=day, visits=visits
            )
