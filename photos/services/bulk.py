"""Judge many files with all cores, in their order and in constant memory."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from photos.domain.intake import MAX_BYTES, Refused
from photos.domain.judgement import Judgement
from photos.domain.profile import Profile
from photos.worker import Pool, Swamped

# How many files, for each process, may be judged before a slow one's answer.
AHEAD = 32

IsDone = Callable[[Path, str | None], bool]


@dataclass(frozen=True)
class Found:
    """A file to judge, and its name below the folder that was asked for."""

    path: Path
    name: Path


@dataclass(frozen=True)
class Outcome:
    """What came of one file: a judgement, a refusal, or neither since it was judged before.

    `sha256` is None for a file that could not be read to its end, or is too large to be.
    """

    file: Found
    sha256: str | None
    judgement: Judgement | None = None
    refused: Refused | None = None
    milliseconds: float = 0.0


def files_in(given: Iterable[Path], *, but: Iterable[Path] = ()) -> Iterator[Found]:
    """Yield the files, and those in the folders, theirs sorted and the hidden ones left out.

    A folder that can't be read is yielded as if it were a file, so that it is named. Files and
    folders of `but` are left out of folders: the run itself writes there.
    """
    own = {path.resolve() for path in but}
    for path in given:
        if path.is_dir():
            yield from _within(path, own)
        else:
            yield Found(path, Path(path.name))


def _within(top: Path, own: set[Path]) -> Iterator[Found]:
    lost: list[Path] = []
    for folder, below, names in top.walk(on_error=lambda error: lost.append(Path(error.filename))):
        below[:] = _visible(folder, below, own)
        for name in _visible(folder, names, own):
            yield Found(folder / name, (folder / name).relative_to(top))
    yield from (Found(path, path.relative_to(top)) for path in lost)


def _visible(folder: Path, names: Iterable[str], own: set[Path]) -> list[str]:
    place = folder.resolve()
    return sorted(name for name in names if name[0] != "." and place / name not in own)


def judge_files(
    files: Iterable[Found],
    profile: Profile,
    *,
    folder: Path,
    jobs: int,
    annotate: bool = False,
    is_done: IsDone = lambda path, sha256: False,
) -> Generator[Outcome, None, None]:
    """Yield what came of each file, in the order of the files, judged in `jobs` processes.

    `folder` has the models. A file of which `is_done` says so, by its path and sha256, is not
    judged. Raises WeightError or CannotStart when none can be.
    """
    workers, threads = Pool(folder, size=jobs), ThreadPoolExecutor(jobs)

    def judge(data: bytes) -> Judgement:
        with workers.worker() as worker:
            return worker.judge(data, profile, annotate=annotate)

    def outcome(file: Found) -> Outcome:
        return _outcome(file, judge, is_done)

    try:
        yield from _in_order(threads, outcome, files, jobs * AHEAD)
    finally:
        threads.shutdown(cancel_futures=True)
        workers.stop()


def _in_order(
    threads: ThreadPoolExecutor,
    outcome: Callable[[Found], Outcome],
    files: Iterable[Found],
    ahead: int,
) -> Iterator[Outcome]:
    waiting: deque[Future[Outcome]] = deque()
    coming = iter(files)
    while True:
        waiting.extend(
            threads.submit(outcome, file) for file in islice(coming, ahead - len(waiting))
        )
        if not waiting:
            return
        yield waiting.popleft().result()


def _outcome(file: Found, judge: Callable[[bytes], Judgement], is_done: IsDone) -> Outcome:
    try:
        data = _read(file.path)
    except OSError:
        return Outcome(file, None, refused=Refused("unreadable"))
    sha256 = hashlib.sha256(data).hexdigest() if len(data) <= MAX_BYTES else None
    if is_done(file.path, sha256):
        return Outcome(file, sha256)
    started = time.perf_counter()
    try:
        judgement = judge(data)
    except Refused as refused:
        return Outcome(file, sha256, refused=refused, milliseconds=_since(started))
    except Swamped:
        swamped = Refused("swamped")
        return Outcome(file, sha256, refused=swamped, milliseconds=_since(started))
    return Outcome(file, sha256, judgement, milliseconds=_since(started))


def _read(path: Path) -> bytes:
    """Return a file's bytes, but no more of them than tells that they are too many.

    Raises OSError, also for what is no file: a pipe would be waited for.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
