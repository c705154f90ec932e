"""Judge untrusted bytes in a warm process of its own, limited in time, memory and rights.

One child per process is started at the first picture and kept; a child that hangs or dies is
replaced. It is started as a program of its own, so daemonic queue workers may use it too.
"""

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

from photos import weights
from photos.domain.crop import Nudge
from photos.domain.intake import Refused
from photos.domain.judgement import AS_CUT, Judgement
from photos.domain.profile import Profile
from photos.worker.messages import read_judgement, receive, request_head, send

SECONDS = 5.0  # for one picture; a good one of 24 megapixels takes about 0.13
START_SECONDS = 60.0  # to load the models, on a machine busy with other things
MEMORY = 700_000_000  # bytes of address space; a photo of 24 megapixels takes 225 MB of it

ROOT = Path(__file__).resolve().parents[2]
# One thread each: the same numbers every time, and no arenas and stacks for threads that only wait.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
# What else the process may know of where it runs: no secret that settings come with.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG", "OPENBLAS_CORETYPE")


class Died(Exception):
    """The judging process ended before it answered."""


class CannotStart(OSError):
    """The judging process ended or hung while it loaded the models; standard error tells why."""


class Worker:
    """A judging process and the lock that lets one thread at a time talk to it."""

    def __init__(self, folder: Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._folder, self._seconds, self._memory = folder, seconds, memory
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def judge(
        self, data: bytes, profile: Profile, *, nudge: Nudge = AS_CUT, annotate: bool = False
    ) -> Judgement:
        """Return the judgement of one picture; raise `Refused`, `WeightError` or `CannotStart`.

        A picture at which the process dies is tried once more with a new one, in case it was the
        process that had been killed. One that takes too long is refused at once.
        """
        request = request_head(profile, nudge=nudge, annotate=annotate)
        with self._lock:
            try:
                return self._ask(request, data)
            except Died:
                pass
            try:
                return self._ask(request, data)
            except Died as error:
                raise Refused("crashed") from error

    @property
    def pid(self) -> int | None:
        """The number of the process that runs now, None before the first picture."""
        return None if self._child is None else self._child.pid

    def stop(self) -> None:
        """End the process; the next picture starts a new one."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)

    def _ask(self, request: Mapping[str, Any], data: bytes) -> Judgement:
        child = self._running()
        try:
            head, body = self._exchange(child, self._seconds, request, data)
        except TimeoutError as error:
            raise Refused("too_slow", {"seconds": round(self._seconds)}) from error
        if "refused" in head:
            raise Refused(head["refused"], head["params"])
        return read_judgement(head, body)

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, started anew if there is none or it has ended."""
        if self._child is None or self._child.poll() is not None:
            self.stop()
            self._child = self._start()
        return self._child

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-m", f"{__name__}.child", self._folder.resolve(), str(self._memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=_environment(),
            process_group=0,  # a Ctrl-C at the terminal is its parent's to answer
        )
        try:
            head, _ = self._exchange(child, START_SECONDS)
        except (TimeoutError, Died) as error:
            raise CannotStart from error
        if "weight_error" in head:
            _end(child)
            raise getattr(weights, head["weight_error"])(head["name"], head["folder"])
        return child

    def _exchange(
        self,
        child: subprocess.Popen[bytes],
        seconds: float,
        request: Mapping[str, Any] | None = None,
        data: bytes = b"",
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request, if any, and return the answer; raise TimeoutError or Died without one."""
        alarm = Alarm(seconds, child)
        try:
            if request is not None:
                send(_pipe(child.stdin), request, data)
            return receive(_pipe(child.stdout))
        except (OSError, EOFError, ValueError) as error:
            _end(child)
            raise (TimeoutError if alarm.rang else Died) from error
        finally:
            alarm.cancel()


class Alarm:
    """Kills a process unless cancelled in time, and remembers that it did."""

    def __init__(self, seconds: float, child: subprocess.Popen[bytes]) -> None:
        self.rang = False
        self._child = child
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Let the process live."""
        self._timer.cancel()

    def _ring(self) -> None:
        self.rang = True
        self._child.kill()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return kept | ENVIRONMENT


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe of a process that `Worker` started; all of them have both."""
    return cast("IO[bytes]", stream)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill a process, collect it and close its pipes."""
    child.kill()
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):  # what was still to be sent has nowhere to go
            _pipe(pipe).close()
    child.wait()


_workers: dict[tuple[int, Path], Worker] = {}
_guard = threading.Lock()


def judge_in_worker(
    data: bytes,
    profile: Profile,
    *,
    folder: Path,
    nudge: Nudge = AS_CUT,
    annotate: bool = False,
) -> Judgement:
    """Judge one picture in this process's own worker, with the models in `folder`.

    Raises `photos.domain.intake.Refused` for what can't be judged, `photos.weights.WeightError` for
    a missing or changed model and `CannotStart`, an OSError, when the machine is at fault.
    A `nudge` moves the crop; with `annotate` the judgement also holds a drawing of itself.
    """
    return _worker(folder).judge(data, profile, nudge=nudge, annotate=annotate)


def stop_workers() -> None:
    """End this process's workers; they start again when needed."""
    for (owner, _), worker in list(_workers.items()):
        if owner == os.getpid():
            worker.stop()


def _worker(folder: Path) -> Worker:
    """Return the worker of this process: one that a fork inherited is its parent's to talk to."""
    with _guard:
        return _workers.setdefault((os.getpid(), folder), Worker(folder))


atexit.register(stop_workers)
