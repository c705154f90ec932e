"""Put a package where the issuer fetches it, so that a torn file is never seen.

`NAME.part` is written, synced and renamed to NAME, and last comes the sentinel `NAME.done` with
sha256 and size: whoever waits for the sentinel never reads half a package. Every step may be cut
short at any moment and run again.
"""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from enrolment.cards.domain.package import canonical_json
from enrolment.cards.domain.stored_zip import ByteSink
from enrolment.people.domain.refusal import Refusal

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PART, DONE = ".part", ".done"
# The issuer's account reads through the group; nobody else does.
FILE_MODE = 0o640


class HandoverFault(StrEnum):
    """Why a file was not handed over."""

    NAME = "name"  # name
    DISK = "disk"  # name, step, reason (the system's name of the error, such as ENOSPC)
    OTHER_CONTENT = "other_content"  # name, sha256 (of the bytes refused)


class HandoverFailed(Refusal):
    """The file was not handed over: `code` is a HandoverFault. Running again is safe."""


@dataclass(frozen=True)
class Handed:
    """A file handed over: where it lies, its SHA-256 in hex and its size in bytes."""

    path: Path
    sha256: str
    size: int


def hand_over(write: Callable[[ByteSink], object], folder: Path, name: str) -> Handed:
    """Write a file by `write` into an existing folder, whole or not at all, then its sentinel.

    Run again it replaces the file by the same bytes; other bytes under a name that was handed over
    are refused. One run at a time has the folder; another waits. Raises HandoverFailed, or what
    `write` raises.
    """
    if not SAFE_NAME.fullmatch(name) or name.endswith((PART, DONE)):
        raise HandoverFailed(HandoverFault.NAME, name=name)
    with _locked(folder, name) as folder_fd:
        handed = _write_part(write, folder / name)
        sentinel = canonical_json({"name": name, "sha256": handed.sha256, "size": handed.size})
        _refuse_other_content(handed, sentinel)
        _put_in_place(handed.path, folder_fd)
        done = _write_part(lambda sink: sink.write(sentinel), _beside(handed.path, DONE))
        _put_in_place(done.path, folder_fd)
    return handed


class _HashingFile:
    """A file that hashes and counts what it takes."""

    def __init__(self, fd: int, name: str) -> None:
        self.fd, self.name = fd, name
        self.sha256, self.size = hashlib.sha256(), 0

    def write(self, data: bytes, /) -> int:
        rest = memoryview(data)
        with _disk_step("write", self.name):
            while rest:
                rest = rest[os.write(self.fd, rest) :]
        self.sha256.update(data)
        self.size += len(data)
        return len(data)


@contextmanager
def _disk_step(step: str, name: str) -> Iterator[None]:
    """Name what failed when the system says no."""
    try:
        yield
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "EIO")
        raise HandoverFailed(HandoverFault.DISK, name=name, step=step, reason=reason) from error


@contextmanager
def _locked(folder: Path, name: str) -> Iterator[int]:
    """Hold the folder alone; the system lets go of it even when the process is killed."""
    with _disk_step("lock", name):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with _disk_step("lock", name):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield fd
    finally:
        os.close(fd)


def _write_part(write: Callable[[ByteSink], object], path: Path) -> Handed:
    """Write and sync `path` under its `.part` name; if that fails, leave nothing."""
    part = _beside(path, PART)
    with _disk_step("open", path.name):
        part.unlink(missing_ok=True)
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    file = _HashingFile(fd, path.name)
    try:
        write(file)
        with _disk_step("fsync", path.name):
            os.fsync(fd)
    except BaseException:
        _remove(part)
        raise
    finally:
        os.close(fd)
    return Handed(path, file.sha256.hexdigest(), file.size)


def _refuse_other_content(handed: Handed, sentinel: bytes) -> None:
    """Refuse to change what the issuer may have fetched already."""
    done = _beside(handed.path, DONE)
    with _disk_step("read", handed.path.name):
        changed = done.exists() and done.read_bytes() != sentinel
    if changed:
        _remove(_beside(handed.path, PART))
        raise HandoverFailed(
            HandoverFault.OTHER_CONTENT, name=handed.path.name, sha256=handed.sha256
        )


def _put_in_place(path: Path, folder_fd: int) -> None:
    """Rename the `.part` to its name for good: it stands there after a power cut too."""
    with _disk_step("rename", path.name):
        _beside(path, PART).replace(path)
    with _disk_step("fsync", path.name):
        os.fsync(folder_fd)


def _remove(part: Path) -> None:
    # A part that can't be removed does no harm: the next run begins by removing it.
    with suppress(OSError):
        part.unlink(missing_ok=True)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")
