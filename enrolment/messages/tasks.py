"""What the queue does for messages."""

from uuid import UUID

from enrolment.messages import queries
from enrolment.messages.services import send_message


def send(message_id: str) -> None:
    """Send one message."""
    send_message(message_id=UUID(message_id))


def send_waiting() -> None:
    """Send whatever a lost ring left waiting, and what was to wait until now."""
    for message_id in queries.waiting_ids():
        send_message(message_id=message_id)
