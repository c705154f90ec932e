"""A house of its own with letters and a batch to send, a supervised worker, and a killer.

The worker's processes are killed by SIGKILL one after the other: its parent, the sentinel, the
workers, the monitor, the pusher. Meanwhile the sweepers are rung for, as each minute would.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_LINES = 20_000
FILL = """
import django; django.setup()
from uuid import uuid4
from enrolment import jobs
from enrolment.audit.services import System
from enrolment.messages.services import Email, write_message
from tests import card_builders
for number in range({letters}):
    email = Email(recipient="a@example.org", subject="Tid", body="Hej")
    write_message(
        actor=System("test"), federation_id=uuid4(), key=f"{{uuid4()}}", email=email
    )
issuer = None
for _ in range({batches}):
    card_builders.batch(2)
"""
SUPERVISE = """
import sys
from datetime import timedelta
from pathlib import Path
import django; django.setup()
from enrolment.desk import supervisor
supervisor.LOOK_EVERY_SECONDS = 0.2
supervisor.SHORT_LIFE = timedelta()
command = [sys.executable, "-m", "tests.services.wounded_worker"]
worker = supervisor.Program("worker", command, Path.cwd())
pulse = supervisor.Pulse(timedelta(seconds=1), timedelta(seconds=12))
supervisor.keep_running([worker], queue=worker, pulse=pulse)
"""
SWEEP = """
import sys
import django; django.setup()
from enrolment.jobs import async_task
for line in sys.stdin:
    for task in ("enrolment.messages.tasks.send_waiting", "enrolment.cards.tasks.build_waiting"):
        async_task(task)
"""
LEFT = """
SELECT (SELECT count(*) FROM outgoing_message WHERE state != 'sent')
     + (SELECT count(*) FROM cards_batch WHERE status != 'delivered')
"""


@dataclass
class House:
    """A data folder with a database, and the environment that leads a process to it."""

    data: Path
    env: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        own = {"FOTORUNDAN_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": "enrolment.settings"}
        rest = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.env = {**rest, **own, "PYTHONWARNINGS": "default"}

    def python(self, *arguments: str) -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True, stdout=subprocess.DEVNULL)

    def start(self, code: str, **pipes: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, cwd=ROOT, env=self.env, text=True, **pipes)

    def ask(self, question: str) -> list[tuple]:
        with closing(sqlite3.connect(self.data / "fotorundan.sqlite3", timeout=20)) as database:
            return database.execute(question).fetchall()

    def left(self) -> int:
        """How many letters are unsent and batches undelivered."""
        return self.ask(LEFT)[0][0]


def make_house(data: Path, *, letters: int, batches: int) -> House:
    house = House(data)
    for command in ("create_keys", "migrate"):
        house.python("manage.py", command, "--verbosity=0")
    house.python("-c", FILL.format(letters=letters, batches=batches))
    return house


@contextmanager
def supervised(house: House) -> Iterator["subprocess.Popen[str]"]:
    """Run the supervised worker; its log comes line by line from `stderr`."""
    program = house.start(SUPERVISE, stderr=subprocess.PIPE)
    try:
        yield program
    finally:
        program.terminate()
        program.stderr.read()
        program.wait()
        program.stderr.close()


@contextmanager
def sweeper(house: House) -> Iterator[Callable[[], None]]:
    """Give a function that rings for what was left behind."""
    program = house.start(SWEEP, stdin=subprocess.PIPE)

    def ring() -> None:
        program.stdin.write("\n")
        program.stdin.flush()

    try:
        yield ring
    finally:
        program.stdin.close()
        program.wait()


def wound_until_done(house: House, *, kills: int, seed: int) -> list[str]:
    """Let the worker work and kill a process of it now and then; return what was killed."""
    chance = random.Random(seed)
    killed: list[str] = []
    with supervised(house) as program, sweeper(house) as ring:
        for number in range(LONGEST_LINES):
            line = program.stderr.readline()
            if "running" in line or number % 8 == 0:
                ring()
            if len(killed) < kills and "Processed" in line and chance.random() < 0.4:
                killed += _kill_one(program.pid, len(killed))
            if len(killed) >= kills and number % 5 == 0 and not house.left():
                return killed
    raise AssertionError(f"{house.left()} things were never done; killed {killed}")


def _kill_one(supervisor: int, turn: int) -> list[str]:
    """Kill the next kind of process in turn, where the worker has it just now."""
    parts = _parts(supervisor)
    if not parts:
        return []
    name, pid = parts[turn % len(parts)]
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return [name]
    return []


def _parts(supervisor: int) -> list[tuple[str, int]]:
    """Name the worker's processes: parent, sentinel, and the sentinel's children in their order."""
    parents = _children(supervisor)
    sentinels = _children(parents[0]) if parents else []
    if not sentinels:
        return []
    children = [(f"child {n}", pid) for n, pid in enumerate(_children(sentinels[0]))]
    return [*children, ("sentinel", sentinels[0]), ("parent", parents[0])]


def _children(pid: int) -> list[int]:
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
