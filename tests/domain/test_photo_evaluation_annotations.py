"""The table of what people saw: every row is read, or named with what is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.evaluation.annotations import COLUMNS, AnnotationError, Half, Sample, read_annotations

HEAD = "\t".join(COLUMNS)
ROW = {
    "file": "a.jpg",
    "class": "single",
    "faces": "1",
    "frontal": "yes",
    "eyes": "open",
    "mouth": "C",
    "glasses": "False",
    "background": "plain",
    "eyeL_x": "10.5",
    "eyeL_y": "20",
    "eyeR_x": "30",
    "eyeR_y": "21",
}


def line(**changes: str) -> str:
    return "\t".join((ROW | changes)[name] for name in COLUMNS)


def wrong(**changes: str) -> str:
    samples, told = read_annotations([HEAD, line(), line(file="b.jpg", **changes)])
    assert [sample.file for sample in samples] == ["a.jpg"]
    (sentence,) = told
    return sentence


def test_a_row_is_read_whole():
    (sample,), told = read_annotations([HEAD, line()])
    assert told == []
    assert sample == Sample(
        *("a.jpg", "single", 1, "yes", "open", "C", "False", "plain", (10.5, 20.0), (30.0, 21.0))
    )


def test_what_people_were_not_asked_may_be_empty():
    empty = dict.fromkeys(COLUMNS[2:], "") | {"faces": "4"}
    (sample,), told = read_annotations([HEAD, line(**empty) + "\r\n"])
    assert (told, sample.eye_left, sample.mouth) == ([], None, "")


def test_columns_may_stand_in_any_order_among_others():
    head = ["note", *reversed(COLUMNS)]
    cells = ["\"5 o'clock", *(ROW[name] for name in reversed(COLUMNS))]
    (sample,), told = read_annotations(["\t".join(head), "\t".join(cells)])
    assert (told, sample.file, sample.eye_right) == ([], "a.jpg", (30.0, 21.0))


def test_a_missing_column_is_named():
    with pytest.raises(AnnotationError, match="no column mouth, eyeR_y"):
        read_annotations([HEAD.replace("\tmouth", "").replace("\teyeR_y", ""), line()])


def test_an_empty_table_has_no_columns():
    with pytest.raises(AnnotationError, match="no column file"):
        read_annotations([])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"faces": "two"}, "faces is 'two', not a whole number"),
        ({"faces": "-1"}, "faces is '-1', not a whole number"),
        ({"class": "crowd"}, "class is 'crowd', none of single"),
        ({"eyes": "blue"}, "eyes is 'blue'"),
        ({"mouth": "c"}, "mouth is 'c'"),
        ({"frontal": "maybe"}, "frontal is 'maybe'"),
        ({"glasses": "yes"}, "glasses is 'yes'"),
        ({"eyeL_x": "1O.5"}, "eyeL_x is '1O.5', not a number"),
        ({"eyeL_x": "nan"}, "eyeL_x is 'nan', not a number"),
        ({"eyeR_y": ""}, "eyeR_y is '', not a number"),
        ({"eyeL_x": "40"}, "eyeL is not left of eyeR"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line_and_file(changes, sentence):
    told = wrong(**changes)
    assert told.startswith("annotations.tsv, line 3 (b.jpg): ")
    assert sentence in told


@pytest.mark.parametrize("name", ["", "..", "../secret.jpg", "a/b.jpg", "a\\b.jpg"])
def test_a_name_that_leads_elsewhere_is_refused(name):
    samples, told = read_annotations([HEAD, line(file=name)])
    assert samples == []
    assert "not the name of a file in the folder" in told[0]


def test_a_file_that_stands_twice_is_named():
    samples, told = read_annotations([HEAD, line(), line(eyes="wink")])
    assert [sample.eyes for sample in samples] == ["open"]
    assert "line 3 (a.jpg): the file stands in an earlier row too" in told[0]


@pytest.mark.parametrize("text", [line() + "\tmore", line().rpartition("\t")[0]])
def test_a_row_of_another_length_is_named(text):
    samples, told = read_annotations([HEAD, text])
    assert samples == []
    assert "not as many cells as there are columns" in told[0]


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n"), max_size=60)))
def test_every_row_is_either_a_sample_or_a_sentence(texts):
    samples, told = read_annotations([HEAD, *texts])
    assert len(samples) + len(told) == sum(bool(text) for text in texts)


def test_a_name_is_always_in_the_same_half():
    halves = [Sample(f"{number}.jpg", "single", 1).half for number in range(200)]
    assert halves == [Sample(f"{number}.jpg", "single", 1).half for number in range(200)]
    assert 70 < halves.count(Half.CHOOSE) < 130
    assert Sample("a.jpg", "single", 1).half == Half.CHOOSE  # SHA-256 begins with an even byte
    assert Sample("d.jpg", "group", 3).half == Half.REPORT
