"""Log-ins: noted, and stopped for a while where somebody guesses at a password."""

from datetime import timedelta
from uuid import UUID

from enrolment import turns, vault
from enrolment.audit.services import System, record
from enrolment.people.models import User

LOG_IN = System("log_in")
# A house choice: plenty for whoever has forgotten, 960 guesses a day for whoever has not.
MOST_FAILURES = 10
REST = timedelta(minutes=15)


class TooManyFailures(Exception):
    """Wrong passwords from one place for one account: nothing more is tried for a while."""


def check_failures(*, email: str, place: str) -> None:
    """Raise TooManyFailures for the account at the network address `place`, known or not."""
    if turns.taken(_key(email, place)) >= MOST_FAILURES:
        raise TooManyFailures


def note_log_in(*, user: User) -> None:
    """Record that a user logged in."""
    record(
        actor=user,
        action="people.log_in",
        subject=user,
        federation_id=_own_federation(user),
    )


def note_failed_log_in(*, email: str, place: str) -> None:
    """Count and record a failed log-in; an address that nobody has leaves no trace of itself.

    Tries that are turned away unread leave no line: nobody fills the log that way.
    """
    if not turns.take(_key(email, place), most=MOST_FAILURES, rest=REST):
        return
    user = User.objects.filter(email__iexact=email).first()
    record(
        actor=LOG_IN,
        action="people.log_in_failed",
        subject=user or User(pk=None),
        federation_id=_own_federation(user) if user else None,
    )


def note_new_password(*, user: User) -> None:
    """Record that a user chose a password."""
    record(
        actor=user,
        action="people.choose_password",
        subject=user,
        federation_id=_own_federation(user),
    )


def _own_federation(user: User) -> UUID | None:
    return user.memberships.values_list("federation_id", flat=True).order_by("pk").first()


def _key(email: str, place: str) -> str:
    """Return a name for the two that tells neither."""
    return "log_in:" + vault.blind_index(f"{place} {email.strip().lower()}", "log_in")
