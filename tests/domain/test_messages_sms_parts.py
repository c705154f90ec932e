import pytest

from enrolment.messages.domain.sms_parts import parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("å" * 160, 1),
        ("å" * 161, 2),
        ("å" * 306, 2),
        ("å" * 307, 3),
        ("€" * 80, 1),  # each takes two
        ("€" * 81, 2),
        ("–" * 70, 1),  # a dash is outside the alphabet
        ("–" * 71, 2),
        ("–" * 134, 2),
        ("–" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_parts_are_those_of_the_alphabet_that_is_needed(text, expected):
    assert parts(text) == expected
