"""Keep the programs of the house running: start again what ends, and a queue that has wedged.

Each program has a session of its own, so that a signal to us reaches us alone: the queue's cluster
wedges when its parts are told at once. What is left of a program's session is killed before the
program is started again, so that there is never a second one beside it.
"""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.core.files import locks
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from enrolment import jobs

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1
GRACE_SECONDS = 20
# A program that ends within this time has not got going; so many in a row and we give up.
SHORT_LIFE = timedelta(seconds=10)
MOST_SHORT_LIVES = 5


class InUse(Exception):
    """Another program uses the house's data."""


class GivenUp(Exception):
    """A program ends again and again as soon as it is started; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@contextmanager
def claimed(data: Path, *, alone: bool) -> Iterator[BinaryIO]:
    """Claim the folder of the house's data: `alone` to replace what is in it, else beside others.

    The claim lasts as long as any process has the file that is returned. Raises InUse.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "in-use.lock").open("ab") as claim:
        if not locks.lock(claim, (locks.LOCK_EX if alone else locks.LOCK_SH) | locks.LOCK_NB):
            raise InUse
        yield claim


@dataclass
class Program:
    """A program that should always run: its command, and the process that runs it now.

    It has the open file `claim` too, so that it keeps it when we are killed.
    """

    name: str
    command: Sequence[str]
    folder: Path
    claim: BinaryIO | None = None
    short_lives: int = 0
    started_at: datetime = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start the program in a session of its own."""
        kept = (self.claim.fileno(),) if self.claim else ()
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, start_new_session=True, pass_fds=kept
        )
        self.started_at = timezone.now()

    def start_again(self) -> None:
        """Kill what is left of the program and start it. Raises GivenUp."""
        lived = timezone.now() - self.started_at
        self.short_lives = self.short_lives + 1 if lived < SHORT_LIFE else 0
        if self.short_lives == MOST_SHORT_LIVES:
            raise GivenUp(self.name)
        self.kill()
        self.start()

    def has_ended(self) -> bool:
        """Say whether the process has ended."""
        return self.process.poll() is not None

    def end(self) -> None:
        """Ask the program to end, and kill it if it doesn't within GRACE_SECONDS."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=GRACE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill whatever is left of the program's session."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Pulse:
    """The queue's sign of life: asked for now and then, missed when it stays away too long."""

    ask_every: timedelta = jobs.BEAT_EVERY
    dead_after: timedelta = jobs.DEAD_AFTER
    asked_at: datetime | None = None

    def is_missed(self, started_at: datetime) -> bool:
        """Ask when it is time, and say whether a queue started then has been silent too long.

        A database that doesn't answer tells nothing about the queue.
        """
        now = timezone.now()
        try:
            close_old_connections()
            self._ask(now)
            heard = max(jobs.last_beat() or started_at, started_at)
        except DatabaseError:
            logger.exception("The queue could not be asked for a sign of life.")
            return False
        return now - heard > self.dead_after

    def _ask(self, now: datetime) -> None:
        if self.asked_at is None or now - self.asked_at >= self.ask_every:
            self.asked_at = now
            jobs.ask_for_beat()


def keep_running(programs: Sequence[Program], queue: Program, pulse: Pulse) -> None:
    """Start the programs and keep them running until we are told to end; then end them.

    `queue`, one of the programs, is started again when its pulse is missed too. Raises GivenUp.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started: list[Program] = []
    try:
        for program in programs:
            program.start()
            started.append(program)
        while True:
            time.sleep(LOOK_EVERY_SECONDS)
            _look_after(programs, lambda program: program.has_ended(), "has ended")
            _look_after([queue], lambda program: pulse.is_missed(program.started_at), "is silent")
    except KeyboardInterrupt:
        logger.info("Told to end.")
    finally:
        for program in started:
            program.end()


def _look_after(
    programs: Sequence[Program], is_wrong: Callable[[Program], bool], what: str
) -> None:
    for program in programs:
        if is_wrong(program):
            logger.warning("%s %s and is started again.", program.name, what)
            program.start_again()
