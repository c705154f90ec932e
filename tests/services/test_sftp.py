"""Packages go whole to a real SFTP server, whatever cuts them off; receipts come from there."""

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from enrolment.cards import sftp
from enrolment.cards.domain.exchange import ReceiptFile, Sentinel
from enrolment.cards.sftp import SftpFailed, SftpFault, send
from tests.services.sftp_server import Site, key_of, sftp_server, shown

NAME = "KB-2026-000123.zip.cms"
CONTENT = os.urandom(5_500_000)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with sftp_server(tmp_path, tmp_path / "sftp.key") as running:
        yield running


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    return path


def sentinel(content: bytes = CONTENT, package_sha256: str = "ab" * 32) -> Sentinel:
    return Sentinel(
        name=NAME,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        package_sha256=package_sha256,
        package_size=7,
    )


def refused(package: Path, target: sftp.Target, told: Sentinel | None = None) -> SftpFailed:
    with pytest.raises(SftpFailed) as failed:
        send(package, told or sentinel(), target)
    return failed.value


def lying(site: Site) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (site.root / "in").iterdir() if path.is_file()}


def expect_sent(site: Site, content: bytes = CONTENT) -> None:
    assert lying(site) == {NAME: content, f"{NAME}.done": sentinel(content).written()}


# --- Sending ----------------------------------------------------------------------------------


def test_a_package_comes_whole_and_its_sentinel_last(site, package):
    send(package, sentinel(), site.target())
    expect_sent(site)
    renames = [f"rename in/{NAME}", f"rename in/{NAME}.done"]
    assert site.mood.done == ["fsync", renames[0], "fsync", renames[1]]


def test_what_is_there_already_is_not_sent_again(site, package):
    send(package, sentinel(), site.target())
    taken = site.mood.taken
    send(package, sentinel(), site.target())
    (site.root / "in" / NAME).unlink()
    send(package, sentinel(), site.target())
    assert site.mood.taken == taken


def test_a_file_that_its_sentinel_does_not_fit_is_sent_again(site, package):
    send(package, sentinel(), site.target())
    (site.root / "in" / NAME).write_bytes(b"torn")
    send(package, sentinel(), site.target())
    expect_sent(site)


def test_cut_off_three_times_it_goes_on_from_where_it_was_and_comes_whole(site, package):
    site.mood.cuts = [1_300_000, 2_500_000, 4_000_000]
    for _ in range(3):
        assert refused(package, site.target()).code == SftpFault.UNREACHABLE
        assert set(lying(site)) == {f"{NAME}.part"}
    send(package, sentinel(), site.target())
    expect_sent(site)
    assert site.mood.cuts == []
    assert site.mood.taken < len(CONTENT) + 4 * sftp.CHUNK


def test_when_the_time_is_up_the_next_try_goes_on(site, package):
    site.mood.cuts = [2_500_000]
    refused(package, site.target())
    before = lying(site)
    assert refused(package, site.target(send_seconds=-1)).code == SftpFault.UNFINISHED
    assert lying(site) == before
    send(package, sentinel(), site.target())
    expect_sent(site)


@pytest.mark.parametrize("place", [0, 1_000_000], ids=["head", "middle"])
def test_a_part_of_something_else_is_not_built_on(site, package, place):
    other = bytearray(CONTENT[:2_200_000])
    other[place : place + sftp.CHUNK * 2] = os.urandom(sftp.CHUNK * 2)
    (site.root / "in" / f"{NAME}.part").write_bytes(other)
    send(package, sentinel(), site.target())
    expect_sent(site)


@pytest.mark.parametrize("size", [1, sftp.CHUNK, len(CONTENT) + 5])
def test_a_part_that_is_too_short_or_too_long_is_written_anew(site, package, size):
    (site.root / "in" / f"{NAME}.part").write_bytes(b"x" * size)
    send(package, sentinel(), site.target())
    expect_sent(site)


def test_another_encryption_of_the_same_package_replaces_the_one_there(site, package):
    send(package, sentinel(), site.target())
    site.mood.done.clear()
    anew = os.urandom(1_000)
    package.write_bytes(anew)
    send(package, sentinel(anew), site.target())
    expect_sent(site, anew)
    assert site.mood.done[0] == f"remove in/{NAME}.done"


def test_another_package_under_the_same_name_is_refused(site, package):
    send(package, sentinel(), site.target())
    failed = refused(package, site.target(), sentinel(package_sha256="cd" * 32))
    assert failed.code == SftpFault.OTHER_CONTENT
    assert failed.params["name"] == NAME
    expect_sent(site)
    (site.root / "in" / f"{NAME}.done").write_bytes(b"not ours")
    assert refused(package, site.target()).code == SftpFault.OTHER_CONTENT


def test_a_server_of_the_plain_protocol_will_do(site, package):
    site.mood.knows_posix_rename = site.mood.knows_fsync = False
    (site.root / "in" / NAME).write_bytes(b"of an earlier try")
    send(package, sentinel(), site.target())
    expect_sent(site)


def test_the_folder_where_one_logs_in_will_do(site, package):
    send(package, sentinel(), site.target(folder=""))
    assert (site.root / NAME).read_bytes() == CONTENT


# --- What goes wrong ----------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_unreachable(site, package):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refused(package, site.target(port=port)).code == SftpFault.UNREACHABLE


def test_a_server_that_says_nothing_is_silent(site, package):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        failed = refused(package, site.target(port=port, connect_seconds=0.3))
    assert failed.code == SftpFault.SILENT
    assert failed.params["host"] == "127.0.0.1"


def test_a_server_that_falls_silent_is_left_and_a_new_try_goes_through(site, package):
    site.mood.hangs = True
    assert refused(package, site.target(silent_seconds=0.3)).code == SftpFault.SILENT
    site.mood.hangs = False
    send(package, sentinel(), site.target())
    expect_sent(site)


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_a_server_that_shows_another_key_gets_nothing(site, package, kind):
    other = shown(asyncssh.generate_private_key(kind))
    assert refused(package, site.target(host_key=other)).code == SftpFault.HOST_KEY
    assert lying(site) == {}


def test_a_pinned_key_that_cannot_be_read_is_told(site, package):
    assert refused(package, site.target(host_key="ssh-x")).code == SftpFault.PINNED_KEY


def test_a_key_that_the_server_does_not_know_is_not_let_in(site, package, tmp_path):
    key_of(tmp_path / "other.key")
    failed = refused(package, site.target(key=tmp_path / "other.key"))
    assert failed.code == SftpFault.LOGIN


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"x")])
def test_our_own_key_that_is_gone_or_spoilt_is_named(site, package, spoil):
    spoil(site.client_key)
    failed = refused(package, site.target())
    assert (failed.code, failed.params["file"]) == (SftpFault.KEY, "sftp.key")


def test_a_full_server_is_told_and_a_new_try_goes_through(site, package):
    site.mood.full_after = 3_000_000
    assert refused(package, site.target()).code == SftpFault.FULL
    assert f"{NAME}.done" not in lying(site)
    site.mood.full_after = None
    send(package, sentinel(), site.target())
    expect_sent(site)


def test_a_missing_folder_is_named(site, package):
    failed = refused(package, site.target(folder="elsewhere"))
    assert (failed.code, failed.params["name"]) == (SftpFault.NO_FOLDER, "elsewhere")


def test_what_the_server_refuses_is_told_as_it_says_it(site, package):
    (site.root / "in" / f"{NAME}.part").mkdir()
    failed = refused(package, site.target())
    assert failed.code == SftpFault.REFUSED
    assert failed.params["reason"]


# --- Receipts ---------------------------------------------------------------------------------


def test_receipts_are_read_with_their_signatures_and_nothing_else_is(site):
    receipts = site.root / "in" / "receipts"
    for name in ("b.csv", "a.json", "a.json.p7s", "c.json.part", ".d.json"):
        (receipts / name).write_bytes(name.encode())
    assert sftp.read_receipts(site.target()) == [
        ReceiptFile("a.json", b"a.json", b"a.json.p7s"),
        ReceiptFile("b.csv", b"b.csv", None),
    ]


def test_a_file_with_a_name_in_another_encoding_hides_no_receipt(site):
    folder = os.fsencode(site.root / "in" / "receipts")
    for name in (b"kvittens-\xe5.json", b"r1.json"):
        with open(os.path.join(folder, name), "wb") as file:  # noqa: PTH118, PTH123 a name in bytes
            file.write(b"{}")
    assert [found.name for found in sftp.read_receipts(site.target())] == ["r1.json"]


def test_when_the_time_is_up_the_receipts_read_so_far_are_returned(site):
    for name in ("a.json", "b.json", "c.json"):
        (site.root / "in" / "receipts" / name).write_bytes(b"{}")
    site.mood.hangs_in = "b.json"
    assert [found.name for found in sftp.read_receipts(site.target(read_seconds=2))] == ["a.json"]
    with pytest.raises(SftpFailed) as silent:
        sftp.read_receipts(site.target(silent_seconds=0.3))
    assert silent.value.code == SftpFault.SILENT
    site.mood.hangs_in = "a.json"
    with pytest.raises(SftpFailed) as none:
        sftp.read_receipts(site.target(read_seconds=0.3))
    assert none.value.code == SftpFault.SILENT


def test_a_target_without_a_folder_for_receipts_has_none(site):
    assert sftp.read_receipts(site.target(folder="")) == []


def test_a_large_receipt_is_read_whole_and_a_huge_one_no_further_than_shows(site, monkeypatch):
    receipt = site.root / "in" / "receipts" / "a.json"
    receipt.write_bytes(CONTENT)
    assert sftp.read_receipts(site.target())[0].data == CONTENT
    monkeypatch.setattr(sftp, "MOST_RECEIPT_BYTES", 2_000_000)
    assert sftp.read_receipts(site.target())[0].data == CONTENT[:2_000_001]


@pytest.mark.parametrize(("quarantined", "where"), [(False, "taken"), (True, "quarantine")])
def test_a_receipt_that_was_read_is_put_away_with_its_signature(site, quarantined, where):
    receipts = site.root / "in" / "receipts"
    for again in range(2):
        for name in ("a.json", "a.json.p7s"):
            (receipts / name).write_bytes(b"%d" % again)
        sftp.put_away(site.target(), "a.json", quarantined=quarantined)
        sftp.put_away(site.target(), "a.json", quarantined=quarantined)
    assert sftp.read_receipts(site.target()) == []
    away = {path.name: path.read_bytes() for path in (receipts / where).iterdir()}
    assert away == {"a.json": b"1", "a.json.p7s": b"1"}


def test_receipts_that_cannot_be_reached_are_told(site):
    with pytest.raises(SftpFailed) as failed:
        sftp.read_receipts(site.target(host_key=shown(asyncssh.generate_private_key("ssh-rsa"))))
    assert failed.value.code == SftpFault.HOST_KEY
