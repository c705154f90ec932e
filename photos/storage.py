"""Where picture bytes lie: sealed files below PHOTO_DIR, each written once and never overwritten.

A file's name is `federation/yyyy/mm/uuid`, and its bytes are sealed for that very name: moved to
another it does not open. A file without a row is a leftover and does no harm.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
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


def write(file_id: UUID, federation_id: UUID, at: datetime, plain: bytes) -> str:
    """Seal and keep the bytes so that they survive a power cut; return their name.

    The same id with the same bytes gives the same name again. Raises NameTaken for other bytes
    and DiskFull; any other OSError passes through. Nothing half written is ever left behind.
    """
    name = f"{federation_id}/{at:%Y/%m}/{file_id}"
    path = _path(name)
    with _full_disk_told():
        _make_folder(path.parent)
        try:
            _write_new(path, vault.seal(plain, _place(name)))
        except FileExistsError as error:
            if read(name) != plain:
                raise NameTaken(name) from error
        _force_folder(path.parent)
    return name


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
    """Write a `.part`, force it to the disk, then name it: a link never replaces a file."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)


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
