"""What stopped a message, read from the words of the server or the gateway that would not take it.

The codes are those of RFC 5321 (three digits) and RFC 3463 (three numbers with full stops).
"""

import re

# The first that fits counts. A code and what is looked for in the error.
_CAUSES = [
    ("no_number", re.compile(r"^PhoneNumberError: not_a_number")),
    ("not_mobile", re.compile(r"^PhoneNumberError: not_mobile")),
    ("sms_not_set_up", re.compile(r"^SmsNotSetUp")),
    ("sms_refused", re.compile(r"^SmsRefused")),
    ("sms_outage", re.compile(r"^SmsOutage")),
    ("no_log_in", re.compile(r"^SMTPAuthenticationError|\b530\b|\b535\b")),
    ("sender_refused", re.compile(r"^SMTPSenderRefused")),
    ("mailbox_full", re.compile(r"\b[45]\.2\.2\b|\b552\b")),
    ("unknown_recipient", re.compile(r"\b5\.1\.\d+\b|\b5\.2\.1\b|\b55[01]\b(?! 5\.7)|\b553\b")),
    ("blocked", re.compile(r"\b5\.7\.\d+\b|\b554\b")),
    ("try_later", re.compile(r"^SMTP\w+: .*\b4\d\d\b")),
    ("no_answer", re.compile(r"^(Connection|Timeout|gaierror|SMTPServer|SMTPConnect|SSL|OSError)")),
    ("not_a_mail", re.compile(r"^(ValueError|BadHeaderError|UnicodeError|HeaderParseError)")),
]


def cause(error: str) -> str:
    """Return the code of what stopped a message; `other` for what is not known here."""
    return next((code for code, looked_for in _CAUSES if looked_for.search(error)), "other")
