"""Codes on slips: read in any way a hand may write them, and typing slips told from wrong codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.own_codes import (
    ALPHABET,
    LENGTH,
    CodeFault,
    WrongCode,
    code_of,
    grouped,
    read_code,
)

codes = st.text("0123456789abcdef", min_size=64, max_size=64).map(code_of)
GAPS = ["", " ", "-", " - ", "–", "\u00a0", "."]


@given(codes)
def test_a_code_has_no_character_that_is_mistaken_for_another(code):
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert not set(code) & set("01ILOQU")


@given(codes)
def test_what_is_printed_is_read(code):
    assert grouped(code) == f"{code[:4]}-{code[4:]}"
    assert read_code(grouped(code)) == code


@given(codes, st.data())
def test_every_way_to_type_it_is_read(code, data):
    typed = data.draw(st.sampled_from(["", " ", "\n"]))
    for character in code:
        looks = {"D": "Dd0OoQq", "V": "VvUu"}.get(character, character + character.lower())
        typed += data.draw(st.sampled_from(looks)) + data.draw(st.sampled_from(GAPS))
    assert read_code(typed) == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_a_slip(code, place, other):
    typed = code[:place] + other + code[place + 1 :]
    if typed != code:
        assert fault_of(typed) == CodeFault.CODE_SLIP


@given(codes, st.integers(0, LENGTH - 2))
def test_two_characters_that_changed_places_are_a_slip(code, place):
    typed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if typed != code:
        assert fault_of(typed) == CodeFault.CODE_SLIP


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", CodeFault.CODE_MISSING),
        (" - ", CodeFault.CODE_MISSING),
        ("ABCD-234", CodeFault.CODE_LENGTH),
        ("ABCD-23456", CodeFault.CODE_LENGTH),
        ("ABCD-23Å5", CodeFault.CODE_SLIP),
        ("1LI1-1LI1", CodeFault.CODE_SLIP),
    ],
)
def test_what_can_be_no_code_says_why(typed, fault):
    assert fault_of(typed) == fault


@given(st.text(max_size=30))
def test_anything_typed_is_read_or_refused(typed):
    try:
        code = read_code(typed)
    except WrongCode:
        return
    assert set(code) <= set(ALPHABET)
    assert len(code) == LENGTH


def test_different_digests_give_different_codes():
    digests = [f"{number:064x}"[::-1] for number in range(1, 2000)]
    assert len({code_of(digest) for digest in digests}) > 1990


def fault_of(typed: str) -> CodeFault:
    with pytest.raises(WrongCode) as refused:
        read_code(typed)
    return refused.value.fault
