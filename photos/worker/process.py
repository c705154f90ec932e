"""One judging process: started, asked, and replaced when it hangs or dies."""

import contextlib
import os
import signal
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
from photos.worker.messages import judge_request, read_judgement, receive, send, show_request

SECONDS = 5.0  # of a processor, for one picture; a good one of 24 megapixels takes about 0.1
PATIENCE = 2  # so many times as long by the clock: longer, and it is the machine that is swamped
START_SECONDS = 60.0  # to load the models, on a machine busy with other things
MEMORY = 700_000_000  # bytes of address space; 24 megapixels take 280 MB of it, as HEIC 430

PROGRAM = "photos.worker.child"
ROOT = Path(__file__).resolve().parents[2]
# One thread each: the same numbers every time, and no arenas and stacks for threads that only wait.
# Memory of a picture is kept for the next instead of going back to the system each time, which took
# 12 of 90 ms at 24 megapixels (measured).
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "64000000",
    "MALLOC_TRIM_THRESHOLD_": "64000000",
    "MALLOC_TOP_PAD_": "16000000",
}
# What else the process may know of where it runs: no secret that settings come with.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG", "OPENBLAS_CORETYPE")


class Died(Exception):
    """The judging process ended before it answered."""


class CannotStart(OSError):
    """The judging process ended or hung while it loaded the models; standard error tells why."""


class Swamped(OSError):
    """There was no answer in time, though the picture had not had its share of the processor."""


class Worker:
    """A judging process, started at its first picture. Not for two threads at a time."""

    def __init__(self, folder: Path, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._folder, self._seconds, self._memory = folder, seconds, memory
        self._child: subprocess.Popen[bytes] | None = None

    def judge(
        self, data: bytes, profile: Profile, *, nudge: Nudge = AS_CUT, annotate: bool = False
    ) -> Judgement:
        """Return the judgement of one picture.

        Raises `Refused`, `WeightError`, `CannotStart` or `Swamped`.
        """
        return read_judgement(
            *self._ask(judge_request(profile, nudge=nudge, annotate=annotate), data)
        )

    def shown(self, data: bytes, *, longest_side: int) -> bytes:
        """Return what `photos.domain.intake.shown` makes of one picture; raise as `judge`."""
        return self._ask(show_request(longest_side), data)[1]

    @property
    def pid(self) -> int | None:
        """The number of the process that runs now, None if there is none."""
        if self._child is None or self._child.poll() is not None:
            return None
        return self._child.pid

    def stop(self) -> None:
        """End the process; the next picture starts a new one."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)

    def _ask(self, request: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a request.

        A picture at which the process dies is tried once more with a new one, in case it was the
        process that had been killed. One that takes too much of the processor is refused at once.
        """
        try:
            return self._ask_once(request, data)
        except Died:
            pass
        try:
            return self._ask_once(request, data)
        except Died as error:
            raise Refused("crashed") from error

    def _ask_once(self, request: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        child = self._running()
        try:
            head, body = _exchange(child, self._seconds * PATIENCE, request, data)
        except TimeoutError as error:
            raise Swamped from error
        except Died as error:
            if child.returncode == -signal.SIGPROF:  # it stopped itself: photos.worker.child
                raise Refused("too_slow", {"seconds": round(self._seconds)}) from error
            raise
        if "refused" in head:
            raise Refused(head["refused"], head["params"])
        return head, body

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, started anew if there is none or it has ended."""
        if self._child is None or self._child.poll() is not None:
            self.stop()
            self._child = self._start()
        return self._child

    def _start(self) -> subprocess.Popen[bytes]:
        limits = (str(self._memory), str(self._seconds))
        child = subprocess.Popen(
            [sys.executable, "-m", PROGRAM, self._folder.resolve(), *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=_environment(),
            process_group=0,  # a Ctrl-C at the terminal is its parent's to answer
        )
        try:
            head, _ = _exchange(child, START_SECONDS)
        except (TimeoutError, Died) as error:
            raise CannotStart from error
        if "weight_error" in head:
            _end(child)
            raise getattr(weights, head["weight_error"])(head["name"], head["folder"])
        return child


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


def _exchange(
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
    except BaseException:  # such as a job's timeout: its answer must not be taken for the next one
        _end(child)
        raise
    finally:
        alarm.cancel()


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
