"""Put a package where the issuer fetches it, so that a torn file is never seen.

The ZIP is encrypted as it is written: it never lies there by itself. `NAME.part` is written, synced
and renamed to NAME, and last comes the sentinel `NAME.done` with the hashes and sizes of both:
whoever waits for the sentinel never reads half a package. Every step may be cut short at any moment
and run again. Receipts come back through the same folder.
"""

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from enrolment.cards.domain.exchange import (
    DONE,
    MOST_RECEIPT_BYTES,
    PART,
    RECEIPTS,
    SIGNATURE,
    ReceiptFile,
    Sentinel,
    is_safe,
    receipt_folder,
    receipt_names,
)
from enrolment.cards.domain.stored_zip import ByteSink
from enrolment.people.domain.refusal import Refusal

# The issuer's account reads through the group, and puts receipts in their folder; nobody else does.
FILE_MODE, FOLDER_MODE, RECEIPTS_MODE = 0o640, 0o750, 0o770
SEND_BYTES, HASH_BYTES = 16_000_000, 500_000


class HandoverFault(StrEnum):
    """Why a file was not handed over."""

    NAME = "name"  # name
    DISK = "disk"  # name, step, reason (the system's name of the error, such as ENOSPC)
    OTHER_CONTENT = "other_content"  # name, sha256 (of the package refused)


class HandoverFailed(Refusal):
    """The file was not handed over: `code` is a HandoverFault. Running again is safe."""


class Encryptor(ByteSink, Protocol):
    """A sink that writes what it takes on, encrypted; `close` writes the end."""

    def close(self) -> None:
        """Write what makes the file whole."""


@dataclass(frozen=True)
class Handed:
    """A file handed over: where it lies, and what its sentinel says."""

    path: Path
    sentinel: Sentinel


def hand_over(
    write: Callable[[ByteSink], object],
    encrypt: Callable[[ByteSink], Encryptor],
    folder: Path,
    name: str,
    rejected: str = "",
) -> Handed:
    """Write a package by `write`, encrypted by `encrypt`, whole or not at all, then its sentinel.

    Run again it leaves what it handed over; another package under the same name is refused.
    `rejected` is the SHA-256 of an encrypted file that the issuer could not take: that one is
    replaced. One run at a time has the folder; another waits. Raises HandoverFailed, or what
    `write` raises.
    """
    if not is_safe(name):
        raise HandoverFailed(HandoverFault.NAME, name=name)
    path = folder / name
    with _locked(folder, name) as folder_fd:
        done = _handed_before(write, path)
        if done and done.sha256 != rejected and holds(path, done):
            return Handed(path, done)
        sentinel = _write_encrypted(write, encrypt, path)
        # Whoever sees a sentinel is to find its own file beside it.
        _remove_for_good(_beside(path, DONE), folder_fd)
        _put_in_place(path, folder_fd)
        _write_part(_beside(path, DONE), lambda sink: sink.write(sentinel.written()))
        _put_in_place(_beside(path, DONE), folder_fd)
    return Handed(path, sentinel)


def make_folder(folder: Path) -> None:
    """Make the folder that is shared with an issuer, and the one for receipts in it."""
    with _disk_step("mkdir", folder.name):
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        if not (folder / RECEIPTS).is_dir():
            (folder / RECEIPTS).mkdir(exist_ok=True)
            (folder / RECEIPTS).chmod(RECEIPTS_MODE)


def holds(path: Path, sentinel: Sentinel) -> bool:
    """Tell whether the file that the sentinel speaks of lies at `path`, whole."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _disk_fault(error, "read", path.name) from error
    return digest == sentinel.sha256


def read_sentinel(path: Path) -> Sentinel | None:
    """Return what the sentinel of the file at `path` says; None where there is none.

    Raises HandoverFailed for one that we did not write.
    """
    done = _beside(path, DONE)
    with _disk_step("read", path.name):
        data = done.read_bytes() if done.exists() else b""
    sentinel = Sentinel.read(data)
    if data and sentinel is None:
        raise HandoverFailed(HandoverFault.OTHER_CONTENT, name=path.name, sha256="")
    return sentinel


def read_receipts(folder: Path) -> list[ReceiptFile]:
    """Return the receipts that lie in the issuer's folder, by name; see ReceiptFile.

    Links are not followed: whoever can write there must not make us read other files.
    """
    receipts = folder / RECEIPTS
    with _disk_step("read", folder.name):
        names = [path.name for path in receipts.iterdir()] if receipts.is_dir() else []
    found = [(name, _read_plain(receipts / name)) for name in receipt_names(names)]
    return [
        ReceiptFile(name, data, _read_plain(receipts / f"{name}{SIGNATURE}"))
        for name, data in found
        if data is not None
    ]


def put_away(folder: Path, name: str, *, quarantined: bool) -> None:
    """Move a receipt, and its signature, out of the way: into taken/ or quarantine/."""
    away = folder / receipt_folder(quarantined=quarantined)
    with _disk_step("rename", name):
        away.mkdir(exist_ok=True, mode=FOLDER_MODE)
        away_fd = os.open(away, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            for each in (name, f"{name}{SIGNATURE}"):
                with suppress(FileNotFoundError):
                    os.rename(folder / RECEIPTS / each, each, dst_dir_fd=away_fd)
        finally:
            os.close(away_fd)


class _HashingSink:
    """A sink that counts what goes through it, and hashes it beside the work, a bit at a time."""

    def __init__(self, aside: Executor, sink: ByteSink | None = None) -> None:
        self.aside, self.sink = aside, sink
        self.sha256, self.size = hashlib.sha256(), 0
        self.waiting: list[bytes] = []
        self.waiting_size = 0
        self.hashing: Future[None] | None = None

    def write(self, data: bytes, /) -> None:
        self.waiting.append(data)
        self.waiting_size += len(data)
        if self.waiting_size >= HASH_BYTES:
            self._hash_waiting()
        self.size += len(data)
        if self.sink:
            self.sink.write(data)

    def hexdigest(self) -> str:
        self._hash_waiting()
        self._wait()
        return self.sha256.hexdigest()

    def _hash_waiting(self) -> None:
        self._wait()
        # One call: between calls the interpreter lock would go to and fro.
        self.hashing = self.aside.submit(self.sha256.update, b"".join(self.waiting))
        self.waiting, self.waiting_size = [], 0

    def _wait(self) -> None:
        if self.hashing:
            self.hashing.result()


class _File:
    """A file that takes all it is given, or names what failed."""

    def __init__(self, fd: int, name: str) -> None:
        self.fd, self.name = fd, name
        self.unsent = 0

    def write(self, data: bytes, /) -> None:
        rest = memoryview(data)
        with _disk_step("write", self.name):
            while rest:
                rest = rest[os.write(self.fd, rest) :]
            self._send(len(data))

    def _send(self, size: int) -> None:
        """Have the system begin to write to the disk, so that the sync at the end waits less."""
        self.unsent += size
        if self.unsent >= SEND_BYTES:
            os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)
            self.unsent = 0


def _disk_fault(error: OSError, step: str, name: str) -> HandoverFailed:
    reason = errno.errorcode.get(error.errno or 0, "EIO")
    return HandoverFailed(HandoverFault.DISK, name=name, step=step, reason=reason)


@contextmanager
def _disk_step(step: str, name: str) -> Iterator[None]:
    """Name what failed when the system says no."""
    try:
        yield
    except OSError as error:
        raise _disk_fault(error, step, name) from error


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


def _handed_before(write: Callable[[ByteSink], object], path: Path) -> Sentinel | None:
    """Return the sentinel that stands there already; another package's is refused."""
    sentinel = read_sentinel(path)
    if sentinel:
        with ThreadPoolExecutor(1) as aside:
            package = _HashingSink(aside)
            write(package)
            digest = package.hexdigest()
        if digest != sentinel.package_sha256:
            raise HandoverFailed(HandoverFault.OTHER_CONTENT, name=path.name, sha256=digest)
    return sentinel


def _write_encrypted(
    write: Callable[[ByteSink], object], encrypt: Callable[[ByteSink], Encryptor], path: Path
) -> Sentinel:
    """Write the package to the `.part`, and say what its sentinel is to say."""
    with ThreadPoolExecutor(2) as aside:
        package, whole = _HashingSink(aside), _HashingSink(aside)

        def write_through(file: ByteSink) -> None:
            whole.sink = file
            package.sink = envelope = encrypt(whole)
            write(package)
            envelope.close()

        _write_part(path, write_through)
        return Sentinel(
            name=path.name,
            sha256=whole.hexdigest(),
            size=whole.size,
            package_sha256=package.hexdigest(),
            package_size=package.size,
        )


def _write_part(path: Path, write: Callable[[ByteSink], object]) -> None:
    """Write and sync `path` under its `.part` name; if that fails, leave nothing."""
    part = _beside(path, PART)
    with _disk_step("open", path.name):
        part.unlink(missing_ok=True)
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        write(_File(fd, path.name))
        with _disk_step("fsync", path.name):
            os.fsync(fd)
    except BaseException:
        _remove(part)
        raise
    finally:
        os.close(fd)


def _put_in_place(path: Path, folder_fd: int) -> None:
    """Rename the `.part` to its name for good: it stands there after a power cut too."""
    with _disk_step("rename", path.name):
        _beside(path, PART).replace(path)
    with _disk_step("fsync", path.name):
        os.fsync(folder_fd)


def _remove_for_good(path: Path, folder_fd: int) -> None:
    if path.exists():
        with _disk_step("remove", path.name):
            path.unlink()
        with _disk_step("fsync", path.name):
            os.fsync(folder_fd)


def _remove(part: Path) -> None:
    # A part that can't be removed does no harm: the next run begins by removing it.
    with suppress(OSError):
        part.unlink(missing_ok=True)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")


def _read_plain(path: Path) -> bytes | None:
    """Return what a plain file holds, as far as it is read; None for a link or anything else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(MOST_RECEIPT_BYTES + 1)
    finally:
        os.close(fd)
