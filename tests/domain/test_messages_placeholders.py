"""A text takes its places and nothing else: what is filled in is never read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.messages.domain.placeholders import fill, fill_line, unknown

NAMES = ("tid", "rum", "personer")
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Din tid: {tid}", []),
        ("{tid} {tid} {rum}", []),
        ("{tidd} och {tidd}", ["{tidd}"]),
        ("{ tid }", ["{", "}"]),
        ("{tid", ["{"]),
        ("{{tid}}", ["{", "}"]),
        ("{tid|safe}", ["{", "}"]),
        ("{% include 'x' %}", ["{", "}"]),
        ("{}", ["{", "}"]),
        ("{0.__class__}", ["{", "}"]),
        ("", []),
    ],
)
def test_what_does_not_exist_is_named(text, wrong):
    assert unknown(text, NAMES) == wrong


def test_a_list_takes_a_line_for_each():
    text = fill("De här:\n{personer}\nTid: {tid}", {"personer": ["Bo", "Åsa"], "tid": "tio"})
    assert text == "De här:\n- Bo\n- Åsa\nTid: tio"


def test_a_line_with_nothing_to_fill_in_is_left_out_and_blank_lines_close_up():
    text = "Tid: {tid}\n\nRum: {rum}\n\nHej då!\n"
    assert fill(text, {"tid": "tio", "rum": ""}) == "Tid: tio\n\nHej då!"
    assert fill("{rum} {tid}", {"tid": "tio", "rum": ""}) == " tio".strip()


def test_what_is_filled_in_is_not_read_again():
    assert fill("{tid}", {"tid": "{rum}", "rum": "hemligt"}) == "{rum}"
    assert fill("{tid}", {"tid": "<b>{{ settings }}</b>"}) == "<b>{{ settings }}</b>"


def test_a_subject_is_one_line_whatever_is_in_it():
    assert fill_line("Tid:\n{tid}", {"tid": "tio\r\nBcc: x@example.org"}) == (
        "Tid: tio Bcc: x@example.org"
    )


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        fill("{okänd}", {"tid": "tio"})


@given(texts, texts)
def test_any_value_stays_text_on_its_line(before, value):
    before = before.replace("{", "").replace("}", "")
    filled = fill(f"{before}{{tid}}", {"tid": value})
    assert "\n" not in filled
    assert " ".join(value.split()) in filled or not value.split()


@given(texts)
def test_a_text_is_refused_or_can_be_filled_in(text):
    if not unknown(text, NAMES):
        fill(text, dict.fromkeys(NAMES, "x"))
