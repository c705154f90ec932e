"""As many judging processes as there are cores, each started when those that run are busy."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from photos.worker.process import MEMORY, SECONDS, Worker


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """At most `size` workers (one for each core) for any number of threads.

    The one that was used last is taken first, so that a process which always has one picture at a
    time never has more than one worker running.
    """

    def __init__(
        self,
        folder: Path,
        *,
        size: int | None = None,
        seconds: float = SECONDS,
        memory: int = MEMORY,
    ) -> None:
        count = size or cores()
        self._workers = [Worker(folder, seconds=seconds, memory=memory) for _ in range(count)]
        self._idle = list(self._workers)
        self._places = threading.Semaphore(count)

    @contextlib.contextmanager
    def worker(self) -> Iterator[Worker]:
        """Lend a worker that nobody else has; wait for one while all are busy."""
        with self._places:
            lent = self._idle.pop()
            try:
                yield lent
            finally:
                self._idle.append(lent)

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that run now."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def stop(self) -> None:
        """End all processes; they start again when needed."""
        for worker in self._workers:
            worker.stop()
