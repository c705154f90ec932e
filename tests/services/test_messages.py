"""A message is written once for its occasion, sent once in effect, and tried again on failure."""

import email
import socket
from datetime import timedelta
from email import policy
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.utils import timezone

from enrolment.audit.models import Entry
from enrolment.audit.services import System
from enrolment.messages import queries, tasks
from enrolment.messages.models import Message
from enrolment.messages.services import (
    LEASE,
    MAX_ATTEMPTS,
    Email,
    MessageMoved,
    retry_message,
    send_message,
    settle_message,
    withdraw_messages,
    write_message,
)

pytestmark = pytest.mark.django_db

FEDERATION = uuid4()
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def write(key: str = "booked:1", **more) -> Message:
    told = {"recipient": "asa@example.org", "subject": "Din tid", "body": "Hej Åsa!", **more}
    return write_message(
        actor=System("test"), federation_id=FEDERATION, key=key, email=Email(**told)
    )


def let_go(message: Message) -> None:
    """Let the lease run out."""
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.filter(pk=message.pk).update(leased_until=past)


def test_an_occasion_writes_one_message_and_one_line():
    first, second = write(), write(subject="Något annat")
    assert first.pk == second.pk
    assert Message.objects.get().subject == "Din tid"
    assert Entry.objects.filter(action="messages.write_message").count() == 1


def test_other_occasions_write_other_messages():
    write("booked:1")
    write("booked:2")
    assert Message.objects.count() == 2


def test_the_message_goes_after_commit(settings, django_capture_on_commit_callbacks):
    settings.JOBS_INLINE = True
    with django_capture_on_commit_callbacks(execute=True):
        message = write()
        assert mail.outbox == []
    message.refresh_from_db()
    assert message.state == Message.State.SENT
    assert [sent.to for sent in mail.outbox] == [["asa@example.org"]]


def test_a_sent_message_is_not_sent_again():
    message = write()
    assert send_message(message_id=message.pk)
    let_go(message)
    assert not send_message(message_id=message.pk)
    assert len(mail.outbox) == 1
    assert Entry.objects.filter(action="messages.send_message").count() == 1


@pytest.mark.parametrize("state", ["sent", "withdrawn", "settled"])
def test_what_a_message_said_is_gone_once_it_is_not_to_be_sent_any_more(state):
    message = write(calendar=CALENDAR, calendar_method="REQUEST")
    if state == "sent":
        send_message(message_id=message.pk)
    elif state == "withdrawn":
        withdraw_messages(prefix="booked:")
    else:
        Message.objects.update(state=Message.State.FAILED)
        kept = Message.objects.get()
        assert (kept.body, kept.calendar) == ("Hej Åsa!", CALENDAR), "it may be sent again"
        settle_message(actor=System("test"), message=message)
    gone = Message.objects.get()
    assert (gone.body, gone.calendar) == ("", "")
    assert (gone.recipient, gone.subject) == ("asa@example.org", "Din tid")


def test_a_message_another_worker_holds_is_left_alone_until_its_lease_ends():
    message = write()
    Message.objects.filter(pk=message.pk).update(leased_until=timezone.now() + LEASE)
    assert not send_message(message_id=message.pk)
    assert mail.outbox == []
    let_go(message)
    assert send_message(message_id=message.pk)
    assert len(mail.outbox) == 1


def test_a_message_that_does_not_exist_is_not_sent():
    assert not send_message(message_id=uuid4())


def test_nothing_goes_before_its_time(settings, django_capture_on_commit_callbacks):
    settings.JOBS_INLINE = True
    later = timezone.now() + timedelta(hours=3)
    with django_capture_on_commit_callbacks(execute=True):
        message = write_message(
            actor=System("test"),
            federation_id=FEDERATION,
            key="reminder:1",
            email=Email("asa@example.org", "Din tid", "Hej!"),
            not_before=later,
        )
    assert not send_message(message_id=message.pk)
    assert queries.waiting_ids() == []
    assert queries.waiting_since() is None, "it has not waited in vain"
    assert mail.outbox == []
    Message.objects.filter(pk=message.pk).update(not_before=timezone.now())
    tasks.send_waiting()
    assert len(mail.outbox) == 1


def test_what_no_longer_applies_is_withdrawn_and_never_sent():
    stale, sent, other = write("reminder:1:0:a"), write("reminder:1:0:b"), write("reminder:11:0")
    send_message(message_id=sent.pk)
    failed = write("reminder:1:0:c")
    Message.objects.filter(pk=failed.pk).update(state=Message.State.FAILED)
    assert withdraw_messages(prefix="reminder:1:") == 2
    tasks.send_waiting()
    states = {message.key: message.state for message in Message.objects.all()}
    assert states == {
        stale.key: "withdrawn",
        failed.key: "withdrawn",
        sent.key: "sent",
        other.key: "sent",
    }
    assert len(mail.outbox) == 2


def test_what_went_while_it_was_withdrawn_is_told_as_sent(monkeypatch):
    message = write()

    def send_slowly(mail) -> None:
        assert withdraw_messages(prefix="booked:1") == 1

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", send_slowly)
    assert send_message(message_id=message.pk)
    message.refresh_from_db()
    assert message.state == Message.State.SENT


def test_a_message_is_of_one_channel():
    with pytest.raises(TypeError):
        write_message(actor=System("test"), federation_id=FEDERATION, key="nothing")


def test_the_calendar_goes_with_its_method():
    message = write(calendar=CALENDAR, calendar_method="REQUEST")
    send_message(message_id=message.pk)
    sent = email.message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)
    part = next(part for part in sent.walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    assert part.get_content().splitlines() == CALENDAR.splitlines()
    assert sent["Message-ID"] == f"<{message.pk}@fotorundan>"


# --- A real server ------------------------------------------------------------------------------


class Post:
    """Keep what arrives, or refuse it."""

    def __init__(self) -> None:
        self.arrived: list[tuple[list[str], bytes]] = []
        self.refuses = False
        self.says_of_recipient = "250 OK"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's
        self, server, session, envelope, address, options
    ) -> str:
        if self.says_of_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says_of_recipient

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- aiosmtpd's
        if self.refuses:
            return "451 Try again later"
        self.arrived.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def post(settings):
    handler = Post()
    port = free_port()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 10},
        }
    }
    yield handler
    server.stop()


def test_a_message_reaches_a_real_server(post):
    message = write(calendar=CALENDAR, calendar_method="REQUEST")
    assert send_message(message_id=message.pk)
    recipients, content = post.arrived[0]
    arrived = email.message_from_bytes(content, policy=policy.default)
    assert recipients == ["asa@example.org"]
    assert arrived["Subject"] == "Din tid"
    assert arrived.get_body(("plain",)).get_content().strip() == "Hej Åsa!"
    assert "text/calendar" in {part.get_content_type() for part in arrived.walk()}


def test_a_refused_message_is_tried_again_later_and_then_goes(post):
    post.refuses = True
    message = write()
    assert not send_message(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.WAITING, 1)
    assert "451" in message.error
    assert message.leased_until > timezone.now()
    post.refuses = False
    let_go(message)
    assert send_message(message_id=message.pk)
    assert len(post.arrived) == 1


def test_the_wait_grows_and_after_the_last_try_the_message_has_failed(post):
    post.refuses = True
    message, waits = write(), []
    for _attempt in range(MAX_ATTEMPTS):
        let_go(message)
        send_message(message_id=message.pk)
        message.refresh_from_db()
        waits.append(message.leased_until - timezone.now())
    assert message.state == Message.State.FAILED
    assert waits == sorted(waits)
    assert sum(waits[:-1], timedelta()) > timedelta(days=2), "a weekend without mail server"
    let_go(message)
    assert not send_message(message_id=message.pk)
    assert queries.waiting_ids() == []


def test_no_server_is_a_failure_that_waits(settings, post):
    settings.MAILERS["default"]["OPTIONS"]["port"] = 1
    message = write()
    assert not send_message(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.WAITING, 1)


def test_a_message_that_cannot_be_a_mail_holds_up_no_other(post):
    broken, good = write("booked:1", subject="Två\nrader"), write("booked:2")
    tasks.send_waiting()
    assert len(post.arrived) == 1
    for message in (broken, good):
        message.refresh_from_db()
    assert (broken.state, good.state) == (Message.State.WAITING, Message.State.SENT)
    assert broken.error


@pytest.mark.parametrize("late", [None, OSError("cut off")], ids=["went", "failed"])
@pytest.mark.parametrize("refuses", [False, True], ids=["the other sent", "the other failed"])
def test_what_a_worker_finds_out_after_its_lease_changes_nothing(post, monkeypatch, late, refuses):
    message = write()

    def send_slowly(mail) -> None:
        monkeypatch.undo()
        let_go(message)
        post.refuses = refuses
        assert send_message(message_id=message.pk) is not refuses
        if late:
            raise late

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", send_slowly)
    assert not send_message(message_id=message.pk)
    message.refresh_from_db()
    assert message.attempts == 2
    assert message.state == (Message.State.WAITING if refuses else Message.State.SENT)
    assert ("451" in message.error) is refuses
    assert Entry.objects.filter(action="messages.send_message").count() == (not refuses)


def test_the_sweeper_sends_what_a_lost_ring_left(post):
    for number in range(3):
        write(f"booked:{number}", recipient=f"p{number}@example.org")
    tasks.send_waiting()
    assert [to for to, _content in post.arrived] == [[f"p{n}@example.org"] for n in range(3)]
    tasks.send_waiting()
    assert len(post.arrived) == 3


# --- Refused for good -----------------------------------------------------------------------------


def test_an_unknown_recipient_has_failed_at_once_with_the_servers_words(post):
    post.says_of_recipient = "550 5.1.1 No such user here"
    message = write()
    assert not send_message(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (Message.State.FAILED, 1)
    assert message.error == "SMTPRecipientsRefused: 550 5.1.1 No such user here"
    assert queries.failed_since(message.created_at) == 1


def test_a_recipient_refused_for_now_is_tried_again(post):
    post.says_of_recipient = "450 4.7.1 Greylisted"
    message = write()
    assert not send_message(message_id=message.pk)
    message.refresh_from_db()
    assert message.state == Message.State.WAITING
    post.says_of_recipient = "250 OK"
    let_go(message)
    assert send_message(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == (Message.State.SENT, "")


@pytest.fixture
def failed(post) -> Message:
    post.says_of_recipient = "550 5.1.1 No such user here"
    message = write(calendar=CALENDAR, calendar_method="REQUEST")
    send_message(message_id=message.pk)
    post.says_of_recipient = "250 OK"
    return message


def test_a_failed_message_is_sent_again_to_another_address(failed, post):
    boss = System("test")
    retry_message(actor=boss, message=failed, recipient="ny@example.org", calendar=CALENDAR)
    tasks.send_waiting()
    assert [to for to, _content in post.arrived] == [["ny@example.org"]]
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (Message.State.SENT, 2)
    with pytest.raises(MessageMoved):
        retry_message(actor=boss, message=failed)
    with pytest.raises(MessageMoved):
        settle_message(actor=boss, message=failed)
    assert Entry.objects.filter(action="messages.retry_message").count() == 1


def test_a_failed_message_that_is_dealt_with_is_counted_no_more(failed, post):
    settle_message(actor=System("test"), message=failed)
    failed.refresh_from_db()
    assert failed.settled_at
    assert queries.failed_since(failed.created_at) == 0
    assert not queries.failed([FEDERATION]).exists()
    with pytest.raises(MessageMoved):
        settle_message(actor=System("test"), message=failed)
    assert withdraw_messages(prefix=failed.key) == 0
