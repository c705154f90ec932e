"""A rescue file is read line by line: one bad line spoils no other."""

import base64
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.domain.rescue import NotRescued, Rescued, read_rescue

HEAD = b'{"schema": "station-rescue/1", "made_at": "2026-05-12T08:05:00Z", "records": 1}\n'
LINE = {
    "record": str(UUID(int=1)),
    "visit": str(UUID(int=2)),
    "subject": str(UUID(int=3)),
    "device": str(UUID(int=4)),
    "user": str(UUID(int=5)),
    "sha256": "a" * 64,
    "made_at": "2026-05-12T08:05:00Z",
    "bytes": base64.b64encode(b"sealed").decode(),
}


def line(**changed: object) -> bytes:
    return json.dumps(LINE | changed).encode() + b"\n"


def test_each_line_is_a_record():
    [rescued] = read_rescue([HEAD, line()])
    ids = (UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4))
    assert rescued == Rescued(2, *ids, "a" * 64, b"sealed")


def test_a_mark_at_the_beginning_and_empty_lines_do_no_harm():
    assert len(list(read_rescue([b"\xef\xbb\xbf" + HEAD, b"\r\n", line(), b""]))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        line(record="x"),
        line(visit=None),
        line(sha256="A" * 64),
        line(bytes="not base64!"),
        line(bytes=""),
        line()[:-20],
        b"[]\n",
        b"\xff\xfe\n",
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_others_are_read(wrong):
    first, bad, last = read_rescue([HEAD, line(), wrong, line()])
    assert isinstance(bad, NotRescued)
    assert (first.line, bad.line, last.line) == (2, 3, 4)


@pytest.mark.parametrize("lines", [[], [b""], [b"\xff\xd8\xff"], [line(), HEAD], [b"[" * 9000]])
def test_another_file_is_refused(lines):
    with pytest.raises(NotRescued):
        list(read_rescue(lines))


@given(st.lists(st.binary(max_size=80), max_size=5))
def test_any_lines_after_the_head_are_read_or_told(lines):
    found = list(read_rescue([HEAD, *lines]))
    assert len(found) == len([each for each in lines if each.strip()])
    assert all(isinstance(each, NotRescued) for each in found)
