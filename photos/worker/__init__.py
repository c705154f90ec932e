"""Judge untrusted bytes in warm processes of their own, limited in time, memory and rights.

Up to as many as there are cores are started as pictures come, and kept; one that hangs or dies is
replaced. They are started as programs of their own, so daemonic queue workers may use them too.
"""

import atexit
import os
import threading
from pathlib import Path

from photos.domain.crop import Nudge
from photos.domain.judgement import AS_CUT, Judgement
from photos.domain.profile import Profile
from photos.worker.pool import Pool, cores
from photos.worker.process import MEMORY, SECONDS, CannotStart, Swamped, Worker

__all__ = [
    "MEMORY",
    "SECONDS",
    "CannotStart",
    "Pool",
    "Swamped",
    "Worker",
    "cores",
    "judge_in_worker",
    "shown_in_worker",
    "stop_workers",
]

_pools: dict[tuple[int, Path], Pool] = {}
_guard = threading.Lock()


def judge_in_worker(
    data: bytes,
    profile: Profile,
    *,
    folder: Path,
    nudge: Nudge = AS_CUT,
    annotate: bool = False,
) -> Judgement:
    """Judge one picture in one of this process's own workers, with the models in `folder`.

    Raises `photos.domain.intake.Refused` for what can't be judged, `photos.weights.WeightError` for
    a missing or changed model and `CannotStart` or `Swamped`, OSErrors, when the machine is at
    fault.
    A `nudge` moves the crop; with `annotate` the judgement also holds a drawing of itself.
    """
    with _pool(folder).worker() as worker:
        return worker.judge(data, profile, nudge=nudge, annotate=annotate)


def shown_in_worker(data: bytes, *, folder: Path, longest_side: int) -> bytes:
    """Return an accepted picture as an upright JPEG without metadata, for people to look at.

    Its longer side is at most `longest_side` pixels. Raises as `judge_in_worker`.
    """
    with _pool(folder).worker() as worker:
        return worker.shown(data, longest_side=longest_side)


def stop_workers() -> None:
    """End this process's workers; they start again when needed."""
    for (owner, _), pool in list(_pools.items()):
        if owner == os.getpid():
            pool.stop()


def _pool(folder: Path) -> Pool:
    """Return the pool of this process: one that a fork inherited is its parent's to talk to."""
    with _guard:
        key = (os.getpid(), folder)
        if key not in _pools:
            _pools[key] = Pool(folder)
        return _pools[key]


atexit.register(stop_workers)
