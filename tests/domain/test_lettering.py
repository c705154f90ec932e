"""Letters on paper: what a font has is kept, what it lacks is spelled so that it can be read."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.reports.domain.lettering import FROM_THE_RIGHT, spelled

EVERYTHING = range(0x110000)
LATIN_1 = range(0x100)


@pytest.mark.parametrize(
    "name", ["Åsa Öberg", "Kamiński", "Őry", "Đorđević", "Nguyễn", "Παπάς", "Шевченко"]
)
def test_a_name_the_font_has_is_kept(name):
    assert spelled(name, EVERYTHING) == name


def test_a_loose_accent_joins_its_letter():
    loose = unicodedata.normalize("NFD", "Żółkiewska Őry")
    assert spelled(loose, EVERYTHING) == "Żółkiewska Őry"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Kamiński", "Kaminski"),
        ("Đorđević", "Dordevic"),
        ("Łukasz", "Lukasz"),
        ("王小明", "WangXiaoMing"),
        ("ሰላም ተስፋይ", "selam tesfay"),
        ("김민준", "GimMinJun"),
        ("राम", "ram"),
        ("サーラ", "sara"),
    ],
)
def test_a_name_the_font_lacks_is_spelled_as_it_sounds(name, read):
    assert spelled(name, LATIN_1) == read


@pytest.mark.parametrize("name", ["محمد", "דוד"])
def test_what_is_written_from_the_right_is_spelled_even_if_the_font_has_it(name):
    read = spelled(name, EVERYTHING)
    assert len(read) >= 3
    assert read.isascii()


def test_a_letter_nobody_spells_is_marked_and_a_sign_without_a_look_is_left_out():
    assert spelled("a\u39ddb", LATIN_1) == "a?b"
    assert spelled("a\u202eb\u0301", {97, 98}) == "ab"


@given(st.text())
def test_nothing_is_left_that_the_font_lacks_but_what_any_font_has(text):
    known = set(range(0x20, 0x180))
    written = spelled(text, known)
    assert all(ord(letter) in known or letter.isascii() for letter in written)
    assert not any(unicodedata.bidirectional(letter) in FROM_THE_RIGHT for letter in written)


@given(st.text(st.characters(max_codepoint=0x24F, categories=["Lu", "Ll", "Zs"])))
def test_spelling_again_changes_nothing(text):
    assert spelled(spelled(text, EVERYTHING), EVERYTHING) == spelled(text, EVERYTHING)
