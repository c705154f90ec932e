"""A sentinel is read as we write it, and whatever else lies in its place is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain.exchange import Sentinel
from enrolment.cards.domain.package import canonical_json

OURS = {"name": "KB", "sha256": "ab", "size": 7, "package_sha256": "cd", "package_size": 5}


def test_a_sentinel_comes_back_as_it_was_written():
    assert Sentinel.read(Sentinel(**OURS).written()) == Sentinel(**OURS)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000),
        canonical_json(OURS | {"size": "7"}),
        canonical_json(OURS | {"size": True}),
        canonical_json(OURS | {"name": None}),
        canonical_json(OURS | {"name": "KB-half"}).replace(b"-half", rb"\ud800"),
        canonical_json(OURS | {"more": 1}),
        json.dumps(OURS).encode(),
    ],
)
def test_what_we_did_not_write_is_none(data):
    assert Sentinel.read(data) is None


@given(st.binary())
def test_no_bytes_bring_an_error(data):
    assert Sentinel.read(data) is None
