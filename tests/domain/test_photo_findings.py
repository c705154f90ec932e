"""The verdict is the gravest answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photos.domain.findings import Answer, Finding, verdict


def finding(answer: Answer) -> Finding:
    return Finding("sharpness", answer, 1.0, "ratio", "≥ 2", "nobody", None)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("", "unmeasurable"),
        ("pass pass", "pass"),
        ("pass warn", "warn"),
        ("warn unmeasurable pass", "unmeasurable"),
        ("unmeasurable fail warn", "fail"),
    ],
)
def test_the_gravest_answer_is_the_verdict(answers: str, expected: str):
    assert verdict([finding(Answer(answer)) for answer in answers.split()]) == expected


@given(st.lists(st.sampled_from(Answer), min_size=1), st.randoms())
def test_the_order_of_findings_does_not_matter(answers: list[Answer], random):
    shuffled = answers.copy()
    random.shuffle(shuffled)
    assert verdict(map(finding, answers)) == verdict(map(finding, shuffled))
    assert verdict(map(finding, answers)) in answers
