"""What should always run is started again when it ends, and ends when we are told to end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone
from django_q.models import OrmQ, Success

from enrolment import jobs
from enrolment.desk import supervisor
from enrolment.desk.supervisor import Pulse

ROOT = Path(__file__).resolve().parents[2]
SUPERVISE = """
import sys
from datetime import timedelta
from pathlib import Path
import django; django.setup()
from enrolment.desk import supervisor

class Silent:
    def is_missed(self, started_at): return {silent}

supervisor.LOOK_EVERY_SECONDS = 0.05
supervisor.SHORT_LIFE = timedelta(seconds={short_life})
try:
    program = supervisor.Program("program", [sys.executable, "-c", {code!r}], Path.cwd())
    supervisor.keep_running([program], queue=program, pulse=Silent())
except supervisor.GivenUp as given_up:
    print("given up", given_up.name, flush=True)
print("ended", flush=True)
"""
LIVES = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
HAS_A_CHILD = """
import os, signal
child = os.fork()
if child: print(os.getpid(), child, flush=True)
signal.pause()
"""
ENDS = "print('started', flush=True)"


@contextmanager
def supervised(
    tmp_path: Path, code: str, silent: str = "False", short_life: float = 0
) -> Iterator[subprocess.Popen[str]]:
    script = SUPERVISE.format(code=code, silent=silent, short_life=short_life)
    own = {"FOTORUNDAN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "enrolment.settings"}
    program = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield program
    finally:
        program.terminate()
        program.wait()
        program.stdout.close()


def next_pids(program: subprocess.Popen[str]) -> list[int]:
    return [int(word) for word in program.stdout.readline().split()]


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    return False


def test_a_program_that_is_killed_is_started_again(tmp_path):
    with supervised(tmp_path, LIVES) as program:
        [first] = next_pids(program)
        os.kill(first, signal.SIGKILL)
        [second] = next_pids(program)
        assert second != first
        assert is_alive(second)


def test_what_a_killed_program_leaves_behind_is_killed_before_the_next_one(tmp_path):
    with supervised(tmp_path, HAS_A_CHILD) as program:
        leader, child = next_pids(program)
        os.kill(leader, signal.SIGKILL)
        next_pids(program)
        assert not is_alive(child)


def test_a_silent_queue_is_killed_and_started_again(tmp_path):
    with supervised(tmp_path, LIVES, silent="True") as program:
        pids = [next_pids(program)[0] for _ in range(3)]
        assert len(set(pids)) == 3


def test_a_program_that_never_gets_going_is_given_up(tmp_path):
    with supervised(tmp_path, ENDS, short_life=60) as program:
        lines = program.stdout.read().split("\n")
    assert lines.count("started") == 5
    assert lines[-3:] == ["given up program", "ended", ""]


def test_a_program_that_ends_now_and_then_is_never_given_up(tmp_path):
    with supervised(tmp_path, ENDS) as program:
        lines = [program.stdout.readline() for _ in range(8)]
    assert lines == ["started\n"] * 8


def test_being_told_to_end_ends_the_programs_first(tmp_path):
    with supervised(tmp_path, LIVES) as program:
        [pid] = next_pids(program)
        program.terminate()
        assert program.stdout.readline() == "ended\n"
        assert not is_alive(pid)


def test_a_program_that_cannot_be_started_leaves_none_running(tmp_path, monkeypatch):
    kept = supervisor.Program("kept", [sys.executable, "-c", LIVES], tmp_path)
    missing = supervisor.Program("missing", ["/nowhere/program"], tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_arguments: None)
    with pytest.raises(FileNotFoundError):
        supervisor.keep_running([kept, missing], queue=missing, pulse=Pulse())
    assert kept.has_ended()


@pytest.mark.usefixtures("own_database")
class TestPulse:
    def test_a_beat_is_asked_for_now_and_then(self):
        pulse = Pulse()
        pulse.is_missed(timezone.now())
        pulse.is_missed(timezone.now())
        assert [task.func() for task in OrmQ.objects.all()] == ["enrolment.jobs.beat"]
        pulse.asked_at -= timedelta(seconds=30)
        pulse.is_missed(timezone.now())
        assert OrmQ.objects.count() == 2

    @pytest.mark.parametrize(
        ("beat_age", "started_age", "missed"),
        [(None, 119, False), (None, 121, True), (119, 999, False), (121, 999, True)],
    )
    def test_a_pulse_is_missed_after_two_minutes(self, beat_age, started_age, missed):
        now = timezone.now()
        if beat_age:
            at = now - timedelta(seconds=beat_age)
            Success.objects.create(
                id=uuid4().hex, name="beat", func="enrolment.jobs.beat", started=at, stopped=at
            )
        assert Pulse().is_missed(now - timedelta(seconds=started_age)) is missed

    def test_a_silent_database_says_nothing_of_the_queue(self, monkeypatch):
        def broken() -> None:
            raise DatabaseError("gone")

        monkeypatch.setattr(jobs, "ask_for_beat", broken)
        assert Pulse().is_missed(timezone.now() - timedelta(days=1)) is False
