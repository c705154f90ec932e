"""One range of a file's bytes, as the header Range asks for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain.byte_range import ByteRange, RangeOutside, read_range

SIZES = st.integers(min_value=1, max_value=10_000)
PLACES = st.integers(min_value=0, max_value=12_000)


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-", 90, 99),
        ("bytes=90-500", 90, 99),
        ("bytes=-1", 99, 99),
        ("bytes=-30", 70, 99),
        ("bytes=-500", 0, 99),
        ("bytes= 5-6", 5, 6),
    ],
)
def test_a_range_is_read(header, first, last):
    assert read_range(header, 100) == ByteRange(first, last, 100)


@pytest.mark.parametrize(
    "header",
    ["", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=٣-٤"],
)
def test_anything_else_means_the_whole_file(header):
    assert read_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_without_a_byte_is_refused(header):
    with pytest.raises(RangeOutside):
        read_range(header, 100)


def test_the_answer_says_which_bytes_of_how_many():
    assert read_range("bytes=10-19", 100).header == "bytes 10-19/100"


@given(size=SIZES, first=PLACES, last=PLACES)
def test_a_range_lies_within_the_file_or_is_refused(size, first, last):
    if first > last:
        assert read_range(f"bytes={first}-{last}", size) is None
    elif first >= size:
        with pytest.raises(RangeOutside):
            read_range(f"bytes={first}-{last}", size)
    else:
        data = bytes(index % 251 for index in range(size))
        found = read_range(f"bytes={first}-{last}", size)
        assert data[found.first : found.last + 1] == data[first : last + 1]
        assert found.length == len(data[first : last + 1])


@given(st.text(max_size=40))
def test_no_header_breaks_it(text):
    for header in (text, f"bytes={text}"):
        try:
            read_range(header, 100)
        except RangeOutside:
            continue
