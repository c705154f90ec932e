"""Write messages, send them, and look after those that did not arrive."""

from enrolment.messages.services.failures import (
    MessageMoved,
    retry_message,
    settle_message,
)
from enrolment.messages.services.sending import LEASE, MAX_ATTEMPTS, POSTMAN, send_message
from enrolment.messages.services.wording import (
    TextRefused,
    Wording,
    check_text,
    reset_text,
    set_text,
    word_message,
)
from enrolment.messages.services.writing import (
    Email,
    Sms,
    page_address,
    withdraw_messages,
    write_message,
)

__all__ = [
    "LEASE",
    "MAX_ATTEMPTS",
    "POSTMAN",
    "Email",
    "MessageMoved",
    "Sms",
    "TextRefused",
    "Wording",
    "check_text",
    "page_address",
    "reset_text",
    "retry_message",
    "send_message",
    "set_text",
    "settle_message",
    "withdraw_messages",
    "word_message",
    "write_message",
]
