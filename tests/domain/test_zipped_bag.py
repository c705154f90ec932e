"""A ZIP means one thing or is refused: whatever the bytes, there are contents or findings."""

import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import zipped_bag
from enrolment.cards.domain.package_check import PackageFlawed
from enrolment.cards.domain.zipped_bag import ZippedBag
from tests.tampering_builders import BATCH

FILES = {"bagit.txt": b"one", "data/a.txt": b"two" * 100, "data/b.txt": b""}


def packed(method: int = zipfile.ZIP_STORED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for path, content in FILES.items():
            archive.writestr(f"{BATCH}/{path}", content)
    return sink.getvalue()


def with_entry(name: str, content: bytes = b"x", **attributes: int) -> bytes:
    """Return the ZIP with one more entry, of these attributes."""
    sink = io.BytesIO(packed())
    entry = zipfile.ZipInfo(name)
    for attribute, value in attributes.items():
        setattr(entry, attribute, value)
    with zipfile.ZipFile(sink, "a") as archive:
        archive.writestr(entry, content)
    return sink.getvalue()


def opened(content: bytes) -> ZippedBag:
    return ZippedBag(io.BytesIO(content), BATCH)


def codes(content: bytes) -> set[str]:
    """Return what is wrong with the ZIP, whether or not it can be read."""
    try:
        findings = opened(content).findings
    except PackageFlawed as flawed:
        findings = flawed.findings
    return {finding.code for finding in findings}


def refusal(content: bytes) -> list[str]:
    with pytest.raises(PackageFlawed) as caught:
        dict(opened(content))
    return [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_contents_are_read_by_path(method):
    bag = opened(packed(method))
    assert (dict(bag), len(bag), bag.findings) == (FILES, 3, [])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (f"{BATCH}/data/A.TXT", "ZIP_ENTRY_TWICE"),
        ("../a", "ZIP_PATH_UNSAFE"),
        ("/a", "ZIP_PATH_UNSAFE"),
        (f"{BATCH}/..\\a", "ZIP_PATH_UNSAFE"),
        (f"{BATCH}/.hidden", "ZIP_PATH_UNSAFE"),
        (f"{BATCH}/å", "ZIP_PATH_UNSAFE"),
        (f"{BATCH}/data/", "ZIP_NOT_A_FILE"),
        ("KB-2026-000999/a", "ZIP_OUTSIDE_FOLDER"),
        ("a", "ZIP_OUTSIDE_FOLDER"),
    ],
)
def test_an_odd_name_is_found(name, code):
    assert codes(with_entry(name)) >= {code}


@pytest.mark.parametrize("name", [f"{BATCH}/data/", "a", "KB-2026-000999/a"])
def test_what_is_no_file_of_the_folder_is_not_read(name):
    assert set(opened(with_entry(name))) == set(FILES)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_what_is_no_file_is_found(kind):
    content = with_entry(f"{BATCH}/x", external_attr=(kind | 0o777) << 16)
    assert codes(content) == {"ZIP_NOT_A_FILE"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_way_of_packing_is_found(method):
    assert "ZIP_METHOD" in codes(packed(method))


@pytest.mark.parametrize("flag", [1, 8, 64])
def test_an_entry_encrypted_or_described_afterwards_is_found(flag):
    content = bytearray(packed())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(mark) + at] |= flag
    assert codes(bytes(content)) == {"ZIP_HEADERS_DISAGREE"}


def test_an_entry_that_begins_at_the_end_is_found():
    content = bytearray(packed())
    last = content.rindex(b"PK\1\2")
    before, local = content.rindex(b"PK\1\2", 0, last), content.index(b"PK\3\4", 4)
    end = len(content) - 5
    reach = end - local - zipfile.sizeFileHeader - len(f"{BATCH}/data/a.txt")
    for start, value in ((local + 18, reach), (before + 20, reach), (last + 42, end)):
        content[start : start + 4] = value.to_bytes(4, "little")
    assert codes(bytes(content)) == {"ZIP_HEADERS_DISAGREE"}


@pytest.mark.parametrize("at", [6, 8, 14, 18, 22, 30])
def test_a_header_that_tells_another_story_is_found(at):
    content = bytearray(packed())
    content[at] ^= 2
    assert codes(bytes(content)) == {"ZIP_HEADERS_DISAGREE"}


def with_hidden_bytes() -> bytes:
    """Return a ZIP with bytes between its entries and its directory, which says where it lies."""
    content = packed()
    at = content.index(b"PK\1\2")
    moved = (at + 6).to_bytes(4, "little")
    return content[:at] + b"hidden" + content[at:-6] + moved + content[-2:]


def moved_directory(by: int) -> bytes:
    """Return a ZIP whose end says that the directory, and so each entry, lies elsewhere."""
    content = packed()
    told = int.from_bytes(content[-6:-2], "little") + by
    return content[:-6] + told.to_bytes(4, "little") + content[-2:]


def overlapping() -> bytes:
    """Return a ZIP whose directory has one entry twice, in two names, at one place."""
    content = packed()
    second = content.index(b"PK\1\2", content.index(b"PK\1\2") + 4)
    return content[: second + 42] + bytes(4) + content[second + 46 :]


def with_comment() -> bytes:
    return packed()[:-2] + b"\5\0after"


@pytest.mark.parametrize(
    "content",
    [
        b"before" + packed(),
        packed() + packed(),
        with_hidden_bytes(),
        with_comment(),
        packed()[:-2] + b"\5\0",
        moved_directory(100),
        moved_directory(-100),
        overlapping(),
    ],
)
def test_bytes_of_no_entry_are_found(content):
    assert codes(content) == {"ZIP_HIDDEN_BYTES"}


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\5\6" + b"\xff" * 18, b"x" * 1000])
def test_what_is_no_zip_is_refused(content):
    assert refusal(content) == ["ZIP_UNREADABLE"]


@pytest.mark.parametrize("limit", ["MOST_ENTRIES", "MOST_BYTES", "MOST_FILE_BYTES"])
def test_more_than_a_package_may_hold_is_refused_before_it_is_read(monkeypatch, limit):
    monkeypatch.setattr(zipped_bag, limit, 2)
    assert refusal(packed()) == ["ZIP_TOO_LARGE"]


def test_a_file_that_unpacks_larger_than_told_is_refused():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{BATCH}/a", bytes(10_000_000))
    content = bytearray(sink.getvalue())
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = content.index(mark) + at
        content[start : start + 4] = (100).to_bytes(4, "little")
    assert refusal(bytes(content)) == ["ZIP_DATA_DAMAGED"]


GOOD = packed(zipfile.ZIP_DEFLATED)


@given(at=st.integers(0, len(GOOD) - 1), new=st.integers(0, 255), cut=st.integers(0, 40))
def test_whatever_byte_is_changed_nothing_else_is_raised(at, new, cut):
    content = GOOD[:at] + bytes([new]) + GOOD[at + 1 : len(GOOD) - cut]
    try:
        bag = opened(content)
        read = dict(bag)
    except PackageFlawed:
        return
    assert bag.findings or read == FILES
