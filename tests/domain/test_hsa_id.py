from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.people.domain.hsa_id import HsaId, HsaIdError, parse
from enrolment.people.domain.refusal import Code

USUAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.text(USUAL, min_size=1, max_size=18))
def test_the_usual_form_is_taken_without_a_warning(organisation: str, local: str):
    text = f"SE{organisation}-{local}"
    read = parse(f" {text.lower()} ")
    assert read == HsaId(text)
    assert (str(read), read.warnings) == (text, ())
    assert parse(read.text) == read


@pytest.mark.parametrize("local", ["A.1", "1_2", "A-B", "Å1", "A/B", "А1"])
def test_unusual_characters_are_taken_with_a_warning(local: str):
    assert parse(f"SE5560000000-{local}") == HsaId(
        f"SE5560000000-{local}", (Code.HSA_ID_ODD_CHARACTERS,)
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "SE", "SE5560000000", "SE5560000000-", "SE556000000-A1", "SE55600000000-A1"),
        *("NO5560000000-A1", "5560000000-A1", "SE5560000000 A1", "SE5560000000-A 1", "Solgården"),
        *("SE5560000000-A\u200b1", "SE5560000000-A\x001", "SE٥٥٦٠٠٠٠٠٠٠-A1"),
        "SE5560000000-A1\nSE",
    ],
)
def test_another_form_is_refused(text: str):
    with pytest.raises(HsaIdError) as refusal:
        parse(text)
    assert refusal.value.code == Code.HSA_ID_FORM


def test_31_characters_are_taken_and_32_refused():
    assert len(parse("SE5560000000-" + "A" * 18).text) == 31
    with pytest.raises(HsaIdError) as refusal:
        parse("SE5560000000-" + "A" * 19)
    assert refusal.value.code == Code.HSA_ID_TOO_LONG
    assert refusal.value.params == {"limit": 31, "length": 32}


@given(st.text() | st.text().map("SE5560000000-".__add__))
def test_any_text_is_read_or_refused_by_name(text: str):
    with suppress(HsaIdError):
        read = parse(text)
        assert read.text.startswith("SE")
        assert len(read.text) <= 31
        assert read.text.isprintable()
        assert parse(read.text) == read
