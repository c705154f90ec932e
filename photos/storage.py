"""Where picture bytes lie: sealed files below PHOTO_DIR, each written once and never overwritten.

A file's name is `federation/yyyy/mm/uuid`, and its bytes are sealed for that very name: moved to
another it does not open. A file without a row is a leftover and does no harm.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from enrolment import vault

FULL = {errno.ENOSPC, errno.EDQUOT}


class DiskFull(Exception):
    """There is no room for the picture; nothing of it was kept."""


class NameTaken(Exception):
    """Other bytes lie under this name already."""


@dataclass(frozen=True)
class Prepared:
    """Bytes that are on the disk already, to be given their name."""

    name: str
    plain: bytes
    part: Path

    def place(self) -> str:
        """Give the bytes their name and return it; raises as `write`."""
        path = _path(self.name)
        with _full_disk_told():
            try:
                path.hardlink_to(self.part)  # a link never replaces a file
            except FileExistsError as error:
                if read(self.name) != self.plain:
                    raise NameTaken(self.name) from error
            _force_folder(path.parent)
        return self.name


def write(file_id: UUID, federation_id: UUID, at: datetime, plain: bytes) -> str:
    """Seal and keep the bytes so that they survive a power cut; return their name.

    The same id with the same bytes gives the same name again. Raises NameTaken for other bytes
    and DiskFull; any other OSError passes through. Nothing half written is ever left behind.
    """
    with prepared(file_id, federation_id, at, plain) as ready:
        return ready.place()


@contextmanager
def prepared(file_id: UUID, federation_id: UUID, at: datetime, plain: bytes) -> Iterator[Prepared]:
    """Seal the bytes and force them to the disk; what is not placed by the end is gone.

    This is for whoever holds rows that others wait for: to place a file takes no time, however slow
    the disk is. Raises DiskFull; any other OSError passes through.
    """
    name = f"{federation_id}/{at:%Y/%m}/{file_id}"
    path = _path(name)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with _full_disk_told():
            _make_folder(path.parent)
            _write_new(part, vault.seal(plain, _place(name)))
        yield Prepared(name, plain, part)
    finally:
        part.unlink(missing_ok=True)


def read(name: str) -> bytes:
    """Return the bytes kept under the name.

    Raises FileNotFoundError, or VaultError when they were changed or moved.
    """
    with _path(name).open("rb", buffering=0) as file:
        return vault.unseal(file.read(), _place(name))


def erase(name: str) -> None:
    """Remove the file kept under the name; one that is not there is gone already."""
    path = _path(name)
    path.unlink(missing_ok=True)
    _force_folder(path.parent)


def _path(name: str) -> Path:
    return Path(settings.PHOTO_DIR) / name


def _place(name: str) -> str:
    return f"photos_storage:bytes:{name}"


@contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull from error
        raise


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)
        _force_folder(folder.parent)


def _force_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
