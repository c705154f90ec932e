"""The parent's side: start the processes that plan, listen to them, and end them in time.

There are as many as there are cores, two at most: each searches by other dice, and the best of two
searches is better than most. They are started as programs of their own, so daemonic queue workers
may use them too. What they say is not trusted: each plan is read and checked here before anybody
gets to see it.
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
SEARCHES = 2  # at most, and no more than there are cores
COMMAND = (sys.executable, "-m", "booking.worker")
ROOT = Path(__file__).resolve().parents[2]
# What a process may know of where it runs: no secret that settings come with.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "LANG", "OPENBLAS_CORETYPE")
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

logger = logging.getLogger(__name__)


class Nonsense(ValueError):
    """A process said something that is no plan, or a plan that can't be driven."""


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
    returned, as it is when the processes hang, die or talk nonsense. Every plan has passed
    `check`.
    """
    began = time.monotonic()
    best = cheapest_insertion(instance)
    _must_be_right(instance, best)
    on_progress(time.monotonic() - began, best)
    if not instance.jobs or not instance.vehicles:
        return best
    told = {"instance": instance_json(instance), "seconds": seconds, "began": began}
    questions = [json.dumps(told | {"seed": seed + n}).encode() for n in range(_searches())]
    try:
        for line in _lines(command, questions, began + seconds + grace, cancelled):
            plan = _plan(instance, line)
            if objective(instance, plan) < objective(instance, best):
                best = plan
                on_progress(time.monotonic() - began, best)
    except (Nonsense, TimeoutError, OSError) as error:
        logger.warning("The processes that plan rounds were ended: %s", type(error).__name__)
    return best


def _searches() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(SEARCHES, cores or 1)


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
    command: Sequence[str], questions: Sequence[bytes], until: float, cancelled: Callable[[], bool]
) -> Iterator[bytes]:
    """Yield what the processes say until all end or are cancelled; TimeoutError past `until`."""
    said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    with contextlib.ExitStack() as stack:
        for question in questions:
            child = stack.enter_context(_running(command))
            threading.Thread(target=_ask, args=(child, question), daemon=True).start()
            threading.Thread(target=_hear, args=(child, said), daemon=True).start()
        talking = len(questions)
        while talking and not cancelled():
            if time.monotonic() > until:
                raise TimeoutError
            with contextlib.suppress(queue.Empty):
                line = said.get(timeout=LISTEN)
                if line:
                    yield line
                else:
                    talking -= 1


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
