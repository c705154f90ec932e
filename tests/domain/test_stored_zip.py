"""The ZIP writer refuses what would make the file ambiguous."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import stored_zip

NAMES = st.text("abc/.-", min_size=1, max_size=8)


def written(entries):
    sink = io.BytesIO()
    stored_zip.write_stored_zip(sink, entries)
    return sink


@given(contents=st.dictionaries(NAMES, st.binary(max_size=50)))
def test_another_reader_finds_what_was_written(contents):
    with zipfile.ZipFile(written(sorted(contents.items()))) as archive:
        assert archive.testzip() is None
        assert {entry.filename: archive.read(entry) for entry in archive.infolist()} == contents


@pytest.mark.parametrize(
    "names", [["b", "a"], ["a", "a"], ["ä"], [""]], ids=["unsorted", "twice", "not ascii", "empty"]
)
def test_names_that_are_not_ascii_and_ascending_are_refused(names):
    with pytest.raises(ValueError, match="in order"):
        written([(name, b"") for name in names])
    assert written([("a", b""), ("b", b"")]).getvalue()


def test_the_count_of_entries_stays_below_zip64():
    entries = [(f"{number:05}", b"") for number in range(stored_zip.MAX_ENTRIES + 1)]
    assert written(entries[:-1]).getvalue()[-14:-10] == b"\xff\xff\xff\xff"
    with pytest.raises(ValueError, match="too many"):
        written(entries)


def test_the_size_stays_below_zip64(monkeypatch):
    monkeypatch.setattr(stored_zip, "MAX_BYTES", 100)
    assert written([("a", b"x" * 69)]).getvalue()
    with pytest.raises(ValueError, match="4 GiB"):
        written([("a", b"x" * 70)])
