"""The parent's side: start the process that plans, listen to it, and end it in time.

The process is started as a program of its own, so daemonic queue workers may use it too. What it
says is not trusted: each plan is read and checked here before anybody gets to see it.
"""

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from booking.domain.rounds import (
    Instance,
    InstanceError,
    Plan,
    cheapest_insertion,
    check,
    instance_json,
    objective,
    read_plan,
)

GRACE = 10.0  # seconds beyond those asked for: to start, and for a step of VROOM's to end
LISTEN = 0.1  # seconds between two looks at whether to go on
COMMAND = (sys.executable, "-m", "booking.worker")
ROOT = Path(__file__).resolve().parents[2]
# What the process may know of where it runs: no secret that settings come with.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG", "OPENBLAS_CORETYPE")
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

logger = logging.getLogger(__name__)


class Nonsense(ValueError):
    """The process said something that is no plan, or a plan that can't be driven."""


def solve(
    instance: Instance,
    *,
    seconds: float,
    seed: int,
    on_progress: Callable[[float, Plan], None],
    cancelled: Callable[[], bool],
    grace: float = GRACE,
    command: Sequence[str] = COMMAND,
) -> Plan:
    """Return the best plan found within some seconds, and at most `grace` more.

    `on_progress` is given the seconds so far and each better plan, first one made by cheapest
    insertion at once. `cancelled` is asked often; when it says so, the best plan so far is
    returned, as it is when the process hangs, dies or talks nonsense. Every plan has passed
    `check`.
    """
    began = time.monotonic()
    best = cheapest_insertion(instance)
    _must_be_right(instance, best)
    on_progress(time.monotonic() - began, best)
    if not instance.jobs or not instance.vehicles:
        return best
    question = {
        "instance": instance_json(instance),
        "seed": seed,
        "seconds": seconds,
        "began": began,
    }
    try:
        for line in _lines(command, question, began + seconds + grace, cancelled):
            plan = _plan(instance, line)
            if objective(instance, plan) < objective(instance, best):
                best = plan
                on_progress(time.monotonic() - began, best)
    except (Nonsense, TimeoutError, OSError) as error:
        logger.warning("The process that plans rounds was ended: %s", type(error).__name__)
    return best


def _plan(instance: Instance, line: bytes) -> Plan:
    try:
        plan = read_plan(json.loads(line))
    except (ValueError, InstanceError, RecursionError) as error:
        raise Nonsense from error
    _must_be_right(instance, plan)
    return plan


def _must_be_right(instance: Instance, plan: Plan) -> None:
    faults = check(instance, plan)
    if faults:
        raise Nonsense(faults[0].code)


def _lines(
    command: Sequence[str], question: object, until: float, cancelled: Callable[[], bool]
) -> Iterator[bytes]:
    """Yield what the process says until it ends or is cancelled; TimeoutError past `until`."""
    said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    with _running(command) as child:
        for target, given in ((_ask, json.dumps(question).encode()), (_hear, said)):
            threading.Thread(target=target, args=(child, given), daemon=True).start()
        while not cancelled():
            if time.monotonic() > until:
                raise TimeoutError
            with contextlib.suppress(queue.Empty):
                line = said.get(timeout=LISTEN)
                if not line:
                    return
                yield line


def _ask(child: subprocess.Popen[bytes], question: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended, which its silence tells
        pipe = cast("IO[bytes]", child.stdin)
        pipe.write(question)
        pipe.close()


def _hear(child: subprocess.Popen[bytes], said: queue.SimpleQueue[bytes]) -> None:
    """Pass on each line, at last an empty one."""
    with contextlib.suppress(OSError, ValueError):
        for line in cast("IO[bytes]", child.stdout):
            said.put(line)
    said.put(b"")


@contextlib.contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={name: os.environ[name] for name in INHERITED if name in os.environ} | THREADS,
        process_group=0,  # a Ctrl-C at the terminal is its parent's to answer
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", pipe).close()
