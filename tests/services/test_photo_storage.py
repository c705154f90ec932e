"""Picture bytes: sealed, written once, and never half."""

import errno
import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from enrolment import vault
from photos import storage

AT = datetime(2026, 5, 12, 8, 5, tzinfo=UTC)
FEDERATION = uuid.UUID("0e8f1c0a-6f0b-4a57-9a53-0d7c6f2e9b11")
PICTURE = b"\xff\xd8" + b"a face" * 1000


def kept(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def write(file_id: uuid.UUID, plain: bytes = PICTURE) -> str:
    return storage.write(file_id, FEDERATION, AT, plain)


def test_what_is_written_is_read_back_under_a_name_by_federation_and_month(settings):
    file_id = uuid.uuid4()
    name = write(file_id)
    assert name == f"{FEDERATION}/2026/05/{file_id}"
    assert storage.read(name) == PICTURE
    assert kept(settings.PHOTO_DIR) == [name]


def test_the_file_holds_no_byte_of_the_picture_in_clear_and_is_for_the_owner_alone(settings):
    path = settings.PHOTO_DIR / write(uuid.uuid4())
    assert b"a face" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_same_bytes_again_are_the_same_file_and_other_bytes_are_refused(settings):
    file_id = uuid.uuid4()
    name = write(file_id)
    before = (settings.PHOTO_DIR / name).read_bytes()
    assert write(file_id) == name
    with pytest.raises(storage.NameTaken):
        write(file_id, b"another picture")
    assert (settings.PHOTO_DIR / name).read_bytes() == before
    assert kept(settings.PHOTO_DIR) == [name]


def test_a_file_moved_to_another_name_or_changed_does_not_open(settings):
    name, other = write(uuid.uuid4()), write(uuid.uuid4())
    (settings.PHOTO_DIR / name).replace(settings.PHOTO_DIR / other)
    with pytest.raises(vault.VaultError):
        storage.read(other)
    with pytest.raises(FileNotFoundError):
        storage.read(name)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", ["open", "fsync", "link", "mkdir"])
def test_a_full_disk_is_told_and_keeps_nothing_and_a_retry_works(
    settings, monkeypatch, step, number
):
    file_id = uuid.uuid4()

    def no_room(*args, **more):
        raise OSError(number, "no room")

    with monkeypatch.context() as broken:
        broken.setattr(os, step, no_room)
        with pytest.raises(storage.DiskFull):
            write(file_id)
    assert [name for name in kept(settings.PHOTO_DIR) if name.endswith(".part")] == []
    assert storage.read(write(file_id)) == PICTURE


def test_a_disk_that_fails_is_not_called_full(settings, monkeypatch):
    def broken(handle: int) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="broken"):
        write(uuid.uuid4())
    assert kept(settings.PHOTO_DIR) == []


@pytest.mark.parametrize("nth", range(1, 8))
def test_whichever_write_to_disk_fails_no_half_file_is_left_and_a_retry_works(
    settings, monkeypatch, nth
):
    file_id = uuid.uuid4()
    calls = {"count": 0}
    real = {name: getattr(os, name) for name in ("open", "fsync", "link")}

    def count(name: str):
        def call(*args, **more):
            calls["count"] += 1
            if calls["count"] == nth:
                raise OSError(errno.EIO, "broken")
            return real[name](*args, **more)

        return call

    with monkeypatch.context() as broken:
        for name in real:
            broken.setattr(os, name, count(name))
        with pytest.raises(OSError, match="broken"):
            write(file_id)
    whole = [storage.read(name) for name in kept(settings.PHOTO_DIR)]
    assert whole in ([], [PICTURE])
    assert storage.read(write(file_id)) == PICTURE
