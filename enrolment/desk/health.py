"""Is the house well? A handful of questions, each answered by good, look at it, or bad."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrolment import jobs, wall
from enrolment.cards import queries as cards_queries
from enrolment.messages import queries as messages_queries
from photos import queries as photos_queries

# House choices: a worker that runs does all of this within a minute or two.
LONGEST_WAIT = timedelta(minutes=15)
FAILED_WITHIN = timedelta(days=7)
# Two full packages of the largest size (1 GB each) must have room.
LEAST_DISK_BYTES = 2_000_000_000


class State(StrEnum):
    """How a part of the house is."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Check:
    """One answer: which part, how it is, and what to do about it."""

    name: str
    state: State
    advice: Promise | str = ""


type Question = Callable[[datetime], tuple[State, Promise | str]]


@wall.lifted()
def examine(now: datetime) -> list[Check]:
    """Ask everything. Without a database nothing else can be asked."""
    state, advice = _database(now)
    checks = [Check("database", state, advice)]
    if state is State.BAD:
        return checks
    return checks + [Check(name, *question(now)) for name, question in QUESTIONS.items()]


def worst(checks: list[Check]) -> State:
    """Return the state of the house as a whole."""
    states = {check.state for check in checks}
    return next(state for state in (State.BAD, State.WARN, State.GOOD) if state in states)


def _database(_now: datetime) -> tuple[State, Promise | str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return State.BAD, _("The database does not answer. Look at its log and start it.")
    return State.GOOD, ""


def _queue(now: datetime) -> tuple[State, Promise | str]:
    heard = jobs.last_beat()
    if heard and now - heard <= jobs.DEAD_AFTER:
        return State.GOOD, ""
    return State.BAD, _("The worker is silent. Start it again with manage.py run.")


def _disk(_now: datetime) -> tuple[State, Promise | str]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free >= LEAST_DISK_BYTES:
        return State.GOOD, ""
    return State.BAD, _("The disk is almost full. Make room in the data folder.")


def _messages(now: datetime) -> tuple[State, Promise | str]:
    oldest = messages_queries.waiting_since()
    if oldest and now - oldest > LONGEST_WAIT:
        return State.BAD, _("A letter has waited too long. See that the mail server answers.")
    if messages_queries.failed_since(now - FAILED_WITHIN):
        return State.WARN, _("A letter was given up this week. Check the recipient's address.")
    return State.GOOD, ""


def _photos(now: datetime) -> tuple[State, Promise | str]:
    oldest = photos_queries.unjudged_since()
    if oldest and now - oldest > LONGEST_WAIT:
        return State.BAD, _(
            "A photo has waited too long for its verdict. See if the machine is busy."
        )
    return State.GOOD, ""


def _batches(now: datetime) -> tuple[State, Promise | str]:
    oldest = cards_queries.undelivered_since()
    if oldest and now - oldest > LONGEST_WAIT:
        return State.BAD, _("A batch has waited too long. The page of the batch says why.")
    return State.GOOD, ""


def _certificates(now: datetime) -> tuple[State, Promise | str]:
    expiring = cards_queries.expiring_certificates(None, now)
    if any(each.days_left < 0 for each in expiring):
        return State.BAD, _("A certificate has run out. The page of card issuers says which.")
    if expiring:
        return State.WARN, _("Renew a certificate. The page of card issuers says which.")
    return State.GOOD, ""


QUESTIONS: dict[str, Question] = {
    "queue": _queue,
    "disk": _disk,
    "messages": _messages,
    "photos": _photos,
    "batches": _batches,
    "certificates": _certificates,
}
