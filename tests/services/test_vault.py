"""Sealed bytes open only under their key and in their place; equal values are found blindly."""

import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrolment import vault
from enrolment.vault import VaultError

PLACE = "people_staff:personnummer:1"


@given(plain=st.binary(max_size=5000), place=st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_what_is_sealed_opens_in_its_place(plain, place):
    assert vault.unseal(vault.seal(plain, place), place) == plain


def test_sealed_bytes_do_not_open_in_another_place():
    sealed = vault.seal(b"196112122871", PLACE)
    with pytest.raises(VaultError, match="do not open there"):
        vault.unseal(sealed, "people_staff:personnummer:2")


@pytest.mark.parametrize("place", [0, 1, 2, 13, 14, -1])
def test_a_changed_byte_is_noticed(place):
    sealed = bytearray(vault.seal(b"196112122871", PLACE))
    sealed[place] ^= 1
    with pytest.raises(VaultError):
        vault.unseal(bytes(sealed), PLACE)


@pytest.mark.parametrize("length", [0, 1, 14, 29])
def test_bytes_cut_short_are_noticed(length):
    with pytest.raises(VaultError):
        vault.unseal(vault.seal(b"196112122871", PLACE)[:length], PLACE)


def test_sealing_twice_gives_other_bytes_and_shows_nothing():
    first, second = (vault.seal(b"196112122871", PLACE) for _ in range(2))
    assert first != second
    assert b"196112122871" not in first


def test_the_newest_key_seals_and_old_ones_still_open(settings, tmp_path: Path):
    old = vault.seal(b"before", PLACE)
    folder = shutil.copytree(settings.KEYS_DIR, tmp_path / "more")
    (folder / "seal-2.key").write_bytes(bytes(range(32)))
    settings.KEYS_DIR = folder
    assert vault.unseal(old, PLACE) == b"before"
    assert vault.seal(b"after", PLACE)[:2] == b"\x00\x02"


def test_a_key_that_is_gone_is_named(settings, tmp_path: Path):
    old = vault.seal(b"before", PLACE)
    settings.KEYS_DIR = tmp_path / "new"
    vault.create_keys(settings.KEYS_DIR)
    (settings.KEYS_DIR / "seal-1.key").rename(settings.KEYS_DIR / "seal-7.key")
    with pytest.raises(VaultError, match=r"seal-1\.key"):
        vault.unseal(old, PLACE)


def test_an_empty_key_folder_says_what_to_run(settings, tmp_path: Path):
    settings.KEYS_DIR = tmp_path / "empty"
    with pytest.raises(VaultError, match="create_keys"):
        vault.seal(b"", PLACE)
    with pytest.raises(VaultError, match="create_keys"):
        vault.blind_index("1", "scope")


def test_a_key_of_the_wrong_length_is_refused(settings, tmp_path: Path):
    settings.KEYS_DIR = tmp_path / "short"
    settings.KEYS_DIR.mkdir()
    (settings.KEYS_DIR / "seal-1.key").write_bytes(b"short")
    with pytest.raises(VaultError, match="32 bytes"):
        vault.seal(b"", PLACE)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path):
    folder = tmp_path / "made"
    vault.create_keys(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    vault.create_keys(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(before) == ["index.key", "seal-1.key"]
    assert before["index.key"] != before["seal-1.key"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_blind_index_finds_equal_values_within_a_scope_only():
    index = vault.blind_index("196112122871", "personnummer:one")
    assert index == vault.blind_index("196112122871", "personnummer:one")
    assert index != vault.blind_index("196112122871", "personnummer:two")
    assert index != vault.blind_index("196208132834", "personnummer:one")
    assert len(index) == 64


def test_the_blind_index_needs_the_key(settings, tmp_path: Path):
    index = vault.blind_index("196112122871", "scope")
    assert index != hashlib.sha256(b"scope:196112122871").hexdigest()
    settings.KEYS_DIR = tmp_path / "others"
    vault.create_keys(settings.KEYS_DIR)
    assert index != vault.blind_index("196112122871", "scope")
