import pytest

from enrolment.desk.words import WORDS
from enrolment.messages.domain.causes import _CAUSES, cause


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("SMTPRecipientsRefused: 550 5.1.1 No such user", "unknown_recipient"),
        ("SMTPRecipientsRefused: 550 Unknown", "unknown_recipient"),
        ("SMTPRecipientsRefused: 553 mailbox name not allowed", "unknown_recipient"),
        ("SMTPRecipientsRefused: 552 5.2.2 Over quota", "mailbox_full"),
        ("SMTPRecipientsRefused: 452 4.2.2 Over quota", "mailbox_full"),
        ("SMTPRecipientsRefused: 550 5.7.1 Blocked", "blocked"),
        ("SMTPDataError: (554, b'Spam')", "blocked"),
        ("SMTPDataError: (451, b'Try again later')", "try_later"),
        ("SMTPRecipientsRefused: 450 4.7.1 Greylisted", "try_later"),
        ("SMTPSenderRefused: (550, b'No', 'a@b')", "sender_refused"),
        ("SMTPAuthenticationError: (535, b'5.7.8 Bad')", "no_log_in"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "no_answer"),
        ("TimeoutError: timed out", "no_answer"),
        ("gaierror: [Errno -2] Name or service not known", "no_answer"),
        ("PhoneNumberError: not_mobile", "not_mobile"),
        ("PhoneNumberError: not_a_number", "no_number"),
        ("SmsRefused: 400 Invalid to", "sms_refused"),
        ("SmsOutage: 503 ", "sms_outage"),
        ("SmsNotSetUp: no gateway is set", "sms_not_set_up"),
        ("BadHeaderError: Header values can't contain newlines", "not_a_mail"),
        ("", "other"),
        ("SomethingElse: 12", "other"),
    ],
)
def test_the_cause_is_read_from_the_words(error, code):
    assert cause(error) == code


def test_every_cause_has_a_sentence_and_a_remedy():
    codes = {code for code, _looked_for in _CAUSES} | {"other"}
    assert codes == set(WORDS["message_cause"]) == set(WORDS["message_remedy"])
