"""The queue is a doorbell: what is rung for is done, and what a lost ring left is done too."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import transaction
from django_q.models import OrmQ, Schedule

from enrolment import jobs, vault
from tests import databases

ROOT = Path(__file__).resolve().parents[2]
WRITE = """
import django; django.setup()
from uuid import uuid4
from enrolment import jobs, vault
from tests import databases
from enrolment.audit.services import System
from enrolment.messages.services import Email, write_message
if {lost}: jobs.async_task = lambda *args: None
email = Email(recipient="a@example.org", subject="Tid", body="Hej")
write_message(actor=System("test"), federation_id=uuid4(), key="{key}", email=email)
jobs.schedule_sweepers()
"""
STATES = """
import django; django.setup()
from enrolment.messages.models import Message
print(sorted(Message.objects.values_list("key", "state")))
"""


def python(data: Path, code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env(data),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def env(data: Path) -> dict[str, str]:
    own = {"FOTORUNDAN_DATA": str(data), "DJANGO_SETTINGS_MODULE": "enrolment.settings"}
    return {**os.environ, **own, "PYTHONWARNINGS": "default"}


@pytest.fixture
def house(own_database, tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", databases.url(own_database))
    vault.create_keys(tmp_path / "keys")
    return tmp_path


@contextmanager
def cluster(data: Path) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=ROOT,
        env=env(data),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield program
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.stderr.close()
        program.wait()


def wait_for(program: subprocess.Popen[str], words: str) -> None:
    """Read the cluster's log until the words come; the log's end means that they never will."""
    seen = []
    for line in program.stderr:
        seen.append(line)
        if words in line:
            return
    pytest.fail(f"{words!r} never came:\n{''.join(seen)}")


def mails(data: Path) -> list[Path]:
    return list((data / "mail").glob("*")) if (data / "mail").exists() else []


def test_what_is_rung_for_is_done_by_the_worker(house):
    python(house, WRITE.format(lost=False, key="rung"))
    assert mails(house) == []
    with cluster(house) as program:
        wait_for(program, "Processed 'enrolment.messages.tasks.send'")
    assert python(house, STATES) == "[('rung', 'sent')]"
    assert len(mails(house)) == 1


def test_a_lost_ring_and_a_killed_cluster_are_mended_by_the_sweeper(house):
    python(house, WRITE.format(lost=True, key="lost"))
    python(house, WRITE.format(lost=False, key="killed"))
    with cluster(house) as program:
        wait_for(program, "running")
    with cluster(house) as program:
        wait_for(program, "Processed 'enrolment.messages.tasks.send_waiting'")
    assert python(house, STATES) == "[('killed', 'sent'), ('lost', 'sent')]"
    assert len(mails(house)) == 2


@pytest.mark.django_db
def test_a_ring_that_fails_does_not_undo_what_was_asked(monkeypatch, caplog):
    def broken(*_args: str) -> None:
        raise OSError("the queue is away")

    monkeypatch.setattr(jobs, "async_task", broken)
    with transaction.atomic():
        schedule = Schedule.objects.create(func="asked")
        jobs.ring("enrolment.messages.tasks.send", "1")
    assert Schedule.objects.filter(pk=schedule.pk).exists()
    assert "the queue is away" in caplog.text


@pytest.mark.django_db
def test_nothing_is_rung_for_what_was_rolled_back():
    with transaction.atomic():
        jobs.ring("enrolment.messages.tasks.send", "1")
        transaction.set_rollback(True)
    jobs.ring("enrolment.messages.tasks.send", "2")
    [rung] = OrmQ.objects.all()
    assert rung.task["args"] == ("2",)
