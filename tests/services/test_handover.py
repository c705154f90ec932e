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
from enrolment.cards.handover import (
    Handed,
    HandoverFailed,
    HandoverFault,
    hand_over,
    make_folder,
    put_away,
    read_receipts,
)
from tests.package_builders import facts, order, photo_of, signature_of, zipped
from tests.services import handover_child
from tests.services.handover_child import (
    CHUNKS,
    NAME,
    Mask,
    before_each_disk_call,
    unmasked,
    write_chunks,
)

CONTENT = b"".join(CHUNKS)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
# No part to remove; mask, four chunks and end, sync, rename, sync the folder; then the same for the
# sentinel's one write.
DISK_STEPS = ["open", *["write"] * 6, "fsync", "rename", "fsync"]
DISK_STEPS += ["open", "write", "fsync", "rename", "fsync"]
# The same where an earlier file is replaced: its sentinel goes first.
REPLACE_STEPS = [*DISK_STEPS[:8], "remove", "fsync", *DISK_STEPS[8:]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "issuer"
    made.mkdir()
    return made


def put(folder: Path, write=write_chunks, rejected: str = "") -> Handed:
    return hand_over(write, Mask, folder, NAME, rejected)


def told(folder: Path) -> dict:
    return json.loads((folder / f"{NAME}.done").read_text())


def expect_handed_over(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [NAME, f"{NAME}.done"]
    encrypted = (folder / NAME).read_bytes()
    assert unmasked(encrypted) == CONTENT
    assert told(folder) == {
        "name": NAME,
        "sha256": hashlib.sha256(encrypted).hexdigest(),
        "size": len(encrypted),
        "package_sha256": SHA256,
        "package_size": len(CONTENT),
    }


def expect_nothing_torn(folder: Path) -> None:
    final, done = folder / NAME, folder / f"{NAME}.done"
    assert not final.exists() or unmasked(final.read_bytes()) == CONTENT
    if done.exists():
        assert told(folder)["sha256"] == hashlib.sha256(final.read_bytes()).hexdigest()


def failure(write, folder: Path, name: str = NAME, rejected: str = "") -> HandoverFailed:
    with pytest.raises(HandoverFailed) as caught:
        hand_over(write, Mask, folder, name, rejected)
    return caught.value


def test_the_file_comes_whole_and_its_sentinel_tells_hashes_and_sizes(folder):
    handed = put(folder)
    assert handed.path == folder / NAME
    assert vars(handed.sentinel) == told(folder)
    expect_handed_over(folder)
    assert (folder / NAME).stat().st_mode & 0o137 == 0


def test_a_package_is_handed_over_as_it_is_built(folder):
    bag = package.make_bag(facts(), [order(1), order(2)])
    write = partial(package.write_zip, bag=bag, signature=signature_of(bag), read_photo=photo_of)
    first, again = put(folder, write), put(folder, write)
    assert first == again
    assert first.sentinel.package_sha256 == hashlib.sha256(zipped(bag)).hexdigest()


# --- killed ---------------------------------------------------------------------------------


@contextmanager
def child(folder: Path, stop_at: int, rejected: str = ""):
    """Give the process once it has stopped before its n-th disk call, or finished."""
    command = [sys.executable, handover_child.__file__, str(folder), str(stop_at), rejected]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


@pytest.mark.parametrize(
    ("replaces", "steps"), [(False, DISK_STEPS), (True, REPLACE_STEPS)], ids=["new", "replaced"]
)
def test_killed_at_any_moment_nothing_is_torn_and_a_new_run_mends_it(folder, replaces, steps):
    for stop_at in range(1, len(steps) + 1):
        for path in folder.iterdir():
            path.unlink()
        rejected = put(folder).sentinel.sha256 if replaces else ""
        with child(folder, stop_at, rejected) as (process, said):
            assert said == "stopped"
            process.kill()
            assert process.wait() == -9
        expect_nothing_torn(folder)
        assert put(folder, rejected=rejected).sentinel.sha256 != rejected
        expect_handed_over(folder)


def test_unhindered_the_child_makes_just_the_disk_calls_that_were_tried(folder):
    for rejected, steps in (("", DISK_STEPS), (None, REPLACE_STEPS)):
        rejected = rejected if rejected is not None else told(folder)["sha256"]
        with child(folder, len(steps) + 1, rejected) as (process, said):
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
    put(folder)
    expect_handed_over(folder)


# --- failing --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, len(REPLACE_STEPS) + 1))
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_any_failing_disk_call_is_named_and_a_new_run_mends_it(folder, number, code):
    rejected = put(folder).sentinel.sha256

    def fail(count):
        if count == number:
            raise OSError(code, os.strerror(code))

    with pytest.MonkeyPatch.context() as patch:
        before_each_disk_call(fail, patch.setattr)
        failed = failure(write_chunks, folder, rejected=rejected)
    assert failed.code == HandoverFault.DISK
    assert failed.params["reason"] == errno.errorcode[code]
    assert failed.params["step"] == REPLACE_STEPS[number - 1]
    expect_nothing_torn(folder)
    put(folder, rejected=rejected)
    expect_handed_over(folder)


def test_a_disk_that_takes_a_little_at_a_time_gets_all(folder, monkeypatch):
    whole_write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: whole_write(fd, data[:999]))
    put(folder)
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
        put(folder, write)
    assert list(folder.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    failed = failure(write_chunks, tmp_path / "none")
    assert failed.params == {"name": NAME, "step": "lock", "reason": "ENOENT"}


# --- what lies there already ------------------------------------------------------------------


def test_what_was_handed_over_is_left_as_it_is(folder):
    first = put(folder)
    at = (folder / NAME).stat().st_mtime_ns
    assert put(folder) == first
    assert (folder / NAME).stat().st_mtime_ns == at


def test_what_the_issuer_could_not_take_is_replaced_by_a_new_encryption(folder):
    first = put(folder)
    second = put(folder, rejected=first.sentinel.sha256)
    assert second.sentinel.sha256 != first.sentinel.sha256
    assert second.sentinel.package_sha256 == first.sentinel.package_sha256
    assert put(folder, rejected=first.sentinel.sha256) == second
    expect_handed_over(folder)


def test_another_package_under_a_name_that_was_handed_over_is_refused(folder):
    put(folder)
    failed = failure(lambda sink: sink.write(b"other"), folder)
    other = hashlib.sha256(b"other").hexdigest()
    assert failed.code == HandoverFault.OTHER_CONTENT
    assert failed.params == {"name": NAME, "sha256": other}
    expect_handed_over(folder)


@pytest.mark.parametrize("strange", [b"", b"{}", b"null", b'{"name":"x"}', b"\xff"])
def test_a_sentinel_that_is_not_ours_is_not_replaced(folder, strange):
    (folder / f"{NAME}.done").write_bytes(strange)
    if strange:
        assert failure(write_chunks, folder).code == HandoverFault.OTHER_CONTENT
        assert [path.name for path in folder.iterdir()] == [f"{NAME}.done"]
    else:
        put(folder)
        expect_handed_over(folder)


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"torn")])
def test_a_lost_or_harmed_file_may_be_handed_over_again(folder, harm):
    put(folder)
    harm(folder / NAME)
    put(folder)
    expect_handed_over(folder)


def test_a_stale_part_is_replaced(folder):
    (folder / f"{NAME}.part").write_bytes(b"x" * 99_999)
    put(folder)
    expect_handed_over(folder)


def test_a_link_in_the_place_of_the_part_is_not_followed(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"untouched")
    (folder / f"{NAME}.part").symlink_to(elsewhere)
    put(folder)
    expect_handed_over(folder)
    assert elsewhere.read_bytes() == b"untouched"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", ".hidden", "a.part", "a.done", "å"])
def test_a_name_that_could_lie_elsewhere_or_mean_something_else_is_refused(folder, name):
    failed = failure(write_chunks, folder, name)
    assert (failed.code, failed.params) == (HandoverFault.NAME, {"name": name})
    assert list(folder.iterdir()) == []


# --- receipts ---------------------------------------------------------------------------------


@pytest.fixture
def receipts(folder) -> Path:
    make_folder(folder)
    return folder / "receipts"


def test_the_issuer_may_put_receipts_and_only_fetch_packages(tmp_path):
    folder = tmp_path / "federation" / "issuer"
    make_folder(folder)
    make_folder(folder)
    assert (folder / "receipts").stat().st_mode & 0o777 == 0o770
    assert folder.stat().st_mode & 0o027 == 0


def test_receipts_are_read_with_their_signatures_and_nothing_else_is(folder, receipts):
    for name in ("b.csv", "a.json", "a.json.p7s", "c.json.part", ".d.json", "e.txt", "f.JSON"):
        (receipts / name).write_bytes(name.encode())
    (receipts / "g.json").mkdir()
    found = [(each.name, each.data, each.signature) for each in read_receipts(folder)]
    assert found == [
        ("a.json", b"a.json", b"a.json.p7s"),
        ("b.csv", b"b.csv", None),
        ("f.JSON", b"f.JSON", None),
    ]


def test_a_link_among_the_receipts_is_not_followed(folder, receipts, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"of the house")
    (receipts / "a.json").symlink_to(secret)
    os.mkfifo(receipts / "b.json")
    assert read_receipts(folder) == []


def test_a_folder_without_receipts_has_none(folder, tmp_path):
    assert read_receipts(folder) == []
    assert read_receipts(tmp_path / "none") == []


def test_a_huge_receipt_is_read_no_further_than_shows_that_it_is(folder, receipts, monkeypatch):
    monkeypatch.setattr("enrolment.cards.handover.MOST_RECEIPT_BYTES", 10)
    (receipts / "a.json").write_bytes(b"x" * 100)
    assert read_receipts(folder)[0].data == b"x" * 11


@pytest.mark.parametrize(("quarantined", "where"), [(False, "taken"), (True, "quarantine")])
def test_a_receipt_that_was_read_is_put_away_with_its_signature(
    folder, receipts, quarantined, where
):
    for again in range(2):
        for name in ("a.json", "a.json.p7s"):
            (receipts / name).write_bytes(b"%d" % again)
        put_away(folder, "a.json", quarantined=quarantined)
        put_away(folder, "a.json", quarantined=quarantined)
    assert read_receipts(folder) == []
    away = {path.name: path.read_bytes() for path in (receipts / where).iterdir()}
    assert away == {"a.json": b"1", "a.json.p7s": b"1"}


def test_nothing_is_put_away_through_a_link(folder, receipts, tmp_path):
    (receipts / "a.json").write_bytes(b"a")
    (receipts / "taken").symlink_to(tmp_path)
    with pytest.raises(HandoverFailed) as failed:
        put_away(folder, "a.json", quarantined=False)
    assert failed.value.params["step"] == "rename"
    assert not (tmp_path / "a.json").exists()
