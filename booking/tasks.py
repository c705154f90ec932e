"""What the queue does for the booking room."""

from uuid import UUID

from django.utils import timezone

from booking.queries.round_plans import unfinished_plans
from booking.services import assign, reminders, rounds, travel, waitlist
from booking.services.bookings import release_ended


def release_slots() -> None:
    """Give back the slots that nobody will come to."""
    release_ended()


def expire_offers() -> None:
    """Take back the slots that nobody answered for in time, and offer them to the next."""
    waitlist.expire_offers(now=timezone.now())


def send_reminders() -> None:
    """Remind people, care managers and technicians of what is soon."""
    reminders.send_reminders(now=timezone.now())


def share_out_due() -> None:
    """Share out the times of visits in which nobody may strike out times any more."""
    assign.share_out_due()


def fetch_travel_times(federation_id: str) -> None:
    """Ask the routing engine for a federation's missing travel times, as somebody wishes now."""
    travel.fetch_travel_times(federation_id=UUID(federation_id), asked=True)


def fetch_all_travel_times() -> None:
    """Ask the routing engine for missing travel times, at most once an hour a federation."""
    travel.fetch_travel_times_of_all()


def plan_rounds(plan_id: str) -> None:
    """Work one plan of rounds out."""
    rounds.run_plan(plan_id=UUID(plan_id))


def plan_waiting() -> None:
    """Work out whatever plans of rounds a lost ring or a killed worker left unfinished."""
    for plan_id in unfinished_plans(timezone.now()):
        rounds.run_plan(plan_id=plan_id)
