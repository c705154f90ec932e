"""What a bag must be: a good one passes, and each fault is found by its name and place."""

import hashlib
import json
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.cards.domain import package
from enrolment.cards.domain.package import canonical_json
from enrolment.cards.domain.package_check import (
    PackageFlawed,
    check_bag,
    read_content,
    shown,
)
from tests.package_builders import without_photo
from tests.tampering_builders import (
    MANIFEST,
    bag_files,
    jpeg_of,
    list_again,
    pictured,
    tag_again,
    three_orders,
)

ORDERS, HEADER, CSV = "data/orders.jsonl", "data/batch.json", "data/orders.csv"
FIRST = pictured(1)
PHOTO = f"data/{FIRST.photo}"

type Files = dict[str, bytes]


@cache
def _good() -> Files:
    return bag_files()


def good() -> Files:
    return dict(_good())


def found(files: Files) -> list[tuple[str, dict]]:
    """Return the faults of a bag's lists."""
    return [(finding.code, dict(finding.params)) for finding in check_bag(files)]


def refusal(files: Files) -> list[tuple[str, dict]]:
    """Return the faults of a bag's content."""
    with pytest.raises(PackageFlawed) as caught:
        read_content(files)
    return [(finding.code, dict(finding.params)) for finding in caught.value.findings]


def with_header(**changes: object) -> Files:
    values = {**json.loads(good()[HEADER]), **changes}
    return {**good(), HEADER: canonical_json(values)}


def with_order(at: int, **changes: object) -> Files:
    rows = [json.loads(row) for row in good()[ORDERS].splitlines()]
    rows[at] |= changes
    return {**good(), ORDERS: b"".join(canonical_json(row) for row in rows)}


def test_a_good_bag_has_no_fault_and_tells_its_orders():
    assert found(good()) == []
    content = read_content(good())
    assert (content.header.order_count, content.lines) == (3, tuple(three_orders()))


@given(names=st.lists(st.text("abåäö'=;\"", min_size=1, max_size=20), min_size=1, max_size=4))
def test_whatever_the_packer_packs_the_check_lets_through(names):
    lines = [pictured(seq, name_on_card=name) for seq, name in enumerate(names, start=1)]
    files = bag_files([*lines, without_photo(len(lines) + 1)])
    assert found(files) == []
    assert read_content(files).lines[:-1] == tuple(lines)


# The lists


@pytest.mark.parametrize("path", sorted(good()))
def test_each_file_is_missed(path):
    files = good()
    del files[path]
    assert ("FILE_MISSING", {"path": path}) in found(files)


@pytest.mark.parametrize("path", sorted(good().keys() - {package.SIGNATURE}))
def test_a_change_in_each_file_is_found(path):
    files = good()
    files[path] = files[path][:-2] + b"~" + files[path][-1:]
    assert found(files)


@pytest.mark.parametrize("path", ["data/new", "new", "data/photos/new.jpg", "manifest-md5.txt"])
def test_a_file_that_is_not_listed_is_found(path):
    assert ("FILE_UNLISTED", {"path": path}) in found({**good(), path: b"new"})


def test_a_tag_file_that_is_not_listed_is_found():
    files = good()
    kept = [line for line in files[package.TAG_MANIFEST].splitlines(True) if b"bagit" not in line]
    files[package.TAG_MANIFEST] = b"".join(kept)
    assert found(files) == [("FILE_UNLISTED", {"path": "bagit.txt"})]


def test_a_listed_file_that_is_not_there_is_found():
    files = good()
    files[MANIFEST] += f"{'ab' * 32}  data/gone\n".encode()
    assert ("FILE_MISSING", {"path": "data/gone"}) in found(tag_again(files))


def test_files_in_each_others_place_are_one_fault():
    other = f"data/{pictured(3).photo}"
    files = good() | {PHOTO: good()[other], other: good()[PHOTO]}
    assert found(files) == [("FILES_SWAPPED", {"path": PHOTO, "other": other})]


def test_one_file_in_two_places_is_a_change():
    other = f"data/{pictured(3).photo}"
    assert ("FILE_CHANGED", {"path": PHOTO}) in found(good() | {PHOTO: good()[other]})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{hash}  ../x", "PATH_UNSAFE"),
        ("{hash}  /x", "PATH_UNSAFE"),
        ("{hash}  data/../x", "PATH_UNSAFE"),
        ("{hash}  data/./x", "PATH_UNSAFE"),
        ("{hash}  data//x", "PATH_UNSAFE"),
        ("{hash}  data\\x", "PATH_UNSAFE"),
        ("{hash}  data/x\x00", "PATH_UNSAFE"),
        ("{hash}  data/å", "PATH_UNSAFE"),
        ("{hash}  bagit.txt", "PATH_MISPLACED"),
        ("{hash}  data/orders.csv", "PATH_TWICE"),
        ("{hash} data/x", "MANIFEST_UNREADABLE"),
        ("{hash} *data/x", "MANIFEST_UNREADABLE"),
        ("ABCD  data/x", "MANIFEST_UNREADABLE"),
        ("", "MANIFEST_UNREADABLE"),
    ],
)
def test_a_line_of_the_manifest_that_is_not_as_it_should_be(line, code):
    files = good()
    files[MANIFEST] += f"{line.format(hash='ab' * 32)}\n".encode()
    assert code in [code for code, _ in found(tag_again(files))]


def test_a_manifest_without_its_last_line_feed_is_found():
    files = good()
    files[MANIFEST] = files[MANIFEST][:-1]
    assert ("MANIFEST_UNREADABLE", {"file": MANIFEST, "line": 0}) in found(tag_again(files))


@given(text=st.binary(max_size=300))
def test_whatever_stands_in_a_manifest_the_answer_is_findings(text):
    assert found(tag_again({**good(), MANIFEST: text}))


def test_another_bagit_and_a_wrong_oxum_are_found():
    files = good() | {"bagit.txt": b"BagIt-Version: 0.97\n"}
    assert found(tag_again(files)) == [("BAGIT_VERSION", {})]
    oxum = {"bag-info.txt": b"Payload-Oxum: 1.1\n"}
    [(code, params)] = found(tag_again(good() | oxum))
    assert (code, params["told"]) == ("PAYLOAD_OXUM", "1.1")
    assert [code for code, _ in found(tag_again(good() | {"bag-info.txt": b""}))] == [code]


def test_a_strangers_name_is_shown_without_harm():
    assert shown("a\x1b[2J\nå\u202e") == "a\\x1b[2J\\n\\xe5\\u202e"
    assert len(shown("x" * 1000)) == 100


# The content


@pytest.mark.parametrize("path", [HEADER, ORDERS])
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"seq":1}',
        b"9" * 5_000,
    ],
)
def test_text_that_is_no_record_is_refused(path, text):
    codes = [code for code, _ in refusal({**good(), path: text + b"\n"})]
    assert codes == ["RECORD_UNREADABLE"]


@given(text=st.binary(min_size=1, max_size=200), path=st.sampled_from([HEADER, ORDERS]))
def test_whatever_stands_in_the_records_the_answer_is_findings(text, path):
    assert refusal({**good(), path: text})


@pytest.mark.parametrize(
    ("changes", "params"),
    [
        ({"hsa_id": "x"}, {"line": 3, "field": "hsa_id", "fault": "wrong_form"}),
        ({"seq": "3"}, {"line": 3, "field": "seq", "fault": "wrong_type"}),
        ({"name_on_card": "\u202e"}, {"field": "name_on_card", "fault": "control_character"}),
        ({"name_on_card": "\ud800"}, {"field": "name_on_card", "fault": "control_character"}),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_and_not_quoted(changes, params):
    rows = good()[ORDERS].splitlines(True)
    row = {**json.loads(rows[2]), **changes}
    files = {**good(), ORDERS: b"".join(rows[:2]) + json.dumps(row).encode() + b"\n"}
    [(code, found_params)] = refusal(files)
    assert code == "RECORD_FIELD"
    assert found_params == {"line": 3, "file": ORDERS} | found_params | params
    assert found_params.keys() == {"file", "line", "field", "fault"}


def test_a_header_field_that_breaks_its_rule():
    params = {"file": HEADER, "line": 1, "field": "environment", "fault": "unknown_value"}
    assert refusal(with_header(environment="live")) == [("RECORD_FIELD", params)]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "yesterday", "", 7])
def test_a_time_that_is_none(time):
    assert [code for code, _ in refusal(with_header(sealed_at=time))] == ["RECORD_UNREADABLE"]


@pytest.mark.parametrize("field", ["order_count", "photo_count", "payload_bytes"])
def test_a_count_that_is_wrong(field):
    true = json.loads(good()[HEADER])[field]
    faults = refusal(with_header(**{field: true + 1}))
    told = {"field": field, "told": str(true + 1), "found": str(true)}
    assert ("HEADER_COUNT", told) in faults


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (lambda: with_order(2, seq=4), "ORDERS_SEQUENCE"),
        (lambda: with_order(1, order_id=FIRST.order_id), "ORDERS_DUPLICATE_ORDER"),
        (lambda: with_order(2, protected=True), "ORDERS_PROTECTED_MIXED"),
        (lambda: with_order(2, photo=FIRST.photo), "ORDERS_PHOTO_PATH"),
        (lambda: with_order(2, photo_width=None), "ORDERS_PHOTO_INCOMPLETE"),
        (lambda: {**good(), ORDERS: b""}, "ORDERS_EMPTY"),
        (lambda: with_header(batch_no=7), "ORDERS_BATCH_NUMBER"),
        (lambda: with_header(previous_batch_id=None), "ORDERS_PREVIOUS_INCOMPLETE"),
    ],
)
def test_orders_that_do_not_fit_together(files: Callable[[], Files], code):
    assert [found_code for found_code, _ in refusal(files())] == [code]


@pytest.mark.parametrize("path", [HEADER, ORDERS, CSV, "data/schema/order.schema.json"])
def test_a_file_written_in_another_way_is_found(path):
    """A second key of the same name, a column more: what two readers may read in two ways."""
    other = good()[path].replace(b'"', b' "', 1)
    assert ("FILE_DISAGREES", {"path": path}) in refusal({**good(), path: other})


def test_a_table_that_differs_from_the_orders_is_found():
    files = good() | {CSV: good()[CSV].replace("Åsa".encode(), "Åke".encode(), 1)}
    assert refusal(files) == [("FILE_DISAGREES", {"path": CSV})]


@pytest.mark.parametrize("path", [HEADER, ORDERS, CSV, PHOTO, "data/schema/order.schema.json"])
def test_a_file_of_the_format_that_is_not_there(path):
    files = good()
    del files[path]
    assert ("FILE_MISSING", {"path": path}) in refusal(files)


@pytest.mark.parametrize("path", ["data/readme.txt", f"{PHOTO}.jpg", "fetch.txt"])
def test_a_file_that_the_format_does_not_know(path):
    assert refusal(good() | {path: b"x"}) == [("FILE_FOREIGN", {"path": path})]


def test_a_photo_that_is_not_the_one_of_its_order():
    other = jpeg_of("another")
    names = {name for _, params in refusal(good() | {PHOTO: other}) for name in [params["field"]]}
    assert names >= {"photo_sha256"}
    assert names <= {"photo_sha256", "photo_bytes"}


@pytest.mark.parametrize(("field", "value"), [("photo_width", 31), ("photo_height", 39)])
def test_a_photo_of_another_size_than_its_order_says(field, value):
    files = bag_files([pictured(1, **{field: value})])
    told = {"order_id": FIRST.order_id, "field": field}
    assert refusal(files) == [("PHOTO_DIFFERS", told)]


def test_a_photo_that_is_no_picture():
    noise = b"no picture"
    line = pictured(1, photo_sha256=hashlib.sha256(noise).hexdigest(), photo_bytes=len(noise))
    files = list_again(bag_files([line]) | {PHOTO: noise})
    fields = [params["field"] for code, params in refusal(files) if code == "PHOTO_DIFFERS"]
    assert fields == ["photo_width", "photo_height"]
