"""The health page and its report: green when all is well, red when a part is not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from django_q.models import Success

from enrolment.cards.demo_certificates import write_demo_certificates
from enrolment.desk import health
from enrolment.messages.models import Message
from photos.models import Capture
from tests import builders, card_builders, photo_builders

pytestmark = pytest.mark.django_db


def beat(age: timedelta = timedelta()) -> None:
    at = timezone.now() - age
    Success.objects.create(
        id=uuid4().hex, name="beat", func="enrolment.jobs.beat", started=at, stopped=at
    )


def letter(age: timedelta, state: str = "waiting") -> None:
    kept = Message.objects.create(
        federation_id=uuid4(), key=str(uuid4()), recipient="a@example.org", state=state
    )
    Message.objects.filter(pk=kept.pk).update(created_at=timezone.now() - age)


def states() -> dict[str, str]:
    return {check.name: str(check.state) for check in health.examine(timezone.now())}


def test_a_monitor_sees_green_when_all_is_well(client):
    beat()
    answer = client.get("/halsa")
    assert answer.status_code == 200
    assert answer.json()["state"] == "good"
    assert set(answer.json()["checks"].values()) == {"good"}


@pytest.mark.parametrize("age", [None, timedelta(seconds=121)])
def test_a_silent_queue_is_red(client, age):
    if age:
        beat(age)
    answer = client.get("/halsa")
    assert answer.status_code == 503
    assert answer.json() == {**answer.json(), "state": "bad"}
    assert answer.json()["checks"]["queue"] == "bad"


def test_a_full_disk_is_red(monkeypatch):
    monkeypatch.setattr(health, "LEAST_DISK_BYTES", 10**18)
    assert states()["disk"] == "bad"


def test_a_letter_that_waits_too_long_is_red():
    letter(timedelta(minutes=14))
    assert states()["messages"] == "good"
    letter(timedelta(minutes=16))
    assert states()["messages"] == "bad"


def test_a_letter_given_up_wants_a_look_for_a_week():
    letter(timedelta(days=8), "failed")
    assert states()["messages"] == "good"
    letter(timedelta(days=6), "failed")
    assert states()["messages"] == "warn"


def test_a_photo_that_waits_too_long_for_its_verdict_is_red():
    capture = photo_builders.received(photo_builders.checked_in())
    assert states()["photos"] == "good"
    Capture.objects.filter(pk=capture.pk).update(received_at=timezone.now() - timedelta(minutes=16))
    assert states()["photos"] == "bad"


def test_a_batch_that_waits_too_long_is_red():
    batch = card_builders.batch()
    assert states()["batches"] == "good"
    batch.sealed_at -= timedelta(minutes=16)
    batch.save()
    assert states()["batches"] == "bad"


@pytest.mark.parametrize(("days", "state"), [(700, "warn"), (731, "bad"), (600, "good")])
def test_a_certificate_that_runs_out_wants_a_look_and_then_help(days, state, settings):
    write_demo_certificates(settings.SIGNER_DIR, timezone.now() - timedelta(days=days))
    assert states()["certificates"] == state


def test_a_database_that_does_not_answer_is_red_and_nothing_else_is_asked(client, monkeypatch):
    class Broken:
        def __enter__(self):
            raise DatabaseError("gone")

        def __exit__(self, *_error):
            return False

    monkeypatch.setattr(connection, "cursor", Broken)
    checks = health.examine(timezone.now())
    assert [(check.name, str(check.state)) for check in checks] == [("database", "bad")]


def test_the_page_tells_an_administrator_what_to_do(log_in):
    page = log_in(builders.user("administrator", within=builders.federation())).get("/halsa/")
    assert page.status_code == 200
    assert "manage.py run" in page.content.decode()


def test_the_page_is_for_administrators(log_in, client):
    assert client.get("/halsa/").status_code == 302
    manager = builders.user("care_manager", within=builders.federation())
    assert log_in(manager).get("/halsa/").status_code == 404
