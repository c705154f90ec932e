"""A package is handed over whole or not at all, whatever is killed and whatever fails."""

import errno
import fcntl
import hashlib
import json
import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from enrolment.cards.domain import package
from enrolment.cards.handover import Handed, HandoverFailed, HandoverFault, hand_over
from tests.package_builders import facts, order, photo_of, signature_of, zipped
from tests.services import handover_child
from tests.services.handover_child import CHUNKS, NAME, before_each_disk_call, write_chunks

CONTENT = b"".join(CHUNKS)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
# Four chunks, sync, rename, sync the folder; then the same for the sentinel's one chunk.
DISK_CALLS = 7 + 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "issuer"
    made.mkdir()
    return made


def expect_handed_over(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [NAME, f"{NAME}.done"]
    assert (folder / NAME).read_bytes() == CONTENT
    told = json.loads((folder / f"{NAME}.done").read_text())
    assert told == {"name": NAME, "sha256": SHA256, "size": len(CONTENT)}


def expect_nothing_torn(folder: Path) -> None:
    final, done = folder / NAME, folder / f"{NAME}.done"
    assert not final.exists() or final.read_bytes() == CONTENT
    assert not done.exists() or json.loads(done.read_text())["sha256"] == SHA256
    assert final.exists() or not done.exists()


def failure(write, folder: Path, name: str = NAME) -> HandoverFailed:
    with pytest.raises(HandoverFailed) as caught:
        hand_over(write, folder, name)
    return caught.value


def test_the_file_comes_whole_and_its_sentinel_tells_hash_and_size(folder):
    handed = hand_over(write_chunks, folder, NAME)
    assert handed == Handed(folder / NAME, SHA256, len(CONTENT))
    expect_handed_over(folder)
    assert (folder / NAME).stat().st_mode & 0o137 == 0


def test_a_package_is_handed_over_as_it_is_built(folder):
    bag = package.make_bag(facts(), [order(1), order(2)])
    write = partial(package.write_zip, bag=bag, signature=signature_of(bag), read_photo=photo_of)
    first, again = hand_over(write, folder, NAME), hand_over(write, folder, NAME)
    assert first == again
    assert first.sha256 == hashlib.sha256(zipped(bag)).hexdigest()


# --- killed ---------------------------------------------------------------------------------


@contextmanager
def child(folder: Path, stop_at: int):
    """Give the process once it has stopped before its n-th disk call, or finished."""
    command = [sys.executable, handover_child.__file__, str(folder), str(stop_at)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


@pytest.mark.parametrize("already_there", [False, True], ids=["first run", "run again"])
def test_killed_at_any_moment_nothing_is_torn_and_a_new_run_mends_it(folder, already_there):
    for stop_at in range(1, DISK_CALLS + 1):
        for path in folder.iterdir():
            path.unlink()
        if already_there:
            hand_over(write_chunks, folder, NAME)
        with child(folder, stop_at) as (process, said):
            assert said == "stopped"
            process.kill()
            assert process.wait() == -9
        expect_nothing_torn(folder)
        assert hand_over(write_chunks, folder, NAME).sha256 == SHA256
        expect_handed_over(folder)


def test_unhindered_the_child_makes_just_the_disk_calls_that_were_tried(folder):
    with child(folder, DISK_CALLS + 1) as (process, said):
        assert said == "finished"
        assert process.wait() == 0
    expect_handed_over(folder)


def test_the_folder_belongs_to_one_run_and_is_free_when_that_is_killed(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    with child(folder, 3) as (process, _said):
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process.kill()
        process.wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)
    hand_over(write_chunks, folder, NAME)
    expect_handed_over(folder)


# --- failing --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, DISK_CALLS + 1))
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_any_failing_disk_call_is_named_and_a_new_run_mends_it(folder, number, code):
    def fail(count):
        if count == number:
            raise OSError(code, os.strerror(code))

    with pytest.MonkeyPatch.context() as patch:
        before_each_disk_call(fail, patch.setattr)
        failed = failure(write_chunks, folder)
    assert failed.code == HandoverFault.DISK
    assert failed.params["reason"] == errno.errorcode[code]
    steps = ["write"] * 4 + ["fsync", "rename", "fsync", "write", "fsync", "rename", "fsync"]
    assert failed.params["step"] == steps[number - 1]
    expect_nothing_torn(folder)
    hand_over(write_chunks, folder, NAME)
    expect_handed_over(folder)


def test_a_disk_that_takes_a_little_at_a_time_gets_all(folder, monkeypatch):
    whole_write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: whole_write(fd, data[:999]))
    hand_over(write_chunks, folder, NAME)
    expect_handed_over(folder)


def test_a_file_beyond_what_the_system_allows_leaves_nothing(folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CONTENT) - 1, hard))
    try:
        failed = failure(write_chunks, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failed.params == {"name": NAME, "step": "write", "reason": "EFBIG"}
    assert list(folder.iterdir()) == []


def test_a_writer_that_fails_leaves_nothing_and_its_error_comes_through(folder):
    def write(sink):
        sink.write(b"half")
        raise package.PackageRefused(package.PackageFault.PHOTO_CHANGED, order_id="7")

    with pytest.raises(package.PackageRefused):
        hand_over(write, folder, NAME)
    assert list(folder.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    failed = failure(write_chunks, tmp_path / "none")
    assert failed.params == {"name": NAME, "step": "lock", "reason": "ENOENT"}


# --- what lies there already ------------------------------------------------------------------


def test_other_content_under_a_name_that_was_handed_over_is_refused(folder):
    hand_over(write_chunks, folder, NAME)
    failed = failure(lambda sink: sink.write(b"other"), folder)
    other = hashlib.sha256(b"other").hexdigest()
    assert failed.code == HandoverFault.OTHER_CONTENT
    assert failed.params == {"name": NAME, "sha256": other}
    expect_handed_over(folder)


def test_a_fetched_and_removed_file_may_be_handed_over_again(folder):
    hand_over(write_chunks, folder, NAME)
    (folder / NAME).unlink()
    hand_over(write_chunks, folder, NAME)
    expect_handed_over(folder)


def test_a_stale_part_is_replaced(folder):
    (folder / f"{NAME}.part").write_bytes(b"x" * 99_999)
    hand_over(write_chunks, folder, NAME)
    expect_handed_over(folder)


def test_a_link_in_the_place_of_the_part_is_not_followed(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"untouched")
    (folder / f"{NAME}.part").symlink_to(elsewhere)
    hand_over(write_chunks, folder, NAME)
    expect_handed_over(folder)
    assert elsewhere.read_bytes() == b"untouched"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", ".hidden", "a.part", "a.done", "å"])
def test_a_name_that_could_lie_elsewhere_or_mean_something_else_is_refused(folder, name):
    failed = failure(write_chunks, folder, name)
    assert (failed.code, failed.params) == (HandoverFault.NAME, {"name": name})
    assert list(folder.iterdir()) == []
