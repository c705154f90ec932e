"""What the queue does for the booking room."""

from booking.services.bookings import release_ended


def release_slots() -> None:
    """Give back the slots that nobody will come to."""
    release_ended()
